"""``comity notice``: a notice as a file or a link, checked and read; the answer to it is in ``guest.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.guest import answer_command
from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.main import CONTRADICTED, OK, UNCONFIRMED
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, speaks
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.dossier.identity import CheckBinding, Trusted
    from comity.exchange.notices.forms import ReadNotice
    from comity.exchange.notices.reading import NoticeFile

FILE_LIMIT = 16 * 1024 * 1024
NOTICE_SAYS = "notice (from, name, to, text, case, record, claim, reply_to, form, language)"


@click.group(name="notice", cls=Listing)
def notice_command() -> None:
    """Hand a notice to a party without a node, read one, and answer it."""


notice_command.add_command(answer_command)


@notice_command.command(name="write")
@click.argument("notice", metavar="RECORD")
@click.option(
    "--out", "target", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file."
)
@click.option("--language", default="", metavar="LL", help="Of the words around yours: en, nb, zh, fr, …")
@click.option("--page", is_flag=True, help="As a page (HTML) that needs nothing else; so is FILE.html.")
@click.option(
    "--openpgp",
    type=click.Path(path_type=Path),
    metavar="SECRET",
    help="Also FILE.asc, signed in the clear with this OpenPGP secret key.",
)
@case_option
@home_option
@speaks("written (file, record, bytes, language, signature, signers).")
def write_command(
    out: Out,
    notice: str,
    target: Path,
    language: str,
    page: bool,
    openpgp: Path | None,
    case_text: str,
    home: Path | None,
) -> int:
    """Write a notice that you gave as a file, for a party without a node. It holds the
    case key: it goes to that party and to nobody else (mode 0600).

    Beside it go FILE.sig, a signature by your key that ssh-keygen -Y verify checks, and
    FILE.signers, the line of your key for that check.
    """
    from comity.adapters.atomic import write_new
    from comity.cli.publish import require_free
    from comity.exchange import acts
    from comity.exchange.notices.forms import notice_data, write_page, write_text
    from comity.exchange.notices.ssh import NAMESPACE, allowed_signer, sign_ssh
    from comity.exchange.notices.words import nearest
    from comity.records.kinds import Give

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), notice)
    content = node.state(case).accepted[record].content
    chosen = nearest(language or (content.language if isinstance(content, Give) else ""))
    page = page or target.suffix.lower() in (".html", ".htm")
    data = notice_data(node, case, record)
    raw = write_page(data, chosen) if page else write_text(data, chosen)
    signature, signers = (target.with_name(f"{target.name}{end}") for end in (".sig", ".signers"))
    clear = target.with_name(f"{target.name}.asc")
    for path in (target, signature, signers, *([clear] if openpgp else [])):
        require_free(path)
    if openpgp is not None:
        from comity.adapters.openpgp import sign_clear

        if page:
            raise click.UsageError("OpenPGP signs text in the clear; a page is no text")
        write_new(clear, sign_clear(raw, read_file(openpgp, 1 << 20)), 0o600)
    write_new(target, raw, 0o600)
    seed = node.seed("statement")
    write_new(signature, sign_ssh(seed, raw), 0o644)
    who = f"party-{node.party.id[:16]}"
    write_new(signers, allowed_signer(who, node.signer.public("statement")).encode(), 0o644)
    out.line(f"{target}: the notice, to be checked offline with: comity verify {target}")
    out.line("or by whoever has OpenSSH and nothing of ours, with your key got by another way:")
    out.line(f"ssh-keygen -Y verify -f {signers} -I {who} -n {NAMESPACE} -s {signature} < {target}", 2)
    if openpgp is not None:
        out.line(f"{clear}: the same, for gpg --verify {clear}")
    out.object(
        "written",
        file=str(target),
        record=record,
        bytes=len(raw),
        language=chosen,
        signature=str(signature),
        signers=str(signers),
        openpgp=str(clear) if openpgp else "",
    )
    return 0


@notice_command.command(name="link")
@click.argument("notice", metavar="RECORD")
@click.option("--revoke", is_flag=True, help="Let the link lead nowhere from now on.")
@case_option
@home_option
@speaks("link (record, url, revoked).")
def link_command(out: Out, notice: str, revoke: bool, case_text: str, home: Path | None) -> int:
    """Give the link under which your node shows a notice to its addressee, who needs no
    account. Whoever has the link can read the notice: send it to nobody else. That
    it was opened is recorded nowhere.
    """
    from comity.exchange import acts
    from comity.exchange.notices.links import make_link, revoke_link

    opened = open_home(home)
    case = choose_case(opened.node, case_text)
    record = acts.find_record(opened.node.state(case), notice)
    if revoke:
        revoke_link(opened.node, case, record)
        out.line("The link leads nowhere now.")
        out.object("link", record=record, url="", revoked=True)
        return 0
    if not opened.settings.url:
        raise Refused("link.address", str(opened.folder), "this node has no address that a link could name")
    url = f"{opened.settings.url.rstrip('/')}{make_link(opened.node, case, record)}"
    out.line(url)
    out.object("link", record=record, url=url, revoked=False)
    return 0


@notice_command.command(name="show")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--signed", "signed_only", is_flag=True, help="What is signed, whatever is readable around it.")
@speaks(f"{NOTICE_SAYS}; assertion (n, level, text, stance).")
def show_command(out: Out, path: Path, signed_only: bool) -> int:
    """Check a notice file (text, page, or signed in the clear) and read it. This records
    nothing anywhere.
    """
    from comity.exchange.notices.forms import read_notice

    tell_read(out, read_notice(read_file(path, FILE_LIMIT), str(path), signed_only=signed_only))
    return 0


def is_notice(head: bytes) -> bool:
    """Whether a file begins as a notice does, in any of its forms."""
    return head.startswith(
        (b"COMITY NOTICE", b"<!doctype html>\n<!-- comity notice ", b"-----BEGIN PGP SIGN")
    )


def verify_notice(
    out: Out, raw: bytes, where: str, trust: tuple[Trusted, ...] | None, check: CheckBinding
) -> int:
    """What ``comity verify`` does with a notice: the exit code, ``NotVerified`` where it does not hold."""
    from comity.adapters.openpgp import check_clear
    from comity.dossier.identity import judge_identities
    from comity.exchange.notices.forms import read_notice

    read = read_notice(raw, where)
    giver = read.notice.giver
    (identity,) = judge_identities({giver.id: giver}, trust, check)
    out.line(where)
    out.line("integrity: intact", 2)
    by = ""
    if read.form == "openpgp":
        by = check_clear(raw, giver, where)
        told = f"signed in the clear by the OpenPGP key {by} that the sender bound to itself"
        out.line(
            told if by else "OpenPGP signature: NOT CHECKED, the sender's key records bind no such key", 2
        )
    out.line(f"identity: {identity.result}{f' ({identity.why})' if identity.why else ''}", 2)
    out.line()
    tell_read(out, read)
    out.object("identity", party=giver.id, name=giver.card.name, result=identity.result, openpgp=by)
    return {"confirmed": OK, "contradicted": CONTRADICTED}.get(identity.result, UNCONFIRMED)


def tell_read(out: Out, read: ReadNotice) -> None:
    """What a checked notice says, in whatever form it came."""
    tell_notice(out, read.notice, form=read.form, language=read.language)


def tell_notice(out: Out, notice: NoticeFile, **more: str) -> None:
    """What a checked notice says, and what that does not prove."""
    give = notice.give
    out.line(f"Notice to {give.to.name}, from {notice.giver.card.name}")
    out.table([["party", notice.giver.id], ["case", notice.case], ["reply to", notice.reply_to or "–"]], 2)
    out.line()
    out.text(give.text, 2)
    out.line()
    for n, assertion in notice.assertions:
        out.line(f"{n + 1}. [{assertion.level}] {assertion.text}", 2)
        out.object("assertion", n=n + 1, level=assertion.level, text=assertion.text, stance=assertion.stance)
    out.line()
    out.line("Intact: one key signed all of it. Whose key that is must be learned elsewhere.")
    out.line("Later revocation of that key is not excluded: this file cannot tell of it.")
    out.line("Reading it records nothing; answering it concedes nothing.")
    out.object(
        "notice",
        **{"from": notice.giver.id},
        name=notice.giver.card.name,
        to=give.to.name,
        text=give.text,
        case=notice.case,
        record=notice.notice.value.id,
        claim=notice.claim.value.id,
        reply_to=notice.reply_to,
        **more,
    )
