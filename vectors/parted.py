"""Vectors of parting: files of several rules, and the sources that they become (spec 11)."""

from __future__ import annotations

import json
from typing import Any

from vectors.story import Made, vector

_RULE = "title: {0}\nlogsource: {{product: door}}\ndetection: {{s: {{act: {0}}}, condition: s}}\n"


def _indicator(number: int, **more: Any) -> dict[str, Any]:
    pattern = f"[ipv4-addr:value = '203.0.113.{number}']"
    return {
        "type": "indicator",
        "id": f"indicator--{number}",
        "pattern_type": "stix",
        "pattern": pattern,
        **more,
    }


def _bundle(*objects: dict[str, Any]) -> str:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)})


def parted_accepted() -> Made:
    two = _RULE.format("fail") + "---\n" + _RULE.format("login")
    yield vector("parted", "a file of two rules", sources={"two.yml": two})
    yield vector(
        "parted",
        "rules that share values stay together",
        sources={"all.yml": two + "---\nplaceholders: {staff: [ada]}\n"},
    )
    yield vector(
        "parted",
        "a bundle, called as feeds are",
        sources={"feed.json": _bundle(_indicator(1), {"type": "malware", "id": "malware--1"}, _indicator(2))},
    )
    yield vector(
        "parted",
        "an indicator alone is its own bytes",
        sources={"one.stix": json.dumps(_indicator(1), indent=1)},
    )
    yield vector(
        "parted",
        "indicators in other languages",
        sources={
            "feed.stix": _bundle(
                _indicator(1, pattern_type="sigma", pattern=_RULE.format("fail")),
                _indicator(2, pattern_type="yara", pattern='rule ada { strings: $a = "ada" condition: $a }'),
            )
        },
    )
    yield vector(
        "parted",
        "revoked, replaced and valid for a time",
        sources={
            "feed.stix": _bundle(
                _indicator(1, revoked=True, modified="2026-02-01T00:00:00Z"),
                _indicator(2, modified="2026-01-01T00:00:00Z"),
                _indicator(2, modified="2026-01-01T00:00:00.5Z", valid_from="2026-01-01T00:00:00Z"),
                _indicator(3, valid_from="2026-01-01T00:00:00Z", valid_until="2026-12-31T00:00:00Z"),
            )
        },
    )


def parted_refused() -> Made:
    yield vector(
        "parted",
        "a language that is not read",
        sources={
            "feed.stix": _bundle(_indicator(1, pattern_type="snort", pattern="alert tcp any any -> any any"))
        },
    )
    yield vector("parted", "a bundle without an indicator", sources={"feed.stix": _bundle()})
    yield vector("parted", "JSON that is no bundle", sources={"feed.json": "{}"})
