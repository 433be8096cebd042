"""Four people walk one case in a browser, mostly by keyboard; every page that they meet is looked at."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from comity.exchange import acts
from comity.records import kinds
from tests.exchange.network import World
from tests.web.acting import KEY, acting_app
from tests.web.stage import RULE, TOKEN, Live, tell
from tests.web.test_in_browser import HOSTILE, LOOK, serve, watch

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("COMITY_PICTURES", "")
LOG = "time,user,action\n" + "".join(
    f"2026-10-03T02:{n:02d}:00,u{n},{'export' if n == 7 else 'read'}\n" for n in range(60)
)


def look(page: Page, name: str) -> None:
    """The page as it is laid out wide and narrow, light and dark: nothing to complain of."""
    for width, scheme in ((1280, "light"), (1280, "dark"), (360, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate(LOOK) == [], (name, width, scheme, page.url)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def enter(context: BrowserContext, base: str) -> Page:
    """Sign in with a key, by keyboard."""
    page = context.new_page()
    page.goto(f"{base}/sign-in?key={KEY}")
    look(page, "sign-in")
    press(page, "Sign in on this computer")
    page.get_by_text("Signed in to act").wait_for()
    assert "key=" not in page.url
    return page


SEEN = """() => {
  const seen = document.activeElement.cloneNode(true);
  for (const read of seen.querySelectorAll(".vh")) read.remove();
  return seen.textContent.replace(/\\s+/g, " ").trim();
}"""
"""The words of what has the focus, without those that are only read aloud."""


def press(page: Page, words: str) -> None:
    """Find a button or link by its words with the Tab key alone, and press it."""
    for _ in range(400):
        page.keyboard.press("Tab")
        said = page.evaluate(SEEN)
        if said == words:
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{words!r} does not show that it has the focus"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no keyboard reaches {words!r} at {page.url}")


def sign(page: Page, name: str) -> str:
    """From a filled form through the review to the signed record; its id."""
    press(page, "Read it once more")
    if page.get_by_role("heading", name="Before you sign").count() == 0:
        raise AssertionError(page.locator(".errors").inner_text())
    look(page, f"{name}-review")
    page.locator("button.main").press("Enter")
    page.get_by_text("Signed.").wait_for()
    look(page, f"{name}-signed")
    found = re.search(r"/record/([0-9a-f]{64})", page.url)
    assert found is not None
    return found[1]


def open_case(world: World) -> str:
    a, b, c = world.nodes
    witnesses = tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in (a, b, c))
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=witnesses), "Mail system")
    for other in (b, c):
        acts.invite(a, case, other.party.id)
    world.settle()
    return case


def test_four_people_walk_one_case(browser: Browser, tmp_path: Path) -> None:
    world = World(tmp_path / "world", ["alder", "birch", "cedar"])
    a, b, c = world.nodes
    case = open_case(world)
    log = tmp_path / "night mail.csv"
    log.write_text(LOG)
    with serve(acting_app(a)) as at_a, serve(acting_app(b)) as at_b, serve(acting_app(c)) as at_c:
        # The case officer seals, finds and claims, without scripts.
        context = browser.new_context(java_script_enabled=True)
        page = enter(context, at_a)
        wrong = watch(page, at_a)
        page.goto(f"{at_a}/case/{case}")
        look(page, "case-empty")
        press(page, "Seal evidence")
        page.get_by_label("Files", exact=True).set_input_files(log)
        look(page, "files")
        press(page, "Take them in")
        page.get_by_label("Source it goes back to").fill("gateway 2")
        page.get_by_label("Time zone of times in it").fill("CET")
        press(page, "Seal it")
        assert page.get_by_label("Source it goes back to").input_value() == "gateway 2"
        look(page, "declare-wrong")
        page.get_by_label("Time zone of times in it").fill("+00:00")
        press(page, "Seal it")
        page.get_by_role("link", name="Sign its seal").wait_for()
        look(page, "files-sealed")
        press(page, "Sign its seal")
        page.get_by_label("Collected by").fill("Duty desk")
        look(page, "seal")
        seal = sign(page, "seal")

        page.goto(f"{at_a}/act/{case}/find?seal={seal}")
        page.get_by_label("Its name").fill("night.yml")
        page.get_by_label("Its text").fill(RULE.decode())
        page.get_by_label("Log source of the item").fill("product=mail")
        look(page, "find")
        finding = sign(page, "find")
        page.goto(f"{at_a}/findings/{finding}")
        look(page, "finding")
        press(page, "State a claim that rests on it")
        page.get_by_label("Your title for it").fill("Night export")
        page.get_by_label("The sentence", exact=True).fill(
            "A mailbox was exported from the mail system at night."
        )
        page.get_by_label("birch").check()
        page.get_by_label("why it bears on the sentence").fill("The row is an export.")
        look(page, "claim")
        claim = sign(page, "claim")
        page.goto(f"{at_a}/case/{case}")
        look(page, "case-claimed")

        # The legal adviser gives notice.
        press(page, "Give notice")
        page.get_by_label("What you tell it").fill(
            "We are about to publish this on Friday. Please answer before."
        )
        look(page, "notice")
        sign(page, "notice")
        world.settle()

        # The respondent acknowledges, answers and contests.
        other = enter(browser.new_context(), at_b)
        other.goto(f"{at_b}/case/{case}")
        press(other, "Acknowledge it")
        look(other, "acknowledge")
        sign(other, "acknowledge")
        other.goto(f"{at_b}/case/{case}")
        press(other, "Respond")
        other.get_by_label("Your position").select_option("disputes")
        other.get_by_label("Reasons").fill("Row 9 is a planned backup; the zone is not ours.")
        press(other, "Add an assertion of your own")
        assert "planned backup" in other.get_by_label("Reasons").input_value()
        other.get_by_label("The sentence", exact=True).fill("The row is a planned backup.")
        other.locator("#f-stance-1").select_option("counters")
        other.locator("#f-against-1").select_option(index=1)
        look(other, "respond")
        sign(other, "respond")
        world.settle()
        asking = enter(browser.new_context(), at_c)
        asking.goto(f"{at_c}/case/{case}")
        press(asking, "Ask a party")
        asking.get_by_label("Whom you ask").select_option(a.party.id)
        asking.get_by_label("The request, in your words").fill("Show us the row.")
        press(asking, "Read it once more")
        assert "Say by when" in asking.locator(".errors").inner_text()
        look(asking, "request-wrong")
        asking.get_by_role("link", name="Say by when, in UTC.").press("Enter")
        asking.keyboard.press("Tab")
        asking.get_by_label("Due, in UTC").fill("2099-01-01 10:00")
        look(asking, "request")
        sign(asking, "request")
        world.settle()

        # The officer answers, and shows the one row that was asked for.
        page.goto(f"{at_a}/case/{case}")
        press(page, "Answer it")
        page.get_by_label("agree to").check()
        look(page, "answer")
        sign(page, "answer")
        root = item_root(world, case, seal)
        page.goto(f"{at_a}/evidence/{root}?q=export")
        page.locator("#c9").check()
        press(page, "Keep this choice of rows")
        look(page, "item-chosen")
        press(page, "Disclose the 1 row chosen")
        page.get_by_label("cedar").check()
        page.get_by_label("Basis on which you disclose it").fill("Our own law on network security")
        page.get_by_label("I have looked").check()
        look(page, "disclose")
        sign(page, "disclose")
        world.settle()

        # The legal adviser publishes.
        page.goto(f"{at_a}/case/{case}")
        press(page, "Publish")
        look(page, "publish")
        sign(page, "publish")
        assert wrong == []

        # A journalist reads with no key, and can do nothing.
        reading = browser.new_context().new_page()
        reading.goto(f"{at_a}/?token={TOKEN}")
        reading.goto(f"{at_a}/case/{case}")
        look(reading, "case-reading")
        assert reading.locator("a[href*='/act/']").count() == 0
        assert reading.locator("form:not([role=search])").count() == 0
        reading.goto(f"{at_a}/act/{case}/claim")
        reading.get_by_role("heading", name="Sign in to act").wait_for()
        look(reading, "closed")
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"{at_a}/act/{case}/claim")
        page.get_by_role("heading", name="Sign in to act").wait_for()
    state = a.state(case)
    assert len(state.of("dossier.publish")) == 1
    assert {r.content.target for r in state.of("notice.give") if isinstance(r.content, kinds.Give)} == {claim}


def item_root(world: World, case: str, seal: str) -> str:
    content = world.nodes[0].state(case).accepted[seal].content
    assert isinstance(content, kinds.Seal)
    return content.item.root


def test_forms_work_without_scripts(browser: Browser, tmp_path: Path) -> None:
    live = tell(tmp_path)
    node = live.world.nodes[0]
    log = tmp_path / "plain.log"
    log.write_text("one\ntwo\n")
    context = browser.new_context(java_script_enabled=False)
    with serve(acting_app(node)) as base:
        page = context.new_page()
        page.goto(f"{base}/sign-in?key={KEY}")
        page.get_by_role("button").click()
        page.goto(f"{base}/act/{live.case}/files")
        page.get_by_label("Files", exact=True).set_input_files(log)
        page.get_by_role("button", name="Take them in").click()
        page.get_by_role("button", name="Seal it").click()
        link = page.get_by_role("link", name="Sign its seal")
        until = time.monotonic() + 20
        while not link.count() and time.monotonic() < until:
            page.wait_for_timeout(200)  # the page asks for itself again
        link.click()
        page.get_by_role("button", name="Read it once more").click()
        page.get_by_role("button", name="Sign as").click()
        page.get_by_text("Signed.").wait_for()
        page.goto(f"{base}/act/{live.case}/claim")
        page.get_by_label("The sentence", exact=True).fill("kept")
        page.get_by_role("button", name="Add another assertion").click()
        assert page.locator("#f-text-1").input_value() == "kept"
        assert page.locator("#f-text-2").count() == 1
    context.close()


def test_hostile_words_stay_words_in_forms_and_reviews(browser: Browser, tmp_path: Path) -> None:
    text = "\n".join(HOSTILE)
    live: Live = tell(tmp_path, text, [f"2026-10-04T00:00:00,x,{h}" for h in HOSTILE])
    with serve(acting_app(live.world.nodes[1])) as base:
        page = browser.new_context().new_page()
        wrong = watch(page, base)
        page.goto(f"{base}/sign-in?key={KEY}")
        page.get_by_role("button").click()
        for path in (f"respond?target={live.claim}", f"endorse?target={live.claim}.0", "claim", "request"):
            page.goto(f"{base}/act/{live.case}/{path}")
            assert page.locator("script, iframe, svg, base, img").count() == 0, path
            assert page.evaluate(LOOK) == [], path
        page.goto(f"{base}/act/{live.case}/respond?target={live.claim}")
        page.get_by_label("Your position").select_option("disputes")
        page.get_by_label("Reasons").fill(text)
        page.get_by_role("button", name="Read it once more").click()
        page.get_by_role("heading", name="Before you sign").wait_for()
        assert page.locator("script, iframe, svg, base, img").count() == 0
        assert page.evaluate(LOOK) == []
        page.get_by_role("button", name="Change it").click()
        for each in HOSTILE[:8]:
            assert each in page.get_by_label("Reasons").input_value()
        assert "owned" not in page.title()
        assert wrong == []
