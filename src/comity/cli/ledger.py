"""``comity ledger``: the node's own ledger: receipts, recomputing from stored bytes, recovery."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.listing import Listing
from comity.cli.options import home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.receipts import confirm_command, receipt_command
from comity.errors import ComityError, NotVerified
from comity.exchange.checking import Step, check_published, newest_names, steps

if TYPE_CHECKING:
    from comity.compose import Home
    from comity.exchange.node import Node

_DOSSIER = re.compile(r"dossiers/([0-9a-f]{64})\.comity")


@click.group(name="ledger", cls=Listing)
def ledger_command() -> None:
    """Check this node's ledger, recover it after a restore; receipts."""


ledger_command.add_command(receipt_command)
ledger_command.add_command(confirm_command)


@ledger_command.command(name="check")
@home_option
@speaks("step (name, count, ok) and fault (step, code, where, why); ledger (size, root, faults).")
def check_command(out: Out, home: Path | None) -> int:
    """Recompute everything from the stored bytes: keys, every leaf, the tree, the
    published entries, tiles, checkpoint and dossiers, every receipt, record and
    attestation of every case, parties, stored items and files. Lists all that is
    wrong, and where; then exits 1.
    """
    where = open_home(home)
    node = where.node
    faults = 0
    for step in (*file_steps(where), *steps(node)):
        done = wrong = 0
        out.progress(f"checking {step.name}")
        try:
            for found in step.run():
                done += 1
                if found is not None:
                    wrong += 1
                    out.line(f"WRONG  {step.name}: {found}")
                    out.object("fault", step=step.name, code=found.code, where=found.where, why=found.why)
                if done % 5000 == 0:
                    of = f" of {step.total:,}" if step.total else ""
                    out.progress(f"checking {step.name}: {done:,}{of}")
        except ComityError as error:
            # What a step stands on is not there: the rest of it cannot be looked at.
            wrong += 1
            out.line(f"WRONG  {step.name}: {error}")
            out.object("fault", step=step.name, code=error.code, where=error.where, why=error.why)
        if not wrong:
            out.line(f"ok     {step.name}: {done:,}")
        out.object("step", name=step.name, count=done, ok=not wrong)
        faults += wrong
    size, root = _head(node)
    out.line(
        f"{count(size, 'leaf', 'leaves')}, root {root[:16]}: "
        f"{count(faults, 'fault') if faults else 'all holds'}."
    )
    out.object("ledger", size=size, root=root, faults=faults)
    return 1 if faults else 0


def _head(node: Node) -> tuple[int, str]:
    try:
        with node.lock:
            tree = node.tree()
            return tree.size, tree.root().hex() if tree.size else ""
    except ComityError:
        return node.journal.size(), ""


def check_node(node: Node) -> None:
    """All that ``comity ledger check`` checks of a node; raises the first fault."""
    for step in steps(node):
        for found in step.run():
            if found is not None:
                raise found


def file_steps(home: Home) -> Iterator[Step]:
    """What only the files themselves show: the journal's pages, blobs and dossiers by their names, and files
    that nothing stored here has made."""
    yield Step(name="the journal's file (pages and indexes)", total=0, run=lambda: _check_journal(home))
    if home.settings.blobs is None:
        yield Step(name="blobs (bytes are those of their names)", total=0, run=lambda: _check_blobs(home))
    if home.settings.public is None:
        yield Step(name="public files (names, dossiers)", total=0, run=lambda: _check_names(home))


def _check_journal(home: Home) -> Iterator[ComityError | None]:
    from comity.adapters.sqlite_journal import SqliteJournal

    journal = home.node.journal
    assert isinstance(journal, SqliteJournal)
    for wrong in journal.inspect():
        yield NotVerified("journal.damaged", "journal.sqlite", wrong)
    yield None


def _check_blobs(home: Home) -> Iterator[ComityError | None]:
    from comity.exchange.checking import check_blob

    for path in sorted((home.folder / "blobs").glob("*/*")):
        if path.parent.name == "coming":
            continue  # half-written, by a process that is at work or was killed; swept after a day
        if not path.is_file() or path.parent.name != path.name[:2]:
            yield NotVerified("file.stray", str(path), "not a file that this node makes")
            continue
        try:
            check_blob(home.node, path.name)
        except ComityError as error:
            yield error.under(str(path))
        else:
            yield None


def _check_names(home: Home) -> Iterator[ComityError | None]:
    public = home.folder / "public"
    newest = newest_names(home.node)
    for path in sorted(each for each in public.rglob("*") if not each.is_dir()):
        name = path.relative_to(public).as_posix()
        if path.name.startswith("."):
            continue  # half-written, as above
        if dossier := _DOSSIER.fullmatch(name):
            seen = hashlib.sha256(path.read_bytes()).hexdigest()
            wrong = seen != dossier[1]
            yield NotVerified("dossier.digest", str(path), "not the bytes of its name") if wrong else None
        elif name == "checkpoint" or name in newest:
            yield None  # gone through with the stored leaves
        else:
            try:
                check_published(home.node, name)
            except ComityError as error:
                yield error
            else:
                yield None


@ledger_command.command(name="recover")
@click.option(
    "--alone",
    is_flag=True,
    help="Go on although too few others answered: your word that nothing was signed since.",
)
@home_option
@speaks(
    "delivery (to, code, why) for each that did not answer; recovered (appended, records, closed, size, "
    "state)."
)
def recover_command(out: Out, alone: bool, home: Path | None) -> int:
    """Bring an old copy of this node up to what it has signed, and let it sign again.

    A node whose journal was put back from a backup, or copied, signs nothing: it
    would sign a second history. This asks the other parties, and the published
    files, what they hold of this ledger; appends exactly the entries that are
    missing, each checked up to a head that this node signed; and takes back the
    records of its cases. Before that, make sure that no other copy of this node runs.

    What nobody holds stays committed, and what it said is lost: the command names it.
    """
    from comity.exchange.recovery import recover

    where = open_home(home)
    where.node.inquire = None
    with where.peers() as peers:
        done = recover(where.node, peers, alone=alone)
    for party, error in done.failures:
        name = where.node.name_of(party) if len(party) == 64 else party
        out.warn(f"{name}: {error}")
        out.object("delivery", to=party, code=error.code, why=error.why)
    out.line(
        f"{count(done.appended, 'entry', 'entries')} and {count(done.records, 'record')} came back; the "
        f"ledger has {count(done.standing.size, 'leaf', 'leaves')}, and signing goes on."
    )
    if done.closed:
        shown = ", ".join(str(n) for n in done.closed[:12])
        out.line(
            f"Of {count(len(done.closed), 'leaf', 'leaves')} nobody gave back what it says: {shown}"
            f"{' …' if len(done.closed) > 12 else ''}. It stays committed; the words are lost here."
        )
    out.object(
        "recovered",
        appended=done.appended,
        records=done.records,
        closed=list(done.closed),
        size=done.standing.size,
        state=done.standing.state,
    )
    return 0
