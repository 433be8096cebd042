"""A notice in each of its forms and languages: what it says is what was signed, and nothing else passes."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange import acts
from comity.exchange.notices import forms, links, page
from comity.exchange.notices.words import LANGUAGES, merge_words, nearest, words_in
from comity.records import kinds
from comity.records.kinds import Assertion, Named
from tests.exchange.network import World

SAID = "We are about to publish this.\nPlease answer <b>soon</b>."
HOSTILE = 'Quay \u202efdp.exe & "Sons" <script>alert(1)</script>'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch"])


@pytest.fixture
def given(world: World) -> tuple[str, str]:
    """The case and the notice of one assertion about a party without a key."""
    return give(world)


def give(world: World, name: str = "Quay Hosting", language: str = "en") -> tuple[str, str]:
    node = world.nodes[0]
    policy = kinds.Policy(
        quorum=1, witnesses=(kinds.Witness(vkey=node.party.card.witness, party=node.party.id),)
    )
    case = acts.open_case(node, "2026-10-05", policy, "Mail system")
    named = Named(name=name)
    said = Assertion(text="A customer of Quay sent this.", level="operational", about=(named,))
    claim = acts.state_claim(node, case, "t", [said])
    return case, acts.give_notice(node, case, claim.value.id, [0], named, SAID, language).value.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_form_in_each_language_reads_as_itself(
    world: World, given: tuple[str, str], language: str
) -> None:
    data = forms.notice_data(world.nodes[0], *given)
    for raw, form in (
        (forms.write_text(data, language), "text"),
        (forms.write_page(data, language), "page"),
    ):
        read = forms.read_notice(raw)
        assert (read.form, read.language, read.data) == (form, language, data)
        assert read.notice.give.text == SAID
        assert words_in(language).say("prejudice")[:30].split()[0] in raw.decode()


def test_every_language_has_every_line_and_says_that_nothing_is_conceded() -> None:
    english = words_in("en").lines
    for language in LANGUAGES:
        words = words_in(language)
        assert not words.missing
        assert words.lines.keys() == english.keys()
        assert language == "en" or all(
            words.lines[key] != english[key] for key in ("nothing", "prejudice", "identity", "answer_unsure")
        )
        for key in english:
            assert ("{n}" in words.lines[key]) == ("{n}" in english[key]), (language, key)
    assert words_in("ar").direction == "rtl"


def test_a_missing_line_falls_back_to_english_and_says_so() -> None:
    words = merge_words(
        "xx", {"name": "X", "direction": "ltr", "words": {"to": "À"}}, {"to": "To", "from": "From {n}"}
    )
    assert words.say("to") == "À"
    assert words.say("from", n=1) == "From 1 [en]"
    assert words.missing == {"from"}
    unread: dict[str, object] = {"words": {"nobody": "x"}, "name": "X", "direction": "ltr"}
    empty: dict[str, object] = {}
    for wrong in (unread, {"words": empty}, empty):
        with pytest.raises(ValueError):
            merge_words("xx", wrong, {"to": "To"})


def test_a_near_language_is_found_for_a_tag() -> None:
    assert [nearest(t) for t in ("fr-CA", "no", "nn_NO", "zh-Hant", "pt", "")] == [
        *("fr", "nb", "nb", "zh", "en", "en")
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"A customer of Quay", b"A director of Quay"),
        (b"concedes nothing", b"concedes everything"),
        (b"COMITY NOTICE en", b"COMITY NOTICE fr"),
        (b"COMITY NOTICE en", b"COMITY NOTICE xx"),
        (b"\nTo: ", b"\nFor: "),
    ],
)
def test_a_changed_word_of_the_text_is_found(
    world: World, given: tuple[str, str], old: bytes, new: bytes
) -> None:
    raw = forms.write_text(forms.notice_data(world.nodes[0], *given), "en")
    assert old in raw
    with pytest.raises(NotVerified, match=r"notice\.text"):
        forms.read_notice(raw.replace(old, new, 1))
    assert forms.read_notice(raw.replace(old, new, 1), signed_only=True).notice.give.text == SAID


def test_a_changed_page_is_found_wherever_it_was_changed(world: World, given: tuple[str, str]) -> None:
    raw = forms.write_page(forms.notice_data(world.nodes[0], *given), "en")
    for old, new in (
        (b"A customer of Quay", b"A director of Quay"),
        (b'"use strict"', b'"use sloppy"'),
        (b"default-src 'none'", b"default-src *"),
        (b"default-src &#x27;none&#x27;", b"default-src *"),
        (b"</main>", b"<p>And you admit it.</p></main>"),
        (b'lang="en" dir="ltr">Notice', b'lang="en" dir="ltr">Order'),
        (b"<html lang=", b"<html data-x=1 lang="),
    ):
        if old in raw:
            with pytest.raises(NotVerified, match=r"notice\.text"):
                forms.read_notice(raw.replace(old, new, 1))
    with pytest.raises(ComityError):
        forms.read_notice(raw + b"<p>more</p>")
    with pytest.raises(ComityError):
        forms.read_notice(raw.replace(b"comity notice 1 en", b"comity notice 1 qq"))


def test_words_of_others_never_become_the_page(world: World) -> None:
    case, notice = give(world, HOSTILE)
    text = forms.write_page(forms.notice_data(world.nodes[0], case, notice), "ar").decode()
    assert "<script>alert" not in text
    assert "<b>soon" not in text
    assert "\u202e" not in text
    assert text.count("<script>") == 1
    assert "<U+202E>" in unescape(text)


def test_the_page_allows_itself_its_own_script_and_the_senders_address_alone() -> None:
    for address, wanted in (
        ("https://node.example:8443/x", "connect-src 'self' https://node.example:8443;"),
        ("http://[2001:db8::1]:80", "connect-src 'self' http://[2001:db8::1]:80;"),
        ("https://a.example; script-src *", "connect-src 'self';"),
        ("javascript:alert(1)", "connect-src 'self';"),
        ("", "connect-src 'self';"),
    ):
        said = page.policy(address)
        assert wanted in said
        assert "script-src *" not in said
        assert "unsafe" not in said


def test_text_signed_in_the_clear_is_read(world: World, given: tuple[str, str]) -> None:
    raw = forms.write_text(forms.notice_data(world.nodes[0], *given), "fr")
    lines = raw.decode().rstrip("\n").split("\n")
    escaped = "\n".join(f"- {line}" if line.startswith("-") else line for line in lines)
    signature = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    clear = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{escaped}\n{signature}"
    read = forms.read_notice(clear.encode())
    assert (read.form, read.language) == ("openpgp", "fr")
    for wrong in (
        clear + "You owe us money.\n",
        clear.replace("Hash: SHA512", "Note: pay now"),
        clear.replace("\n- -----BEGIN COMITY", "\n-----BEGIN COMITY"),
        clear.replace("-----END PGP SIGNATURE-----", ""),
    ):
        with pytest.raises(Malformed, match=r"notice\.clear"):
            forms.read_notice(wrong.encode())


def test_a_link_leads_to_the_notice_until_it_is_revoked(world: World, given: tuple[str, str]) -> None:
    node = world.nodes[0]
    before = node.journal.size()
    path = links.make_link(node, *given)
    assert links.make_link(node, *given) == path
    name = path.removeprefix(links.PATH)
    data, language = links.follow_link(node, name)
    assert (data, language) == (forms.notice_data(node, *given), "en")
    assert node.journal.size() == before
    links.revoke_link(node, *given)
    for wrong in (name, "0" * 32, "../card", name.upper(), ""):
        with pytest.raises(Refused, match=r"link\.unknown"):
            links.follow_link(node, wrong)
    with pytest.raises(Refused, match=r"link\.unknown"):
        links.revoke_link(node, *given)
    assert links.make_link(node, *given) != path


def test_only_a_notice_of_this_node_gets_a_file_or_a_link(world: World, given: tuple[str, str]) -> None:
    node, (case, notice) = world.nodes[0], given
    claim = node.state(case).accepted[notice].frame.references
    for wrong in (*claim, "0" * 64):
        with pytest.raises(Refused, match=r"notice\.unknown"):
            links.make_link(node, case, wrong)
