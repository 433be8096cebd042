"""Rules of a finding go by their titles wherever people read of it; files are for who looks for them."""

from __future__ import annotations

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.records import kinds
from comity.web import rule_titles
from comity.web.rule_titles import NAMED, name_rules
from tests.web.stage import Live


def report(live: Live) -> kinds.Report:
    content = live.world.nodes[0].state(live.case).accepted[live.finding].content
    assert isinstance(content, kinds.Report)
    return content


def test_the_case_and_the_finding_name_rules_by_title(holder: TestClient[Litestar], live: Live) -> None:
    case = holder.get(f"/case/{live.case}").text
    assert "“Night export”: " in case
    assert "night.yml" not in case
    page = holder.get(f"/findings/{live.finding}").text
    assert ": <bdi>“Night export”</bdi></h1>" in page
    assert "<summary>Why it matches</summary>" in page
    assert "night.yml" in page


def test_of_many_rules_those_that_match_are_named_first(live: Live) -> None:
    told = report(live)
    (rule,) = told.rules
    others = tuple(
        msgspec.structs.replace(rule, name=f"{n}.yml", digest=f"{n:064x}") for n in range(NAMED + 2)
    )
    many = msgspec.structs.replace(told, rules=(*others, rule))
    assert name_rules(many) == f"“Night export”, “Night export” and {NAMED + 1} more"


def test_a_title_cannot_end_its_quotation(live: Live) -> None:
    """Else whoever writes a rule writes what pages say outside of quotation marks: what was computed."""
    told = report(live)
    sly = told.rules[0].source.replace("Night export", "'x”: 900 rows of all banks “y'")
    rule = msgspec.structs.replace(told.rules[0], source=sly)
    assert name_rules(msgspec.structs.replace(told, rules=(rule,))) == "“x’: 900 rows of all banks ‘y”"


def test_a_rule_without_a_title_goes_by_its_file(live: Live) -> None:
    told = report(live)
    bare = msgspec.structs.replace(told.rules[0], name="list.txt", source="203.0.113.7\n")
    assert name_rules(msgspec.structs.replace(told, rules=(bare,))) == "“list.txt”"
    assert rule_titles.titles_of(msgspec.structs.replace(told, rules=(bare,))) == {bare.digest: "list.txt"}


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("a.yml", "title: Night export\n", "“Night export”"),
        ("a.yml", "name: base\ntitle: 'It''s \"late\"'  # so\n", '“It\'s "late"”'),
        ("a.yml", "title: >\n  folded\n", "“a.yml”"),
        ("a.yml", "title: First\n---\ntitle: Joined\ncorrelation:\n  type: x\n", "“Joined”"),
        ("a.yml", "about:\n  title: Inner\n", "“a.yml”"),
        ("a.yar", "private rule one { condition: true }\n", "“one”"),
        ("a.yar", "rule one { condition: true }\nrule two { condition: true }\n", "“a.yar”"),
        ("a.sql", "-- title: Much at night\nselect 1\n", "“Much at night”"),
        ("a.stix", '{"type": "indicator", "name": "A \\u00e9", "pattern": ""}', "“A é”"),
        ("a.ioc", "title: x\n", "“a.ioc”"),
    ],
)
def test_a_title_is_read_of_every_language(name: str, source: str, said: str, live: Live) -> None:
    """And none of them is compiled for it: whoever writes a rule decides how long that takes."""
    told = report(live)
    rule = msgspec.structs.replace(told.rules[0], name=name, source=source)
    assert name_rules(msgspec.structs.replace(told, rules=(rule,))) == said
