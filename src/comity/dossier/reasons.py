"""Why rules match a row, in every language: the atoms, the places or the columns that make it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from comity.evidence import parse, rows, times
from comity.evidence.formats import FormatName
from comity.findings.explain import explain, explain_joined, explain_observed
from comity.findings.exports import Exports
from comity.findings.finding import Parameters
from comity.findings.pack import AnyRule
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern
from comity.findings.yara import LENGTH, YaraSource, explain_yara


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one rule names one row: ``lines`` for people; what of it needs rows that are not here is said."""

    rule: str
    title: str
    row: int
    lines: tuple[str, ...]


def row_of(format_name: FormatName, row: rows.Row, parameters: Parameters) -> Row:
    """A row as rules see it, with its time."""
    fields = parse.fields_of(format_name, row.raw, row.context)
    read = {} if fields is None or isinstance(fields, parse.Unparsed) else fields
    at = times.row_time(format_name, Exports(()).read(read), parameters.zone)
    return Row(index=row.index, text=parse.text_of(row.raw), fields=read, time=at)


def explain_rows(
    rule: AnyRule,
    format_name: FormatName,
    wanted: Iterable[rows.Row],
    parameters: Parameters,
    whole: Callable[[], Iterable[rows.Row]] | None,
    raw: Callable[[], Iterable[bytes]] | None = None,
) -> list[Reason]:
    """Why ``rule`` names each row of ``wanted``; ``whole`` gives all rows of the item and ``raw`` its bytes,
    if they are here."""
    info = ItemInfo(ref="", format=format_name, logsource=dict(parameters.logsource))
    found = []
    for row in wanted:
        if isinstance(rule, YaraSource):
            # An opaque item is one row, so its row is the whole of it.
            lines = _explain_bytes(rule, [row.raw] if format_name == "opaque/1" else raw and raw())
        else:
            lines = explain(rule, row_of(format_name, row, parameters), info)
            if isinstance(rule, Rule) and rule.whole:
                lines += _explain_joined(rule, format_name, whole, parameters, info, row.index)
            elif isinstance(rule, StixPattern) and rule.whole:
                lines = [*lines, *_explain_observed(rule, format_name, whole, parameters, info, row.index)]
        found.append(Reason(rule=rule.digest, title=rule.title, row=row.index, lines=tuple(lines)))
    return found


def _explain_bytes(rule: YaraSource, source: Iterable[bytes] | None) -> list[str]:
    if source is None:
        return ["what YARA finds is in the bytes of the whole item, which are not here"]
    raw = b"".join(source)
    if len(raw) > LENGTH:
        return [f"no verdict: the item is longer than {LENGTH} bytes"]
    return explain_yara(rule, raw)


def _explain_observed(
    rule: StixPattern,
    format_name: FormatName,
    whole: Callable[[], Iterable[rows.Row]] | None,
    parameters: Parameters,
    info: ItemInfo,
    index: int,
) -> list[str]:
    if whole is None:
        return ["what stands with it is in other rows, and the whole item is not here"]

    def read() -> Iterable[Row]:
        return (row_of(format_name, row, parameters) for row in whole())

    return explain_observed(rule, read, info, index)


def _explain_joined(
    rule: Rule,
    format_name: FormatName,
    whole: Callable[[], Iterable[rows.Row]] | None,
    parameters: Parameters,
    info: ItemInfo,
    index: int,
) -> list[str]:
    if whole is None:
        return ["what it correlates with is in other rows, and the whole item is not here"]
    return explain_joined(rule, (row_of(format_name, row, parameters) for row in whole()), info, index)
