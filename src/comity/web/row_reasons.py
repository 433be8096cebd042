"""Why each row on the page of a finding is there: the rules that name it, what they match, what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from comity.dossier import rerun
from comity.dossier.reasons import NOT_NAMED, Reason
from comity.errors import ComityError
from comity.evidence import rows
from comity.exchange import evidence
from comity.exchange.reasons import explain_named
from comity.exchange.shown import format_of, open_rows
from comity.findings.pack import compile_pack
from comity.findings.whole import whole_rules_of
from comity.records import kinds
from comity.records.spans import common_rows, spans_of
from comity.web.phrases import phrase
from comity.web.plain import show_bytes
from comity.web.reading import Reading, Ref, rows_shown_here
from comity.web.rule_titles import RULES, titles_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """One rule that names a row. ``title`` is what it calls itself, else its name. ``lines`` say why, as the
    matcher tells it; ``note`` says why that is not told here; ``asked`` is whether it was run over the row
    now, ``names`` what it said (None: it cannot)."""

    name: str
    title: str
    asked: bool
    names: bool | None
    note: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRow:
    """A row of a finding. ``heading`` where it names the columns of rows after it; ``proof`` is the
    disclosure that proves it, None where the item is held whole; ``more`` is whether some rule could still be
    asked why, for this row alone."""

    number: int
    text: str
    heading: bool
    proof: Ref | None
    reasons: tuple[ReasonView, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Rows of an item of another's that were disclosed here: bytes and the disclosing record, by number."""

    rows: Mapping[int, bytes]
    by: Mapping[int, str]


def rows_given(reading: Reading, item: kinds.Item) -> Given:
    """Every row of an item that was disclosed to this node, its proof checked here."""
    given: dict[int, bytes] = {}
    by: dict[int, str] = {}
    for record in reading.state.of("evidence.disclose"):
        told = record.content
        if isinstance(told, kinds.Disclose) and told.item == item and rows_shown_here(reading, record.id):
            try:
                opened = open_rows(reading.node, reading.state, record)
            except ComityError:
                continue  # its own page says what is wrong with it
            given |= opened.rows
            by |= dict.fromkeys(opened.rows, record.id)
    return Given(rows=given, by=by)


def view_rows(
    reading: Reading, content: kinds.Report, wanted: Sequence[int], given: Given | None, why: int = 0
) -> tuple[MatchedRow, ...]:
    """These rows, each after the row that names its columns: of those ``given``, else of the item itself. The
    rules that look at one row alone are asked of all of them; row ``why`` is asked of every rule."""
    form = format_of(reading.state, content.item)
    if given is None:
        picked = evidence.pick_item_rows(reading.node, content.item.root, wanted)
        texts = {n: row.raw for n, row in picked.items()}
        found = [picked[n] for n in wanted if n in picked]
    else:
        found = list(rerun.disclosed_rows(form, given.rows, wanted))
        # Of several, only those above a row of this page: a W3C log names its columns again and again.
        texts = {row.header: given.rows[row.header] for row in found if row.header in given.rows}
        texts |= {row.index: row.raw for row in found}
    reasons = _reasons(reading, content, found, given is None, why)
    chosen = set(wanted)
    return tuple(
        MatchedRow(
            number=n,
            text=show_bytes(raw),
            heading=n not in chosen,
            proof=reading.ref(given.by[n]) if given is not None and n in chosen else None,
            reasons=reasons.get(n, ()) if n in chosen else (),
            more=n in chosen and any(not r.asked for r in reasons.get(n, ())),
        )
        for n, raw in sorted(texts.items())
    )


def _reasons(
    reading: Reading, content: kinds.Report, found: Sequence[rows.Row], held: bool, why: int
) -> dict[int, tuple[ReasonView, ...]]:
    """By row, every rule that names it, in the order of the record."""
    page = spans_of([kinds.ranges_of(tuple(row.index for row in found))])
    naming = [m for m in content.matches if common_rows(spans_of([m.rows]), page)]
    told: dict[tuple[str, int], Reason] = {}
    unable = ""
    many = len(naming) > RULES
    try:
        alone = set() if many else _decided_by_row(reading, content, [m.rule for m in naming])
        form = format_of(reading.state, content.item)
        some = _only(content, alone)
        told |= {(r.rule, r.row): r for r in explain_named(some, form, found, None, None)}
        if one := [row for row in found if row.index == why]:
            root, node = content.item.root, reading.node
            whole = partial(evidence.item_rows, node, root) if held else None
            raw = partial(evidence.item_bytes, node, root) if held else None
            ended = held and evidence.is_terminated(node, root)
            told |= {(r.rule, r.row): r for r in explain_named(content, form, one, whole, raw, ended)}
    except (ComityError, ValueError) as error:
        unable = error.why if isinstance(error, ComityError) else str(error)
    names = {rule.digest: rule.name for rule in content.rules}
    titles = titles_of(content)
    by_row: dict[int, list[ReasonView]] = {}
    for match in naming:
        for row in found:
            if common_rows(spans_of([match.rows]), [(row.index, row.index)]):
                reason = told.get((match.rule, row.index))
                view = _view(names[match.rule], titles[match.rule], reason, held or many, unable)
                by_row.setdefault(row.index, []).append(view)
    return {row: tuple(views) for row, views in by_row.items()}


def _view(name: str, title: str, reason: Reason | None, askable: bool, unable: str) -> ReasonView:
    if reason is not None:
        if reason.lines == (NOT_NAMED,):
            note = phrase("this rule does not name this row here")
            return ReasonView(name=name, title=title, asked=True, names=reason.names, note=note, lines=())
        return ReasonView(name=name, title=title, asked=True, names=reason.names, note="", lines=reason.lines)
    note = phrase("why it names this row only the whole item can show")
    if unable:
        note = phrase("it cannot be run here: {}", unable)
    elif askable:
        note = phrase("it was not asked for this page")
    return ReasonView(
        name=name, title=title, asked=bool(unable) or not askable, names=None, note=note, lines=()
    )


def _decided_by_row(reading: Reading, content: kinds.Report, rules: Sequence[str]) -> set[str]:
    """Those of the rules whose verdict on a row needs no other row."""
    sources = [(r.name, r.source.encode()) for r in content.rules if r.digest in rules]
    return set(rules) - whole_rules_of(compile_pack(sources), format_of(reading.state, content.item))


def _only(content: kinds.Report, rules: set[str]) -> kinds.Report:
    """The report with the matches of these rules alone."""
    return replace(content, matches=tuple(m for m in content.matches if m.rule in rules))
