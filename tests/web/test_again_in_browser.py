"""What people do to a form besides filling it in: back, twice, two tabs, a node that was started again."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, Page

from comity.exchange.node import Node
from comity.records import kinds
from tests.web.acting import KEY, acting_app
from tests.web.stage import Live, tell
from tests.web.test_in_browser import LOOK, serve

pytestmark = pytest.mark.browser

WORDS = "Please keep the logs of this night."


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("again"))


class _Running:
    """An app that is exchanged for another at the same address."""

    def __init__(self, app: Litestar) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def _enter(page: Page, base: str, key: str = KEY) -> None:
    page.goto(f"{base}/sign-in?key={key}")
    page.get_by_role("button", name="Sign in on this computer").click()
    page.get_by_text("Signed in to act").wait_for()


def _ask(page: Page, address: str, words: str, to: str) -> None:
    page.goto(address)
    page.get_by_label("Whom you ask").select_option(to)
    page.get_by_label("The request, in your words").fill(words)
    page.get_by_label("Due, in UTC").fill("2099-01-01 10:00")
    page.get_by_role("button", name="Read it once more").click()
    page.get_by_role("heading", name="Before you sign").wait_for()


def _asked(node: Node, case: str, words: str) -> int:
    found = [r.content for r in node.state(case).of("request.make")]
    return sum(isinstance(c, kinds.Request) and c.text == words for c in found)


def test_back_and_pressing_twice_sign_once(browser: Browser, acted: Live) -> None:
    node, other = acted.world.nodes[1], acted.world.nodes[0].party.id
    with serve(acting_app(node)) as base:
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        _enter(page, base)
        _ask(page, f"{base}/act/{acted.case}/request", WORDS, other)
        page.go_back()
        assert page.get_by_label("The request, in your words").input_value() == WORDS
        page.get_by_role("button", name="Read it once more").click()
        page.locator("button.main").dblclick()
        page.get_by_text("Signed.").wait_for()
        assert page.evaluate(LOOK) == []
    assert _asked(node, acted.case, WORDS) == 1


def test_back_and_forth_lose_nothing_and_sign_once(browser: Browser, acted: Live) -> None:
    node, other = acted.world.nodes[1], acted.world.nodes[0].party.id
    words = f"{WORDS} Back and forth."
    with serve(acting_app(node)) as base:
        page = browser.new_page()
        _enter(page, base)
        _ask(page, f"{base}/act/{acted.case}/request", words, other)
        page.go_back()
        assert page.get_by_label("Due, in UTC").input_value() == "2099-01-01 10:00"
        assert page.get_by_label("Whom you ask").input_value() == other
        page.go_forward()
        page.get_by_role("heading", name="Before you sign").wait_for()
        page.reload()
        assert page.get_by_text(words).first.is_visible()
        page.get_by_role("button", name="Change it").click()
        assert page.get_by_label("Due, in UTC").input_value() == "2099-01-01 10:00"
        page.get_by_label("Due, in UTC").fill("2099-01-02 10:00")
        page.get_by_role("button", name="Read it once more").click()
        page.locator("button.main").click()
        page.get_by_text("Signed.").wait_for()
        signed = page.url
        page.go_back()
        page.wait_for_url(signed)  # what is signed is not offered for signing once more
    assert _asked(node, acted.case, words) == 1


def test_two_tabs_do_not_take_each_others_words(browser: Browser, acted: Live) -> None:
    node, other = acted.world.nodes[1], acted.world.nodes[0].party.id
    first_words, second_words = (f"{WORDS} Tab {n}." for n in (1, 2))
    with serve(acting_app(node)) as base:
        context = browser.new_context()
        first, second = context.new_page(), context.new_page()
        _enter(first, base)
        _ask(first, f"{base}/act/{acted.case}/request", first_words, other)
        _ask(second, f"{base}/act/{acted.case}/request", second_words, other)
        for page in (first, second):
            page.locator("button.main").click()
            page.get_by_text("Signed.").wait_for()
    assert [_asked(node, acted.case, each) for each in (first_words, second_words)] == [1, 1]


def test_what_was_typed_outlives_a_node_that_was_started_again(browser: Browser, acted: Live) -> None:
    node, other = acted.world.nodes[1], acted.world.nodes[0].party.id
    words = f"{WORDS} Before the restart."
    running = _Running(acting_app(node))
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    with serve(running) as base:  # type: ignore[arg-type]
        _enter(page, base)
        _ask(page, f"{base}/act/{acted.case}/request", words, other)
        running.app = acting_app(node, "a-second-key")  # started again: no session of before counts
        page.locator("button.main").click()
        page.get_by_role("heading", name="Sign in to act").wait_for()
        assert page.evaluate(LOOK) == []
        _enter(context.new_page(), base, "a-second-key")
        page.get_by_role("button", name="Open the form again").click()
        assert page.get_by_label("The request, in your words").input_value() == words
        assert _asked(node, acted.case, words) == 0
        page.get_by_role("button", name="Read it once more").click()
        page.locator("button.main").click()
        page.get_by_text("Signed.").wait_for()
    assert _asked(node, acted.case, words) == 1
