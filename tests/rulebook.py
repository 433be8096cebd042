"""For each numbered rule of the case: every way to break it, as a scene that ends in one refused record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comity.case.fold import Fact
from comity.case.state import State
from comity.ledger import merkle, note
from comity.records import envelopes, kinds, kinds_of_weighing
from comity.records.bundles import Bundle
from tests import world as w
from tests.world import DAY, HOUR, Actor, Case, Said, World, fold_case


@dataclass(kw_only=True)
class Scene:
    """A case of three parties with nothing said yet but its opening and the invitations."""

    world: World
    a: Actor
    b: Actor
    c: Actor
    case: Case
    facts: list[Fact] = field(default_factory=list)

    def say(
        self,
        actor: Actor,
        content: kinds.Content,
        *references: Said,
        to: Iterable[Actor | str] | None = None,
        **how: Any,
    ) -> Said:
        """One record by ``actor``, to everybody or to ``to``, an hour after the one before."""
        self.world.now += HOUR
        how.setdefault("case", self.case)
        record = actor.say(content, references=references, audience=to, **how)
        self.facts.append(record)
        return record

    def sealed(self, actor: Actor, **how: Any) -> Said:
        """A sealed item of this actor."""
        return self.say(actor, w.seal(w.item(actor.name, len(self.facts))), **how)

    def found(self, actor: Actor, **how: Any) -> Said:
        """A finding of this actor over an item of its own."""
        sealed = self.sealed(actor, **how)
        return self.say(actor, w.report(item_of(sealed)), sealed, **how)

    def claimed(self, actor: Actor, *named: Actor, **how: Any) -> Said:
        """An assertion of this actor that rests on a citation and names others."""
        return self.say(actor, w.claim(w.cite(), about=[w.about(n) for n in named]), **how)

    def told(self, by: Actor, to: Actor) -> Said:
        """A notice by one party to another of an assertion that names it."""
        stated = self.claimed(by, to)
        return self.say(
            by,
            kinds.Give(to=w.about(to), target=stated.value.id, assertions=(0,), text="You are named."),
            stated,
        )

    def asked(self, by: Actor, of: Actor) -> Said:
        """A request by one party of another."""
        return self.say(by, w.request(of, self.world.now + 5 * DAY))

    @property
    def state(self) -> State:
        return fold_case(self.case, self.facts)


def scene(seed: object = "scene") -> Scene:
    """A fresh scene; nothing of it is shared with another."""
    world = World(seed)
    a, b, c = (world.party(n) for n in ("Alder", "Birch", "Cedar"))
    case = world.open_case(a, quorum=2)
    made = Scene(world=world, a=a, b=b, c=c, case=case)
    made.facts = [case.opening, world.invite(case, a, b), world.invite(case, a, c)]
    return made


def item_of(sealed: Said) -> kinds.Item:
    """The item of a seal."""
    assert isinstance(sealed.value.content, kinds.Seal)
    return sealed.value.content.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One way to break a rule; ``play`` says it and gives the record that must be refused."""

    rule: int
    name: str
    play: Callable[[Scene], Said]


BREAKS: list[Break] = []


def breaks(rule: int) -> Callable[[Callable[[Scene], Said]], Callable[[Scene], Said]]:
    """Enters a scene in the rulebook under its own name."""

    def enter(play: Callable[[Scene], Said]) -> Callable[[Scene], Said]:
        BREAKS.append(Break(rule=rule, name=play.__name__, play=play))
        return play

    return enter


def changed(content: Any, **changes: Any) -> Any:
    """A content with other fields."""
    return msgspec.structs.replace(content, **changes)


def published() -> kinds.Publish:
    return kinds.Publish(manifest=w.digest("manifest"))


# -- 1 to 7: every record -------------------------------------------------------------------------


@breaks(1)
def names_another_case(s: Scene) -> Said:
    return s.say(s.b, published(), frame={"case": w.digest("another case")})


@breaks(2)
def skips_a_number(s: Scene) -> Said:
    s.say(s.b, published())
    return s.say(s.b, published(), seq=7)


@breaks(2)
def follows_another_author(s: Scene) -> Said:
    s.say(s.b, published())
    return s.say(s.b, published(), after=s.say(s.c, published()))


@breaks(2)
def follows_itself_in_another_case(s: Scene) -> Said:
    s.say(s.b, published())
    return s.say(s.b, published(), sub=w.digest("another alias"))


