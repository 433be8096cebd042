"""The notice in a real browser: opened by a link without an account, read in two languages, checked,
answered, kept as files, and handed in. What the page makes is what the command line makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page

from comity.case.clocks import clocks
from comity.case.support import assertions
from comity.exchange import acts, guests
from comity.exchange.notices import forms, links
from comity.exchange.notices.words import LANGUAGES, words_in
from comity.records import bodies, kinds
from comity.records.kinds import Assertion, Named
from tests.exchange.network import World
from tests.web.stage import app_of
from tests.web.test_in_browser import LOOK, serve, watch

SAID = (
    "On 3 October 2026 our mail gateway saw failed logons from an address that your company leases.\n"
    "We intend to publish this on 1 December. Your answer will stand beside it, word for word."
)
STATED = (
    ("Failed logons at our gateway came from 203.0.113.9 between 22:00 and 23:00 UTC.", "tactical"),
    ("On that day Corvin Hosting leased this address to a customer.", "operational"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A node that gave a notice, with its case, the notice, and the link's path."""

    world: World
    case: str
    notice: str
    path: str


@pytest.fixture
def told(tmp_path: Path) -> Given:
    return give(tmp_path)


def give(folder: Path) -> Given:
    """A node that has given a notice of two assertions to a party without one."""
    world = World(folder, ["alda"])
    node = world.nodes[0]
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
    case = acts.open_case(node, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)), "Mail")
    corvin = Named(name="Corvin Hosting")
    made = [
        Assertion(
            text=text,
            level=level,  # type: ignore[arg-type]
            about=(corvin,),
            supports=(kinds.Support(kind="citation", cite="Lease register 12", inference="It says so."),),
        )
        for text, level in STATED
    ]
    claim = acts.state_claim(node, case, "Failed logons", made)
    notice = acts.give_notice(node, case, claim.value.id, [0, 1], corvin, SAID).value.id
    return Given(world=world, case=case, notice=notice, path=links.make_link(node, case, notice))


def choose(page: Page, language: str) -> None:
    page.locator(f"#in-{language}").check()


def fill(page: Page) -> None:
    """An answer: acknowledged in words, the second assertion disputed."""
    page.locator("#office").fill("Corvin Hosting")
    page.locator("#acknowledge").check()
    page.locator('input[name="position-1"][value="disputes"]').check()
    page.locator("#reasons-1").fill('The lease ended on 30 September. "Zoë" — 证据 😀\nSee our book.')
    page.locator("#sign").click()
    page.locator("#signed").wait_for()


