"""Languages that ask a whole item at once, beside those that ask it row by row.

A run over an item is one pass over its rows. :class:`WholeRun` listens to that pass on both sides of the
reading of fields, keeps what its rules need, within bounds, and adds their matches to the result.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace

from comity.findings.apart import Apart, Patience
from comity.findings.finding import Hit, Parameters
from comity.findings.match import ItemResult, Scanner
from comity.findings.pack import Pack
from comity.findings.sql import SqlRun
from comity.findings.sweep import Rows
from comity.findings.yara import LENGTH, YaraScanner, rows_of_places


def asks_whole(pack: Pack) -> bool:
    """Whether a rule of the pack is asked of the bytes of an item, which then need no rows."""
    return bool(pack.yara)


def whole_rules_of(pack: Pack, format_name: str) -> frozenset[str]:
    """The digests of the rules whose verdict on a row of an item of this format needs other rows.

    An ``opaque/1`` item is one row, so what YARA says of its row needs no other.
    """
    if format_name == "opaque/1":
        return pack.whole_rules
    return pack.whole_rules | {rule.digest for rule in pack.yara}


class Whole:
    """What is kept from item to item of a run: rules made ready, those that run out of time, and ``apart``,
    which finds a way to ask them in a process of its own, if there is one."""

    def __init__(self) -> None:
        self.apart: Callable[[], Apart | None] = lambda: None
        self.patience = Patience()
        self._yara: YaraScanner | None = None

    def scanner_of(self, pack: Pack) -> YaraScanner:
        """The YARA sources of the pack made ready."""
        if self._yara is None:
            self._yara = YaraScanner(pack.yara)
        return self._yara


def whole_of(scanner: Scanner) -> Whole:
    """What a scanner keeps for these languages."""
    if scanner.whole is None:
        scanner.whole = Whole()
    whole: Whole = scanner.whole
    return whole


class WholeRun:
    """One pass over an item: hear the rows as they are read, see them with their fields, then finish.

    ``terminated`` says, once all rows are heard, whether a line feed follows the last one: with it the rows
    are the bytes of the file. None where the rows are not the whole item (or are the bytes, if ``opaque``).
    """

    def __init__(
        self,
        pack: Pack,
        parameters: Parameters,
        terminated: Callable[[], bool] | None = None,
        *,
        opaque: bool = False,
        kept: Whole | None = None,
    ) -> None:
        self._pack = pack
        self._kept = kept or Whole()
        self._terminated = (lambda: False) if opaque else terminated
        self._yara = pack.yara
        self._apart = self._kept.apart()
        self._queries = [SqlRun(rule, self._apart) for rule in pack.queries]
        self._windowed = parameters.since is not None or parameters.until is not None
        self._inside: set[int] = set()
        self._parts: list[bytes] = []
        self._starts = array("Q")
        self._length = 0

    @property
    def asks(self) -> bool:
        """Whether any rule is asked here."""
        return bool(self._yara or self._queries)

    @property
    def timed(self) -> bool:
        """Whether a rule needs the time of rows."""
        return any(run.query.timed for run in self._queries)

    def hear(self, raws: Iterable[bytes]) -> None:
        """Rows of the item, in order; their bytes are kept where a rule asks for them."""
        if self._yara:
            for raw in raws:
                self._keep(raw)

    def _keep(self, raw: bytes) -> None:
        # The bytes of an item are its rows joined by line feeds, and one more where the file ends in one.
        self._starts.append(self._length)
        self._length += len(raw) + 1
        if self._length - 1 > LENGTH:
            self._parts.clear()
        else:
            self._parts.append(raw)

    def see(self, rows: Rows) -> None:
        """Those of them that have something to look at, inside the window of time."""
        if self._yara and self._windowed:
            self._inside.update(rows.indexes)
        if self._queries:
            for row in rows.each():
                for query in self._queries:
                    query.add(row)

    def finish(self, result: ItemResult) -> ItemResult:
        """``result`` with what the rules of these languages match, and those that give no verdict."""
        if not self._yara and not self._queries:
            return result
        counts, refused = dict(result.counts), dict(result.refused)
        hits: list[Hit] = []
        for digest, rows in (self._run_yara(refused) | self._run_queries(refused)).items():
            counts[digest] = len(rows)
            hits += [(digest, row) for row in rows]
        return replace(
            result,
            matches=tuple(sorted({*result.matches, *hits})),
            counts=dict(sorted(counts.items())),
            not_asked=tuple(digest for digest in result.not_asked if digest not in counts),
            refused=dict(sorted(refused.items())),
        )

    def _run_yara(self, refused: dict[str, str]) -> dict[str, set[int]]:
        if not self._yara:
            return {}
        if self._terminated is None:
            why = "the rows here are not the whole item, whose bytes it asks"
            refused |= {source.digest: why for source in self._yara}
            return {source.digest: set() for source in self._yara}
        ended = b"\n" if self._starts and self._terminated() else b""
        if self._length - 1 + len(ended) > LENGTH:
            why = f"the item is longer than {LENGTH} bytes"
            refused |= {source.digest: why for source in self._yara}
            return {source.digest: set() for source in self._yara}
        raw = b"\n".join([*self._parts, b""] if ended else self._parts)
        self._parts.clear()
        found: dict[str, set[int]] = {}
        apart = self._apart
        for digest, judged in self._kept.scanner_of(self._pack).judge(raw, apart).items():
            if judged.refused:
                refused[digest] = judged.refused
            elif judged.names and not self._starts:
                refused[digest] = "it matches an item without any row that could be named"
            rows = rows_of_places(judged, self._starts)
            found[digest] = rows & self._inside if self._windowed else rows
        return found

    def _run_queries(self, refused: dict[str, str]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        patience = self._kept.patience
        for run in self._queries:
            if not run.asked:
                run.close()
                continue
            digest = run.query.digest
            if why := patience.given_up(digest):
                run.close()
                found[digest], refused[digest] = set(), why
                continue
            found[digest] = run.rows()
            if run.refused:
                refused[digest] = run.refused
            if run.late:
                patience.lose(digest)
        return found