def opening(s: Scene, by: Actor, **changes: Any) -> kinds.Open:
    content = s.case.opening.value.content
    assert isinstance(content, kinds.Open)
    return changed(content, **changes)  # type: ignore[no-any-return]


@breaks(3)
def opens_a_case_that_runs(s: Scene) -> Said:
    return s.say(s.a, opening(s, s.a))


@breaks(3)
def opens_what_another_party_opened(s: Scene) -> Said:
    return s.say(s.b, opening(s, s.b), seen=())


@breaks(3)
def opens_under_another_key(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    return s.say(s.a, opening(s, s.a, key_hash=envelopes.key_hash(bytes(32))))


@breaks(3)
def asks_for_more_witnesses_than_it_names(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, quorum=9)))


@breaks(3)
def names_a_witness_twice(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    witness = s.case.policy.witnesses[0]
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, witnesses=(witness, witness))))


@breaks(3)
def names_a_witness_under_two_names(s: Scene) -> Said:
    """One key, so one voice, whatever it is called."""
    s.a.chain[s.case.id].clear()
    key = s.case.policy.witnesses[0]
    vkey = note.Vkey.parse(key.vkey)
    again = kinds.Witness(vkey=str(note.vkey_of(f"{vkey.name}/again", vkey.key, note.COSIGNATURE)))
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, witnesses=(key, again))))


@breaks(3)
def names_a_ledger_as_a_witness(s: Scene) -> Said:
    """A key of another kind never cosigns."""
    s.a.chain[s.case.id].clear()
    ledger = kinds.Witness(vkey=s.b.party.card.checkpoint)
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, witnesses=(ledger,))))


@breaks(3)
def names_a_witness_without_a_key(s: Scene) -> Said:
    """Nobody could read it, and so nobody prove or publish anything in the case."""
    s.a.chain[s.case.id].clear()
    nobody = kinds.Witness(vkey="nobody")
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, witnesses=(nobody,))))


@breaks(3)
def gives_the_address_of_a_witness_under_rules_1(s: Scene) -> Said:
    """A reader of the first rules does not know the field."""
    s.a.chain[s.case.id].clear()
    named = changed(s.case.policy.witnesses[0], url="https://witness.example/")
    return s.say(
        s.a, opening(s, s.a, policy=changed(s.case.policy, witnesses=(named,), quorum=1)), frame={"rules": 1}
    )


@breaks(3)
def asks_for_more_than_witnesses_and_authorities(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    named = kinds.Authority(certificate=w.digest("anchor"), name="Invented Time")
    both = len(s.case.policy.witnesses) + 1
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, authorities=(named,), quorum=both + 1)))


@breaks(3)
def names_an_authority_twice(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    named = kinds.Authority(certificate=w.digest("anchor"), name="Invented Time")
    again = changed(named, name="Invented Time again")
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, authorities=(named, again))))


@breaks(3)
def begins_without_the_opening(s: Scene) -> Said:
    return s.say(s.b, published(), frame={"references": ()})


@breaks(4)
def has_seen_itself(s: Scene) -> Said:
    return s.say(s.b, published(), seen=[s.say(s.b, published())])


@breaks(4)
def has_seen_one_author_twice(s: Scene) -> Said:
    one, two = s.say(s.a, published()), s.say(s.a, published())
    return s.say(s.b, published(), seen=[one, two])


@breaks(4)
def has_seen_less_than_before(s: Scene) -> Said:
    one, two = s.say(s.a, published()), s.say(s.a, published())
    s.say(s.b, published(), seen=[two])
    return s.say(s.b, published(), seen=[one])


@breaks(4)
def has_forgotten_an_author(s: Scene) -> Said:
    s.say(s.b, published(), seen=[s.say(s.a, published())])
    return s.say(s.b, published(), seen=())


@breaks(5)
def builds_on_what_was_refused(s: Scene) -> Said:
    return s.say(s.c, published(), s.say(s.b, kinds.Invite(to=s.b.id)))


@breaks(5)
def names_what_it_does_not_reference(s: Scene) -> Said:
    return s.say(s.b, kinds.Received(record=s.claimed(s.a).value.id))


@breaks(6)
def rests_on_what_its_readers_may_not_read(s: Scene) -> Said:
    sealed = s.sealed(s.a, to=[s.b])
    return s.say(s.a, w.claim(w.on(sealed)), sealed, to=[s.b, s.c])


