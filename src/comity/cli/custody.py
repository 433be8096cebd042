"""``comity evidence`` and ``comity erase``: custody of sealed items, and erasure with a signed tombstone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.disclosed import seen_command
from comity.cli.listing import Listing
from comity.cli.options import case_option, choose_case, find_parties, home_option, marking_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.record_told import tell_record
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.exchange.erasing import Carried
    from comity.exchange.node import Node

_CONDITIONS = ["intact", "damaged", "not-accepted"]
_CHECKED = ["root", "digest", "container", "nothing"]


@click.group(name="evidence", cls=Listing)
def evidence_command() -> None:
    """Keep custody of sealed items: who has had them, holds, erasure, the access log."""


evidence_command.add_command(seen_command)


@evidence_command.command(name="transfer")
@click.argument("seal", metavar="RECORD")
@click.option("--to", required=True, metavar="PARTY", help="To whom it is handed over.")
@click.option("--purpose", required=True, help="What for.")
@click.option("--copy", type=click.Choice(["working", "evidentiary"]), default="working", help="Which copy.")
@click.option("--means", default="", help="How it travels.")
@click.option("--container", default="", help="The number on its physical seal.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case).")
def transfer_command(
    out: Out,
    seal: str,
    to: str,
    purpose: str,
    copy: str,
    means: str,
    container: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Sign that an item is handed over to a party: one half, the other is its
    "evidence receive". RECORD is the seal. The bytes travel another way: "disclose
    --whole", or on a disk.
    """
    from comity.exchange import acts, custody

    node = open_home(home).node
    case = choose_case(node, case_text)
    (party,) = find_parties(node, (to,))
    record = custody.transfer(
        node,
        case,
        acts.find_record(node.state(case), seal),
        party,
        purpose,
        copy=copy,  # type: ignore[arg-type]  # click.Choice
        means=means,
        container=container,
    )
    tell_record(out, node, case, record.value.id)
    return 0


