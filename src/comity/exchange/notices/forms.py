"""A notice as a file: text or a page, written and read, and text that OpenPGP signed in the clear."""

from __future__ import annotations

from dataclasses import dataclass

from comity.errors import Malformed, NotVerified, Refused
from comity.exchange.delivery import address_of
from comity.exchange.node import Node
from comity.exchange.notices.armour import NOTICE, armoured, find_armour, unarmour
from comity.exchange.notices.page import MARK, language_of_page, render_page
from comity.exchange.notices.reading import NoticeFile, read_signed
from comity.exchange.notices.text import language_of, render_text
from comity.records import cbor, kinds
from comity.records.bundles import render_bundle

_CLEAR, _CLEAR_END = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
_CLEAR_LAST = "-----END PGP SIGNATURE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNotice:
    """A notice that was read: what it is, in which form (``text``, ``page``, ``openpgp``) and language, and
    the bytes that are signed in it."""

    notice: NoticeFile
    form: str
    language: str
    data: bytes


def notice_data(node: Node, case: str, notice: str) -> bytes:
    """The signed bytes of a notice of this node's, for a party without one. They hold the case key, so they
    go to that party and nobody else; ``Refused`` (``notice.unknown``) for what is no notice given here."""
    state = node.state(case)
    record = state.accepted.get(notice)
    if record is None or not isinstance(record.content, kinds.Give) or record.author != node.party.id:
        raise Refused("notice.unknown", notice[:12], "not a notice that this node gave in this case")
    assert state.opening is not None
    bundles = []
    for wanted in (state.opening.id, record.content.target, notice):
        held = node.journal.held_record(wanted)
        assert held is not None
        bundles.append(render_bundle(node.held_bundle(held, True)))
    cards = [node.party_file(p).render() for p in sorted({node.party.id, state.opening.author})]
    return cbor.encode([1, node.case_key(case), cards, bundles, address_of(node, node.party.id)])


def write_text(data: bytes, language: str) -> bytes:
    """The notice as a text file."""
    return armoured(NOTICE, render_text(read_signed(data), language), data)


def write_page(data: bytes, language: str) -> bytes:
    """The notice as one page that needs nothing else."""
    return render_page(read_signed(data), data, language).encode()


def read_notice(raw: bytes, where: str = "notice", *, signed_only: bool = False) -> ReadNotice:
    """Check a notice in any of its forms: signatures, receipts, that it is of these assertions of this case,
    and that the readable part says what the signed bytes say.

    ``signed_only`` leaves the readable part aside: for one that another version of Comity wrote. An OpenPGP
    signature around it is not checked here (``adapters.openpgp``). ``NotVerified`` (``notice.text``) where
    the readable part is another, ``Malformed`` for what is no notice.
    """
    form = "page" if raw.startswith(MARK.encode()) else "text"
    if raw.startswith(_CLEAR.encode()):
        form, raw = "openpgp", clear_text(raw, where)
    if form == "page":
        language = language_of_page(raw.decode("utf-8", "replace"))
        _, data, _ = find_armour(NOTICE, raw, where)
        notice = read_signed(data, where)
        same = bool(language) and render_page(notice, data, language).encode() == raw
    else:
        text, data = unarmour(NOTICE, raw, where)
        notice = read_signed(data, where)
        language = language_of(text)
        same = bool(language) and render_text(notice, language) == text
    if not same and not signed_only:
        why = "the readable part is not what was signed (or another version wrote it: read it with --signed)"
        raise NotVerified("notice.text", where, why)
    return ReadNotice(notice=notice, form=form, language=language or "en", data=data)


def clear_text(raw: bytes, where: str = "notice") -> bytes:
    """What a text signed in the clear says (RFC 9580 §7), as it was before; its signature is not checked."""
    try:
        lines = raw.decode().replace("\r\n", "\n").split("\n")
        start, end = lines.index(""), lines.index(_CLEAR_END)
        behind = [line for line in lines[lines.index(_CLEAR_LAST, end) + 1 :] if line]
    except (UnicodeDecodeError, ValueError):
        raise Malformed("notice.clear", where, "not a text that OpenPGP signed in the clear") from None
    if lines[0] != _CLEAR or any(not line.startswith("Hash: ") for line in lines[1:start]):
        raise Malformed("notice.clear", where, "not a text that OpenPGP signed in the clear")
    said = lines[start + 1 : end]
    while said and not said[-1]:
        said.pop()
    if behind:
        raise Malformed("notice.clear", where, "something follows the signature")
    if any(line.startswith("-") and not line.startswith("- ") for line in said):
        raise Malformed("notice.clear", where, "a line of it is not escaped")
    return ("\n".join(line.removeprefix("- ") for line in said) + "\n").encode()
