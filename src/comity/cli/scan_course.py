"""How a run over files goes: what it is told, and what it knows of one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned, Span, Task


class Course:
    """A run of which nobody wants to know more than its results: nothing was done before, nothing is kept.

    ``at`` is the place of a file in the run, ``number`` that of a part in its file."""

    def has(self, at: int, number: int | None = None) -> bool:  # noqa: ARG002
        """Whether the result of a file, or of a part, is there from a run before."""
        return False

    def spans(self, at: int) -> Sequence[Span]:  # noqa: ARG002
        """How a file was cut of which parts are there."""
        return ()

    def load(self, at: int) -> Scanned | None:  # noqa: ARG002
        """The result of a file that is there."""
        return None

    def load_part(self, at: int, number: int, task: Task) -> Scanned | None:  # noqa: ARG002
        """The result of a part that is there."""
        return None

    def start_over(self, at: int) -> bool:  # noqa: ARG002
        """The parts of a file do not belong together: whether some of them are of a run before."""
        return False

    def cut(self, at: int, parts: Sequence[Task]) -> None:
        """A file is read in these parts."""

    def reach(self, at: int, read: int) -> None:
        """So many bytes of a file were read by this run."""

    def give(self, at: int, scanned: Scanned, number: int | None = None) -> None:
        """A file is done, or a part of it."""
