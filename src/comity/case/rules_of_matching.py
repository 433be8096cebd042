"""Rules 70 to 72: private matching. Whether a proof holds is for whoever has the elements; no rule of the
case."""

from __future__ import annotations

from comity.case.judging import Broken, Judging, missing_from, require_reach
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records import kinds


def _offer(j: Judging) -> None:
    """70. An offer has a key of its own and names who may ask; a version follows the one before it."""
    assert isinstance(j.content, kinds.Offer)
    content = j.content
    if list(content.types) != sorted(set(content.types)):
        raise Broken(70, "types are not sorted, or one stands twice")
    if list(content.to) != sorted(set(content.to)) or missing_from(content.to, j.frame.audience):
        raise Broken(70, "who may ask is not sorted, stands twice, or may not read the offer")
    if j.author in content.to:
        raise Broken(70, "offers a list to its own author")
    if not content.key.strip("0"):
        raise Broken(70, "the key is the identity")
    if bool(content.replaces) != (content.version > 1):
        raise Broken(70, "a version above 1, and only that, replaces an offer")
    if content.replaces:
        _follows(j, content, j.reference(content.replaces, 70, "match.offer"))
    for record in j.references.values():
        if isinstance(record.content, kinds.Seal) and record.author != j.author:
            raise Broken(70, "rests on what another party sealed")


def _follows(j: Judging, content: kinds.Offer, before: Accepted) -> None:
    assert isinstance(before.content, kinds.Offer)
    if before.author != j.author or before.content.list != content.list:
        raise Broken(70, "replaces another list")
    if before.content.version + 1 != content.version:
        raise Broken(70, "is not the next version of the list")
    if before.content.key == content.key:
        raise Broken(70, "keeps the key of the version before")


def _ask(j: Judging) -> None:
    """71. Only whom the offer names asks, no more at once than its quota, and all who know the offer learn of
    it."""
    assert isinstance(j.content, kinds.Ask)
    offer = j.reference(j.content.offer, 71, "match.offer")
    assert isinstance(offer.content, kinds.Offer)
    if j.author not in offer.content.to:
        raise Broken(71, "asks against a list that is not offered to it")
    if j.content.count > offer.content.quota:
        raise Broken(71, phrase("asks {} at once, and the quota is {}", j.content.count, offer.content.quota))
    require_reach(j, 71, offer, phrase("a question"))


def _answer(j: Judging) -> None:
    """72. Only the offering party answers, within its quota, and with a proof exactly where it answers."""
    assert isinstance(j.content, kinds.Matched)
    content = j.content
    ask = j.reference(content.ask, 72, "match.ask")
    assert isinstance(ask.content, kinds.Ask)
    offer = j.reference(ask.content.offer, 72, "match.offer")
    assert isinstance(offer.content, kinds.Offer)
    if offer.author != j.author:
        raise Broken(72, "answers a question about another party's list")
    answered = content.outcome == "answered"
    given = (content.root, content.package, content.proof, content.bytes)
    if not all(given) if answered else any(given):
        raise Broken(72, "answers and their proof stand exactly where the question is answered")
    if answered == bool(content.ground):
        raise Broken(72, "a ground is given exactly where the question is refused")
    if answered and not ask.content.count <= content.used <= offer.content.quota:
        raise Broken(
            72, phrase("has answered {}, which is beyond the quota or less than was asked", content.used)
        )
    require_reach(j, 72, ask, phrase("an answer"))


MATCHING_RULES = {"match.offer": _offer, "match.ask": _ask, "match.answer": _answer}
