"""Why rules match a row, in every language: the atoms, the places or the columns that make it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from comity.dossier.rerun import moment_of, run_rules
from comity.evidence import parse, rows
from comity.evidence.formats import FormatName
from comity.findings.explain import explain, explain_joined, explain_observed
from comity.findings.exports import Exports
from comity.findings.finding import Hit, Parameters
from comity.findings.match import Scanner
from comity.findings.pack import AnyRule, Pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule
from comity.findings.sql import SqlQuery
from comity.findings.stix import StixPattern
from comity.findings.whole import whole_rules_of
from comity.findings.yara import LENGTH, YaraSource, explain_places, explain_yara

NOT_NAMED = "this rule does not name this row here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one rule names one row: ``lines`` for people; what of it needs rows that are not here is said.
    ``names`` is whether the rule, run here, names the row; None where that cannot be told here."""

    rule: str
    title: str
    row: int
    lines: tuple[str, ...]
    names: bool | None = True


def row_of(format_name: FormatName, row: rows.Row, parameters: Parameters) -> Row:
    """A row as rules see it, with its time."""
    fields = parse.fields_of(format_name, row.raw, row.context)
    read = {} if fields is None or isinstance(fields, parse.Unparsed) else fields
    at = moment_of(format_name, Exports(()).read(read), parameters.zone)
    return Row(index=row.index, text=parse.text_of(row.raw), fields=read, time=at)


def judge_rows(
    pack: Pack,
    format_name: FormatName,
    wanted: Sequence[rows.Row],
    parameters: Parameters,
    whole: Callable[[], Iterable[rows.Row]] | None,
    terminated: bool = False,
) -> tuple[frozenset[Hit], dict[str, str]]:
    """Which (rule, row) of the rows ``wanted`` a run gives, and by rule why none can be told. Rules that are
    decided row by row are run over these rows alone; the others over the ``whole`` item, if it is here."""
    joined = whole_rules_of(pack, format_name)
    numbers = {row.index for row in wanted}
    hits: set[Hit] = set()
    refused: dict[str, str] = {}
    for rules, source, ended in (
        ([rule for rule in pack.rules if rule.digest not in joined], lambda: wanted, None),
        ([rule for rule in pack.rules if rule.digest in joined], whole, terminated),
    ):
        if rules and source is None:
            refused |= {rule.digest: "whether it names this row needs the whole item" for rule in rules}
        elif rules and source is not None:
            part = Pack(rules=tuple(rules), unusable=(), digest="")
            run = run_rules(Scanner(part), part, "", format_name, source(), parameters, ended)
            hits.update(hit for hit in run.finding.rows if hit[1] in numbers)
            refused |= {digest: f"no verdict here: {why}" for digest, why in run.refused.items()}
    return frozenset(hits), refused


def explain_rows(
    rule: AnyRule,
    format_name: FormatName,
    wanted: Sequence[rows.Row],
    parameters: Parameters,
    whole: Callable[[], Iterable[rows.Row]] | None,
    raw: Callable[[], Iterable[bytes]] | None = None,
) -> list[Reason]:
    """Why ``rule`` names each row of ``wanted``, which a run of it has found; ``whole`` gives all rows of the
    item and ``raw`` its bytes, if they are here."""
    info = ItemInfo(ref="", format=format_name, logsource=dict(parameters.logsource))
    places = _explain_bytes(rule, format_name, wanted, whole, raw) if isinstance(rule, YaraSource) else {}
    found = []
    for row in wanted:
        if isinstance(rule, YaraSource):
            lines = places[row.index]
        else:
            lines = explain(rule, row_of(format_name, row, parameters), info)
            if isinstance(rule, SqlQuery):
                lines = ["the query gives its number", *lines] if whole else lines
            elif isinstance(rule, Rule) and rule.whole:
                lines += _explain_joined(rule, format_name, whole, parameters, info, row.index)
            elif isinstance(rule, StixPattern) and rule.whole:
                lines = [*lines, *_explain_observed(rule, format_name, whole, parameters, info, row.index)]
        found.append(Reason(rule=rule.digest, title=rule.title, row=row.index, lines=tuple(lines)))
    return found


def _explain_bytes(
    rule: YaraSource,
    format_name: FormatName,
    wanted: Sequence[rows.Row],
    whole: Callable[[], Iterable[rows.Row]] | None,
    raw: Callable[[], Iterable[bytes]] | None,
) -> dict[int, list[str]]:
    """What YARA finds in each row of ``wanted``, by its number."""
    if format_name == "opaque/1":
        # An opaque item is one row, so its row is the whole of it.
        return {row.index: explain_yara(rule, row.raw) for row in wanted}
    if whole is None or raw is None:
        told = "what YARA finds is in the bytes of the whole item, which are not here"
        return {row.index: [told] for row in wanted}
    data = b"".join(raw())
    if len(data) > LENGTH:
        return {row.index: [f"no verdict: the item is longer than {LENGTH} bytes"] for row in wanted}
    spans, at = {}, 0
    numbers = {row.index for row in wanted}
    for row in whole():
        end = at + len(row.raw) + 1
        if row.index in numbers:
            spans[row.index] = at, end
        at = end
    return explain_places(rule, data, spans)


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
