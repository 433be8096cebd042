"""The page of a finding: for each row the rules that name it, why, and the disclosure that proves it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from comity.evidence import disclose
from comity.exchange import acts
from comity.findings.finding import Parameters
from comity.web import row_reasons, rule_titles
from comity.web.finding_views import view_finding
from tests.exchange.test_false_reasons import add_row
from tests.exchange.test_replicate import Two
from tests.web.stage import app_of, enter
from tests.web.test_pages import text_of


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    made = Two(tmp_path_factory.mktemp("page"))
    made.show([5, 6])
    return made


def page(two: Two, node: int, path: str) -> str:
    with TestClient(app_of(two.world.nodes[node])) as client:
        enter(client)
        return client.get(path).text


def test_each_row_says_which_rules_name_it_and_why(two: Two) -> None:
    html = page(two, 0, f"/findings/{two.finding}")
    said = text_of(html)
    assert "action is 'export': 'export'" in said
    assert "none of the rule's exclusions holds" in said
    assert "?from=1&amp;why=5#row5" in html
    assert "with rows 11" not in said
    asked = text_of(page(two, 0, f"/findings/{two.finding}?why=5"))
    assert "with rows 11" in asked
    assert "exporter: $a at" in asked


def test_a_rule_goes_by_its_title(two: Two) -> None:
    view = view_finding(two.a, two.finding)
    titles = {rule.name: rule.title for rule in view.rules}
    assert titles["night.yml"] != "night.yml"
    html = page(two, 0, f"/findings/{two.finding}")
    for name, title in titles.items():
        assert f"<summary><bdi>{title}</bdi>: " in html
        assert name in html
    folds = re.findall(r"<summary>(?:<bdi>.*?</bdi>(?:, )?)+</summary>", html)
    assert folds
    assert not any("night.yml" in fold for fold in folds)


def test_of_many_rules_only_so_many_are_asked_for_their_titles(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_titles, "RULES", 1)
    view = view_finding(two.a, two.finding)
    assert sum(rule.title != rule.name for rule in view.rules) <= 1


def test_a_disclosed_row_links_to_the_disclosure_that_proves_it(two: Two) -> None:
    (disclosure,) = two.b.state(two.case).of("evidence.disclose")
    html = page(two, 1, f"/findings/{two.finding}")
    assert f"/shown/{disclosure.id}#row5" in html
    assert "why it names this row only the whole item can show" in text_of(html)
    target = page(two, 1, f"/shown/{disclosure.id}")
    assert re.search(r'id="row5"', target)


def test_a_rule_that_does_not_name_the_row_is_marked(two: Two) -> None:
    lie = add_row(two, 3)
    said = text_of(page(two, 0, f"/findings/{lie}"))
    assert "run here, it does not name this row" in said
    whole = view_finding(two.a, lie, 1, 3)
    (row,) = [row for row in whole.rows if row.number == 3]
    false = {"night.yml", "burst.yml", "tool.yar", "first.sql"}
    assert {r.name for r in row.reasons if r.names is False} == false
    assert not row.more


def test_of_many_rules_one_row_at_a_time_is_asked(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_reasons, "RULES", 2)
    rows = [row for row in view_finding(two.a, two.finding).rows if not row.heading]
    assert all(row.more and not any(r.asked for r in row.reasons) for row in rows)
    (row,) = [row for row in view_finding(two.b, two.finding, 1, 5).rows if row.number == 5]
    assert next(r for r in row.reasons if r.name == "night.yml").names is True


def test_the_difference_of_a_re_run_stays_as_it_was_signed(two: Two) -> None:
    """It was counted over all that was disclosed by now, with rules that were never compared."""
    two.again(parameters=Parameters(zone="+05:00", logsource=(("product", "mail"),)))

    def difference() -> str:
        return text_of(page(two, 0, f"/findings/{two.finding}"))

    told = "zone +00:00 in the finding, +05:00 in the re-run: the rows are the same"
    assert told in difference()
    assert "2 rows: 5–6; left out, as their verdict on a row needs the whole item: 3 rules" in difference()
    two.show([11, 12])
    assert told in difference()
    two.again(two.lie(result="0" * 64))
    lied = list(two.a.state(two.case).of("finding.report"))[-1].id
    assert "the result digest of the finding is not that of the rows it lists" in text_of(
        page(two, 0, f"/findings/{lied}")
    )


def test_a_re_run_that_is_made_up_is_said_not_to_hold(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.show([5, 6])
    said = two.again()
    html = text_of(page(two, 1, f"/findings/{two.finding}"))
    assert "● recomputed here over its 2 rows, with the result that it states" in html
    made_up = msgspec.structs.replace(said, result="a" * 64)
    acts.say(two.b, two.case, made_up, [two.finding])
    two.world.settle()
    html = text_of(page(two, 1, f"/findings/{two.finding}"))
    assert "≠ this does NOT hold: its result digest is not that of the rows" in html


def test_packages_are_opened_once_for_a_page_that_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Two(tmp_path)
    two.show([5, 6])
    opened: list[str] = []
    really = disclose.open_disclosure

    def count(package: bytes, where: str, **how: Any) -> disclose.VerifiedRows:
        opened.append(where)
        return really(package, where, **how)

    monkeypatch.setattr(disclose, "open_disclosure", count)
    first = page(two, 1, f"/findings/{two.finding}")
    assert page(two, 1, f"/findings/{two.finding}") == first
    assert len(opened) == 1