def saved(page: Page, button: str, folder: Path) -> bytes:
    with page.expect_download() as download:
        page.locator(button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


@pytest.mark.browser
def test_a_stranger_reads_checks_answers_and_keeps_a_notice(
    browser: Browser, told: Given, tmp_path: Path
) -> None:
    node = told.world.nodes[0]
    before = node.journal.version()
    with serve(app_of(node)) as base:
        context = browser.new_context(viewport={"width": 900, "height": 1000})
        page = context.new_page()
        wrong = watch(page, base)
        page.goto(base + told.path)
        page.locator('#state[data-is="ok"]').wait_for()
        assert page.get_by_text("concedes nothing: no fact").is_visible()
        assert page.get_by_text(STATED[1][0]).first.is_visible()
        choose(page, "ar")
        assert page.locator("html").get_attribute("lang") == "ar"
        assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
        assert page.get_by_text("لا ينطوي على أي تسليم: لا بواقعة").is_visible()
        assert not page.get_by_text("concedes nothing: no fact").is_visible()
        choose(page, "nb")
        assert page.get_by_text("innrømmer ingenting: ikke noe faktum").is_visible()
        assert node.journal.version() == before  # reading it recorded nothing
        assert context.cookies() == []
        fill(page)
        assert node.journal.version() == before  # nor did signing: nothing was sent
        reply = saved(page, "#save-reply", tmp_path)
        key = saved(page, "#save-key", tmp_path)
        kept = saved(page, "#save-notice", tmp_path)
        assert forms.read_notice(kept).notice.notice.value.id == told.notice
        assert key.startswith(b"comity-key/1 statement ")
        context.close()
    assert wrong == []
    records = guests.take_reply(node, reply)
    state = node.state(told.case)
    assert [state.accepted[r].frame.kind for r in records] == ["notice.acknowledge", "response.make"]
    second = next(f for f in assertions(state) if f.target.n == 1)
    assert second.contests[0].text == 'The lease ended on 30 September. "Zoë" — 证据 😀\nSee our book.'
    read = state.accepted[records[0]].content
    assert isinstance(read, kinds.Acknowledge)
    assert "innrømmer ingenting" in read.text


@pytest.mark.browser
def test_a_stranger_denies_cites_and_asks_in_the_page(browser: Browser, told: Given, tmp_path: Path) -> None:
    node = told.world.nodes[0]
    with serve(app_of(node)) as base:
        page = browser.new_page()
        page.goto(base + told.path)
        page.locator("#office").fill("Corvin Hosting")
        page.locator('input[name="position-0"][value="disputes-in-part"]').check()
        page.locator("#cite-0").fill("Abuse desk, ticket 4411")
        page.locator("#sign").click()
        page.locator('#problem[data-is="half"]').wait_for()  # a citation without reasons
        page.locator("#reasons-0").fill("The failed logons ended at 22:10.")
        page.locator("#own-text").fill("No customer held this address on 3 October.")
        page.locator("#sign").click()
        page.locator('#problem[data-is="half"]').wait_for()  # words, and nothing chosen
        page.locator('input[name="own"][value="1"]').check()
        page.locator("#own-cite").fill("Lease book, page 12")
        page.locator("#own-how").fill("It lists no lease after September.")
        page.locator('input[name="ask"][value="evidence"]').check()
        page.locator("#ask-text").fill("Which rows show the logons after 22:10?")
        page.locator("#sign").click()
        page.locator("#signed").wait_for()
        reply = saved(page, "#save-reply", tmp_path)
        page.close()
    records = guests.take_reply(node, reply)
    state = node.state(told.case)
    response, request = (state.accepted[r].content for r in records)
    assert isinstance(response, kinds.Response)
    assert isinstance(request, kinds.Request)
    cited = response.positions[0].supports[0]
    assert (cited.cite, cited.inference) == ("Abuse desk, ticket 4411", "The failed logons ended at 22:10.")
    denial = response.assertions[0]
    assert (denial.stance, denial.level, denial.text) == (
        "denies",
        "operational",
        "No customer held this address on 3 October.",
    )
    assert isinstance(denial.against, kinds.Target)
    assert denial.against.n == 1
    assert (request.to, request.type) == (node.party.id, "evidence")


@pytest.mark.browser
@pytest.mark.parametrize("how", ["link", "file"])
def test_a_reply_is_handed_in_from_the_page(
    browser: Browser, told: Given, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = told.world.nodes[0]
    with serve(app_of(node)) as base:
        monkeypatch.setattr(forms, "address_of", lambda *_: base)
        page = browser.new_page()
        if how == "file":
            file = tmp_path / "notice.html"
            file.write_bytes(forms.write_page(forms.notice_data(node, told.case, told.notice), "en"))
            page.goto(file.as_uri())
        else:
            page.goto(base + told.path)
        fill(page)
        page.locator("#send").click()
        page.locator('#sending[data-is="sent"]').wait_for()
        page.close()
    assert node.state(told.case).of("response.make")


@pytest.mark.browser
def test_a_damaged_page_says_so_and_offers_no_answer(browser: Browser, told: Given, tmp_path: Path) -> None:
    node = told.world.nodes[0]
    text = forms.write_page(forms.notice_data(node, told.case, told.notice), "en").decode()
    at = text.index("-----BEGIN COMITY NOTICE-----") + 900
    file = tmp_path / "damaged.html"
    file.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator('#state[data-is="bad"]').wait_for()
    assert page.get_by_text("This does not hold. Do not rely on it").is_visible()
    assert not page.locator("#form").is_visible()
    page.close()


@pytest.mark.browser
def test_nothing_is_signed_where_nothing_is_said(browser: Browser, told: Given) -> None:
    with serve(app_of(told.world.nodes[0])) as base:
        page = browser.new_page()
        page.goto(base + told.path)
        page.locator("#form").wait_for()
        page.locator("#sign").click()
        assert page.locator('#problem [data-state="name"]').is_visible()
        page.locator("#office").fill("Corvin Hosting")
        page.locator("#sign").click()
        assert page.locator('#problem [data-state="choice"]').is_visible()
        assert page.locator("#office").input_value() == "Corvin Hosting"
        page.close()


def test_a_sender_of_too_much_hears_how_much_is_taken(told: Given) -> None:
    """Over a real connection: one that is closed on bytes that still come is reset, and nothing is heard."""
    with serve(app_of(told.world.nodes[0])) as base:
        answer = httpx.post(f"{base}/x/guest", content=b"x" * (17 * 2**20 + 1))
        assert answer.status_code == 413
        assert answer.json()["why"] == "Too large: 17.1 MB, and at most 16 MB are taken here."
        assert answer.headers["access-control-allow-origin"] == "*"
        chunked = httpx.post(f"{base}/x/guest", content=iter([b"x" * 2**20] * 20))
        assert chunked.json()["why"] == "Too large: at most 16 MB are taken here."
        form = httpx.post(f"{base}/sign-in", data={"key": "x" * 2**23})
        assert form.status_code == 413
        assert "Too large: 8.1 MB, and at most 0.003 MB are taken here." in form.text


@pytest.mark.browser
def test_a_reply_that_is_too_large_says_so_and_loses_nothing(browser: Browser, told: Given) -> None:
    with serve(app_of(told.world.nodes[0])) as base:
        page = browser.new_page()
        page.goto(base + told.path)
        page.locator("#form").wait_for()
        page.locator("#office").fill("Corvin Hosting")
        # What a person cannot type into one field comes together from many, and from replies before.
        # Unseen, as the browser would lay all of it out.
        page.locator("#acknowledge").check()
        page.evaluate(
            "() => { const e = document.getElementById('words'); e.hidden = true;"
            " e.value = 'x'.repeat(13 * 2 ** 20); }"
        )
        page.locator("#sign").click()
        large = page.locator('#problem [data-state="large"]')
        large.wait_for()
        assert re.search(r"at most 16 MB.* 17\.\d MB", large.inner_text(), re.DOTALL)
        assert page.locator("#office").input_value() == "Corvin Hosting"
        page.evaluate(
            "() => { const e = document.getElementById('words'); e.value = 'Received.'; e.hidden = false; }"
        )
        page.locator("#sign").click()
        page.locator("#signed").wait_for()
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "ar", "zh", "ru"])
def test_the_notice_can_be_read_by_everyone(
    browser: Browser, told: Given, width: int, scheme: str, language: str
) -> None:
    with serve(app_of(told.world.nodes[0])) as base:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{base}{told.path}?in={language}")
        page.locator("#form").wait_for()
        assert page.evaluate(LOOK) == []
        context.close()


