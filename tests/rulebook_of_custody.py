"""For each numbered rule of custody: every way to break it."""

from __future__ import annotations

from comity.records import kinds
from tests import world as w
from tests.rulebook import Scene, breaks, changed, item_of
from tests.world import Actor, Said


@breaks(60)
def says_more_of_its_custody_than_rules_1_know(s: Scene) -> Said:
    content = changed(w.seal(w.item("described")), custody=kinds.Custody(what="A mail log"))
    return s.say(s.a, content, frame={"rules": 1})


def handed(s: Scene, sealed: Said, to: Actor) -> kinds.Transfer:
    return kinds.Transfer(item=item_of(sealed), to=to.id, copy="working", purpose="To be examined.")


@breaks(61)
def hands_over_what_nobody_sealed(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, changed(handed(s, sealed, s.b), item=w.item("unsealed")), sealed)


@breaks(61)
def hands_over_to_itself(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, handed(s, sealed, s.a), sealed)


@breaks(61)
def hands_over_unseen(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, handed(s, sealed, s.b), sealed, to=[s.c])


def got(s: Scene, transfer: Said) -> kinds.Receive:
    assert isinstance(transfer.value.content, kinds.Transfer)
    which = transfer.value.content.item
    return kinds.Receive(transfer=transfer.value.id, item=which, condition="intact", checked="root")


@breaks(62)
def receives_what_went_to_another(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    transfer = s.say(s.a, handed(s, sealed, s.b), sealed)
    return s.say(s.c, got(s, transfer), transfer)


@breaks(62)
def receives_another_item(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    transfer = s.say(s.a, handed(s, sealed, s.b), sealed)
    return s.say(s.b, changed(got(s, transfer), item=w.item("another")), transfer)


@breaks(62)
def receives_what_is_no_transfer(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    content = kinds.Receive(
        transfer=sealed.value.id, item=item_of(sealed), condition="intact", checked="nothing"
    )
    return s.say(s.b, content, sealed)


@breaks(62)
def receives_in_secret(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    transfer = s.say(s.a, handed(s, sealed, s.b), sealed)
    return s.say(s.b, got(s, transfer), transfer, to=[s.c])


@breaks(63)
def holds_what_nobody_sealed(s: Scene) -> Said:
    content = kinds.Hold(item=w.item("unsealed"), state="held", basis="A court asked.")
    return s.say(s.b, content, s.sealed(s.a))


@breaks(64)
def erases_what_nobody_sealed(s: Scene) -> Said:
    content = kinds.Erase(item=w.item("unsealed"), copies="own", basis="The term is over.")
    return s.say(s.b, content, s.sealed(s.a))


@breaks(64)
def erases_for_all_what_another_sealed(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    content = kinds.Erase(item=item_of(sealed), copies="all", basis="The term is over.")
    return s.say(s.b, content, sealed)


@breaks(64)
def erases_behind_the_back_of_a_reader(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    content = kinds.Erase(item=item_of(sealed), copies="all", basis="The term is over.")
    return s.say(s.a, content, sealed, to=[s.b])


@breaks(65)
def builds_on_what_it_erases(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, kinds.EraseRecord(record=sealed.value.id, basis="It named a person."), sealed)
