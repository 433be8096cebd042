"""The editor in a real browser: without scripts, by keyboard, wide and narrow, light and dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.stage import TOKEN, app_of, node_of
from tests.web.test_in_browser import HOSTILE, LOOK, serve, watch
from tests.world import FullCase

pytestmark = pytest.mark.browser

TEXT = """\
# What happened to the gateway of Halden Water

The authentication log of host A records 312 failed logins from 203.0.113.7 on 3 May [#1].
Undoubtedly the Government of Osmark is behind the intrusion. Our customer database was stolen.

Experts say that the tool is Osmark's. It is likely that the same operator returned [#2].

Osmark wrote on 4 May: "We have never, ever touched that server." [#3]

Det er hevet over enhver tvil at de samme folkene laget begge verktøyene [#4].

据悉口令由一名外包人员泄出[#5]。
"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_text_is_checked_by_keyboard_without_scripts(
    browser: Browser, full: FullCase, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=False,
    )
    page = context.new_page()
    with serve(app_of(node_of(full, full.claimant))) as base:
        wrong = watch(page, base)
        page.goto(f"{base}/?token={TOKEN}")
        page.get_by_role("link", name="Editor").focus()
        page.keyboard.press("Enter")
        page.get_by_label("The statement, as text or Markdown").fill(TEXT)
        page.get_by_role("button", name="Check the wording").focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="flags in").wait_for()
        flags = page.locator("ol.flags > li")
        rules = [flags.nth(n).locator("code").first.inner_text() for n in range(flags.count())]
        assert rules == [
            "wording.certainty",
            "tie.missing",
            "source.attribution",
            "tie.missing",
            "actor.hidden",
            "source.unnamed",
            "tie.missing",
            "confidence.unexplained",
            "wording.certainty",
            "source.hearsay",
        ]
        assert page.get_by_label("The statement, as text or Markdown").input_value() == TEXT
        page.get_by_role("link", name="Flag 1", exact=True).click()
        assert page.url.endswith("#flag-1")
        if shots := os.environ.get("COMITY_SHOTS"):
            page.screenshot(path=Path(shots) / f"editor-{width}-{scheme}.png", full_page=True)
        assert wrong == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_can_be_read_by_everyone(
    browser: Browser, full: FullCase, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    with serve(app_of(node_of(full, full.claimant))) as base:
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/editor")
        assert page.evaluate(LOOK) == []
        page.get_by_label("The statement, as text or Markdown").fill(TEXT + "\n\n".join(HOSTILE))
        page.get_by_role("button", name="Check the wording").click()
        page.locator("ol.flags").wait_for()
        assert page.evaluate(LOOK) == []
        assert "owned" not in page.title()
        assert page.locator("script, iframe, base, img").count() == 0
    context.close()