@pytest.mark.browser
def test_the_notice_is_read_without_a_script_and_in_print(browser: Browser, told: Given) -> None:
    with serve(app_of(told.world.nodes[0])) as base:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(base + told.path)
        choose(page, "fr")
        assert page.get_by_text("n'emporte aucune concession : ni sur un fait").is_visible()
        assert page.get_by_text("Répondre dans cette page demande des scripts").is_visible()
        assert not page.locator("#form").is_visible()
        page.emulate_media(media="print")
        assert page.get_by_text(STATED[0][0]).first.is_visible()
        page.context.close()


def test_a_link_without_a_notice_says_no_more_than_that(told: Given) -> None:
    with TestClient(app_of(told.world.nodes[0])) as client:
        for path in ("/notice/" + "0" * 32, "/notice/x", told.path.upper(), "/notice/..%2fcard"):
            answer = client.get(path)
            assert answer.status_code in (403, 404), path
            assert "Corvin" not in answer.text
        good = client.get(told.path)
        assert good.headers["cache-control"] == "no-store"
        assert good.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in good.headers["content-security-policy"]
        assert "set-cookie" not in good.headers
        assert good.content == forms.write_page(
            forms.notice_data(told.world.nodes[0], told.case, told.notice), "en"
        )
        text = client.get(told.path + ".txt?in=zh")
        assert forms.read_notice(text.content).language == "zh"
        links.revoke_link(told.world.nodes[0], told.case, told.notice)
        gone = client.get(told.path, headers={"accept": "text/html", "accept-language": "nb"})
        assert gone.status_code == 404
        assert '<html lang="nb"' in gone.text
        assert gone.headers["content-type"].startswith("text/html")
        plain = client.get(told.path + ".txt")
        assert plain.headers["content-type"].startswith("text/plain")
        for language in LANGUAGES:
            assert f'<p lang="{language}"' in gone.text
            assert words_in(language).lines["gone"] in plain.text
            assert "gone" not in words_in(language).missing


