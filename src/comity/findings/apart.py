"""Asking an engine apart from everything else, where its time and memory can be held to a limit.

The engines of whole-item languages keep no deterministic measure of what they do. Whoever runs rules may give
a way to run a piece of work in a process of its own (:data:`Apart`); then processor time is what counts, not
the clock on the wall, and the system keeps the limit of memory. Without one the engine's own limits count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

LOST: Final = 3
"""On so many items a rule may run out of time; then it is given up for the rest of the run."""


LATE: Final = "it takes more than "
ENDED: Final = "the engine ends with its process"
_GIVEN_UP: Final = "given up: "
PASSING: Final = (LATE, ENDED, _GIVEN_UP)
"""How refusals begin that hang on the machine and what else it did: another time there may be a verdict."""


class StoppedError(Exception):
    """The work was stopped: for want of ``time`` or ``memory``, or because the engine ``died``."""

    def __init__(self, why: Literal["time", "memory", "died"]) -> None:
        super().__init__(why)
        self.why = why


Apart: TypeAlias = Callable[[Callable[[], bytes], int, int], bytes]
"""Runs some work with so many bytes of memory beyond what is there (none: no limit) and so many seconds of
processor, and gives what it gave; ``StoppedError`` where it was stopped."""


class Patience:
    """How often each rule of a run has run out of time, by digest."""

    def __init__(self) -> None:
        self._lost: dict[str, int] = {}

    def lose(self, digest: str) -> None:
        """A rule ran out of time once more."""
        self._lost[digest] = self._lost.get(digest, 0) + 1

    def doubts(self, digest: str) -> bool:
        """Whether it ever did."""
        return digest in self._lost

    def given_up(self, digest: str) -> str:
        """Why a rule is asked no more; empty where it is asked."""
        if self._lost.get(digest, 0) < LOST:
            return ""
        return f"{_GIVEN_UP}it ran out of time on {LOST} items before"
