"""``comity notice answer`` and ``reply``: taking part with one file and one key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.guest_said import read_said, saying_options
from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.options import home_option, open_home, read_pairs
from comity.cli.output import Out, count, speaks
from comity.cli.record_told import tell_record
from comity.errors import Malformed, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.cli.spoken import SpokenAssertion, SpokenSupport
    from comity.evidence.seal import SealedItem
    from comity.exchange.guests import Endorsed
    from comity.exchange.notices.reading import NoticeFile
    from comity.records.kinds import Assertion, Support

BASES = ("own-evidence", "reviewed", "trust", "undeclared")
FILE_LIMIT = 16 * 1024 * 1024


@click.command(name="answer")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Your party's name.")
@click.option(
    "--key",
    "key_folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Your key's folder; made if it is not there. Keep it.",
)
@click.option(
    "--out", "target", required=True, type=click.Path(path_type=Path), metavar="REPLY", help="The reply file."
)
@click.option("--acknowledge", default="", metavar="TEXT", help="Confirm having read it, in these words.")
@click.option(
    "--position",
    "positions",
    multiple=True,
    metavar="N=POSITION[:REASONS]",
    help="As in respond; repeatable.",
)
@click.option(
    "--endorse",
    multiple=True,
    metavar="N=BASIS[:WORDS]",
    help="own-evidence (WORDS: why what you --seal bears on it), reviewed, trust or undeclared (WORDS: a "
    "reservation); repeatable.",
)
@click.option("--file", "said", type=click.Path(path_type=Path), help="Positions and assertions from a file.")
@click.option(
    "--seal", "seal_path", type=click.Path(path_type=Path), metavar="X.seal", help="Evidence of yours."
)
@click.option(
    "--after",
    type=click.Path(path_type=Path),
    metavar="REPLY",
    help="Your last reply in this case, which this one follows; it is kept in it.",
)
@saying_options
@click.option("--send", is_flag=True, help="Hand it in at the address that the notice names.")
@speaks("reply (file, bytes, sent).")
def answer_command(
    out: Out,
    path: Path,
    name: str,
    key_folder: Path,
    target: Path,
    acknowledge: str,
    positions: tuple[str, ...],
    endorse: tuple[str, ...],
    said: Path | None,
    seal_path: Path | None,
    after: Path | None,
    send: bool,
    **given: Any,
) -> int:
    """Answer a notice without a node: acknowledge it, take positions, assert or deny
    something, endorse an assertion, ask for something, answer a request or ask for
    more time, correct or withdraw what you said before. The reply file goes to the
    party that gave the notice, which registers it in its ledger as yours, signed by
    your key.
    """
    import msgspec

    from comity.adapters.atomic import write_new
    from comity.adapters.key_files import KeyFiles
    from comity.adapters.passphrase import read_passphrase
    from comity.adapters.system import System
    from comity.cli.publish import require_free
    from comity.cli.spoken import Spoken, read_positions, read_spoken
    from comity.exchange.guests import answer_notice, parse_reply, require_told, said_before
    from comity.exchange.notices.forms import read_notice
    from comity.records.kinds import Position

    raw = read_file(path, FILE_LIMIT)
    notice = read_notice(raw, str(path)).notice
    spoken = read_spoken(said) if said is not None else Spoken()
    spoken.positions += read_positions(positions)
    earlier = read_file(after, FILE_LIMIT) if after is not None else b""
    before = said_before(parse_reply(earlier, str(after))[2])[1] if earlier else ()
    asked, answers, corrections = read_said(given, notice, before, System().now())
    if not (
        acknowledge or spoken.positions or spoken.assertions or endorse or asked or answers or corrections
    ):
        raise click.UsageError("say something: --acknowledge, --position, --endorse, --ask, --file …")
    supports = [s for one in spoken.positions for s in one.supports]
    supports += [s for one in spoken.assertions for s in one.supports]
    if any(s.record for s in supports):
        raise Malformed("reply.support", str(said), "a guest's file cites (cite = …); records are a node's")
    if any(p.n < 1 or p.support < 0 for p in spoken.positions):
        raise click.BadParameter("assertions and supports are counted from 1")
    require_told(notice, [p.n - 1 for p in spoken.positions])
    endorsed = _endorsed(endorse)
    assertions = [_cited(a, notice) for a in spoken.assertions]
    seals = _sealed(seal_path) if seal_path is not None else []
    require_free(target)
    if key_folder.exists() and after is None:
        out.warn(
            "if this key answered in this case before, name that reply with --after: without it, the two"
        )
        out.warn("replies exclude each other, and only one of them can be registered")
    keys = (
        KeyFiles(key_folder, read_passphrase)
        if key_folder.exists()
        else KeyFiles.create(key_folder, guest=True)
    )
    made = [
        Position(
            n=p.n - 1,
            position=p.position,
            reasons=p.reasons,
            support=p.support - 1 if p.support else msgspec.UNSET,
            supports=_citations(p.supports),
        )
        for p in spoken.positions
    ]
    reply = answer_notice(
        raw,
        name=name,
        seed=keys.seed("statement"),
        effects=System(),
        positions=made,
        assertions=assertions,
        acknowledge=acknowledge,
        seals=seals,
        endorse=endorsed,
        requests=asked,
        answers=answers,
        corrections=corrections,
        after=earlier,
    )
    write_new(target, reply, 0o600)
    out.line(f"{target}: your reply. Give it to {notice.giver.card.name}; keep {key_folder}, it is your key.")
    if send:
        _hand_in(notice.reply_to, reply)
        out.line(f"handed in at {notice.reply_to}")
    out.object("reply", file=str(target), bytes=len(reply), sent=send)
    return 0


def _cited(said: SpokenAssertion, notice: NoticeFile) -> Assertion:
    """An assertion of a guest: it names the giver of the notice, or a party in words."""
    import msgspec

    from comity.cli.spoken import read_law
    from comity.law.naming import name_standard
    from comity.records.kinds import Assertion, Named, Target

    against: Target | msgspec.UnsetType = msgspec.UNSET
    if said.against:
        number = said.against.rpartition("#")[2]
        if not (number.isascii() and number.isdigit()) or int(number) < 1:
            raise Malformed("claim.number", said.against, "write #N for assertion N of the claim, from 1")
        against = Target(record=notice.claim.value.id, n=int(number) - 1)
    giver = notice.giver
    if any(name not in (giver.card.name, giver.id) for name in said.about):
        raise Refused(
            "party.unknown", ", ".join(said.about), "a guest names the giver, or others by about_named"
        )
    return Assertion(
        text=said.text,
        level=said.level,
        stance=said.stance,
        against=against,
        about=tuple(
            [Named(name=giver.card.name, party=giver.id) for _ in said.about]
            + [Named(name=words) for words in said.about_named]
        ),
        supports=_citations(said.supports),
        standard=name_standard(said.standard),
        proposition=said.proposition,
        law=read_law(said.law),
    )


def _citations(said: Sequence[SpokenSupport]) -> tuple[Support, ...]:
    from comity.records.kinds import Support

    return tuple(Support(kind="citation", cite=s.cite, inference=s.inference) for s in said)


def _endorsed(texts: tuple[str, ...]) -> list[Endorsed]:
    from comity.exchange.guests import Endorsed

    found = []
    for number, rest in read_pairs(texts, "--endorse"):
        basis, _, why = rest.partition(":")
        if basis not in BASES or not (number.isascii() and number.isdigit() and int(number) > 0):
            raise click.BadParameter(f"{number}={rest!r}: write N=BASIS[:WORDS], BASIS of {', '.join(BASES)}")
        if basis == "own-evidence" and not why.strip():
            raise click.BadParameter(
                f"{number}={rest!r}: write {number}=own-evidence:WORDS, why what you --seal bears on it"
            )
        found.append(Endorsed(n=int(number) - 1, basis=basis, why=why.strip()))  # type: ignore[arg-type]
    return found


def _sealed(seal_path: Path) -> list[SealedItem]:
    from comity.cli.find import read_private
    from comity.cli.pack import item_of

    return [item_of(entry) for entry in read_private(seal_path)]


def _hand_in(address: str, reply: bytes) -> None:
    from comity import compose
    from comity.adapters import node_settings
    from comity.errors import Unavailable

    if not address:
        raise Unavailable(
            "peer.address", "notice", "the notice names no address; give the reply file by hand"
        )
    settings = node_settings.settings_for(node_settings.LISTEN, address)
    with compose.open_peers(settings) as peers:
        peers.post(address, "/x/guest", reply)


@click.group(name="reply", cls=Listing)
def reply_command() -> None:
    """Take a guest's reply file into its home node; end a guest's key."""


@reply_command.command(name="end-key")
@click.argument("guest", metavar="GUEST")
@click.option("--reason", default="", metavar="WORDS", help="Why; kept here, for whoever asks.")
@click.option("--undo", is_flag=True, help="Register for it again.")
@home_option
@speaks("guest (party, name, ended).")
def end_key_command(out: Out, guest: str, reason: str, undo: bool, home: Path | None) -> int:
    """Register nothing more that a guest's key signs, because it was stolen or lost.

    GUEST is its name or id (comity party list). What it said before stays, in its
    place. Ask the office by a way you trust before you do this on someone's word.
    It can answer again with a new key, as a new guest.
    """
    from comity.exchange.guests import close_guest, reopen_guest

    node = open_home(home).node
    party = reopen_guest(node, guest) if undo else close_guest(node, guest, reason)
    said = "is registered for again" if undo else "gets nothing more registered here under this key"
    out.line(f"{party.card.name} ({party.id[:16]}) {said}.")
    out.object("guest", party=party.id, name=party.card.name, ended=not undo)
    return 0


@reply_command.command(name="take")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--receipts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the receipts that the guest needs to join with a node of its own.",
)
@home_option
@speaks("record (kind, id, case) for each record of the guest; taken (records, receipts).")
def take_command(out: Out, path: Path, receipts: Path | None, home: Path | None) -> int:
    """Register a guest's reply in this node's ledger, as the guest's, and pass it on to
    the members of the case. Taking it twice changes nothing.
    """
    from comity.exchange.working import take_guest_reply

    node = open_home(home).node
    records = take_guest_reply(node, read_file(path, FILE_LIMIT))
    for record in records:
        held = node.journal.held_record(record)
        assert held is not None
        tell_record(out, node, held.case, record)
    out.line(f"{count(len(records), 'record')} registered here for the guest.")
    if receipts is not None:
        from comity.adapters.atomic import write_new
        from comity.exchange.joining import render_receipts

        write_new(receipts, render_receipts(node, records), 0o644)
        out.line(f"{receipts}: the receipts, for the guest to keep (comity join)")
    out.object("taken", records=len(records), receipts=str(receipts or ""))
    return 0
