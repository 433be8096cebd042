"""The files that ``comity seal`` makes items of: a file that was named, and what is derived from it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.cli.inputs import LEVELS, derive_log, look_at, unpack_members
from comity.cli.output import Out, count, size_text
from comity.errors import ComityError, Malformed, Unavailable

if TYPE_CHECKING:
    from comity.evidence.detecting import Detected
    from comity.evidence.formats import FormatName
    from comity.evidence.seal import Declared, ItemRef, SealedItem


@dataclass(slots=True, kw_only=True)
class Wanted:
    """What the command line says of the files, and what went wrong with them so far."""

    format: FormatName | None
    declared: Declared
    pad: bool = False
    manifest: bool = False
    unread: list[ComityError] = field(default_factory=list)
    underived: list[ComityError] = field(default_factory=list)
    parser_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a derived file was made: by which parser, and how many parts that could not read."""

    parser: str
    broken: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file that will be an item: its bytes at ``path``, known to people as ``shown``. ``level`` counts
    the derivations between a file that was named and this one; ``whole`` is why it has no rows, where
    nothing is derived from it either (nothing to say if it could have none and somebody asked for that);
    ``doubt`` what else it looks like."""

    path: Path
    shown: Path
    name: str
    format: FormatName
    level: int = 0
    made: Made | None = None
    whole: str = ""
    doubt: str = ""

    def below(self, path: Path, name: str, form: FormatName, made: Made) -> Piece:
        """A file that was made from this one."""
        return Piece(path=path, shown=self.shown, name=name, format=form, level=self.level + 1, made=made)


def write_manifest(folder: Path, items: Mapping[Path, ItemRef]) -> Piece:
    """A manifest of what was sealed, as JSON lines: path below what all paths share, length, item; so one
    file's place among the others is shown later by its row alone."""
    found = sorted(items, key=os.fsencode)
    shared = Path(os.path.commonpath([path.parent for path in found]))
    lines = folder / f"{os.urandom(8).hex()}.jsonl"
    with lines.open("xb") as out:
        os.fchmod(out.fileno(), 0o600)
        for path in found:
            told = {
                "path": os.fsencode(path.relative_to(shared)).decode("utf-8", "backslashreplace"),
                "bytes": path.stat().st_size,
                "item": str(items[path]),
            }
            out.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return Piece(path=lines, shown=shared, name="manifest.jsonl", format="jsonl/1")


def tell_problem(out: Out, problem: ComityError) -> None:
    """Name what could not be read, and go on."""
    out.warn(str(problem))
    out.object("problem", code=problem.code, where=problem.where, why=problem.why)


def pieces_of(out: Out, path: Path, wanted: Wanted, folder: Path) -> Iterator[Piece]:
    """A file as it is, and what is derived from it, each after what it was derived from: the lines of an
    event log, the members of a container, and so on some levels down."""
    found = look_at(path)
    form = wanted.format or found.format
    inside = bool(found.derive or found.unpack)
    # Who says opaque means it: the file, and nothing that is made of it.
    asked = (
        "--format says so, and nothing is derived from it" if inside and wanted.format == "opaque/1" else ""
    )
    first = Piece(
        path=path,
        shown=path,
        name=path.name,
        format=form,
        whole=asked or (found.why if form == "opaque/1" and not (wanted.format or inside) else ""),
        doubt="" if wanted.format else found.doubt,
    )
    yield first
    if wanted.format is None and form == "opaque/1":
        yield from _derive(out, first, found, wanted, folder)


def _derive(out: Out, source: Piece, found: Detected, wanted: Wanted, folder: Path) -> Iterator[Piece]:
    if found.derive is None and found.unpack is None:
        return
    if source.level == LEVELS:
        out.warn(f"{source.shown}: {source.name}: sealed whole: containers are opened {LEVELS} deep")
        return
    try:
        pieces = (
            _events(out, source, folder) if found.unpack is None else _members(out, source, found, folder)
        )
    except (Malformed, Unavailable) as problem:
        if problem.code.startswith(("disk.", "file.")):
            raise
        missing = isinstance(problem, Unavailable)
        if missing and wanted.parser_told:
            return
        wanted.parser_told = wanted.parser_told or missing
        wanted.underived.append(problem)
        tell_problem(out, type(problem)(problem.code, problem.where, f"{problem.why}; sealed whole only"))
        return
    for piece in pieces:
        inside = look_at(piece.path, piece.name) if piece.format == "opaque/1" else None
        yield piece
        if inside is not None:
            yield from _derive(out, piece, inside, wanted, folder)
        if piece.path.parent == folder:
            piece.path.unlink(missing_ok=True)


def _length(path: Path) -> int:
    return state_of(path)[0]


