"""A disclosure that two offices approve, in a browser: from the form to what the recipient reads."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from comity.exchange import disclosing, proposing
from comity.records import kinds
from tests.exchange.test_disclosing import OFFICES, SEEDS
from tests.web.acting import KEY, acting_app
from tests.web.stage import TOKEN, tell
from tests.web.test_in_browser import LOOK, serve, watch
from tests.web.test_walk_in_browser import look, press, sign

pytestmark = pytest.mark.browser


def test_two_offices_approve_what_is_shown_and_nothing_else(browser: Browser, tmp_path: Path) -> None:
    live = tell(tmp_path)
    node, birch = live.world.nodes[0], live.world.nodes[1].party
    with serve(acting_app(node)) as base:
        page = browser.new_context(java_script_enabled=True).new_page()
        wrong = watch(page, base)
        page.goto(f"{base}/sign-in?key={KEY}")
        press(page, "Sign in on this computer")
        page.goto(f"{base}/case/{live.case}")
        press(page, "Name who approves")
        page.get_by_label("One office a line").fill(
            "".join(f"{office.office} = {office.key}\n" for office in OFFICES[:2])
        )
        page.get_by_label("How many have to approve").fill("2")
        look(page, "approvers")
        sign(page, "approvers")

        page.goto(f"{base}/act/{live.case}/disclose?seal={live.seal}&rows=9")
        page.locator(f'input[name="to"][value="{birch.id}"]').check()
        page.get_by_label("Basis on which").fill("Request of 1 March")
        page.locator("#f-understood").check()
        press(page, "Read it once more")
        page.get_by_role("heading", name="Before you propose it").wait_for()
        look(page, "propose")
        digest = page.locator("code.digest").inner_text().replace(" ", "")
        page.locator("button.main").press("Enter")
        page.get_by_role("heading", name="Approve a disclosure").wait_for()
        look(page, "proposal")
        address = page.url
        (kept,) = proposing.proposals(node)
        assert kept.id == digest
        assert node.state(live.case).of("evidence.disclose")[-1].id == live.whole

        # An office that only reads finds what waits for it, and what it is asked to approve.
        office = browser.new_context().new_page()
        office.goto(f"{base}/?token={TOKEN}")
        press(office, "Office 0")
        assert office.get_by_role("heading", level=1).inner_text() == "Waits for Office 0"
        look(office, "office")
        press(office, f"{kept.id[:12]}…")
        with office.expect_download() as coming:
            office.get_by_role("link", name="proposal-").click()
        file = tmp_path / "proposal.cbor"
        coming.value.save_as(file)

        # What approves something else is refused, and nothing of it is kept.
        other_basis = msgspec.structs.replace(kept.content, basis="Anything")
        changed = disclosing.render_proposal(live.case, node.party.id, live.seal, other_basis)
        bad = tmp_path / "other.cbor"
        bad.write_bytes(disclosing.add_approval(changed, SEEDS[0], "f"))
        office.get_by_label("The proposal, with your approval").set_input_files(bad)
        press(office, "Hand in the approval")
        assert "proposal.other" in office.locator(".errors").inner_text()
        look(office, "proposal-refused")
        file.write_bytes(disclosing.add_approval(file.read_bytes(), SEEDS[0], "f"))
        office.get_by_label("The proposal, with your approval").set_input_files(file)
        press(office, "Hand in the approval")
        assert "Office 0: approved" in office.locator(".offices").inner_text()
        assert office.get_by_role("link", name="Send what was approved").count() == 0

        # The second pastes its line, in Norwegian; then it can be sent.
        other = browser.new_context(locale="nb-NO").new_page()
        other.goto(f"{base}/?token={TOKEN}")
        other.goto(address)
        assert other.evaluate(LOOK) == []
        made = disclosing.parse_proposal(disclosing.add_approval(kept.render(), SEEDS[1], "f"), "f")[3]
        (given,) = made.approvals
        other.locator("#f-line").fill(f"{given.key}:{given.signature}")
        other.locator("form.approve button").press("Enter")
        other.locator(".offices").wait_for()
        page.goto(f"{base}/approvals")
        look(page, "approvals")
        page.goto(address)
        press(page, "Send what was approved")
        assert page.get_by_role("heading", level=1).inner_text() == "Send what was approved"
        press(page, "Read it once more")
        assert "Office 1, Office 0" in page.locator(".said-pairs").inner_text()
        page.locator("button.main").press("Enter")
        page.get_by_text("Signed.").wait_for()
        page.goto(address)
        assert "Sent, as" in page.inner_text("main")
        look(page, "proposal-sent")
        assert wrong == []
    shown = node.state(live.case).of("evidence.disclose")[-1].content
    assert isinstance(shown, kinds.Disclose)
    assert len(shown.approvals) == 2
