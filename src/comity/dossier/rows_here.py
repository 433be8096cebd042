"""The rules of a finding made ready over the rows of its item that are here, and run once for each set of
parameters that anyone says it was run with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from comity.dossier.rerun import disclosed_rows, run_rules
from comity.errors import ComityError
from comity.evidence.formats import FormatName
from comity.evidence.rows import is_header
from comity.findings import SEMANTICS
from comity.findings.finding import Finding, Hit, Parameters
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.partly import rows_of_partly
from comity.findings.whole import whole_rules_of
from comity.phrases import phrase

if TYPE_CHECKING:
    from comity.records.kinds import Report

RULE_COSTS: Final = 500
"""What making a rule ready takes, in rows asked."""
RUN_COSTS: Final = 100
"""What a run takes however few its rows are."""
ROW_BYTES: Final = 4096
"""Of a longer row, so many bytes take as long as a row."""
QUERY_COSTS: Final = 5_000
"""What a query in SQL takes in each run: an engine is started for it."""

# Rules by name and digest: findings of the same ones share a compiled pack.
Sources: TypeAlias = tuple[tuple[str, str], ...]
Packs: TypeAlias = dict[Sources, tuple[Pack, Scanner]]


def sources_of(content: Report) -> Sources:
    """The rules of a finding, by which a compiled pack is kept."""
    return tuple((rule.name, rule.digest) for rule in content.rules)


class Effort:
    """How much work is left, in (rule, row) pairs asked or hashed; None for as much as it takes."""

    def __init__(self, left: int | None) -> None:
        self._left = left

    def take(self, work: int) -> bool:
        """Whether so much may still be done; then it is counted. What is too large leaves others their
        turn."""
        if self._left is None:
            return True
        if work > self._left:
            return False
        self._left -= work
        return True


class RowsHere:
    """Rows of a finding's item, by number, with their header rows; ``unable`` says why no rule can be run
    over them, "" where one can."""

    def __init__(
        self, content: Report, shown: Mapping[int, bytes], form: FormatName, packs: Packs | None = None
    ) -> None:
        self._content, self._shown, self._form = content, shown, form
        self._ran: dict[Parameters, Finding | str] = {}
        self.rows = frozenset(n for n, raw in shown.items() if not is_header(form, n, raw))
        # The first row of a table names its columns, whether it is here or not.
        self.headers = frozenset(shown) - self.rows | ({1} if form == "csv/1" else frozenset())
        self._asked = sum(1 + len(raw) // ROW_BYTES for raw in shown.values())
        self.unable = ""
        self.whole: frozenset[str] = frozenset()
        self.partly: set[int] = set()
        """Rows that were not asked whole, whatever was run."""
        try:
            self._make_ready({} if packs is None else packs)
        except (ComityError, ValueError) as error:
            self.unable = phrase("it cannot be run here: {}", error)

    def _make_ready(self, packs: Packs) -> None:
        content = self._content
        if content.semantics != SEMANTICS:
            self.unable = phrase("made under {}; run here is {}", content.semantics, SEMANTICS)
            return
        sources = sources_of(content)
        if sources not in packs:
            made = compile_pack((rule.name, rule.source.encode()) for rule in content.rules)
            packs[sources] = made, Scanner(made)
        self._pack, self._scanner = packs[sources]
        if self._pack.unusable:
            first = self._pack.unusable[0]
            self.unable = phrase("{} cannot run here: {}", first.source_name, first.reason)
        elif self._pack.digest != content.pack or sorted({r.digest for r in content.rules}) != sorted(
            self._pack.rule_digests
        ):
            self.unable = phrase("these rule sources do not make the pack that was run")
        else:
            self.whole = whole_rules_of(self._pack, self._form)

    @staticmethod
    def costs(content: Report) -> int:
        """What making its rules ready takes, in (rule, row) pairs."""
        return RULE_COSTS * len(content.rules)

    @property
    def work(self) -> int:
        """What one run takes."""
        asked = self._asked * len(self._content.rules)
        return asked + RUN_COSTS + (0 if self.unable else QUERY_COSTS * len(self._pack.queries))

    def has_run(self, parameters: Parameters) -> bool:
        """Whether it was run with these parameters already: then it takes nothing more."""
        return parameters in self._ran

    def run(self, parameters: Parameters) -> Finding | str:
        """What the rules name with these parameters among these rows; why they cannot be run, as text."""
        if self.unable:
            return self.unable
        if parameters not in self._ran:
            item = f"rows:{self._content.item.size}:{self._content.item.root}"
            source = disclosed_rows(self._form, self._shown)
            try:
                run = run_rules(self._scanner, self._pack, item, self._form, source, parameters)
                silent = sorted(run.refused.keys() - self.whole)
                # A rule without a verdict is no rule that names nothing.
                told = phrase("a rule gives no verdict here: {}", run.refused[silent[0]]) if silent else ""
                self._ran[parameters] = told or run.finding
                self.partly |= set(rows_of_partly(run.reading.partly))
            except (ComityError, ValueError) as error:
                self._ran[parameters] = phrase("it cannot be run here: {}", error)
        return self._ran[parameters]

    def hits(self, parameters: Parameters) -> frozenset[Hit] | str:
        """The same by rules that are decided row by row."""
        ran = self.run(parameters)
        if isinstance(ran, str):
            return ran
        return frozenset(hit for hit in ran.rows if hit[0] not in self.whole)