@breaks(6)
def rests_on_a_grant_that_it_does_not_reference(s: Scene) -> Said:
    sealed = s.sealed(s.a, to=[s.b])
    s.say(s.a, kinds.Grant(to=(s.c.id,)), sealed, to=[s.b, s.c])
    return s.say(s.a, w.claim(w.on(sealed)), sealed, to=[s.b, s.c])


@breaks(7)
def says_later_rules_without_the_opening_that_pins_them(s: Scene) -> Said:
    s.claimed(s.b)
    return s.say(s.b, published(), frame={"rules": 2})


# -- 10 to 16: the case, evidence, findings -------------------------------------------------------


@breaks(10)
def invites_itself(s: Scene) -> Said:
    return s.say(s.b, kinds.Invite(to=s.b.id))


@breaks(11)
def grants_nothing(s: Scene) -> Said:
    return s.say(s.b, kinds.Grant(to=(s.c.id,)))


@breaks(11)
def grants_what_another_wrote(s: Scene) -> Said:
    own, other = s.sealed(s.b), s.sealed(s.a)
    return s.say(s.b, kinds.Grant(to=(s.c.id,)), own, other)


@breaks(13)
def derives_from_what_another_sealed(s: Scene) -> Said:
    source, result = s.sealed(s.a), s.sealed(s.b)
    content = kinds.Derive(source=item_of(source), result=item_of(result), tool="lines", version="1")
    return s.say(s.b, content, source, result)


