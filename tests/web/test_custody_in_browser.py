"""Custody, matching and assessments in a browser: by keyboard, in each language, and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from comity.exchange import custody, matching
from comity.matching.indicators import canonical
from comity.records import kinds
from tests.web.acting import KEY, acting_app
from tests.web.stage import tell
from tests.web.test_in_browser import LOOK, serve
from tests.web.test_walk_in_browser import look, press, sign

pytestmark = pytest.mark.browser


def test_an_item_is_handed_over_held_and_erased_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    live = tell(tmp_path)
    node, birch = live.world.nodes[0], live.world.nodes[1].party.id
    listed = [canonical(each) for each in ("192.0.2.7", "bad.example")]
    matching.offer_list(node, live.case, "Autumn", listed, to=[birch], quota=3, purpose="To compare")
    custody.transfer(node, live.case, live.seal, birch, "To look at it")
    with serve(acting_app(node)) as base:
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(f"{base}/sign-in?key={KEY}")
        press(page, "Sign in on this computer")
        page.goto(f"{base}/evidence/{live.root}?q=export")
        look(page, "item-custody")
        press(page, "Hold it, or let go")
        page.get_by_label("Basis").fill("An order to preserve")
        sign(page, "hold")
        page.goto(f"{base}/evidence/{live.root}")
        assert "held against erasure" in page.inner_text("main")
        press(page, "Erase the item")
        look(page, "erase-item")
        press(page, "Leave without signing")
        page.goto(f"{base}/case/{live.case}/matching")
        look(page, "matching")
        for form in ("match-offer", "assess"):
            page.goto(f"{base}/act/{live.case}/{form}")
            look(page, form)
        page.emulate_media(media="print")
        for path in (f"case/{live.case}", f"evidence/{live.root}"):
            page.goto(f"{base}/{path}")
            assert (
                page.evaluate(
                    "() => [...document.querySelectorAll('.acts, .session, .find, .search, button')]"
                    ".filter((e) => e.getClientRects().length > 0).length"
                )
                == 0
            ), path
        cookies = page.context.cookies()
        for locale, language, words in (("nb-NO", "nb", "Før du signerer"), ("zh-CN", "zh", "签署之前")):
            context = browser.new_context(locale=locale)
            context.add_cookies([{"name": c["name"], "value": c["value"], "url": base} for c in cookies])
            other = context.new_page()
            other.goto(f"{base}/act/{live.case}/transfer?seal={live.seal}")
            assert other.evaluate("() => document.documentElement.lang") == language
            assert other.evaluate(LOOK) == []
            other.locator("#f-to").check()
            other.locator("#f-purpose").fill("everyone")
            other.locator("button.main").press("Enter")
            other.get_by_role("heading", name=words).wait_for()
            assert other.evaluate(LOOK) == []
            assert "everyone" in other.locator(".said-pairs").inner_text()
            context.close()
    held = node.state(live.case).of("evidence.hold")
    assert [h.content.state for h in held if isinstance(h.content, kinds.Hold)] == ["held"]
