"""Running rules over sealed rows: where evidence and findings meet.

Evidence knows how bytes become rows and fields; findings know how rules match fields; neither knows
the other. A finding reads sealed row bytes, their header row, and its parameters, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from comity.evidence import parse, rows, times
from comity.evidence.bulk import (
    Batch,
    LineFields,
    batch_rows,
    count_alike,
    fields_of_batch,
    find_told,
    is_even,
    is_text,
)
from comity.evidence.formats import FormatName
from comity.evidence.joined import JoinedLines
from comity.evidence.shapes import ShapeReader, load_walk
from comity.findings import match, tokens
from comity.findings.coded import CodedRows, names_that_matter
from comity.findings.export_texts import readings_in
from comity.findings.exports import Exports
from comity.findings.finding import Finding, Parameters, make_finding
from comity.findings.indicators import IndicatorList
from comity.findings.pack import Pack
from comity.findings.rows import ItemInfo, Value
from comity.findings.sweep import Rows, Sweep
from comity.findings.whole import WholeRun, whole_of, whole_rules_of

if TYPE_CHECKING:
    from comity.records import kinds

_WRITTEN: Final[dict[str, Literal["json", "lines", "cells"]]] = {
    "jsonl/1": "json",
    "evtx-jsonl/1": "json",
    "csv/1": "cells",
}
_ALL_READ: Final = {dict}
_JSON: Final = ("jsonl/1", "evtx-jsonl/1")
LINE: Final = b"\n"
WORTH: Final = 16 << 20
"""From so many bytes on, read or to come, it pays to load the compiled walk."""
_Fields: TypeAlias = "Mapping[str, parse.Value]"


def moment_of(format_name: FormatName, read: Mapping[str, Value], zone: str | None) -> int | None:
    """When a row that was read says that it happened (:func:`comity.evidence.times.row_time`). Where its
    readings together tell no one time, the first of them that tells one does: no name that is added makes a
    row one without a time."""
    moments = (times.row_time(format_name, each, zone) for each in readings_in(read))
    return next((moment for moment in moments if moment is not None), None)


@dataclass(slots=True)
class Reading:
    """What reading an item met: ``rows`` read, ``unparsed`` (reasons by count), ``undated`` rows that a time
    window left out because no time could be read in them, ``outside`` rows outside the window, ``alike`` rows
    of a text that look like rows of a format with fields, by that format, ``partly`` rows of which not all
    was asked, by why."""

    rows: int = 0
    undated: int = 0
    outside: int = 0
    unparsed: dict[str, int] | None = None
    alike: dict[str, int] | None = None
    partly: Mapping[str, tuple[int, ...]] | None = None

    def liken(self, found: Mapping[str, int]) -> None:
        """Count rows that look like those of another format."""
        if found:
            self.alike = self.alike or {}
            for form, number in found.items():
                self.alike[form] = self.alike.get(form, 0) + number

    def fail(self, reason: str) -> None:
        """Count one row that its format could not read."""
        self.unparsed = self.unparsed or {}
        self.unparsed[reason] = self.unparsed.get(reason, 0) + 1


def run_item(
    scanner: match.Scanner,
    pack: Pack,
    info: ItemInfo,
    format_name: FormatName,
    batches: Iterable[Batch],
    parameters: Parameters,
    reading: Reading,
    terminated: Callable[[], bool] | None = None,
    passed: rows.Passed | None = None,
) -> match.ItemResult:
    """Every language of a pack over the rows of one item, in one pass, inside the window if there is one.

    A row that does not parse is still matched by words over its text; it has no fields and no time.
    ``terminated`` tells, after the last row, whether the item ends in a line feed; None where the rows are
    not all of it: what asks its bytes then gives no verdict. ``passed`` are, after the last row, those that
    were passed over; what asks all rows then gives no verdict.
    """
    since, until = (_moment(instant) if instant else None for instant in (parameters.since, parameters.until))
    windowed = since is not None or until is not None
    sweep = Sweep(scanner, info)
    whole = WholeRun(pack, parameters, terminated, opaque=format_name == "opaque/1", kept=whole_of(scanner))
    timed = scanner.timed or whole.timed
    # When a row happened does not depend on what rules ask for.
    exports = Exports(())
    # Where only lists are asked of lines, hardly any line is read as more than bytes.
    plain = format_name == "lines/1" and scanner.lists_alone and not (windowed or timed or whole.asks)
    walked = format_name in _JSON and scanner.codable and not (windowed or whole.asks)
    last = b""
    for batch in batches:
        reading.rows += len(batch.raws)
        even = isinstance(batch.raws, JoinedLines) and is_even(batch.raws)
        if format_name == "csv/1":
            last = batch.raws[-1] if batch.raws else last
        elif format_name == "lines/1" and not even:
            reading.liken(count_alike(batch.raws))
        whole.hear(batch.raws)
        if plain:
            told = range(len(batch.raws)) if even else find_told(batch.raws)
            lines = batch.raws if len(told) == len(batch.raws) else [batch.raws[at] for at in told]
            sweep.take(_rows_of(format_name, batch, told, LineFields(lines), None))
            continue
        if walked:
            batch = _take_walked(scanner, sweep, format_name, batch)
            if not batch.raws:
                continue
        read = fields_of_batch(format_name, batch)
        if not (windowed or timed) and set(map(type, read)) == _ALL_READ:
            inside = _rows_of(format_name, batch, range(len(read)), cast("list[_Fields]", read), None)
            whole.see(inside)
            sweep.take(inside)
            continue
        kept: list[int] = []
        fields: list[Mapping[str, parse.Value]] = []
        moments: list[int | None] = []
        for at, found in enumerate(read):
            if found.__class__ is not dict:
                if found is None and format_name != "opaque/1":
                    continue
                if isinstance(found, parse.Unparsed):
                    reading.fail(found.reason)
                found = {}
            assert isinstance(found, dict)
            if windowed or timed:
                moment = moment_of(format_name, exports.read(found), parameters.zone)
                if windowed and moment is None:
                    reading.undated += 1
                    continue
                if moment is not None and (
                    (since is not None and moment < since) or (until is not None and moment >= until)
                ):
                    reading.outside += 1
                    continue
                moments.append(moment)
            kept.append(at)
            fields.append(found)
        inside = _rows_of(format_name, batch, kept, fields, moments if timed else None)
        whole.see(inside)
        sweep.take(inside)
    if format_name == "csv/1" and LINE in last and last.count(b'"') % 2:
        # Nothing behind an open quote is a row of its own, and only the end of the file shows it.
        reading.fail(f"the quote that is open at the end takes in {last.count(LINE) + 1} lines")
    result = whole.finish(scanner.conclude(sweep))
    reading.partly = result.partly or None
    if passed is None or not passed.rows:
        return result
    return _without_passed(result, passed, reading, whole_rules_of(pack, format_name))


def _without_passed(
    result: match.ItemResult, passed: rows.Passed, reading: Reading, rules: frozenset[str]
) -> match.ItemResult:
    """The result where rows were not asked: what ``rules`` say needs every row."""
    reading.rows += len(passed.rows)
    for _ in passed.rows[: len(passed.rows) - passed.ended]:
        reading.fail(f"longer than {rows.ROW_LIMIT} bytes, so nothing was asked of it")
    if passed.ended:
        number = passed.rows[-1]
        reading.fail(
            f"row {number} does not end within {rows.ROW_LIMIT} bytes, so from it on nothing was asked"
        )
    why = f"it needs all rows of the item, and some are longer than {rows.ROW_LIMIT} bytes"
    return replace(
        result,
        matches=tuple(hit for hit in result.matches if hit[0] not in rules),
        counts={digest: 0 if digest in rules else number for digest, number in result.counts.items()},
        refused={**result.refused, **dict.fromkeys(sorted(rules & result.counts.keys()), why)},
    )


def load_loops(pack: Pack, formats: Set[str | None], size: int) -> None:
    """Load what a process that has so many bytes of these formats to read would load by itself, so that forks
    of this one share it."""
    if size > tokens.WORTH and any(isinstance(rule, IndicatorList) for rule in pack.rules):
        tokens.load_scan()
    if size >= WORTH and not formats.isdisjoint(_JSON):
        load_walk()


def _moment(instant: str) -> int:
    """An instant in microseconds."""
    from comity.records.bodies import parse_time

    return parse_time(instant) * 1_000_000


def _take_walked(scanner: match.Scanner, sweep: Sweep, format_name: FormatName, batch: Batch) -> Batch:
    """Ask of the rows of a batch what can be asked by codes; what is left of the batch."""
    reader = _reader_of(scanner, format_name, batch)
    if reader is None:
        return batch
    raws, indexes = batch.raws, batch.indexes

    def read(places: Sequence[int]) -> list[_Fields]:
        some = Batch(indexes=places, raws=[raws[at] for at in places], context=None)
        return cast("list[_Fields]", fields_of_batch(format_name, some))

    left: list[int] = []
    for part in reader.read(raws):
        coded = CodedRows(
            places=part.places,
            shapes=part.shapes,
            codes=part.codes,
            kinds=reader.shapes,
            turn=reader.turn,
            values=reader.values,
            read=read,
            text=lambda at: parse.text_of(raws[at]),
            raws=raws,
            joined=part.text,
            ends=part.ends,
            escaped=part.escaped,
        )
        left += sweep.take_coded(coded, indexes)
    left.sort()
    return Batch(indexes=[indexes[at] for at in left], raws=[raws[at] for at in left], context=None)


def _reader_of(scanner: match.Scanner, format_name: FormatName, batch: Batch) -> ShapeReader | None:
    """What reads rows by their shapes: once its compiled walk is loaded, or so much was read that to load it
    pays."""
    reader: ShapeReader | None = scanner.walkers.get(format_name)
    if reader is None:
        scanner.walked += sum(map(len, batch.raws))
        walk = load_walk() if load_walk.cache_info().currsize or scanner.walked >= WORTH else None
        if walk is not None:
            reader = ShapeReader(format_name, partial(names_that_matter, scanner), walk)
            scanner.walkers[format_name] = reader
    return reader


def _rows_of(
    format_name: FormatName,
    batch: Batch,
    kept: Sequence[int],
    fields: Sequence[Mapping[str, parse.Value]],
    moments: Sequence[int | None] | None,
) -> Rows:
    raws, indexes = batch.raws, batch.indexes
    if len(kept) != len(raws):
        raws, indexes = [raws[at] for at in kept], [indexes[at] for at in kept]
    return Rows(
        indexes=indexes,
        fields=fields,
        times=moments,
        text=lambda at: parse.text_of(raws[at]),
        raws=raws if is_text(raws) else None,
        joined=raws.joined if isinstance(raws, JoinedLines) else None,
        written=_WRITTEN.get(format_name, "lines"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over one item: the finding, matches per rule, rules that met no row of their log source.

    ``undated`` counts by rule the rows that it left out for want of a time; ``refused`` names the rules
    that gave no verdict, and why.
    """

    finding: Finding
    counts: Mapping[str, int]
    not_asked: tuple[str, ...]
    reading: Reading
    undated: Mapping[str, int]
    refused: Mapping[str, str]


