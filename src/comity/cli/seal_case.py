"""``comity seal --case``: each file into this node and, as soon as it is read, into a record of the case."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import FileChunks, read_file
from comity.cli.options import choose_case, find_parties, open_home
from comity.cli.output import Out, count
from comity.cli.seal_pieces import (
    Piece,
    Wanted,
    bar_of,
    declared_for,
    pieces_of,
    state_of,
    tell_changed,
    tell_item,
    tell_problem,
    write_manifest,
)
from comity.cli.seal_resume import identify
from comity.errors import ComityError, Malformed, Refused

if TYPE_CHECKING:
    from comity.evidence.seal import ItemRef
    from comity.exchange.node import Node
    from comity.records.kinds import Custody

METHODS = ("", "live", "dead", "remote", "export")


def read_custody(path: Path | None, options: dict[str, str]) -> Custody:
    """The custody that the options and a file say; ``Malformed`` (``custody.form``) where one is no field."""
    import msgspec

    from comity.records import bodies
    from comity.records.kinds import Custody

    if options["method"] not in METHODS:
        raise click.BadParameter("--method is live, dead, remote or export")
    told: dict[str, object] = {name: value for name, value in options.items() if value}
    try:
        if path is not None:
            told = msgspec.json.decode(read_file(path, 1 << 20), type=dict[str, object]) | told
        found = msgspec.convert(told, Custody)
    except msgspec.MsgspecError as problem:
        raise Malformed("custody.form", str(path or "options"), str(problem)) from None
    for name in ("began", "ended"):
        if text := getattr(found, name):
            bodies.parse_time(text, name)
    return found


def seal_into_case(
    out: Out,
    home: Path | None,
    case_text: str,
    files: list[Path],
    wanted: Wanted,
    told: Custody,
    to: tuple[str, ...],
    names: bool,
    keep_going: bool,
    resume: bool,
) -> None:
    node = open_home(home).node
    case = choose_case(node, case_text)
    readers = find_parties(node, to)
    sealed = 0
    items: dict[Path, ItemRef] = {}
    with tempfile.TemporaryDirectory(prefix="comity-") as name:
        folder = Path(name)

        def seal_pieces(pieces: Iterable[Piece]) -> ItemRef:
            nonlocal sealed
            made, ref = _seal_pieces(out, node, case, pieces, wanted, told, readers, names, resume)
            sealed += made
            return ref

        for path in files:
            try:
                items[path.absolute()] = seal_pieces(pieces_of(out, path, wanted, folder))
            except KeyboardInterrupt:
                # Told where the program ends.
                raise KeyboardInterrupt("the same command with --resume goes on where this stopped") from None
            except ComityError as problem:
                if not keep_going or isinstance(problem, Refused):
                    raise
                wanted.unread.append(problem)
                tell_problem(out, problem)
        if wanted.manifest and items:
            seal_pieces([write_manifest(folder, items)])
    out.line(f"{count(sealed, 'item')} sealed in case {case[:12]}.")
    out.object("sealed", case=case, items=sealed)


def _seal_pieces(
    out: Out,
    node: Node,
    case: str,
    pieces: Iterable[Piece],
    wanted: Wanted,
    custody: Custody,
    to: list[str],
    names: bool,
    resume: bool,
) -> tuple[int, ItemRef]:
    """Seal a file and what is derived from it: how many items that made, and the first, the file's own."""
    from comity.exchange.evidence import derive_item, find_sealed, is_derived
    from comity.exchange.sealing import find_begun, seal_resumably

    sources: dict[int, ItemRef] = {}
    records: dict[int, str] = {}
    sealed = 0
    for piece in pieces:
        before = state_of(piece.path)
        length = before[0]
        declared = declared_for(piece, wanted, sources)
        known = find_sealed(node, case, FileChunks(piece.path), piece.name, declared) if resume else None
        if known is not None:
            sources[piece.level], records[piece.level] = known
            out.line(f"{piece.shown}: {piece.name}: sealed before, record {known[1][:12]}")
            if piece.made and not is_derived(node, case, known[1]):
                tool, _, version = piece.made.parser.partition(" ")
                derive_item(node, case, records[piece.level - 1], known[1], tool, version)
            continue
        # A derived file is made anew, elsewhere, so nothing is kept of how far it is.
        place = str(piece.path.absolute()) if piece.level == 0 else ""
        identity = f"{case} {identify(piece.path)} {piece.format} {wanted.pad}" if place else ""
        begun = find_begun(node, place, identity) if resume and place else None
        if begun:
            part = f"going on at {begun.offset / max(length, 1):.0%}"
            out.line(
                f"{piece.shown}: {part if begun.partial else 'stored before; sealed from what is stored'}"
            )
        record, item = seal_resumably(
            node,
            case,
            FileChunks(piece.path),
            piece.name,
            piece.format,
            declared,
            place=place,
            identity=identity,
            begun=begun,
            custody=custody,
            to=to,
            show_name=names,
            progress=bar_of(out, f"sealing {piece.name}", length),
            expected=length,
            pad=wanted.pad,
        )
        tell_item(out, piece, item, record.value.id)
        if place and not begun:
            tell_changed(out, piece.shown, piece.path, before, item)
        if piece.made:
            tool, _, version = piece.made.parser.partition(" ")
            derive_item(node, case, records[piece.level - 1], record.value.id, tool, version)
        sources[piece.level], records[piece.level] = item.ref, record.value.id
        out.line(f"record {record.value.id[:12]}", indent=2)
        sealed += 1
    return sealed, sources[0]
