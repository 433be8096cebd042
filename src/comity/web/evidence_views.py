"""Evidence as pages show it: items held here, their rows, what was shown to whom, and findings over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.case.disclosures import disclosures
from comity.errors import Refused
from comity.evidence.disclose import VerifiedRows
from comity.exchange import evidence, handing_over
from comity.exchange.evidence import HeldItem
from comity.exchange.node import Node
from comity.records import bodies, kinds
from comity.web import words
from comity.web.cases import Head, view_head
from comity.web.custody_views import CustodyView, OpeningLog, view_custody
from comity.web.phrases import phrase
from comity.web.plain import show_bytes
from comity.web.reading import Names, Reading, Ref, Who, rows_shown_here, write_rows
from comity.web.rowtext import write_rows as write_numbers
from comity.web.words import ONWARD, USES, label

ROWS = 100
"""Rows on one page."""
SCAN_LIMIT = 2_000_000
"""Rows that one search looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A disclosure of an item: what, to whom, for what use, by which record of which case. ``told`` is what
    each recipient did with it, as far as it said."""

    case: str
    record: Ref
    by: Who
    what: str
    to: tuple[Who, ...]
    use: str
    onward: str
    told: tuple[tuple[Who, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """An item held whole here. ``rows`` does not count the metadata row."""

    root: str
    name: str
    format: str
    rows: int
    bytes: int
    seal: str
    case: str
    case_title: str
    by: Who | None
    origin: str
    zone: str
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A disclosure of rows that came here: the item is another's, and only these rows of it are open here."""

    case: str
    record: Ref
    by: Who
    item: str
    root: str
    rows: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """Everything on the page of evidence."""

    computed_for: Who
    as_of: str
    items: tuple[ItemLine, ...]
    shown: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row by number, as text; ``heading`` where it names the columns of rows after it."""

    number: int
    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item and one page of its rows. ``following`` is the row to go on from, 0 at the end;
    ``earlier`` is where the page before begins, 0 at the beginning, and ``last`` where the last one does;
    ``columns`` is the row that names the columns of these, where it is not among them. ``chosen`` are rows
    that the reader marked, on this page and others. ``held`` says whether it is held whole here: where it is
    not, there are no rows."""

    item: ItemLine
    held: bool
    custody: CustodyView
    first: int
    query: str
    rows: tuple[RowView, ...]
    following: int
    earlier: int
    last: int
    columns: str
    looked_at: int
    chosen: tuple[int, ...]
    chosen_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    """Rows of another party's item, each proven to stand in the sealed item at its number."""

    head: Head
    record: Ref
    by: Who
    item: str
    root: str
    size: int
    rows: tuple[RowView, ...]
    count: int


def view_evidence(node: Node) -> EvidenceView:
    """Items held whole, and rows that were shown to this node."""
    readings = [Reading(node, case) for case in node.cases()]
    return EvidenceView(
        computed_for=Names(node).who(node.party.id),
        as_of=bodies.time_text(node.effects.now()),
        items=tuple(_line(readings, held.item, held) for held in evidence.held_items(node).values()),
        shown=tuple(line for reading in readings for line in _shown_here(reading)),
    )


def _line(readings: list[Reading], item: kinds.Item, held: HeldItem | None) -> ItemLine:
    line = ItemLine(
        root=item.root,
        name=held.name if held else "",
        format=held.format if held else "",
        rows=item.size - 1,
        bytes=0,
        seal=held.seal if held else "",
        case="",
        case_title="",
        by=None,
        origin="",
        zone="",
        seen=tuple(seen for reading in readings for seen in _seen(reading, item)),
    )
    for reading in readings:
        for seal in reading.state.of("evidence.seal"):
            content = seal.content
            if isinstance(content, kinds.Seal) and content.item == item:
                return replace(
                    line,
                    name=line.name or content.name,
                    format=line.format or content.splitter,
                    seal=seal.id,
                    case=reading.case,
                    case_title=reading.title,
                    by=reading.who(seal.author),
                    bytes=content.bytes,
                    origin=content.origin,
                    zone=content.zone,
                )
    return line


def _seen(reading: Reading, item: kinds.Item) -> list[Seen]:
    found = []
    for shown in disclosures(reading.state, item.root):
        content = shown.content
        if content.item == item:
            told = zip(reading.whos(content.to), shown.to, strict=True)
            found.append(
                Seen(
                    case=reading.case,
                    record=reading.ref(shown.record),
                    by=reading.who(shown.author),
                    what=phrase("the whole item") if content.level == "whole" else write_rows([content.rows]),
                    to=reading.whos(content.to),
                    use=USES[content.use],
                    onward=ONWARD[content.onward],
                    told=tuple((who, label(words.SEEN, one.standing).words) for who, one in told),
                )
            )
    return found


def _shown_here(reading: Reading) -> list[ShownLine]:
    found = []
    for record in reading.state.of("evidence.disclose"):
        content = record.content
        if (
            isinstance(content, kinds.Disclose)
            and record.author != reading.node.party.id
            and content.level == "rows"
        ):
            found.append(
                ShownLine(
                    case=reading.case,
                    record=reading.ref(record.id),
                    by=reading.who(record.author),
                    item=reading.item_name(content.item),
                    root=content.item.root,
                    rows=write_rows([content.rows]),
                    present=reading.node.blobs.has(content.package),
                )
            )
    return found


