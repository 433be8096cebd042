"""What each of two assessments says where they differ, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing.likelihood_words import interval, percent

if TYPE_CHECKING:
    from comity.weighing.compare import Difference


def tell_sides(difference: Difference, first: Assess, second: Assess) -> tuple[str, str]:
    """The differing fields of one thing as each side states them; "" for a side that does not have it."""
    one, other = (_say(difference, side) for side in (first, second))
    if difference.part == "item" and "likelihoods" in difference.fields:
        return _likelihoods(difference.id, first, second)
    return one, other


def _item(content: Assess, name: str) -> Weighed | None:
    return next((one for one in content.items if one.id == name), None)


def _say(difference: Difference, content: Assess) -> str:
    match difference.part:
        case "parameter":
            return percent(getattr(content.method, difference.id))
        case "hypothesis":
            found = next((one for one in content.hypotheses if one.id == difference.id), None)
            return f"weight {found.weight}" if found else ""
        case "method":
            return content.method.name
        case "knowledge":
            return "" if content.knowledge is msgspec.UNSET else content.knowledge.name
    item = _item(content, difference.id)
    if item is None:
        return ""
    if difference.side != "both":
        return item.text
    told = {
        "reliability": f"reliability {percent(item.reliability)}",
        "credibility": f"credibility {percent(item.credibility)}",
        "origin": f"origin {item.origin or 'not declared'}",
        "observed": f"observed {item.observed or item.id}",
    }
    return "; ".join(told[name] for name in difference.fields if name in told)


def _likelihoods(name: str, first: Assess, second: Assess) -> tuple[str, str]:
    """The hypotheses that the two judge otherwise, with both intervals, most apart first."""
    sides = [_intervals(content, name) for content in (first, second)]
    known = sorted(sides[0].keys() | sides[1].keys())
    apart = [h for h in known if sides[0].get(h) != sides[1].get(h)]
    told = [
        "; ".join(f"{h} {interval(*side[h])}" for h in apart[:6] if h in side)
        + (f"; and {len(apart) - 6} more" if len(apart) > 6 else "")
        for side in sides
    ]
    return told[0], told[1]


def _intervals(content: Assess, name: str) -> dict[str, tuple[int, int]]:
    item = _item(content, name)
    if item is None:
        return {}
    others = item.others
    found: dict[str, tuple[int, int]] = {}
    if item.scaled:
        found = {one.id: content.scale[n] for one, n in zip(content.hypotheses, item.scaled, strict=True)}
    elif others is not msgspec.UNSET:
        found = {one.id: others for one in content.hypotheses}
    return found | {one.hypothesis: (one.low, one.high) for one in item.judgements}