@pytest.mark.browser
def test_a_stranger_goes_on_from_its_first_reply(browser: Browser, told: Given, tmp_path: Path) -> None:
    """It endorses, comes back with its reply and key, corrects, withdraws, and wants more time."""
    node = told.world.nodes[0]
    file = tmp_path / "notice.html"
    file.write_bytes(forms.write_page(forms.notice_data(node, told.case, told.notice), "en"))

    def open_page() -> Page:
        page = browser.new_page()
        page.goto(file.as_uri())
        page.locator("#form").wait_for()
        return page

    def sign(page: Page, folder: Path) -> bytes:
        page.locator("#sign").click()
        page.locator("#signed").wait_for()
        folder.mkdir()
        reply = saved(page, "#save-reply", folder)
        saved(page, "#save-key", folder)
        page.close()
        return reply

    page = open_page()
    page.locator("#office").fill("Corvin Hosting")
    page.locator('input[name="endorse-0"][value="reviewed"]').check()
    page.locator('input[name="own"][value="claims"]').check()
    page.locator("#own-text").fill("The address was leased in September.")
    guests.take_reply(node, sign(page, tmp_path / "one"))
    state = node.state(told.case)
    guest = next(f.author for f in assertions(state) if f.author != node.party.id)
    endorsed = next(f for f in assertions(state) if f.author == node.party.id and f.target.n == 0)
    assert [(e.by, e.basis) for e in endorsed.endorsements] == [(guest, "reviewed")]
    due = bodies.time_text(node.effects.now() + 5 * 86_400)
    asked = acts.request(node, told.case, kinds.Request(to=guest, type="clarify", text="Whose?", due=due))

    page = open_page()
    page.locator("#before summary").click()
    page.locator("#time-why").fill("The office is closed.")
    page.locator("#office").fill("Corvin Hosting")
    page.locator("#sign").click()
    page.locator('#problem[data-is="half"]').wait_for()  # more time, and no request or key
    (tmp_path / "x.txt").write_text("not a reply")
    page.locator("#before-reply").set_input_files(tmp_path / "x.txt")
    page.locator("#before-key").set_input_files(tmp_path / "one" / "comity-key.txt")
    page.locator('#before-state[data-is="wrong"]').wait_for()
    page.locator("#before-reply").set_input_files(tmp_path / "one" / "comity-reply.txt")
    page.locator('#before-state[data-is="ok"]').wait_for()
    assert page.locator("#office").is_disabled()
    assert page.get_by_text("The address was leased in September.").is_visible()
    page.locator('input[name="again-0"][value="correct"]').check()
    page.locator("#sign").click()
    page.locator('#problem[data-is="half"]').wait_for()  # corrected into what, and why
    page.locator('[data-again="0"] [data-part="text"]').fill("It was leased until 30 September.")
    page.locator('[data-again="0"] [data-part="why"]').fill("More exact.")
    page.locator("#time-request").fill(asked.value.id)
    page.locator("#time-days").fill("20")
    second = sign(page, tmp_path / "two")
    assert (tmp_path / "two" / "comity-key.txt").read_bytes() == (
        tmp_path / "one" / "comity-key.txt"
    ).read_bytes()
    guests.take_reply(node, second)

    page = open_page()
    page.locator("#before summary").click()
    page.locator("#before-reply").set_input_files(tmp_path / "two" / "comity-reply.txt")
    page.locator("#before-key").set_input_files(tmp_path / "two" / "comity-key.txt")
    page.locator('input[name="again-0"][value="withdraw"]').check()
    page.locator('[data-again="0"] [data-part="why"]').fill("Another address.")
    guests.take_reply(node, sign(page, tmp_path / "three"))

    state = node.state(told.case)
    assert not state.refused
    said = {f.assertion.text: f for f in assertions(state) if f.author == guest}
    assert said["The address was leased in September."].withdrawn
    assert said["It was leased until 30 September."].amends is not None
    (clock,) = clocks(state, node.effects.now())
    (proposal,) = clock.extensions
    assert (proposal.by, proposal.answer, proposal.reason) == (guest, "open", "The office is closed.")
    assert not state.forks
