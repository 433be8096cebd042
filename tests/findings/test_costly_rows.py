"""Rows for which some rules would need too much: the others are asked, and little is made anew for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.findings import match
from comity.findings.effort import REFUSED, WORK, weigh_node
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

ITEM = ItemInfo(ref="r", format="jsonl/1", logsource={"product": "windows", "category": "process_creation"})
COUNT = 8


def expression(at: int) -> str:
    return "x" + "[ab]{900}y" * 26 + f"[ab]{{{900 - 10 * at}}}y"


def write(title: str, search: dict[str, Any]) -> tuple[str, bytes]:
    said = {
        "title": title,
        "logsource": {"product": "windows", "category": "process_creation"},
        "detection": {"s": search, "condition": "s"},
    }
    return f"{title}.yml", json.dumps(said).encode()


def made() -> Pack:
    sources = [write(f"heavy {n}", {"CommandLine|re": expression(n)}) for n in range(COUNT)]
    # Of these the expressions need as much, and of rows in another field nothing is too much.
    sources += [write(f"aside {n}", {"Image|re": f"a{n}|{expression(n)}"}) for n in range(COUNT)]
    sources += [write("light", {"CommandLine|re": "q{9}$"}), write("plain", {"Image": "a3"})]
    sources += [write("word", {"CommandLine|contains": "qqq", "Image|re": "a[0-3]$"})]
    return compile_pack(sources)


def rows_of(pack: Pack) -> list[Row]:
    """Each row refuses one rule more than that before it."""
    weights = {
        rule.title: sum(weigh_node(rule.parts[0].node).values())
        for rule in pack.rules
        if isinstance(rule, Rule)
    }
    texts = ["q" * (WORK // weights[f"heavy {n}"] + 1) for n in range(COUNT)]
    return [
        Row(index=n + 1, text=text, fields={"CommandLine": text, "Image": f"a{n}"}, time=None)
        for n, text in enumerate(texts)
    ]


def test_attack_rows_that_refuse_ever_more_rules_make_what_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each such row had all other rules made ready anew."""
    pack = made()
    times: list[int] = []
    make = match.Asked._make_without

    def count(self: match.Asked, digests: Any) -> match.Asked:
        times.append(1)
        return make(self, digests)

    monkeypatch.setattr(match.Asked, "_make_without", count)
    result = Scanner(pack).run(ITEM, rows_of(pack))
    titles = {rule.digest: getattr(rule, "title", "") for rule in pack.rules}
    assert {titles[digest]: why for digest, why in result.refused.items()} == {
        f"heavy {n}": REFUSED for n in range(COUNT)
    }
    assert len(times) == 1


def test_every_rule_that_is_not_refused_says_what_it_says_alone() -> None:
    pack = made()
    rows = rows_of(pack)
    together = Scanner(pack).run(ITEM, rows)
    alone: list[tuple[str, int]] = []
    for rule in pack.rules:
        result = Scanner(compile_pack([write(rule.title, search_of(rule.title))])).run(ITEM, rows)
        alone += result.matches
    assert together.matches == tuple(sorted(alone))
    assert len(alone) > COUNT


def search_of(title: str) -> dict[str, Any]:
    kind, _, number = title.partition(" ")
    if kind == "heavy":
        return {"CommandLine|re": expression(int(number))}
    if kind == "aside":
        return {"Image|re": f"a{number}|{expression(int(number))}"}
    others: dict[str, dict[str, Any]] = {
        "light": {"CommandLine|re": "q{9}$"},
        "plain": {"Image": "a3"},
        "word": {"CommandLine|contains": "qqq", "Image|re": "a[0-3]$"},
    }
    return others[kind]
