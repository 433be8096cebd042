"""The declared origins behind each assertion, for what else rests on assertions (``spec/07-facts.md`` §3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.case.state import State
from comity.case.support import assertions, trace_origins
from comity.records.kinds import Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Declared origins of one assertion, how many voices declare none, and the record that withdraws it."""

    origins: tuple[str, ...]
    undeclared: int
    withdrawn: str


class Origins(Mapping[tuple[str, int], Behind]):
    """(Record, number) of an assertion → what is behind it."""

    def __init__(self, state: State, words_count: bool = False) -> None:
        self._trace = trace_origins(state)
        self._found = {
            (facts.target.record, facts.target.n): Behind(
                origins=facts.origins, undeclared=facts.undeclared, withdrawn=facts.withdrawn
            )
            for facts in assertions(state, words_count=words_count)
        }

    def __getitem__(self, place: tuple[str, int]) -> Behind:
        return self._found[place]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def origins_of(self, supports: Iterable[Support]) -> tuple[str, ...]:
        """The origins declared for what supports rest on, sorted, each once."""
        found = {self._trace(s.record) for s in supports if s.record}
        return tuple(sorted(found - {""}))


def origins_behind(state: State, *, words_count: bool = False) -> Origins:
    """What is behind every assertion of the case; ``words_count`` as of ``support.assertions``."""
    return Origins(state, words_count)
