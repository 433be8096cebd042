"""What of an item is here because it was disclosed: which rows, by which record, read in which format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from comity.case.reruns import splitter_of
from comity.case.state import Accepted, State
from comity.errors import ComityError, Refused
from comity.evidence.disclose import VerifiedRows
from comity.evidence.formats import FormatName, name_format
from comity.exchange import handing_over
from comity.exchange.node import Node
from comity.records import kinds

ROOM: Final = 32 << 20
"""Bytes of opened rows that are kept."""
ROW_TAKES: Final = 200
"""What a row takes beside its bytes."""
_OPENED: Final[dict[tuple[str, str], VerifiedRows]] = {}


def format_of(state: State, item: kinds.Item) -> FormatName:
    """How a sealed item is read, as its first seal in the case says: whoever seals it later could say
    anything. ``Refused`` (``seal.unknown``) where none is held here."""
    splitter = splitter_of(state, item)
    if splitter is not None:
        return name_format(splitter)
    raise Refused("seal.unknown", item.root[:12], "no seal of this item is held here")


Shut: TypeAlias = dict[str, ComityError]
"""Packages that do not open, by the record that brought them, and why."""


def packages_of(
    node: Node, state: State, item: kinds.Item, shut: Shut | None = None
) -> Iterator[tuple[str, VerifiedRows]]:
    """Every package of rows of an item that came here, its proofs checked now, by the record that brought
    it. One that does not open is put into ``shut`` and hides none that does; without it, its error is
    raised."""
    for accepted in state.of("evidence.disclose"):
        content = accepted.content
        # Looking for rows opens no whole item: that is an act of its own, with a receipt.
        if not isinstance(content, kinds.Disclose) or content.level != "rows":
            continue
        if content.item == item and node.blobs.has(content.package):
            try:
                opened = open_rows(node, state, accepted)
            except ComityError as error:
                if shut is None:
                    raise
                shut[accepted.id] = error
                continue
            yield accepted.id, opened


def open_rows(node: Node, state: State, disclosure: Accepted) -> VerifiedRows:
    """The rows that a disclosure of rows brought here, proven; once for as long as the node runs, as far as
    there is room. The errors of :func:`~comity.exchange.handing_over.open_package`."""
    content = disclosure.content
    assert isinstance(content, kinds.Disclose)
    key = node.party.id, disclosure.id
    # Another page may empty it at any time; and what was erased is gone from here as well.
    kept = _OPENED.get(key) if node.blobs.has(content.package) else _OPENED.pop(key, None) and None
    if kept is not None:
        node.note_access("package", content.item.root)
        return kept
    opened = handing_over.open_package(node, state.case, disclosure.id)
    assert isinstance(opened, VerifiedRows)
    if sum(map(_size, (*_OPENED.values(), opened))) > ROOM:
        _OPENED.clear()
    if _size(opened) <= ROOM:
        _OPENED[key] = opened
    return opened


def _size(opened: VerifiedRows) -> int:
    return sum(map(len, opened.rows.values())) + ROW_TAKES * len(opened.rows)


def rows_shown(node: Node, state: State, item: kinds.Item, shut: Shut | None = None) -> dict[int, bytes]:
    """Every disclosed row of an item that is here, by number, headers included; ``shut`` as in
    :func:`packages_of`."""
    found: dict[int, bytes] = {}
    for _, opened in packages_of(node, state, item, shut):
        found.update(opened.rows)
    return found