def view_item(
    node: Node,
    root: str,
    first: int,
    query: str,
    chosen: tuple[int, ...] = (),
    log: OpeningLog | None = None,
) -> ItemView:
    """One page of the rows of an item, from row ``first``; only those that hold ``query`` (plain text, letter
    case ignored), where it is not empty. Of an item that is sealed in a case and not held whole here, what is
    known of it without its rows. ``Refused`` (``item.unknown``) for any other."""
    readings = [Reading(node, case) for case in node.cases()]
    held = evidence.held_items(node).get(root)
    item = held.item if held else _sealed_in(readings, root)
    if item is None:
        raise Refused("item.unknown", root[:12], "not an item that is held here, or sealed in a case here")
    marked = tuple(sorted({n for n in chosen if 0 < n < item.size}))
    found, following, looked_at, columns = _page_of(node, root, first, query) if held else ([], 0, 0, b"")
    return ItemView(
        item=_line(readings, item, held),
        held=held is not None,
        # Told after the rows were read: this very opening is in the log by then.
        custody=view_custody(readings, item, log),
        first=first,
        query=query,
        rows=tuple(found),
        following=following,
        earlier=max(first - ROWS, 1) if first > 1 else 0,
        last=max(item.size - ROWS, 1),
        columns=show_bytes(columns) if columns and found else "",
        looked_at=looked_at,
        chosen=marked,
        chosen_text=write_numbers(marked),
    )


def _sealed_in(readings: list[Reading], root: str) -> kinds.Item | None:
    """The item of this root that some record of a case seals, or None."""
    for reading in readings:
        for seal in reading.state.of("evidence.seal"):
            if isinstance(seal.content, kinds.Seal) and seal.content.item.root == root:
                return seal.content.item
    return None


def _page_of(node: Node, root: str, first: int, query: str) -> tuple[list[RowView], int, int, bytes]:
    """Rows of one page, the row to go on from, how many were looked at, and the row above them that names
    their columns (empty where there is none, or where it is among them)."""
    search = Search(query)
    found: list[RowView] = []
    looked_at = 0
    columns = b""
    for batch in evidence.item_batches(node, root):
        start = max(first - batch.indexes[0], 0)
        count = len(batch.raws) - start
        if count <= 0:
            continue
        if looked_at + count <= SCAN_LIMIT and search.none_of(batch.raws):
            looked_at += count
            continue
        for index, raw in zip(batch.indexes[start:], batch.raws[start:], strict=True):
            if len(found) == ROWS or looked_at == SCAN_LIMIT:
                return found, index, looked_at, columns
            looked_at += 1
            if search.holds(raw):
                columns = columns if found or raw == batch.context else batch.context or b""
                found.append(RowView(number=index, text=show_bytes(raw)))
    return found, 0, looked_at, columns


class Search:
    """Which rows hold a text, letter case ignored; every row holds the empty one.

    Rows that are ASCII are told by their bytes, many at once: only where one may hold it are they read.
    """

    def __init__(self, text: str) -> None:
        self._wanted = text.casefold()
        self._plain = self._wanted.encode() if self._wanted.isascii() else None

    def none_of(self, raws: Sequence[bytes]) -> bool:
        """Whether it is certain that none of these rows holds the text."""
        if not self._wanted:
            return False
        together = b"\n".join(raws)
        return together.isascii() and (self._plain is None or self._plain not in together.lower())

    def holds(self, raw: bytes) -> bool:
        """Whether one row holds it."""
        return not self._wanted or self._wanted in raw.decode("utf-8", "replace").casefold()


def reading_of(node: Node, record: str) -> Reading:
    """The case that holds a record; ``Refused`` (``record.unknown``) where none here does."""
    held = node.journal.held_record(record)
    if held is None or held.case not in node.cases():
        raise Refused("record.unknown", record[:12], "no case here holds a record of this id")
    return Reading(node, held.case)


def view_shown(node: Node, record: str) -> ShownView:
    """The rows that a disclosure brought here, their proofs checked now."""
    reading = reading_of(node, record)
    if not rows_shown_here(reading, record):
        raise Refused("disclosure.absent", record[:12], "no rows of this disclosure are held here")
    accepted = reading.state.accepted[record]
    content = accepted.content
    shown = handing_over.open_package(node, reading.case, record)
    assert isinstance(content, kinds.Disclose)
    assert isinstance(shown, VerifiedRows)
    rows = sorted(shown.rows.items())
    return ShownView(
        head=view_head(reading),
        record=reading.ref(record),
        by=reading.who(accepted.author),
        item=reading.item_name(content.item),
        root=content.item.root,
        size=content.item.size - 1,
        rows=tuple(RowView(number=n, text=show_bytes(raw)) for n, raw in rows[: 5 * ROWS]),
        count=len(rows),
    )