def run_rules(
    scanner: match.Scanner,
    pack: Pack,
    item: str,
    format_name: FormatName,
    source: Iterable[rows.Row],
    parameters: Parameters,
    terminated: bool | None = None,
) -> Run:
    """Run a pack (made ready as ``scanner``) over the rows of one item, given by its reference text.

    ``terminated`` as its metadata says, where these are all of its rows."""
    reading = Reading()
    info = ItemInfo(ref=item, format=format_name, logsource=dict(parameters.logsource))
    ended = None if terminated is None else lambda: terminated
    result = run_item(scanner, pack, info, format_name, batch_rows(source), parameters, reading, ended)
    finding = make_finding(pack.rule_digests, pack.digest, item, parameters, result.matches)
    return Run(
        finding=finding,
        counts=result.counts,
        not_asked=result.not_asked,
        reading=reading,
        undated=result.undated,
        refused=result.refused,
    )


def disclosed_rows(
    format_name: FormatName, shown: Mapping[int, bytes], only: Iterable[int] | None = None
) -> Iterator[rows.Row]:
    """Disclosed rows with their header rows, in order; ``only`` limits them to these numbers."""
    headers = rows.find_headers(format_name, shown)
    wanted = set(only) if only is not None else set(shown)
    for index in sorted(wanted & shown.keys()):
        header = headers[index]
        yield rows.Row(index=index, raw=shown[index], header=header, context=shown.get(header))


def parameters_of(
    content: kinds.Report | kinds.Replicate, logsource: tuple[tuple[str, str], ...]
) -> Parameters:
    """The parameters of a run as a record states them."""
    stated = content.parameters
    return Parameters(
        zone=stated.zone or None,
        since=stated.since or None,
        until=stated.until or None,
        logsource=tuple(sorted(logsource)),
    )


def reported(content: kinds.Report) -> Finding:
    """The finding that a record reports, with both digests as stated (not yet checked)."""
    from comity.records.kinds import rows_of

    hits = [(m.rule, row) for m in content.matches for row in rows_of(m.rows)]
    return Finding(
        rules=tuple(r.digest for r in content.rules),
        pack=content.pack,
        item=f"rows:{content.item.size}:{content.item.root}",
        parameters=parameters_of(content, content.logsource),
        semantics=content.semantics,
        inputs_digest=content.inputs,
        rows=tuple(sorted(hits)),
        result_digest=content.result,
    )
