"""``comity party rotate | revoke | protect | bind``: what happens to a party's own keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import home_option, open_home
from comity.cli.output import Out, speaks
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.adapters.key_files import KeyFiles
    from comity.compose import Home
    from comity.exchange.node import Node
    from comity.records.kinds import Purpose

_PURPOSES = ("statement", "receipt", "checkpoint", "witness")
_AGE = "age"


@click.command(name="rotate")
@click.option(
    "--key",
    "purposes",
    type=click.Choice([*_PURPOSES, _AGE, "all"]),
    multiple=True,
    help="Which key (default: statement); repeatable.",
)
@click.option("--reason", default="", metavar="WORDS", help="Why, for everyone to read.")
@home_option
@speaks("party (id, name, address, guest, keys, self).")
def rotate_command(out: Out, purposes: tuple[str, ...], reason: str, home: Path | None) -> int:
    """Take up new keys, signed by the statement key before and by each new one.

    Stop comity serve first: it signs too. Other nodes learn the new keys with the
    next record that they get. What was signed before stays valid. age is the key
    that messages to you are sealed to; the ones before it are kept, and open what
    was sealed to them.
    """
    from comity.adapters import turns
    from comity.cli.party_told import tell_party
    from comity.exchange.founding import change_recipient, rotate

    where = open_home(home)
    signer = _signer(where)
    with turns.hold_alone(where.folder):
        if named := _named(purposes or ("statement",)):
            rotate(where.node, signer.prepare(named), reason)
        if {_AGE, "all"} & {*purposes}:
            change_recipient(where.node, signer.prepare_recipient(), reason)
    tell_party(out, where.node.party, True)
    return 0


@click.command(name="revoke")
@click.option(
    "--recovery",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The recovery key that comity init wrote.",
)
@click.option(
    "--suspect-from",
    "since",
    required=True,
    metavar="N|DATE",
    help="The first leaf of your ledger not to be trusted, or a day when the key was yours alone.",
)
@click.option(
    "--key",
    "purpose",
    type=click.Choice(_PURPOSES),
    default="statement",
    show_default=True,
    help="Which key.",
)
@click.option("--public", default="", metavar="HEX", help="An older key of that purpose than the newest.")
@click.option("--no-new-key", is_flag=True, help="Take up no new key in its place.")
@click.option("--reason", default="", metavar="WORDS", help="Why, for everyone to read.")
@click.option("--dry-run", is_flag=True, help="Show what would be marked, and sign nothing.")
@home_option
@speaks("marked (case, record, kind, index) and party (id, name, address, guest, keys, self).")
def revoke_command(
    out: Out,
    recovery: Path,
    since: str,
    purpose: Purpose,
    public: str,
    no_new_key: bool,
    reason: str,
    dry_run: bool,
    home: Path | None,
) -> int:
    """Revoke a key that is stolen or lost, with the recovery key, and take up a new one.

    What the key signed from that leaf of your ledger on is marked key-suspect for
    every reader: it stays, with all that weighs against you, and loses what favours
    you. Nothing before it changes. A date is turned into the largest size of your
    ledger that witnesses or timestamps show to have stood by then.
    """
    from comity.adapters import turns
    from comity.adapters.key_files import read_recovery
    from comity.cli.party_told import tell_party
    from comity.exchange.founding import draft_revocation, find_marked, revoke

    where = open_home(home)
    node = where.node
    seed = read_recovery(recovery)
    key = _public(public)
    first = int(since) if since.isdecimal() else _size_by(node, since)
    draft = draft_revocation(node.party, seed, purpose, first, {}, reason, key)
    marked = find_marked(node, draft)
    out.line(f"From leaf {first} of your ledger on, {len(marked)} of your records are key-suspect:")
    for case, record, kind, index in marked:
        out.line(f"  leaf {index}  {kind}  {record[:16]}  in case {case[:8]}")
        out.object("marked", case=case, record=record, kind=kind, index=index)
    if dry_run:
        out.line("Nothing was signed.")
        return 0
    with turns.hold_alone(where.folder):
        coming = {} if no_new_key else _signer(where).prepare([purpose])
        revoke(node, seed, purpose, first, coming, reason, key)
    tell_party(out, node.party, True)
    out.line("Put the recovery key back where it was; it can revoke again.")
    return 0


@click.command(name="protect")
@click.option("--remove", is_flag=True, help="Take the passphrase off.")
@home_option
@speaks("protection (home, protected).")
def protect_command(out: Out, remove: bool, home: Path | None) -> int:
    """Put this node's keys under a passphrase, change it, or take it off.

    It is asked on the terminal. A service reads it from the first line of the file
    COMITY_PASSPHRASE_FILE, or of the descriptor COMITY_PASSPHRASE_FD. Copies of the
    keys made before stay as they were.
    """
    from comity.adapters import turns
    from comity.adapters.passphrase import choose_passphrase, choose_typed

    where = open_home(home)
    signer = _signer(where)
    with turns.hold_alone(where.folder):
        if remove:
            signer.unprotect()
        else:
            # What a file or descriptor gives is the passphrase that there is; a change is typed.
            signer.protect(choose_typed() if signer.protected else choose_passphrase())
    state = "bare" if remove else "under a passphrase"
    out.line(f"The keys in {where.folder} are {state}.")
    out.object("protection", home=str(where.folder), protected=signer.protected)
    return 0


@click.command(name="bind")
@click.option("--text", "text_only", is_flag=True, help="Print the text to sign, and nothing else.")
@click.option(
    "--openpgp",
    "signature",
    type=click.Path(path_type=Path),
    metavar="SIG",
    help="A detached signature over that text.",
)
@click.option(
    "--cert",
    "certificate",
    type=click.Path(path_type=Path),
    metavar="CERT",
    help="The certificate it verifies under (gpg --export-options export-minimal --export).",
)
@home_option
@speaks("binding (party, fingerprint).")
def bind_command(
    out: Out, text_only: bool, signature: Path | None, certificate: Path | None, home: Path | None
) -> int:
    """Bind this party to the OpenPGP key that your office has published.

    Sign the text of --text with that key; the signature and the certificate then
    travel with your card. Who trusts the key's fingerprint (comity verify --trust)
    knows by it who you are. It says nothing of integrity.

    \b
      comity party bind --text > binding.txt
      gpg --armor --detach-sign binding.txt
      comity party bind --openpgp binding.txt.asc --cert office.asc
    """
    from comity.adapters import turns
    from comity.adapters.openpgp import check_binding, read_binding
    from comity.adapters.system import System
    from comity.cli.inputs import read_file
    from comity.exchange.founding import bind
    from comity.records.parties import binding_text

    where = open_home(home)
    text = binding_text(where.node.party)
    if text_only:
        if signature or certificate:
            raise click.UsageError("--text prints the text that is to be signed first")
        click.echo(text, nl=False)
        return 0
    if signature is None or certificate is None:
        raise click.UsageError("--openpgp SIG and --cert CERT, or --text")
    limit = 1 << 16
    binding = read_binding(
        read_file(signature, limit), read_file(certificate, limit), f"{signature}, {certificate}"
    )
    check_binding(text, binding, System().now(), str(signature))
    with turns.hold_alone(where.folder):
        bind(where.node, binding)
    out.line(f"Bound to the OpenPGP key {binding.fingerprint}.")
    out.object("binding", party=where.node.party.id, fingerprint=binding.fingerprint)
    return 0


def _signer(where: Home) -> KeyFiles:
    from comity.adapters.key_files import KeyFiles

    signer = where.node.signer
    assert isinstance(signer, KeyFiles)
    return signer


def _named(purposes: tuple[str, ...]) -> list[Purpose]:
    from comity.records.kinds import PURPOSES

    return [p for p in PURPOSES if p in purposes or "all" in purposes]


def _public(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise click.BadParameter("a key is 64 hex digits", param_hint="--public") from None
    if text and len(key) != 32:
        raise click.BadParameter("a key is 64 hex digits", param_hint="--public")
    return key


def _size_by(node: Node, text: str) -> int:
    from comity.exchange.founding import proven_size

    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            "a leaf index, or a date like 2031-03-01", param_hint="--suspect-from"
        ) from None
    at = int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
    size = proven_size(node, at)
    if size is None:
        why = "no cosigned or stamped checkpoint of your ledger is that old; name a leaf index"
        raise Refused("party.unproven", text, why)
    return size
