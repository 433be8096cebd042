"""Every way to break the rules of private matching (70 to 72)."""

from __future__ import annotations

from typing import Any

from comity.records import kinds
from tests import world as w
from tests.rulebook import Scene, breaks, changed
from tests.world import Actor, Said


def offer(*to: Actor, **changes: Any) -> kinds.Offer:
    """An offer of an invented list."""
    made = kinds.Offer(
        list="Relays",
        version=1,
        types=("domain", "ip"),
        suite="ristretto255-SHA512",
        key=w.digest("match key", changes.get("version", 1)),
        count=100,
        root=w.digest("tokens"),
        package=w.digest("token package"),
        bytes=1700,
        to=tuple(sorted(a.id for a in to)),
        quota=50,
        use="defence",
        purpose="To find relays that both sides saw.",
    )
    result: kinds.Offer = changed(made, **changes)
    return result


def ask(offered: Said, **changes: Any) -> kinds.Ask:
    """A question against an offer."""
    made = kinds.Ask(
        offer=offered.value.id,
        count=10,
        root=w.digest("elements"),
        package=w.digest("element package"),
        bytes=400,
        purpose="We saw relays too.",
    )
    result: kinds.Ask = changed(made, **changes)
    return result


def answer(asked: Said, **changes: Any) -> kinds.Matched:
    """An answer to a question of ten indicators."""
    made = kinds.Matched(
        ask=asked.value.id,
        outcome="answered",
        used=10,
        root=w.digest("answers"),
        package=w.digest("answer package"),
        bytes=400,
        proof="ab" * 64,
    )
    result: kinds.Matched = changed(made, **changes)
    return result


def refusal(asked: Said, **changes: Any) -> kinds.Matched:
    """A question refused for its quota."""
    made = kinds.Matched(
        ask=asked.value.id, outcome="refused", used=0, ground="quota", text="Beyond the quota."
    )
    result: kinds.Matched = changed(made, **changes)
    return result


def offered(s: Scene, **changes: Any) -> Said:
    """A list of ``a`` that ``b`` may ask against."""
    return s.say(s.a, offer(s.b, **changes))


def asked(s: Scene, **changes: Any) -> tuple[Said, Said]:
    """A list, and a question by ``b`` against it."""
    before = offered(s)
    return before, s.say(s.b, ask(before, **changes), before)


@breaks(70)
def offers_types_out_of_order(s: Scene) -> Said:
    return offered(s, types=("ip", "domain"))


@breaks(70)
def offers_to_one_who_may_not_read_it(s: Scene) -> Said:
    return s.say(s.a, offer(s.b), to=[s.c])


@breaks(70)
def offers_to_one_party_twice(s: Scene) -> Said:
    return s.say(s.a, offer(s.b, s.b))


@breaks(70)
def offers_to_itself(s: Scene) -> Said:
    return s.say(s.a, offer(s.a), to=[s.a, s.b])


@breaks(70)
def offers_under_no_key(s: Scene) -> Said:
    return offered(s, key="00" * 32)


@breaks(70)
def offers_a_second_version_of_nothing(s: Scene) -> Said:
    return offered(s, version=2)


@breaks(70)
def offers_a_first_version_in_place_of_another(s: Scene) -> Said:
    before = offered(s)
    return s.say(s.a, offer(s.b, replaces=before.value.id), before)


@breaks(70)
def replaces_another_list(s: Scene) -> Said:
    before = offered(s, list="Others")
    return s.say(s.a, offer(s.b, version=2, replaces=before.value.id), before)


@breaks(70)
def replaces_the_list_of_another(s: Scene) -> Said:
    before = s.say(s.b, offer(s.a))
    return s.say(s.a, offer(s.b, version=2, replaces=before.value.id), before)


@breaks(70)
def leaves_out_a_version(s: Scene) -> Said:
    before = offered(s)
    return s.say(s.a, offer(s.b, version=3, replaces=before.value.id), before)


@breaks(70)
def keeps_a_key(s: Scene) -> Said:
    """With one key for two versions, an old answer says something of the new list."""
    before = offered(s)
    key = w.digest("match key", 1)
    return s.say(s.a, offer(s.b, version=2, replaces=before.value.id, key=key), before)


@breaks(70)
def offers_from_a_log_of_another(s: Scene) -> Said:
    return s.say(s.a, offer(s.b), s.sealed(s.b))


@breaks(71)
def asks_what_is_not_offered_to_it(s: Scene) -> Said:
    before = offered(s)
    return s.say(s.c, ask(before), before)


@breaks(71)
def asks_more_at_once_than_the_quota(s: Scene) -> Said:
    return asked(s, count=51)[1]


@breaks(71)
def asks_behind_the_back_of_others(s: Scene) -> Said:
    before = offered(s)
    return s.say(s.b, ask(before), before, to=[s.a])


@breaks(71)
def asks_against_what_is_no_list(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.b, ask(sealed), sealed)


@breaks(72)
def answers_for_another(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.c, answer(question), question, before)


@breaks(72)
def answers_without_a_proof(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, answer(question, proof=""), question, before)


@breaks(72)
def refuses_and_answers(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, refusal(question, proof="ab" * 64), question, before)


@breaks(72)
def refuses_without_a_ground_to_match(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, refusal(question, ground=""), question, before)


@breaks(72)
def answers_beyond_its_own_quota(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, answer(question, used=51), question, before)


@breaks(72)
def counts_less_than_was_asked(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, answer(question, used=9), question, before)


@breaks(72)
def answers_a_match_in_secret(s: Scene) -> Said:
    before, question = asked(s)
    return s.say(s.a, answer(question), question, before, to=[s.b])


@breaks(72)
def answers_what_was_not_asked(s: Scene) -> Said:
    before = offered(s)
    return s.say(s.a, answer(before), before)