def _events(out: Out, source: Piece, folder: Path) -> list[Piece]:
    lines = folder / f"{os.urandom(8).hex()}.jsonl"
    try:
        done = derive_log(source.path, lines, bar_of(out, f"reading {source.name}", _length(source.path)))
    except BaseException:
        lines.unlink(missing_ok=True)
        raise
    if done.broken:
        told = "; ".join(done.problems[:3])
        out.warn(f"{source.shown}: {count(done.broken, 'part')} could not be read, and stand as such: {told}")
    made = Made(parser=done.parser, broken=done.broken)
    return [source.below(lines, f"{source.name}.jsonl", "evtx-jsonl/1", made)]


def _members(out: Out, source: Piece, found: Detected, folder: Path) -> list[Piece]:
    from comity.adapters.unpack_process import NAME, VERSION
    from comity.evidence import event_text, event_xml, json_values, object_xml, otlp
    from comity.evidence.formats import NAMED_ALIKE, ROWS_OF, TABLES

    assert found.unpack is not None
    bar = bar_of(out, f"unpacking {source.name}", _length(source.path))
    members = unpack_members(source.path, found.unpack, folder, bar)
    form = ROWS_OF.get(found.unpack)
    if form is not None:
        readers = {
            "event-xml": event_xml,
            "event-text": event_text,
            "object-xml": object_xml,
            "json": json_values,
            "otlp": otlp,
        }
        reader = readers[found.unpack]
        made = Made(parser=f"{reader.PARSER} {reader.VERSION}")
        return [source.below(m.path, f"{source.name}.jsonl", form, made) for m in members]
    made = Made(parser=f"{NAME} {VERSION} ({found.unpack})", broken=found.before)
    if found.unpack in TABLES:
        return [source.below(m.path, source.name, "csv/1", made) for m in members]
    pieces = []
    for member in members:
        # A container of one file names it by its own name without the ending.
        name = member.name.rpartition("/")[2] or source.name
        if not member.name and found.unpack not in NAMED_ALIKE:
            name = source.name.rpartition(".")[0] or name
        inside = look_at(member.path, name)
        pieces.append(replace(source.below(member.path, name, inside.format, made), doubt=inside.doubt))
    return pieces


def declared_for(piece: Piece, wanted: Wanted, sources: Mapping[int, ItemRef]) -> Declared:
    """What is declared of a piece: a derived one names its source, which stands a level above."""
    if piece.made is None:
        return wanted.declared
    return replace(
        wanted.declared,
        derived_from=str(sources[piece.level - 1]),
        parser=piece.made.parser,
        broken=piece.made.broken,
    )


def state_of(path: Path) -> tuple[int, int]:
    """The length of a file and when it was written last; noughts where that cannot be told."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def tell_changed(out: Out, shown: Path, path: Path, before: tuple[int, int], item: SealedItem) -> None:
    """Warn that a file was written to while it was read: what is sealed is what was read of it."""
    if before != state_of(path) or before[0] != item.bytes:
        read = f"what is sealed is the {item.bytes:,} bytes that were read of it"
        out.warn(f"{shown}: changed while it was read; {read}")
        out.object("changed", path=str(shown), bytes=item.bytes)


def bar_of(out: Out, what: str, length: int) -> Callable[[int], None]:
    """How far the reading of a file is, in words and as a bar."""

    def tell(done: int) -> None:
        part = min(done / length, 1.0) if length else 1.0
        bar = "#" * int(20 * part)
        out.progress(f"{what} [{bar:<20}] {part:4.0%} of {size_text(length)}")

    return tell


def tell_item(out: Out, piece: Piece, item: SealedItem, record: str = "") -> None:
    """An item is sealed."""
    what = "derived from it" if piece.made else item.format
    out.line(f"{piece.shown}: {what}: {count(item.rows, 'row')}, {size_text(item.bytes)}, {item.ref}")
    if piece.whole:
        out.line(f"sealed whole, to be shown whole or not at all: {piece.whole}", indent=2)
    if piece.doubt:
        out.warn(f"{piece.shown}: sealed as {item.format}, but {piece.doubt}")
    fields: dict[str, Any] = {
        "path": str(piece.shown),
        "name": item.name,
        "root": item.item,
        "size": item.size,
        "format": item.format,
        "rows": item.rows,
        "bytes": item.bytes,
        "terminated": item.terminated,
    }
    if piece.made:
        fields |= {"derived_from": item.declared.derived_from, "broken": item.declared.broken}
    if piece.whole:
        fields["whole"] = piece.whole
    if piece.doubt:
        fields["doubt"] = piece.doubt
    out.object("item", **fields, **({"record": record} if record else {}))
