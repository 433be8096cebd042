"""What each of two assessments says where they differ, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from comity.phrases import Phrase, joined, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing.likelihood_words import digits_apart, interval, percent
from comity.weighing.naming import called, quoted
from comity.weighing.values import RELIABILITY

if TYPE_CHECKING:
    from comity.weighing.compare import Difference

PARAMETERS: Final = {
    "unknown_prior": phrase("prior of an actor that is none of these"),
    "deception_prior": phrase("prior of planted evidence"),
    "planting": phrase("share planted, where evidence was"),
    "tempering": phrase("power of the likelihood ratios"),
    "name_at": phrase("what a name needs"),
    "withstand": phrase("share of items whose loss a name survives"),
}
_FIELDS: Final = {
    "likelihoods": phrase("likelihoods"),
    "credibility": phrase("credibility"),
    "origin": phrase("origin"),
    "observed": phrase("what was observed"),
}


def tell_share(value: int) -> Phrase:
    """A setting in percent, with every digit that it has."""
    return phrase("{} %", f"{value / 10_000:.4f}".rstrip("0").rstrip("."))


def tell_thing(difference: Difference) -> Phrase:
    """What the two differ on, as a person calls it."""
    match difference.part:
        case "parameter":
            return PARAMETERS[difference.id]
        case "hypothesis":
            return phrase("explanation {}", quoted(difference.id))
        case "source":
            if not difference.id:
                return phrase("source of what declares no origin")
            return phrase("source {}", quoted(difference.id))
        case "item":
            # One that only one of them weighs differs as a whole.
            if difference.side != "both":
                return phrase("item {}", quoted(difference.id))
            told = joined(_FIELDS[name] for name in difference.fields)
            return phrase("item {}: {}", quoted(difference.id), told)
        case "knowledge":
            return phrase("which reports answer")
    return phrase("method")


def turns(difference: Difference) -> bool:
    """Whether taking over this one thing would change the answer: whether a cluster is named, or which."""
    before, after = difference.answer_before, difference.answer_after
    if not (before and after):
        return False
    return before != after or (after == "named" and difference.hypothesis != difference.leader_after)


def by_effect(found: Iterable[Difference]) -> list[Difference]:
    """What changes the answer first, then what changes most, and last what was not computed."""

    def place(each: Difference) -> tuple[bool, int]:
        return not turns(each), -abs(each.after - each.before) if each.after >= 0 else 1

    return sorted(found, key=place)


def tell_effect(difference: Difference) -> Phrase:
    """What the first would say if it took over this one thing, all else its own."""
    if difference.after >= 0:
        ends = difference.before, difference.after
        digits = digits_apart(*ends) if turns(difference) else 1
        figures = phrase("{} → {}", *(percent(end, digits) for end in ends))
        if not (difference.answer_before and difference.answer_after):
            return phrase("{}; whether the answer turns was not computed: too much work", figures)
        if not turns(difference):
            return figures
        return phrase(
            "{}; the answer turns: {} → {}",
            figures,
            _answered(difference.answer_before, difference.hypothesis),
            _answered(difference.answer_after, difference.leader_after),
        )
    match difference.part, difference.side:
        case "hypothesis", _:
            return phrase("not computed: it would need all judgements of this explanation with it")
        case "knowledge", _:
            return phrase("not computed: it would need the other reports' likelihoods with it")
    return phrase("not computed: taken over alone, it contradicts what stays")


def _answered(answer: str, leader: str) -> Phrase:
    return phrase("names {}", called(leader, {})) if answer == "named" else phrase("not enough evidence")


def tell_sides(difference: Difference, first: Assess, second: Assess) -> tuple[str, str]:
    """The differing fields of one thing as each side states them; "" for a side that does not have it."""
    one, other = (_say(difference, side) for side in (first, second))
    if difference.part == "item" and "likelihoods" in difference.fields:
        more = _likelihoods(difference.id, first, second)
        return tuple(joined(filter(None, each), "; ") for each in zip((one, other), more, strict=True))  # type: ignore[return-value]
    return one, other


def _grade(content: Assess, origin: str) -> str:
    """What a side makes of a source: the letter that its author wrote, where it wrote one, and the figure."""
    item = next((one for one in content.items if one.origin == origin), None)
    if item is None:
        return ""
    figure = percent(item.reliability)
    letters = {one.grades[:1] for one in content.items if one.origin == origin}
    letter = letters.pop() if len(letters) == 1 else ""
    return phrase("{} ({})", letter, figure) if RELIABILITY.get(letter) == item.reliability else figure


def _item(content: Assess, name: str) -> Weighed | None:
    return next((one for one in content.items if one.id == name), None)


def _say(difference: Difference, content: Assess) -> str:
    match difference.part:
        case "parameter":
            return tell_share(getattr(content.method, difference.id))
        case "hypothesis":
            found = next((one for one in content.hypotheses if one.id == difference.id), None)
            return phrase("weight {}", found.weight) if found else ""
        case "source":
            return _grade(content, difference.id)
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
        "credibility": phrase("credibility {}", percent(item.credibility)),
        "origin": phrase("origin {}", quoted(item.origin)) if item.origin else phrase("origin not declared"),
        "observed": phrase("observed {}", quoted(item.observed or item.id)),
    }
    return joined((told[name] for name in difference.fields if name in told), "; ")


def _likelihoods(name: str, first: Assess, second: Assess) -> tuple[str, str]:
    """The hypotheses that the two judge otherwise, with both intervals, most apart first."""
    sides = [_intervals(content, name) for content in (first, second)]
    known = sorted(sides[0].keys() | sides[1].keys())
    apart = [h for h in known if sides[0].get(h) != sides[1].get(h)]
    told = []
    for side in sides:
        line = joined((phrase("{} {}", quoted(h), interval(*side[h])) for h in apart[:6] if h in side), "; ")
        told.append(phrase("{}; and {} more", line, len(apart) - 6) if len(apart) > 6 else line)
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
