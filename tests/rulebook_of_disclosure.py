"""Every way to break the rules of approving, accepting and opening what is disclosed (73 to 76)."""

from __future__ import annotations

from typing import Any

from comity.records import ed25519, kinds
from comity.records.approvals import approve
from tests import world as w
from tests.rulebook import Scene, breaks, changed, opening
from tests.world import Actor, Said

SEEDS = sorted((w.derive("approver", n) for n in range(3)), key=ed25519.public_of)
SMALL = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"


def approvers(*seeds: bytes, needed: int = 2, replaces: str = "") -> kinds.Approvers:
    """A list of offices with the keys of these seeds."""
    named = [
        kinds.Approver(office=f"Office {n}", key=ed25519.public_of(s).hex()) for n, s in enumerate(seeds)
    ]
    return kinds.Approvers(
        needed=needed, approvers=tuple(sorted(named, key=lambda a: a.key)), replaces=replaces
    )


def approved(s: Scene, by: Actor, content: Any, *seeds: bytes) -> Any:
    """The same content with approvals by these keys."""
    made = [approve(s.case.id, by.id, content, seed) for seed in seeds]
    return changed(content, approvals=tuple(sorted(made, key=lambda a: a.key)))


def terms(**changes: Any) -> kinds.Terms:
    """Terms that ask to be accepted."""
    made: kinds.Terms = changed(kinds.Terms(consent="own", accept=True), **changes)
    return made


def shown(s: Scene, **changes: Any) -> Said:
    """Rows of ``a`` shown to ``b``, on terms."""
    sealed = s.sealed(s.a)
    content = changed(w.disclose(sealed, s.b.id, [3]), **{"terms": terms(), **changes})
    return s.say(s.a, content, sealed)


def strict(s: Scene, approvals: int = 2) -> None:
    """The scene goes on in a case that asks for approvals."""
    s.case = s.world.open_case(s.a, quorum=2, invite=[s.b, s.c], approvals=approvals)
    s.facts = [s.case.opening]
    s.facts += [r for actor in s.world.actors.values() for r in actor.chain.get(s.case.id, [])]
    s.facts = list(dict.fromkeys(s.facts))


def under_a_list(s: Scene, *seeds: bytes, **changes: Any) -> Said:
    """A disclosure under a list of two approvers, approved by these keys, then changed."""
    listed = s.say(s.a, approvers(*SEEDS[:2]))
    sealed = s.sealed(s.a)
    content = approved(s, s.a, w.disclose(sealed, s.b.id, [3]), *seeds)
    return s.say(s.a, changed(content, **changes), sealed, listed)


@breaks(73)
def lists_an_approver_twice(s: Scene) -> Said:
    return s.say(s.a, approvers(SEEDS[0], SEEDS[0]))


@breaks(73)
def asks_more_approvals_than_it_can_have(s: Scene) -> Said:
    return s.say(s.a, approvers(*SEEDS[:2], needed=3))


@breaks(73)
def lists_a_key_that_proves_nothing(s: Scene) -> Said:
    weak = kinds.Approvers(needed=1, approvers=(kinds.Approver(office="Office", key=SMALL),))
    return s.say(s.a, weak)


@breaks(73)
def approves_a_first_list_by_itself(s: Scene) -> Said:
    return s.say(s.a, approved(s, s.a, approvers(*SEEDS[:2]), *SEEDS[:2]))


@breaks(73)
def changes_approvers_without_them(s: Scene) -> Said:
    """A stolen node key names approvers of its own."""
    first = s.say(s.a, approvers(*SEEDS[:2]))
    return s.say(
        s.a, approved(s, s.a, approvers(SEEDS[2], needed=1, replaces=first.value.id), SEEDS[2]), first
    )


@breaks(73)
def changes_approvers_with_one_of_two(s: Scene) -> Said:
    first = s.say(s.a, approvers(*SEEDS[:2]))
    return s.say(
        s.a, approved(s, s.a, approvers(SEEDS[2], needed=1, replaces=first.value.id), SEEDS[0]), first
    )


@breaks(73)
def changes_the_approvers_of_another(s: Scene) -> Said:
    first = s.say(s.b, approvers(*SEEDS[:2]))
    return s.say(s.a, approved(s, s.a, approvers(*SEEDS, replaces=first.value.id), *SEEDS[:2]), first)


@breaks(74)
def accepts_for_another(s: Scene) -> Said:
    record = shown(s)
    return s.say(s.c, kinds.Accept(disclosure=record.value.id, decision="accepted"), record)


@breaks(74)
def accepts_its_own_disclosure(s: Scene) -> Said:
    record = shown(s)
    return s.say(s.a, kinds.Accept(disclosure=record.value.id, decision="accepted"), record)


@breaks(74)
def accepts_what_was_not_asked_to_be_accepted(s: Scene) -> Said:
    record = shown(s, terms=terms(accept=False))
    return s.say(s.b, kinds.Accept(disclosure=record.value.id, decision="accepted"), record)


