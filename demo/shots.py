"""Takes the pictures of the documents from the running demo: ``python3 dev shots``."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
# No window, no sandbox (as root), and nothing that asks the network by itself.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 300.0


def main() -> int:
    """Run the demo until its nodes rest, and photograph what a visitor sees."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="comity-shots-") as folder:
        log = Path(folder) / "demo.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "demo.main", "--pace", "0", "--folder", f"{folder}/demo"],
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                told = _wait(process, log)
                _photograph(told, Path(folder) / "demo")
            finally:
                process.send_signal(signal.SIGINT)  # as Ctrl-C: the demo stops its nodes
                process.wait(30)
    return 0


def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        told = log.read_text(encoding="utf-8", errors="replace")
        if "The nodes keep running" in told:
            return told
        if process.poll() is not None:
            raise SystemExit(f"shots: the demo stopped:\n{told[-2000:]}")
        time.sleep(0.5)
    raise SystemExit("shots: the demo did not come to its end")


def _photograph(told: str, homes: Path) -> None:
    addresses = re.findall(r"(http://127\.0\.0\.1:\d+/\S*)", told)
    story, claimant, respondent = addresses[:3]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        wide = browser.new_page(viewport={"width": 1280, "height": 900})
        _take(wide, story, "story")
        _take(wide, claimant, "cases")
        base = claimant.split("/?")[0]
        case = wide.locator('a[href^="/case/"]').first.get_attribute("href")
        _take(wide, f"{base}{case}", "case")
        # The assertion that is withdrawn, beside the denial of it; the bar of sections would lie over it.
        wide.locator(".case-parts").evaluate("bar => { bar.style.position = 'static' }")
        pair = [wide.locator(name).bounding_box() for name in ("#a3", "#a6")]
        _take_together(wide, [box for box in pair if box is not None], "claim-and-denial")
        # The finding that was run again with another time zone, and differed.
        differing = wide.locator('#a4 a[href^="/findings/"]').first.get_attribute("href")
        _take(wide, f"{base}/evidence", "evidence")
        _take(wide, f"{base}{differing}", "differing-rerun")
        _take(wide, f"{base}{case}/docket?q=mailbox", "docket")
        narrow = browser.new_page(viewport={"width": 390, "height": 844})
        _take(narrow, respondent, "respondent-narrow")
        _act(
            browser.new_page(viewport={"width": 1280, "height": 900}), _sign_in(homes, base), f"{base}{case}"
        )
        browser.close()


def _sign_in(homes: Path, base: str) -> str:
    """The address that signs one browser in at the node that listens there."""
    port = base.rpartition(":")[2]
    home = next(f.parent for f in homes.glob("*/comity.toml") if f":{port}" in f.read_text())
    code = "import sys; from comity.cli.main import main; sys.exit(main())"
    told = subprocess.run(
        [sys.executable, "-c", code, "page-key", str(home), "--at", base],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    ).stdout
    return told.split()[-1]


def _act(page: Page, key: str, case: str) -> None:
    """What someone who may act sees: a form, and the exact record before it is signed. Nothing is signed."""
    page.goto(key)
    page.get_by_role("button", name="Sign in on this computer").click()
    page.goto(case.replace("/case/", "/act/") + "/claim")
    page.get_by_label("Your title for it").fill("Passwords tried against the mail gateway")
    page.get_by_label("The sentence", exact=True).fill(
        "Passwords were tried against the mail gateway from one network between 1 and 3 October 2026."
    )
    finding = page.locator("#f-on-1-1 option", has_text="Finding over mail-proxy.csv").first.get_attribute(
        "value"
    )
    page.locator("#f-on-1-1").select_option(finding)
    page.locator("#f-why-1-1").fill("The matched rows are failed logons from addresses of that network.")
    page.screenshot(path=PICTURES / "acting-form.png", full_page=True)
    page.get_by_role("button", name="Read it once more").click()
    page.get_by_role("heading", name="Before you sign").wait_for()
    page.screenshot(path=PICTURES / "acting-review.png", full_page=True)
    _act_further(page, case)


def _act_further(page: Page, case: str) -> None:
    """Custody, approvals, private matching, what has no answer, and the editor of statements."""
    base, _, name = case.partition("/case/")
    page.goto(f"{base}/evidence")
    page.locator('a[href^="/evidence/"]').first.click()
    page.get_by_role("link", name="Hand it over").click()
    page.screenshot(path=PICTURES / "acting-custody.png")
    page.goto(f"{base}/act/{name}/approvers")
    page.screenshot(path=PICTURES / "acting-approvals.png")
    page.goto(f"{base}/act/{name}/match-offer")
    page.screenshot(path=PICTURES / "acting-matching.png")
    page.goto(f"{base}/open-case")
    page.screenshot(path=PICTURES / "opening-a-case.png")
    page.goto(f"{base}/editor")
    page.get_by_label("The statement, as text").fill(
        "Clearly, nobody but Ostria could have read the mailboxes. "
        "Experts say that the export began at 22:00 UTC on 3 October 2026."
    )
    page.get_by_role("button", name="Check the wording").click()
    page.get_by_role("heading", name="The text with its flags").wait_for()
    page.screenshot(path=PICTURES / "editor.png")
    norwegian = page.context.browser
    assert norwegian is not None
    other = norwegian.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900})
    other.add_cookies([{"name": c["name"], "value": c["value"], "url": base} for c in page.context.cookies()])
    shown = other.new_page()
    shown.goto(case)
    shown.screenshot(path=PICTURES / "case-norwegian.png")


def _take_together(page: Page, boxes: list[FloatRect], name: str) -> None:
    """One picture of what stands in the boxes, from the first pixel of them to the last."""
    left, top = (min(box[side] for box in boxes) for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    clip: FloatRect = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=clip)


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
