"""Approving a disclosure: keys apart from the node, who holds them, and a signature over one proposal."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import click

from comity.cli.inputs import read_file
from comity.cli.options import case_option, choose_case, home_option, open_home, read_pairs
from comity.cli.output import Out, count, plain, ranges_text, speaks
from comity.cli.record_told import tell_record
from comity.errors import Refused


@click.command(name="approver-key")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@speaks("key (public, file).")
def approver_key_command(out: Out, path: Path) -> int:
    """Make the key of one who approves, in FILE, to be kept apart from the node, and
    print its public half for comity disclose approvers.
    """
    from comity.adapters.atomic import write_new
    from comity.records import ed25519

    seed = secrets.token_bytes(32)
    write_new(path, seed.hex().encode() + b"\n")
    out.line(ed25519.public_of(seed).hex())
    out.object("key", public=ed25519.public_of(seed).hex(), file=str(path))
    return 0


def _read_key(path: Path) -> bytes:
    raw = read_file(path, 1024).strip()
    try:
        seed = bytes.fromhex(raw.decode("ascii"))
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise Refused("approval.key", str(path), "not the key file of an approver (64 hexadecimal digits)")
    return seed


@click.command(name="approvers")
@click.argument("approvers", nargs=-1, required=True, metavar="OFFICE=KEY...")
@click.option("--needed", type=click.IntRange(1, 8), default=2, help="How many have to approve (default 2).")
@click.option(
    "--key",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Key of an approver named before, who approves the new list; repeatable.",
)
@case_option
@home_option
@speaks("record (kind, id, case, needed, offices).")
def approvers_command(
    out: Out,
    approvers: tuple[str, ...],
    needed: int,
    paths: tuple[Path, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Name the offices that approve what you disclose in the case, each with the public
    key that it made (comity disclose approver-key). From then on nothing is disclosed
    without so many of them; another list is approved under this one.
    """
    from comity.exchange import disclosing
    from comity.records import kinds
    from comity.records.approvals import approve

    node = open_home(home).node
    case = choose_case(node, case_text)
    named = [kinds.Approver(office=office, key=key) for office, key in read_pairs(approvers, "")]
    signed = disclosing.name_approvers(
        node,
        case,
        named,
        needed,
        lambda content: [approve(case, node.party.id, content, _read_key(path)) for path in paths],
    )
    tell_record(out, node, case, signed.value.id, needed=needed, offices=[a.office for a in named])
    return 0


@click.command(name="approve")
@click.argument("proposal", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--key", "key_path", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Your key file."
)
@click.option("--yes", is_flag=True, help="You have read what is proposed; do not ask.")
@speaks("proposal (file, case, author, seal, level, rows, to, use, basis, approvals, digest, approval).")
def approve_command(out: Out, proposal: Path, key_path: Path, yes: bool) -> int:
    """Approve a proposed disclosure with your own key; needs no node. What is signed is
    exactly these bytes, to these readers, on these terms.
    """
    from comity.adapters.atomic import replace
    from comity.exchange import disclosing, proposing
    from comity.records import ed25519

    raw = read_file(proposal, 1 << 24)
    case, author, seal, content = disclosing.parse_proposal(raw, str(proposal))
    level = "the whole item" if content.level == "whole" else f"rows {ranges_text(content.rows)}"
    out.line(f"{author[:12]} would disclose {level} of {content.item.root[:12]} in case {case[:12]}")
    out.line(f"to {', '.join(to[:12] for to in content.to)}; use: {content.use}; onward: {content.onward}", 4)
    out.text(f"basis: {content.basis}", 4)
    out.line(f"what is approved: {proposing.digest_of(case, author, content)}", 4)
    seed = _read_key(key_path)
    if not yes and not sys.stdin.isatty():
        raise Refused("disclose.terms", str(proposal), "read what is proposed above, then say --yes")
    if not yes:
        click.confirm("Approve this?", abort=True, err=True)
    made = disclosing.add_approval(raw, seed, str(proposal))
    replace(proposal, made)
    approvals = disclosing.parse_proposal(made, str(proposal))[3].approvals
    own = next(a for a in approvals if a.key == ed25519.public_of(seed).hex())
    out.line(f"approved; {count(len(approvals), 'approval')} in {plain(str(proposal))}")
    out.line("the same as one line, to be pasted where it is asked for:")
    out.line(f"{own.key}:{own.signature}", 4)
    out.object(
        "proposal",
        file=str(proposal),
        case=case,
        author=author,
        seal=seal,
        level=content.level,
        rows=[list(each) for each in content.rows],
        to=list(content.to),
        use=content.use,
        basis=content.basis,
        approvals=len(approvals),
        digest=proposing.digest_of(case, author, content),
        approval=f"{own.key}:{own.signature}",
    )
    return 0