@evidence_command.command(name="receive")
@click.argument("transfer", metavar="RECORD")
@click.option("--condition", type=click.Choice(_CONDITIONS), required=True, help="As what it came.")
@click.option("--checked", type=click.Choice(_CHECKED), required=True, help="How you know that it is it.")
@click.option("--text", default="", help="Words of your own.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case).")
def receive_command(
    out: Out,
    transfer: str,
    condition: str,
    checked: str,
    text: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Sign the receiving half of a transfer to you; RECORD is the transfer."""
    from comity.exchange import acts, custody

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = custody.receive(
        node,
        case,
        acts.find_record(node.state(case), transfer),
        condition,  # type: ignore[arg-type]  # click.Choice
        checked,  # type: ignore[arg-type]
        text=text,
    )
    tell_record(out, node, case, record.value.id)
    return 0


@evidence_command.command(name="hold")
@click.argument("seal", metavar="RECORD")
@click.option("--basis", required=True, help="On what legal or other basis.")
@click.option("--release", is_flag=True, help="End the hold; what was erased meanwhile is destroyed now.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case), and with --release carried (records, items, kept, shared).")
def hold_command(out: Out, seal: str, basis: str, release: bool, case_text: str, home: Path | None) -> int:
    """Keep an item from being erased on this node, whoever erases it; or end that.
    RECORD is a seal of it."""
    from comity.exchange import acts, custody

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), seal)
    if release:
        signed, carried = custody.release(node, case, record, basis)
        tell_record(out, node, case, signed.value.id)
        return _tell_carried(out, carried)
    tell_record(out, node, case, custody.hold(node, case, record, basis).value.id)
    return 0


@evidence_command.command(name="erase")
@click.argument("seal", metavar="RECORD")
@click.option("--basis", required=True, help="On what legal or other basis.")
@click.option("--own", is_flag=True, help="Only your copies; the default asks every holder.")
@case_option
@home_option
@speaks("record (kind, id, case), kin (root, record, name), and carried (records, items, kept, shared).")
def erase_item_command(out: Out, seal: str, basis: str, own: bool, case_text: str, home: Path | None) -> int:
    """Destroy an item: its file, its key and every package of its rows on this node.
    The seal stays, and rows shown before still verify against it. Other nodes that
    comply destroy their copies when the record reaches them, unless they hold it.
    """
    from comity.exchange import acts, custody, erasing, evidence

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), seal)
    _, sealed = evidence.sealed_at(node, case, record)
    signed, carried = custody.erase_item(node, case, record, basis, copies="own" if own else "all")
    tell_record(out, node, case, signed.value.id)
    for kin in erasing.kin_held(node, sealed.item):
        held = evidence.held_item(node, kin.root)
        out.warn(
            f"{held.name} ({held.seal[:12]}) tells the same, made from it or it from that, and stays here; "
            "erase it too"
        )
        out.object("kin", root=kin.root, record=held.seal, name=held.name)
    return _tell_carried(out, carried)


def _tell_carried(out: Out, carried: Carried) -> int:
    for what, found in (("record content", carried.records), ("item", carried.items)):
        if found:
            out.line(f"destroyed here: {count(len(found), what)}; committed, erased")
    if carried.shared:
        out.warn(
            f"{count(len(carried.shared), 'file')} stays: another item here has the same bytes; erase it too"
        )
    if carried.kept:
        out.line(f"kept by a hold: {count(len(carried.kept), 'item')}")
    for where, problem in carried.failures:
        out.warn(f"{where}: not destroyed yet: {problem}; tried again at every turn of the node")
    out.object(
        "carried",
        records=list(carried.records),
        items=[item.root for item in carried.items],
        kept=[item.root for item in carried.kept],
        shared=[item.root for item in carried.shared],
    )
    return 6 if carried.failures else 0


@evidence_command.command(name="custody")
@click.argument("seal", metavar="RECORD")
@case_option
@home_option
@speaks("step (record, by, at, what, answered, answered_by), in order, causes first.")
def custody_command(out: Out, seal: str, case_text: str, home: Path | None) -> int:
    """Read what befell an item, as the case's records tell it. RECORD is a seal of it."""
    from comity.case.custody import steps_of
    from comity.exchange import acts
    from comity.exchange.evidence import sealed_at
    from comity.records import kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    _, sealed = sealed_at(node, case, acts.find_record(state, seal))
    for step in steps_of(state, sealed.item):
        by, answer = step.record, step.answer
        half = ""
        if isinstance(by.content, kinds.Transfer):
            received = answer.content if answer else None
            half = f" to {node.name_of(by.content.to)}; "
            half += (
                f"received {received.condition}, {received.checked} checked"
                if isinstance(received, kinds.Receive)
                else "signed by one side only"
            )
        out.line(f"{by.frame.at}  {node.name_of(by.author)}: {step.what}{half}  ({by.id[:12]})")
        out.object(
            "step",
            record=by.id,
            by=by.author,
            at=by.frame.at,
            what=step.what,
            answered=answer.id if answer else "",
            answered_by=answer.author if answer else "",
        )
    return 0


@evidence_command.command(name="provenance")
@click.argument("seal", metavar="RECORD")
@click.option("--out", "target", type=click.Path(path_type=Path), help="A new file; else standard output.")
@case_option
@home_option
@speaks("provenance (file, bytes); without --out the JSON-LD itself.")
def provenance_command(out: Out, seal: str, target: Path | None, case_text: str, home: Path | None) -> int:
    """Write the custody of an item, and of what it was derived from, as CASE/UCO
    provenance (JSON-LD). RECORD is a seal of it."""
    from comity.adapters.atomic import write_new
    from comity.evidence.provenance import render_provenance
    from comity.exchange import acts
    from comity.exchange.evidence import sealed_at

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    _, sealed = sealed_at(node, case, acts.find_record(state, seal))
    raw = render_provenance(state, sealed.item, node.name_of)
    if target is None:
        click.echo(raw, nl=False)
        return 0
    write_new(target, raw, 0o600)
    out.line(f"{target}: the custody of {sealed.item.root[:12]} as CASE/UCO")
    out.object("provenance", file=str(target), bytes=len(raw))
    return 0


@evidence_command.command(name="log")
@click.argument("record", metavar="[RECORD]", default="")
@click.option(
    "--item", default="", metavar="ROOT", help="Only openings of this item, sealed in a case or not."
)
@case_option
@home_option
@speaks("access (at, who, what, item), and last head (entries, head).")
def log_command(out: Out, record: str, item: str, case_text: str, home: Path | None) -> int:
    """Read who opened which item on this node (of one only: RECORD is its seal), and
    check that nothing was changed in it. Keep the head elsewhere: it also shows
    whether the newest lines were cut off.
    """
    from comity.adapters.access_file import read_access
    from comity.compose import ACCESS
    from comity.exchange import acts, evidence
    from comity.records import bodies

    if record and item:
        raise click.UsageError("one item: its RECORD, or --item")
    where = open_home(home)
    entries, head = read_access(where.folder / ACCESS)
    if record:
        case = choose_case(where.node, case_text)
        _, sealed = evidence.sealed_at(where.node, case, acts.find_record(where.node.state(case), record))
        item = sealed.item.root
    told = [one for one in entries if one.item.startswith(item)]
    if item and not told:
        out.line(f"no opening of {item[:12]} is recorded here")
    for one in told:
        at = bodies.time_text(one.at)
        out.line(f"{at}  {one.who}: {one.what} of {one.item[:12]}")
        out.object("access", at=at, who=one.who, what=one.what, item=one.item)
    out.line(f"{count(len(entries), 'entry', 'entries')}, unchanged; head {head}")
    out.object("head", entries=len(entries), head=head)
    return 0


@click.command(name="erase")
@click.argument("record", metavar="RECORD")
@click.option("--basis", required=True, help="On what legal or other basis.")
@click.option("--anyway", is_flag=True, help="Also where other records build on it, and wait from then on.")
@case_option
@home_option
@speaks("record (kind, id, case), and carried (records, items, kept, shared).")
def erase_command(out: Out, record: str, basis: str, anyway: bool, case_text: str, home: Path | None) -> int:
    """Destroy the content of one of your records, with a signed tombstone. Its
    envelope and commitment stay and verify; readers see "committed, erased". Other
    nodes that comply destroy it when the tombstone reaches them. For an item of
    evidence, see "evidence erase".
    """
    from comity.exchange import custody

    node = open_home(home).node
    case = choose_case(node, case_text)
    found = _own(node, case, record)
    signed, carried = custody.erase_record(node, case, found, basis, anyway=anyway)
    tell_record(out, node, case, signed.value.id)
    return _tell_carried(out, carried)


def _own(node: Node, case: str, text: str) -> str:
    found = [r for r in node.state(case).records if r.startswith(text)] if len(text) >= 6 else []
    if len(found) != 1:
        raise Refused("record.unknown", text, "names no single record of this case (six digits or more)")
    return found[0]
