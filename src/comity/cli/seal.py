"""``comity seal``: files become sealed items, alone in a seal file or as records of a case."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import (
    FileChunks,
    Listing,
    digest_aside,
    list_files,
    look_at,
)
from comity.cli.options import (
    case_option,
    home_option,
    marking_option,
    read_zone,
    to_option,
    wanted_marking,
)
from comity.cli.output import Out, count, size_text, speaks
from comity.cli.seal_case import read_custody, seal_into_case
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
from comity.cli.seal_resume import KEPT, Work, working_folder
from comity.errors import ComityError, Malformed, Refused, Unavailable

if TYPE_CHECKING:
    from comity.evidence.hashing import Partial
    from comity.evidence.seal import ItemRef, SealedItem
    from comity.evidence.seal_file import PrivateEntry, SealEntry

TOLD = (
    "item (path, name, root, size, format, rows, bytes, terminated, derived_from, broken, whole, doubt, "
    "record), skipped (path, why), problem (code, where, why), "
    "changed (path, bytes), and last seal (file, private, derived, items, bytes) "
    "or, with --case, sealed (case, items); with --dry-run plan (path, "
    "format, why, bytes, rows, terminated, header_count, sha256, size, root, unpack, doubt)."
)


@click.command(name="seal")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", "target", type=click.Path(path_type=Path), metavar="X.seal", help="The seal file to write."
)
@click.option("--zone", default="", metavar="+HH:MM", help="Offset of times in the files that carry none.")
@click.option("--origin", default="", help="The source they go back to: what shares it counts once.")
@click.option("--collected-from", default="", metavar="LABEL", help="Where they were taken.")
@click.option(
    "--format",
    "form",
    default="",
    help="Cut all files so: lines, w3c, csv, jsonl or opaque (whole, and nothing derived).",
)
@click.option("--names/--no-names", default=None, help="Show file names (default: with --case only).")
@click.option("--manifest", is_flag=True, help="Seal a list of the files too: paths, lengths, items.")
@click.option("--pad", is_flag=True, help="Add rows of padding, so that the size tells less.")
@click.option("--keep-going", is_flag=True, help="Seal the rest where a file cannot be read.")
@click.option("--dry-run", is_flag=True, help="Compute and print only, under a key thrown away.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")
@case_option
@home_option
@marking_option
@to_option
@click.option("--by", default="", help="With --case: who collected them.")
@click.option("--system", default="", help="With --case: from which system.")
@click.option("--method", default="", metavar="live|dead|remote|export", help="With --case: how.")
@click.option("--tool", default="", help="With --case: with which tool.")
@click.option("--authority", default="", help="With --case: on which authority.")
@click.option(
    "--custody",
    "custody_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --case: a JSON object with the custody fields of the specification (03, Custody).",
)
@speaks(TOLD)
def seal_command(
    out: Out,
    paths: tuple[Path, ...],
    target: Path | None,
    zone: str,
    origin: str,
    collected_from: str,
    form: str,
    names: bool | None,
    manifest: bool,
    pad: bool,
    keep_going: bool,
    dry_run: bool,
    resume: bool,
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
    custody_file: Path | None,
    **custody: str,
) -> int:
    """Seal files, and folders with all below them, by the row.

    Alone, --out X.seal writes X.seal, which may be shown to anyone, and
    X.seal.private (mode 0600), which opens every row: keep it, tell nobody. Nothing
    is overwritten; both are written whole, or neither. If something cannot be read,
    nothing is written, unless --keep-going seals the rest (and still exits 6).

    Windows event logs are sealed whole, and their records again as JSON lines by a
    pinned parser, kept in X.seal.derived/: rules and disclosures work on those. So are
    the members of gzip, zstd, zip and tar files, text in UTF-16, and Windows events as
    XML or as text of several lines. What cannot be
    read, or unfolds without measure, is sealed whole only, and named (exit 2).
    Symbolic links are named and passed over.

    With --case the files go into your node (encrypted), and each is sealed by a
    record of the case as soon as it is read.
    """
    from comity.evidence.formats import name_format
    from comity.evidence.seal import Declared, check_declared

    if not (target or case_text or dry_run):
        raise click.UsageError("say where: --out X.seal to seal alone, or --case CASE to seal into a case")
    if target and case_text:
        raise click.UsageError("either --out or --case, not both")
    if not case_text and (custody_file or any(custody.values()) or wanted_marking()):
        raise click.UsageError(
            "how a file was collected, and a marking, are said in a record: they need --case"
        )
    declared = Declared(zone=read_zone(zone), origin=origin, collected_from=collected_from)
    check_declared(declared, "options")
    wanted = Wanted(
        format=name_format(form, "--format") if form else None, declared=declared, pad=pad, manifest=manifest
    )
    listing = list_files(paths)
    _tell_listing(out, listing, wanted)
    if wanted.unread and not keep_going:
        raise Unavailable(
            wanted.unread[0].code,
            wanted.unread[0].where,
            f"{wanted.unread[0].why}; nothing was sealed (--keep-going seals the rest)",
        )
    if not listing.files:
        raise Malformed("seal.empty", ", ".join(map(str, paths))[:300], "no files to seal here")
    if dry_run:
        _plan(out, listing.files, wanted)
    elif target:
        _seal_alone(
            out, target, listing.files, wanted, names=bool(names), keep_going=keep_going, resume=resume
        )
    else:
        told = read_custody(custody_file, custody)
        seal_into_case(
            out, home, case_text, listing.files, wanted, told, to, names is not False, keep_going, resume
        )
    return 6 if wanted.unread else 2 if wanted.underived else 0


def _tell_listing(out: Out, listing: Listing, wanted: Wanted) -> None:
    for path, why in listing.skipped:
        out.warn(f"{path}: passed over: {why}")
        out.object("skipped", path=str(path), why=why)
    for problem in listing.failed:
        tell_problem(out, problem)
        wanted.unread.append(problem)


def _plan(out: Out, files: Iterable[Path], wanted: Wanted) -> None:
    from comity.evidence.seal import seal_stream

    for path in files:
        try:
            found = look_at(path)
            length = path.stat().st_size
            before = state_of(path)
        except (ComityError, OSError) as error:
            problem = (
                error if isinstance(error, ComityError) else Unavailable("file.error", str(path), str(error))
            )
            wanted.unread.append(problem)
            tell_problem(out, problem)
            continue
        form = wanted.format or found.format
        why = "as --format says" if wanted.format else found.why
        doubt = "" if wanted.format else found.doubt
        try:
            with digest_aside(length) as digest:
                item = seal_stream(
                    FileChunks(path),
                    path.name,
                    form,
                    os.urandom(32),
                    wanted.declared,
                    progress=bar_of(out, f"computing {path.name}", length),
                    expected=length,
                    digest=digest,
                    pad=wanted.pad,
                )
        except ComityError as problem:
            wanted.unread.append(problem)
            tell_problem(out, problem)
            continue
        tell_changed(out, path, path, before, item)
        out.line(f"{path}: {form}, {size_text(length)}, {count(item.rows, 'row')}: {why}")
        if doubt:
            out.warn(f"{path}: {doubt}")
        out.object(
            "plan",
            path=str(path),
            format=form,
            why=why,
            bytes=item.bytes,
            rows=item.rows,
            terminated=item.terminated,
            header_count=item.header_count,
            sha256=item.sha256,
            size=item.size,
            root=item.item,
            unpack=found.unpack or found.derive or "",
            doubt=doubt,
        )
    out.line("Nothing was written (--dry-run): the roots are under keys that are gone and commit to nothing.")


# Alone


def private_path(target: Path) -> Path:
    """The file beside a seal that opens it."""
    return target.with_name(f"{target.name}.private")


def derived_path(target: Path) -> Path:
    """The folder beside a seal with the lines derived from event logs."""
    return target.with_name(f"{target.name}.derived")


def _seal_alone(
    out: Out, target: Path, files: list[Path], wanted: Wanted, *, names: bool, keep_going: bool, resume: bool
) -> None:
    from comity.evidence.seal import render_declared
    from comity.evidence.seal_file import render_private, render_seal

    target = target.absolute()
    _require_free(target)
    asked = {
        "format": wanted.format or "",
        "names": names,
        "pad": wanted.pad,
        "manifest": wanted.manifest,
        "declared": dict(render_declared(wanted.declared)),
        "target": str(target),
    }
    with working_folder(target, asked, resume=resume) as work:
        run = _Alone(out=out, target=target, wanted=wanted, names=names, work=work)
        for number, path in enumerate(files, 1):
            try:
                run.seal_file(path, f"sealing {number}/{len(files)} {path.name}")
            except ComityError as problem:
                if not keep_going or problem.code.startswith("disk."):
                    raise type(problem)(
                        problem.code, problem.where, f"{problem.why}; nothing was written"
                    ) from None
                wanted.unread.append(problem)
                tell_problem(out, problem)
        entries = run.entries
        if not entries:
            raise Malformed("seal.empty", str(target), "none of the files could be sealed")
        if wanted.manifest:
            run.seal_manifest()
        derived = _write(target, work.folder, render_seal(entries), render_private(run.privates))
    total = sum(entry.bytes for entry in entries if not entry.derived_from)
    out.line()
    out.line(
        f"{target}: {count(len(entries), 'item')}, {size_text(total)} of files. It may be shown to anyone."
    )
    out.line(f"{private_path(target)}: opens every row. Keep it safe, and show it to nobody.")
    out.object(
        "seal",
        file=str(target),
        private=str(private_path(target)),
        derived=str(derived_path(target)) if derived else "",
        items=len(entries),
        bytes=total,
    )


@dataclass(slots=True, kw_only=True)
class _Alone:
    """A seal on its way: what is sealed so far, and of each file (absolute) the item that it became."""

    out: Out
    target: Path
    wanted: Wanted
    names: bool
    work: Work
    entries: list[SealEntry] = field(default_factory=list)
    privates: list[PrivateEntry] = field(default_factory=list)
    sealed: dict[Path, ItemRef] = field(default_factory=dict)

    def seal_file(self, path: Path, what: str) -> None:
        """Seal a file and what is derived from it: all of that or, where an error is raised, nothing."""
        if known := self.work.finished(path):
            entries, privates = known
            self.out.line(f"{path}: finished before")
        else:
            entries, privates = [], []
            sources: dict[int, ItemRef] = {}
            for piece in pieces_of(self.out, path, self.wanted, self.work.folder):
                entry, private = self._seal_piece(piece, sources, what)
                entries.append(entry)
                privates.append(private)
            self.work.finish(path, entries, privates)
        self.entries += entries
        self.privates += privates
        self.sealed[path.absolute()] = entries[0].ref

    def seal_manifest(self) -> None:
        """Seal a list of all that is sealed by now."""
        manifest = write_manifest(self.work.folder, self.sealed)
        entry, private = self._seal_piece(manifest, {}, "sealing the manifest")
        self.entries.append(entry)
        self.privates.append(private)

    def _seal_piece(
        self, piece: Piece, sources: dict[int, ItemRef], what: str
    ) -> tuple[SealEntry, PrivateEntry]:
        from comity.evidence.hashing import OtherFileError
        from comity.evidence.seal import seal_stream
        from comity.evidence.seal_file import describe_item, describe_private

        out, folder = self.out, self.work.folder
        before = state_of(piece.path)
        length = before[0]
        made_here = piece.path.parent == folder
        named = piece.level == 0 and not made_here
        begun = self.work.begun(piece.path) if named else None
        key, partial = begun or (os.urandom(32), None)
        if partial:
            part = partial.offset / max(length, 1)
            out.line(f"{piece.shown}: going on at {part:.0%}; what was sealed before is compared first")

        def seal_from(partial: Partial | None) -> SealedItem:
            with digest_aside(length) as digest:
                return seal_stream(
                    FileChunks(piece.path),
                    piece.name,
                    piece.format,
                    key,
                    declared_for(piece, self.wanted, sources),
                    progress=bar_of(out, what, length),
                    expected=length,
                    digest=digest,
                    pad=self.wanted.pad,
                    keep=(lambda far: self.work.keep(piece.path, key, far)) if named else None,
                    resume=partial,
                )

        try:
            item = seal_from(partial)
        except OtherFileError:
            out.warn(f"{piece.shown}: changed since; sealed from its beginning")
            key = os.urandom(32)
            item = seal_from(None)
        place = piece.path.absolute()
        if made_here:
            ending = ".jsonl" if item.format in ("evtx-jsonl/1", "jsonl/1") else ""
            place = derived_path(self.target) / f"{item.item}{ending}"
            os.link(piece.path, folder / KEPT / place.name)
        sources[piece.level] = item.ref
        tell_item(out, piece, item)
        if named:
            tell_changed(out, piece.shown, piece.path, before, item)
        return describe_item(item, show_name=self.names), describe_private(item, key, str(place))


def _require_free(target: Path) -> None:
    for path in (target, private_path(target), derived_path(target)):
        if os.path.lexists(path):
            why = "there already, and never overwritten"
            if path != target and not os.path.lexists(target):
                why = "left without its seal (moved away, or interrupted); it is never overwritten"
            raise Refused("file.exists", str(path), why)


def _write(target: Path, folder: Path, public: bytes, private: bytes) -> bool:
    """Derived lines, then the private file, then the seal: where a seal is, all that belongs to it is."""
    from comity.adapters.atomic import explain, sync_folder, write_new

    derived = derived_path(target)
    made: list[Path] = []
    folder = folder / KEPT
    kept = any(folder.iterdir())
    try:
        try:
            if kept:
                sync_folder(folder)
                folder.rename(derived)
                made.append(derived)
        except OSError as error:
            raise explain(error, derived) from None
        write_new(private_path(target), private, 0o600)
        made.append(private_path(target))
        write_new(target, public, 0o644)
    except BaseException:
        for path in reversed(made):
            if path == derived:
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise
    return kept