@breaks(74)
def accepts_in_secret(s: Scene) -> Said:
    record = shown(s)
    return s.say(s.b, kinds.Accept(disclosure=record.value.id, decision="accepted"), record, to=[s.c])


@breaks(74)
def declines_without_a_reason(s: Scene) -> Said:
    record = shown(s)
    return s.say(s.b, kinds.Accept(disclosure=record.value.id, decision="declined"), record)


@breaks(75)
def opens_what_it_had_not_accepted(s: Scene) -> Said:
    record = shown(s)
    return s.say(s.b, kinds.Checked(disclosure=record.value.id, result="verified"), record)


@breaks(75)
def opens_what_it_declined(s: Scene) -> Said:
    record = shown(s)
    no = kinds.Accept(disclosure=record.value.id, decision="declined", reason="Not on these terms.")
    said = s.say(s.b, no, record)
    return s.say(s.b, kinds.Checked(disclosure=record.value.id, result="verified"), record, said)


@breaks(75)
def receipts_what_was_shown_to_another(s: Scene) -> Said:
    record = shown(s, terms=terms(accept=False))
    return s.say(s.c, kinds.Checked(disclosure=record.value.id, result="verified"), record)


@breaks(75)
def fails_without_saying_how(s: Scene) -> Said:
    record = shown(s, terms=terms(accept=False))
    return s.say(s.b, kinds.Checked(disclosure=record.value.id, result="failed"), record)


@breaks(76)
def states_terms_under_rules_1(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    content = changed(w.disclose(sealed, s.b.id, [3]), terms=terms())
    return s.say(s.a, content, sealed, frame={"rules": 1})


@breaks(76)
def calls_its_own_what_has_an_originator(s: Scene) -> Said:
    return shown(s, terms=terms(originator="Quay Hosting"))


@breaks(76)
def names_no_originator(s: Scene) -> Said:
    return shown(s, terms=terms(consent="given", why="By letter."))


@breaks(76)
def does_not_say_how_consent_stands(s: Scene) -> Said:
    return shown(s, terms=terms(consent="not-asked", originator="Quay Hosting"))


@breaks(76)
def asks_the_public_to_accept(s: Scene) -> Said:
    sealed = s.sealed(s.a, to=["public"])
    content = changed(w.disclose(sealed, "public", [3]), terms=terms())
    return s.say(s.a, content, sealed, to=["public"])


@breaks(76)
def is_approved_under_no_list(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, approved(s, s.a, w.disclose(sealed, s.b.id, [3]), SEEDS[0]), sealed)


@breaks(76)
def has_one_approval_of_two(s: Scene) -> Said:
    return under_a_list(s, SEEDS[0])


@breaks(76)
def counts_one_approval_twice(s: Scene) -> Said:
    listed = s.say(s.a, approvers(*SEEDS[:2]))
    sealed = s.sealed(s.a)
    content = approved(s, s.a, w.disclose(sealed, s.b.id, [3]), SEEDS[0])
    return s.say(s.a, changed(content, approvals=content.approvals * 2), sealed, listed)


@breaks(76)
def is_approved_by_a_stranger(s: Scene) -> Said:
    return under_a_list(s, SEEDS[0], SEEDS[2])


@breaks(76)
def was_approved_for_other_rows(s: Scene) -> Said:
    return under_a_list(s, *SEEDS[:2], rows=((4, 1),))


@breaks(76)
def was_approved_for_another_reader(s: Scene) -> Said:
    return under_a_list(s, *SEEDS[:2], to=(s.c.id,))


@breaks(76)
def was_approved_for_another_use(s: Scene) -> Said:
    return under_a_list(s, *SEEDS[:2], use="information")


@breaks(76)
def lacks_the_approvals_that_the_case_asks_for(s: Scene) -> Said:
    strict(s)
    return shown(s)


@breaks(76)
def lacks_them_in_the_words_of_older_rules(s: Scene) -> Said:
    """A disclosure of rules 1 names no opening; its chain began with one."""
    strict(s)
    sealed = s.sealed(s.b)
    s.sealed(s.b)
    return s.say(s.b, w.disclose(sealed, s.c.id, [3]), sealed)


@breaks(76)
def needs_fewer_than_the_case_asks_for(s: Scene) -> Said:
    strict(s)
    listed = s.say(s.a, approvers(*SEEDS[:2], needed=1))
    sealed = s.sealed(s.a)
    return s.say(s.a, approved(s, s.a, w.disclose(sealed, s.b.id, [3]), SEEDS[0]), sealed, listed)


@breaks(76)
def picks_one_of_two_lists(s: Scene) -> Said:
    one, two = s.say(s.a, approvers(*SEEDS[:2])), s.say(s.a, approvers(*SEEDS[1:]))
    sealed = s.sealed(s.a)
    content = approved(s, s.a, w.disclose(sealed, s.b.id, [3]), SEEDS[1])
    return s.say(s.a, content, sealed, one, two)


@breaks(3)
def asks_for_approvals_under_rules_1(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    policy = changed(s.case.policy, approvals=2)
    return s.say(s.a, opening(s, s.a, policy=policy), frame={"rules": 1})
