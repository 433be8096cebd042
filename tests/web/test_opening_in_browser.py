"""Somebody with a new node and a browser alone: learns a card, opens a case, and finds what comes next."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from comity.exchange.acts import neutral_title
from tests.exchange.network import World
from tests.web.test_in_browser import serve, watch
from tests.web.test_opening import app_that_asks, stranger
from tests.web.test_walk_in_browser import enter, look, press

pytestmark = pytest.mark.browser


def test_the_first_minutes_need_no_command(browser: Browser, tmp_path: Path) -> None:
    world = World(tmp_path / "world", ["alder"])
    (a,) = world.nodes
    other = stranger(tmp_path)
    address = next(c.address for c in other.party.card.contacts if c.kind == "node")
    world.nodes.append(other)
    with serve(app_that_asks(a, world)) as at:
        context = browser.new_context(java_script_enabled=True)
        page = enter(context, at)
        wrong = watch(page, at)
        look(page, "cases-none")
        press(page, "Learn a party's card")
        page.get_by_label("Address of its node").fill("cedar.example")
        press(page, "Read the card")
        look(page, "learn-wrong")
        assert page.get_by_label("Address of its node").input_value() == "cedar.example"
        page.get_by_label("Address of its node").fill(address)
        press(page, "Read the card")
        look(page, "learned")
        page.get_by_label("a call back").check()
        page.get_by_label("Who, when, which number or place").fill("Vera, on 12 May")
        press(page, "Keep the card")
        look(page, "parties")
        press(page, "Change what is noted of its key")
        look(page, "confirm")
        page.goto(f"{at}/parties")
        press(page, "Cases")
        press(page, "Open a case")
        page.get_by_label("Your title for it").fill("Passwords tried at the gate")
        look(page, "open-case")
        press(page, "Read it once more")
        look(page, "open-review")
        page.locator("button.main").press("Enter")
        page.get_by_text("The case is open").wait_for()
        look(page, "opened")
        press(page, "Invite the other party to answer")
        look(page, "invite")
        assert not wrong
        page.goto(f"{at}/law")
        look(page, "law")
        page.goto(f"{at}/evidence")
        look(page, "evidence-none")
        press(page, f"Seal evidence: {neutral_title(a.state(a.cases()[0]))}")
        page.goto(f"{at}/act/{a.cases()[0]}/nonsense")
        look(page, "problem")
        press(page, "Back to the case")
        assert a.state(a.cases()[0]).members == (a.party.id,)
        context.close()