@breaks(13)
def derives_an_item_from_itself(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    content = kinds.Derive(source=item_of(sealed), result=item_of(sealed), tool="lines", version="1")
    return s.say(s.a, content, sealed)


@breaks(14)
def discloses_what_another_sealed(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.b, w.disclose(sealed, s.c.id, [1]), sealed)


@breaks(14)
def discloses_rows_without_numbers(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, changed(w.disclose(sealed, s.b.id), level="rows"), sealed)


@breaks(14)
def discloses_the_whole_with_numbers(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, changed(w.disclose(sealed, s.b.id, [1]), level="whole"), sealed)


@breaks(14)
def discloses_a_row_beyond_the_item(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, w.disclose(sealed, s.b.id, [item_of(sealed).size]), sealed)


@breaks(14)
def discloses_to_who_may_not_know(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, w.disclose(sealed, s.c.id, [1]), sealed, to=[s.b])


@breaks(14)
def discloses_to_one_party_twice(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, changed(w.disclose(sealed, s.b.id, [1]), to=(s.b.id, s.b.id)), sealed)


@breaks(15)
def reports_on_an_item_that_nobody_sealed(s: Scene) -> Said:
    return s.say(s.a, w.report(w.item("unsealed")), s.sealed(s.a))


@breaks(15)
def reports_without_rules(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, changed(w.report(item_of(sealed)), rules=(), matches=()), sealed)


@breaks(15)
def reports_a_rule_twice(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    made = w.report(item_of(sealed))
    return s.say(s.a, changed(made, rules=made.rules * 2), sealed)


@breaks(15)
def reports_matches_of_one_rule_twice(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    made = w.report(item_of(sealed))
    return s.say(s.a, changed(made, matches=made.matches * 2), sealed)


@breaks(15)
def reports_matches_of_a_rule_that_was_not_run(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    made = w.report(item_of(sealed))
    return s.say(s.a, changed(made, matches=w.report(item_of(sealed), rule="other").matches), sealed)


@breaks(15)
def reports_a_match_without_rows(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    made = w.report(item_of(sealed))
    return s.say(s.a, changed(made, matches=(changed(made.matches[0], rows=()),)), sealed)


@breaks(15)
def reports_a_row_beyond_the_item(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, w.report(item_of(sealed), [100]), sealed)


@breaks(16)
def runs_again_what_is_no_finding(s: Scene) -> Said:
    found, stated = s.found(s.a), s.claimed(s.a)
    return s.say(s.b, changed(w.rerun(found), finding=stated.value.id), stated)


@breaks(16)
def says_same_of_some_rows(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, w.rerun(found, "same", scope="rows"), found)


@breaks(16)
def says_shown_rows_match_of_the_whole(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, w.rerun(found, "shown-rows-match", scope="whole"), found)


@breaks(16)
def differs_without_a_cause(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, w.rerun(found, "different", cause=""), found)


@breaks(16)
def says_same_with_another_result(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, changed(w.rerun(found), result=w.digest("other")), found)


@breaks(16)
def runs_again_and_matches_beyond_the_item(s: Scene) -> Said:
    found = s.found(s.a)
    content = w.rerun(found)
    matches = (changed(content.matches[0], rows=((99, 2),)),)
    return s.say(s.b, changed(content, matches=matches), found)


@breaks(16)
def runs_again_behind_a_readers_back(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, w.rerun(found), found, to=[s.a])


# -- 17 to 25: assertions and what answers them ---------------------------------------------------


@breaks(17)
def cites_nothing(s: Scene) -> Said:
    return s.say(s.a, w.claim(kinds.Support(kind="citation", inference="so it is")))


@breaks(17)
def rests_an_item_on_a_finding(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.a, w.claim(changed(w.on(found), kind="item")), found)


@breaks(17)
def cites_beside_a_record(s: Scene) -> Said:
    sealed = s.sealed(s.a)
    return s.say(s.a, w.claim(changed(w.on(sealed), cite="a report")), sealed)


@breaks(17)
def claims_against_an_assertion(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, w.claim(against=w.target(stated)), stated)


@breaks(17)
def denies_nothing(s: Scene) -> Said:
    return s.say(s.b, w.claim(stance="denies"))


@breaks(17)
def counters_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, w.claim(stance="counters", against=w.target(stated, 5)), stated)


@breaks(18)
def withdraws_what_another_said(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, kinds.Withdraw(target=stated.value.id, assertions=(0,), reason="No."), stated)


@breaks(18)
def withdraws_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, kinds.Withdraw(target=stated.value.id, assertions=(1,), reason="No."), stated)


@breaks(18)
def withdraws_one_assertion_twice(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, kinds.Withdraw(target=stated.value.id, assertions=(0, 0), reason="No."), stated)


@breaks(18)
def withdraws_behind_a_readers_back(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = kinds.Withdraw(target=stated.value.id, assertions=(0,), reason="No.")
    return s.say(s.a, content, stated, to=[s.b])


def notice(of: Said, to: Actor, *numbers: int) -> kinds.Give:
    return kinds.Give(to=w.about(to), target=of.value.id, assertions=numbers or (0,), text="You are named.")


@breaks(19)
def gives_notice_of_what_another_said(s: Scene) -> Said:
    stated = s.claimed(s.a, s.c)
    return s.say(s.b, notice(stated, s.c), stated)


@breaks(19)
def gives_notice_of_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a, s.b)
    return s.say(s.a, notice(stated, s.b, 0, 1), stated)


@breaks(19)
def gives_notice_to_a_party_that_is_not_named(s: Scene) -> Said:
    stated = s.claimed(s.a, s.b)
    return s.say(s.a, notice(stated, s.c), stated)


@breaks(19)
def gives_notice_that_cannot_be_read(s: Scene) -> Said:
    stated = s.claimed(s.a, s.b)
    return s.say(s.a, notice(stated, s.b), stated, to=[s.c])


@breaks(20)
def acknowledges_a_notice_to_another(s: Scene) -> Said:
    told = s.told(s.a, s.b)
    return s.say(s.c, kinds.Acknowledge(notice=told.value.id), told)


@breaks(20)
def acknowledges_what_is_no_notice(s: Scene) -> Said:
    stated = s.claimed(s.a, s.b)
    return s.say(s.b, kinds.Acknowledge(notice=stated.value.id), stated)


@breaks(20)
def acknowledges_without_telling_the_giver(s: Scene) -> Said:
    told = s.told(s.a, s.b)
    return s.say(s.b, kinds.Acknowledge(notice=told.value.id), told, to=[s.c])


@breaks(21)
def receives_its_own_record(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, kinds.Received(record=stated.value.id), stated)


@breaks(21)
def receives_what_was_not_addressed_to_it(s: Scene) -> Said:
    stated = s.claimed(s.a, to=[s.b])
    return s.say(s.c, kinds.Received(record=stated.value.id), stated, to=[s.a])


@breaks(21)
def receives_without_telling_the_sender(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, kinds.Received(record=stated.value.id), stated, to=[s.c])


@breaks(22)
def asks_itself(s: Scene) -> Said:
    return s.say(s.a, w.request(s.a, s.world.now))


@breaks(22)
def asks_who_cannot_read_it(s: Scene) -> Said:
    return s.say(s.a, w.request(s.b, s.world.now), to=[s.c])


@breaks(22)
def cites_an_instrument_under_the_first_rules(s: Scene) -> Said:
    cites = changed(w.request(s.b, s.world.now), instrument="Treaty of Nowhere, article 29(7)")
    return s.say(s.a, cites, frame={"rules": 1})


@breaks(22)
def asks_about_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.b)
    return s.say(s.a, w.request(s.b, s.world.now, about=w.target(stated, 3)), stated)


@breaks(22)
def asks_for_what_is_no_evidence(s: Scene) -> Said:
    stated = s.claimed(s.b)
    return s.say(s.a, w.request(s.b, s.world.now, items=[stated]), stated)


@breaks(53)
def names_its_proposition_under_the_first_rules(s: Scene) -> Said:
    named = changed(
        w.claim(w.cite()), assertions=(changed(w.claim(w.cite()).assertions[0], proposition="event"),)
    )
    return s.say(s.a, named, frame={"rules": 1})


@breaks(53)
def answers_with_a_proposition_under_the_first_rules(s: Scene) -> Said:
    stated = s.claimed(s.b)
    own = changed(w.claim(w.cite()).assertions[0], proposition="person")
    return s.say(s.a, kinds.Response(target=stated.value.id, assertions=(own,)), stated, frame={"rules": 1})


@breaks(23)
def answers_for_another(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.c, kinds.Answer(request=asked.value.id, disposition="fulfilled"), asked)


@breaks(23)
def agrees_to_another_instant(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    content = kinds.Answer(request=asked.value.id, disposition="accepted", agrees="2031-12-31T00:00:00Z")
    return s.say(s.b, content, asked)


@breaks(23)
def agrees_and_proposes(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    assert isinstance(asked.value.content, kinds.Request)
    due = asked.value.content.due
    content = kinds.Answer(
        request=asked.value.id, disposition="accepted", agrees=due, due="2031-12-31T00:00:00Z"
    )
    return s.say(s.b, content, asked)


@breaks(23)
def refuses_without_a_ground(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.b, kinds.Answer(request=asked.value.id, disposition="refused"), asked)


@breaks(23)
def fulfils_with_what_another_wrote(s: Scene) -> Said:
    asked, sealed = s.asked(s.a, s.b), s.sealed(s.c)
    content = kinds.Answer(request=asked.value.id, disposition="fulfilled", fulfils=(sealed.value.id,))
    return s.say(s.b, content, asked, sealed)


@breaks(23)
def answers_without_telling_who_asked(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    content = kinds.Answer(request=asked.value.id, disposition="fulfilled")
    return s.say(s.b, content, asked, to=[s.c])


def answer(to: Said, *positions: kinds.Position) -> kinds.Response:
    return kinds.Response(target=to.value.id, positions=positions)


@breaks(24)
def responds_to_itself(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, answer(stated, kinds.Position(n=0, position="accepts")), stated)


@breaks(24)
def takes_a_position_on_nothing(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, answer(stated, kinds.Position(n=1, position="disputes")), stated)


@breaks(24)
def takes_a_position_on_a_support_that_is_not_there(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, answer(stated, kinds.Position(n=0, position="disputes", support=1)), stated)


@breaks(24)
def takes_two_positions(s: Scene) -> Said:
    stated = s.claimed(s.a)
    both = (kinds.Position(n=0, position="accepts"), kinds.Position(n=0, position="disputes"))
    return s.say(s.b, answer(stated, *both), stated)


@breaks(24)
def responds_with_nothing(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, answer(stated), stated)


@breaks(24)
def responds_behind_a_readers_back(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, answer(stated, kinds.Position(n=0, position="disputes")), stated, to=[s.a])


@breaks(25)
def endorses_itself(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, kinds.Endorse(target=w.target(stated), basis="trust"), stated)


@breaks(25)
def endorses_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, kinds.Endorse(target=w.target(stated, 1), basis="trust"), stated)


@breaks(25)
def endorses_with_origins_out_of_order(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = kinds.Endorse(target=w.target(stated), basis="trust", origins=("b", "a"))
    return s.say(s.b, content, stated)


@breaks(25)
def endorses_on_own_evidence_of_another(s: Scene) -> Said:
    stated, sealed = s.claimed(s.a), s.sealed(s.a)
    content = kinds.Endorse(target=w.target(stated), basis="own-evidence", supports=(w.on(sealed),))
    return s.say(s.b, content, stated, sealed)


# -- 29: assessments ------------------------------------------------------------------------------


def weighed(s: Scene, **changes: Any) -> Said:
    """An assessment that would be accepted but for the fields changed."""
    sealed, stated = s.sealed(s.c), s.claimed(s.a)
    content = changed(w.assessment(on_item=sealed, on_claim=stated), **changes)
    return s.say(s.c, content, sealed, stated, s.case.opening)


def results_in(s: Scene, **changes: Any) -> Said:
    return weighed(s, result=changed(w.assessment().result, **changes))


def judges(s: Scene, **changes: Any) -> Said:
    first, second = w.assessment().items
    return weighed(s, items=(changed(first, **changes), second))


SCALE = ((100_000, 100_000), (400_000, 500_000))


def judges_by_number(s: Scene, scale: tuple[tuple[int, int], ...], **changes: Any) -> Said:
    """An assessment whose first item has numbers of a scale."""
    first, second = w.assessment().items
    by_number = changed(first, judgements=first.judgements[1:], scaled=(1, 0))
    return weighed(s, scale=scale, items=(changed(by_number, **changes), second))


@breaks(29)
def states_a_scale_out_of_order(s: Scene) -> Said:
    return judges_by_number(s, SCALE[::-1])


@breaks(29)
def states_a_scale_that_runs_backwards(s: Scene) -> Said:
    return judges_by_number(s, (SCALE[0], (400_000, 300_000)))


@breaks(29)
def judges_beyond_its_scale(s: Scene) -> Said:
    return judges_by_number(s, SCALE[:1])


@breaks(29)
def judges_some_by_its_scale(s: Scene) -> Said:
    return judges_by_number(s, SCALE, scaled=(1,))


@breaks(29)
def judges_by_its_scale_and_beside_it(s: Scene) -> Said:
    return judges_by_number(s, SCALE, others=SCALE[0])


@breaks(29)
def weighs_items_out_of_order(s: Scene) -> Said:
    return weighed(s, items=w.assessment().items[::-1])


@breaks(29)
def weighs_a_hypothesis_twice(s: Scene) -> Said:
    return weighed(s, hypotheses=(w.assessment().hypotheses[0],) * 2)


@breaks(29)
def lists_the_unknown_actor(s: Scene) -> Said:
    listed = (*w.assessment().hypotheses, kinds_of_weighing.Cluster(id="unknown"))
    return weighed(s, hypotheses=listed)


@breaks(29)
def rests_an_item_on_nothing(s: Scene) -> Said:
    return judges(s, cite="")


@breaks(29)
def rests_an_item_on_a_request(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    first, second = w.assessment().items
    content = changed(w.assessment(), items=(changed(first, record=asked.value.id), second))
    return s.say(s.c, content, asked, s.case.opening)


@breaks(5)
def rests_an_item_on_what_it_does_not_reference(s: Scene) -> Said:
    sealed = s.sealed(s.c)
    return s.say(s.c, w.assessment(on_item=sealed), s.case.opening)


@breaks(6)
def rests_an_item_on_what_its_readers_may_not_read(s: Scene) -> Said:
    sealed = s.sealed(s.c, to=[s.a])
    return s.say(s.c, w.assessment(on_item=sealed), sealed, s.case.opening)


@breaks(7)
def weighs_without_naming_the_rules(s: Scene) -> Said:
    s.say(s.c, published())
    return s.say(s.c, w.assessment(), frame={"references": ()})


@breaks(29)
def leaves_the_unknown_actor_unjudged(s: Scene) -> Said:
    return judges(s, judgements=w.assessment().items[0].judgements[:1])


@breaks(29)
def judges_under_a_hypothesis_that_is_not_there(s: Scene) -> Said:
    return judges(s, judgements=(kinds_of_weighing.Judgement(hypothesis="Wren", low=1, high=1),))


@breaks(29)
def judges_out_of_order(s: Scene) -> Said:
    return judges(s, judgements=w.assessment().items[0].judgements[::-1])


@breaks(29)
def judges_backwards(s: Scene) -> Said:
    return judges(s, others=(500_000, 400_000))


@breaks(29)
def quotes_knowledge_that_it_does_not_name(s: Scene) -> Said:
    return judges(s, by="knowledge", observed="T1059")


@breaks(29)
def leaves_a_hypothesis_without_standing(s: Scene) -> Said:
    first, second, _ = w.assessment().result.standings
    return results_in(s, standings=(first, second, changed(first, hypothesis="Wren")))


@breaks(29)
def stands_outside_its_interval(s: Scene) -> Said:
    first, *rest = w.assessment().result.standings
    return results_in(s, standings=(changed(first, low=first.posterior + 1), *rest))


@breaks(29)
def adds_up_to_more_than_one(s: Scene) -> Said:
    first, *rest = w.assessment().result.standings
    return results_in(s, standings=(changed(first, posterior=first.high), *rest))


@breaks(29)
def names_a_leader_that_is_not_weighed(s: Scene) -> Said:
    return results_in(s, leader="Wren")


@breaks(29)
def is_driven_by_an_item_that_is_not_weighed(s: Scene) -> Said:
    (driver,) = w.assessment().result.drivers
    return results_in(s, drivers=(changed(driver, items=("the rumour",)),))


@breaks(29)
def names_somebody_below_its_own_bar(s: Scene) -> Said:
    return results_in(s, answer="named")


@breaks(29)
def names_the_unknown_actor(s: Scene) -> Said:
    return results_in(s, answer="named", leader="unknown")


@breaks(29)
def asks_without_a_worth(s: Scene) -> Said:
    return weighed(s, questions=w.assessment(ask=s.a).questions)


@breaks(29)
def asks_for_what_it_weighs(s: Scene) -> Said:
    asked = w.assessment(ask=s.a)
    (question,) = asked.questions
    again = changed(question, item=changed(question.item, id="the log"))
    return weighed(s, questions=(again,), result=asked.result)


@breaks(29)
def asks_its_own_author(s: Scene) -> Said:
    asked = w.assessment(ask=s.c)
    return weighed(s, questions=asked.questions, result=asked.result)


@breaks(29)
def is_about_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = changed(w.assessment(), about=w.target(stated, 3))
    return s.say(s.c, content, stated, s.case.opening)


# -- 27 and 28: proofs of two histories, attempts to deliver ------------------------------------


@breaks(3)
def names_a_courier_twice(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    return s.say(s.a, opening(s, s.a, policy=changed(s.case.policy, couriers=(s.c.id, s.c.id))))


@breaks(3)
def names_couriers_under_rules_1(s: Scene) -> Said:
    s.a.chain[s.case.id].clear()
    policy = changed(s.case.policy, couriers=(s.c.id,))
    return s.say(s.a, opening(s, s.a, policy=policy), frame={"rules": 1})


def forked(s: Scene) -> kinds.Prove:
    one, two = s.claimed(s.b), s.claimed(s.b)
    return w.fork_of(s.b, two, s.claimed(s.b, after=one))


@breaks(27)
def proves_one_record_twice(s: Scene) -> Said:
    proof = forked(s)
    return s.say(s.c, changed(proof, second=proof.first))


@breaks(27)
def proves_by_two_places(s: Scene) -> Said:
    one, two = s.claimed(s.b), s.claimed(s.b)
    proof = forked(s)
    raws = sorted((one.value.envelope.raw, two.value.envelope.raw), key=envelopes.record_id)
    return s.say(s.c, changed(proof, first=raws[0].hex(), second=raws[1].hex()))


@breaks(27)
def proves_in_the_other_order(s: Scene) -> Said:
    proof = forked(s)
    return s.say(s.c, changed(proof, first=proof.second, second=proof.first))


@breaks(27)
def proves_against_another_party(s: Scene) -> Said:
    return s.say(s.c, changed(forked(s), party=s.a.id))


@breaks(27)
def proves_with_the_card_of_another(s: Scene) -> Said:
    return s.say(s.c, changed(forked(s), party=s.a.id, card=w.split_of(s.a).card))


@breaks(27)
def proves_by_an_envelope_that_nobody_signed(s: Scene) -> Said:
    proof = forked(s)
    raw = bytes.fromhex(proof.second)
    return s.say(s.c, changed(proof, second=(raw[:-1] + bytes([raw[-1] ^ 1])).hex()))


@breaks(27)
def proves_with_what_is_no_envelope(s: Scene) -> Said:
    return s.say(s.c, changed(forked(s), first="00"))


@breaks(27)
def proves_a_split_by_one_head(s: Scene) -> Said:
    proof = w.split_of(s.b)
    return s.say(s.c, changed(proof, second=proof.first))


@breaks(27)
def proves_a_split_by_two_sizes_alone(s: Scene) -> Said:
    """Two heads of different sizes agree or not; nobody can tell from them."""
    proof = w.split_of(s.b)
    one, two = w.heads(s.b, "a", "b", "c", sizes=(2, 3))
    return s.say(s.c, changed(proof, first=one.encode().hex(), second=two.encode().hex()))


@breaks(27)
def proves_a_split_by_a_proof_that_fails(s: Scene) -> Said:
    """Anyone can make a proof that does not hold."""
    proof = w.split_of(s.b)
    one, two = w.heads(s.b, "a", "b", "c", sizes=(2, 3))
    blame = changed(proof, first=one.encode().hex(), second=two.encode().hex())
    return s.say(s.c, changed(blame, root="ab" * 32, proof=("cd" * 32,)))


@breaks(27)
def proves_a_split_by_the_root_that_was_signed(s: Scene) -> Said:
    one, two = w.heads(s.b, "a", "b", "c", sizes=(2, 3))
    tree = merkle.Tree(merkle.leaf_hash(leaf) for leaf in (b"a", b"b", b"c"))
    return s.say(
        s.c,
        changed(
            w.split_of(s.b),
            first=one.encode().hex(),
            second=two.encode().hex(),
            root=tree.root(2).hex(),
            proof=tuple(node.hex() for node in tree.consistency(2, 3)),
        ),
    )


@breaks(27)
def proves_a_split_of_another_ledger(s: Scene) -> Said:
    return s.say(s.c, changed(w.split_of(s.b), card=w.split_of(s.a).card, party=s.a.id))


def by_courier(s: Scene) -> tuple[Actor, Said]:
    """An addressee with an address, and a notice to it, in a case that names ``c`` as courier."""
    told = s.world.party("Told", [w.NODE])
    case = s.world.open_case(s.a, quorum=2, couriers=[s.c], invite=[s.b, s.c, told])
    s.case = case
    s.facts = [case.opening]
    s.facts += [r for actor in s.world.actors.values() for r in actor.chain.get(case.id, [])]
    s.facts = list(dict.fromkeys(s.facts))
    return told, s.told(s.a, told)


@breaks(28)
def attempts_unlisted(s: Scene) -> Said:
    told, notice = by_courier(s)
    return s.say(s.b, w.attempt(notice, told))


@breaks(28)
def attempts_to_deliver_to_itself(s: Scene) -> Said:
    told, notice = by_courier(s)
    return s.say(told, w.attempt(notice, told))


@breaks(28)
def attempts_at_a_planted_address(s: Scene) -> Said:
    """Only the addressee's own signed card says where it is reached."""
    told, notice = by_courier(s)
    return s.say(s.c, changed(w.attempt(notice, told), address="http://elsewhere.example"))


@breaks(28)
def attempts_with_the_card_of_another(s: Scene) -> Said:
    told, notice = by_courier(s)
    return s.say(s.c, changed(w.attempt(notice, told), card=w.attempt(notice, s.b).card))


@breaks(28)
def attempts_with_a_card_that_nobody_signed(s: Scene) -> Said:
    told, notice = by_courier(s)
    return s.say(s.c, changed(w.attempt(notice, told), card="00"))


def moved(told: Actor, *contacts: kinds.Contact) -> Bundle:
    """The addressee says anew where it is reached."""
    return told.follow(kinds.Reach(contacts=contacts), told.seeds[-1])


@breaks(28)
def attempts_where_the_addressee_is_no_longer(s: Scene) -> Said:
    told, notice = by_courier(s)
    there = moved(told, kinds.Contact(kind="node", address="http://new.example"))
    return s.say(s.c, w.attempt(notice, told, keys=[there]))


@breaks(28)
def attempts_with_key_records_of_another(s: Scene) -> Said:
    told, notice = by_courier(s)
    there = moved(s.world.party("Else", [w.NODE]), w.NODE)
    return s.say(s.c, w.attempt(notice, told, keys=[there]))


@breaks(28)
def attempts_without_the_record_that_gives_the_address(s: Scene) -> Said:
    told, notice = by_courier(s)
    return s.say(s.c, changed(w.attempt(notice, told), address="http://new.example"))


# The other pages of the rulebook enter their ways here.
from tests import (  # noqa: E402
    rulebook_matching,  # noqa: F401
    rulebook_of_custody,  # noqa: F401
    rulebook_of_disclosure,  # noqa: F401
    rulebook_of_procedure,  # noqa: F401
    rulebook_of_reruns,  # noqa: F401
)
