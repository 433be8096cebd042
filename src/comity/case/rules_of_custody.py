"""The rules of custody: who hands over and receives, holds and erases (``spec/05-rules.md``, from 60 on)."""

from __future__ import annotations

from comity.case.judging import Broken, Judging, missing_from, require_reach
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records import kinds
from comity.records.kinds_of_custody import Item


def judge_custody(j: Judging, custody: kinds.Custody) -> None:
    """60. The custody fields that came with rules 2 stand in a record under them."""
    if j.frame.rules < 2 and custody.needs_rules_2:
        raise Broken(60, "says of its custody what needs rules 2")


def _seals_of(j: Judging, rule: int, item: Item) -> list[Accepted]:
    found = [r for r in j.references.values() if isinstance(r.content, kinds.Seal) and r.content.item == item]
    if not found:
        raise Broken(rule, "references no seal of this item")
    return found


def judge_transfer(j: Judging) -> None:
    """61. An item that was sealed goes to another party, which may read that it does."""
    assert isinstance(j.content, kinds.Transfer)
    _seals_of(j, 61, j.content.item)
    if j.content.to == j.author or missing_from([j.content.to], j.frame.audience):
        raise Broken(61, "hands over to its own author, or to a party that may not read the record")


def judge_receive(j: Judging) -> None:
    """62. Only the party that an item was handed to receives it, and the giver learns of it."""
    assert isinstance(j.content, kinds.Receive)
    handed = j.reference(j.content.transfer, 62, "evidence.transfer")
    assert isinstance(handed.content, kinds.Transfer)
    if handed.content.to != j.author or handed.content.item != j.content.item:
        raise Broken(62, "receives what was handed to another party, or another item")
    if missing_from([handed.author], j.frame.audience):
        raise Broken(62, "the party that handed it over may not read the receipt")


def judge_hold(j: Judging) -> None:
    """63. What is held, or let go, is an item that was sealed."""
    assert isinstance(j.content, kinds.Hold)
    _seals_of(j, 63, j.content.item)


def judge_erase(j: Judging) -> None:
    """64. Who erases for all has sealed the item, and tells all who know of the seal."""
    assert isinstance(j.content, kinds.Erase)
    seals = _seals_of(j, 64, j.content.item)
    if j.content.copies == "own":
        return
    own = [seal for seal in seals if seal.author == j.author]
    if not own:
        raise Broken(64, "erases for all what another party sealed")
    for seal in own:
        require_reach(j, 64, seal, phrase("an erasure"))


def judge_erase_record(j: Judging) -> None:
    """65. What is erased is not built on."""
    assert isinstance(j.content, kinds.EraseRecord)
    if j.content.record in j.references:
        raise Broken(65, "references the record whose content it erases")
