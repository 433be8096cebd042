"""Takes the pictures of a notice for the documents, in a browser: ``python -m tests.web.notice_pictures``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from comity.exchange.notices import forms
from tests.web.test_notices import give

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main() -> None:
    """The page as its addressee sees it while answering, in English, and the same in Arabic."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        told = give(Path(folder))
        data = forms.notice_data(told.world.nodes[0], told.case, told.notice)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        for name, language in (("notice", "en"), ("notice-arabic", "ar")):
            file = Path(folder) / f"{name}.html"
            file.write_bytes(forms.write_page(data, language))
            page = browser.new_page(viewport={"width": 1000, "height": 1000})
            page.goto(file.as_uri())
            page.locator("#form").wait_for()
            page.locator("#office").fill("Corvin Hosting")
            page.locator("#acknowledge").check()
            page.locator('input[name="position-1"][value="disputes"]').check()
            page.locator("#reasons-1").fill("The lease ended on 30 September.")
            page.locator("#cite-1").fill("Lease book, page 12")
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
