"""Rules 30 to 44 as properties: whoever says it, to whomever, with whatever in it, the rule alone decides.

Each test draws a record at random, says beforehand by its own account whether the rule allows it, and holds
the fold to that. A refusal names that rule, and never another one.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.records import kinds
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction
from comity.records.kinds_of_consultation import Clause, Dispose, TakePosition
from comity.records.kinds_of_procedure import Close, Extend, WithdrawEndorsement, WithdrawRequest
from comity.records.kinds_of_statements import Correct, Correction, Join, Reservation
from tests import world as w
from tests.procedure import CLAUSES, amended, announced, later, suggested, tabled, translated
from tests.rulebook import Scene, changed, scene
from tests.world import Actor, Said

who = st.integers(0, 2)
readers = st.sets(st.integers(0, 2), min_size=1, max_size=3)
few = settings(max_examples=20)


def actors(s: Scene) -> list[Actor]:
    return [s.a, s.b, s.c]


def says(
    s: Scene, by: int, content: Any, references: list[Said], to: set[int], *, rule: int, allowed: bool
) -> None:
    """Sign it to these readers, and see that it is accepted exactly where it is allowed."""
    audience = [actors(s)[n] for n in sorted(to)]
    record = s.say(actors(s)[by], content, *references, to=audience)
    state = s.state
    if allowed:
        assert record.value.id in state.accepted, state.refused.get(record.value.id)
    else:
        assert state.refused[record.value.id].rule == rule


def reach(by: int, to: set[int]) -> bool:
    """Whether a record by ``by`` reaches everybody of the scene."""
    return to | {by} == {0, 1, 2}


@few
@given(who, who, st.booleans())
def test_rule_30(closer: int, by: int, again: bool) -> None:
    s = scene()
    first = s.say(actors(s)[closer], Close(outcome="settled", text="So far."))
    references, before = [first], first
    if again:
        content = Close(outcome="reopened", reopens=first.value.id, text="More.")
        before = s.say(actors(s)[closer], content, first)
        references = [before]
    content = Close(outcome="reopened", reopens=before.value.id, text="More.")
    says(s, by, content, references, {0, 1, 2}, rule=30, allowed=by == closer and not again)


@few
@given(who, who, readers, st.integers(0, 2), st.sampled_from(["same", "other", "side"]))
def test_rule_31(stater: int, by: int, to: set[int], n: int, how: str) -> None:
    s = scene()
    stated = s.claimed(actors(s)[stater])
    other = s.claimed(s.a)
    content = amended(stated)
    if how == "same":
        assert isinstance(stated.value.content, kinds.State)
        content = amended(stated, stated.value.content.assertions[0].text)
    elif how == "side":
        content = amended(stated, stance="counters", against=w.target(other))
    content = changed(content, revisions=(changed(content.revisions[0], n=n),))
    allowed = by == stater and reach(by, to) and n == 0 and how == "other"
    says(s, by, content, [stated, other], to, rule=31, allowed=allowed)


@few
@given(who, readers, st.integers(-3, 3))
def test_rule_32_proposals(by: int, to: set[int], days: int) -> None:
    s = scene()
    asked = s.asked(s.a, s.b)
    content = Extend(request=asked.value.id, step="proposes", due=later(asked, days))
    allowed = by in (0, 1) and {0, 1} <= to | {by} and days > 0
    says(s, by, content, [asked], to, rule=32, allowed=allowed)


@few
@given(who, st.integers(0, 1), st.sampled_from(["accepts", "refuses"]), st.booleans(), st.booleans())
def test_rule_32_answers(by: int, proposer: int, step: Any, repeats: bool, words: bool) -> None:
    s = scene()
    asked = s.asked(s.a, s.b)
    due = later(asked)
    made = Extend(request=asked.value.id, step="proposes", due=due)
    proposal = s.say(actors(s)[proposer], made, asked)
    content = Extend(
        request=asked.value.id,
        step=step,
        proposal=proposal.value.id,
        due=due if repeats else "",
        text="Urgent." if words else "",
    )
    allowed = by == 1 - proposer and repeats == (step == "accepts") and (words or step == "accepts")
    says(s, by, content, [asked, proposal], {0, 1, 2}, rule=32, allowed=allowed)


@few
@given(who, readers)
def test_rule_33(by: int, to: set[int]) -> None:
    s = scene()
    asked = s.asked(s.a, s.b)
    content = WithdrawRequest(request=asked.value.id, reason="No longer.")
    says(s, by, content, [asked], to, rule=33, allowed=by == 0 and 1 in to)


@few
@given(who, readers)
def test_rule_34(by: int, to: set[int]) -> None:
    s = scene()
    stated = s.claimed(s.a)
    voice = s.say(s.b, kinds.Endorse(target=w.target(stated), basis="trust"), stated)
    content = WithdrawEndorsement(endorsement=voice.value.id, reason="No longer.")
    says(s, by, content, [voice], to, rule=34, allowed=by == 1 and reach(by, to))


@few
@given(who, st.lists(who, max_size=3), readers, st.integers(0, 1), who, st.booleans())
def test_rule_35(by: int, asked: list[int], to: set[int], n: int, first: int, joint: bool) -> None:
    s = scene()
    stated = s.claimed(s.c)
    parties = tuple(actors(s)[p].id for p in asked)
    others = tuple(sorted(a.id for m, a in enumerate(actors(s)) if m != first)) if joint else ()
    before = s.say(actors(s)[first], announced(parties=others))
    content = announced(before=before.value.id, parties=parties)
    tied = changed(content.sentences[0], assertions=(w.target(stated, n),))
    content = changed(content, sentences=(tied,))
    allowed = (
        n == 0
        and list(parties) == sorted(set(parties))
        and by not in asked
        and set(asked) <= to
        and (by == first or joint)
    )
    says(s, by, content, [stated, before], to, rule=35, allowed=allowed)


@few
@given(who, readers, st.sets(who), st.sampled_from(["joins", "declines"]), st.booleans(), st.integers(0, 3))
def test_rule_36(by: int, to: set[int], asked: set[int], answer: Any, words: bool, n: int) -> None:
    s = scene()
    parties = tuple(sorted(actors(s)[p].id for p in asked - {0}))
    text = s.say(s.a, announced(parties=parties))
    reserved = (Reservation(n=n, text="Not this."),) if answer == "joins" else ()
    content = Join(
        statement=text.value.id, answer=answer, reservations=reserved, text="Why." if words else ""
    )
    allowed = reach(by, to) and (by == 0 or by in asked)
    allowed = allowed and ((n < 2) if answer == "joins" else (words and by != 0))
    says(s, by, content, [text], to, rule=36, allowed=allowed)


@few
@given(who, readers, st.lists(st.integers(0, 2), min_size=1, max_size=2), st.booleans())
def test_rule_37(by: int, to: set[int], numbers: list[int], same: bool) -> None:
    s = scene()
    made = announced()
    text = s.say(s.a, made)
    corrections = tuple(
        Correction(n=n, text=made.sentences[n].text if same and n < 2 else "Otherwise.") for n in numbers
    )
    content = Correct(statement=text.value.id, corrections=corrections, reason="Wrong.")
    sound = numbers == sorted(set(numbers)) and max(numbers) < 2 and not same
    says(s, by, content, [text], to, rule=37, allowed=by == 0 and reach(by, to) and sound)


@few
@given(who, st.lists(who, min_size=1, max_size=3), readers, st.lists(st.sampled_from("ab"), max_size=3))
def test_rule_38(by: int, asked: list[int], to: set[int], values: list[str]) -> None:
    s = scene()
    parties = tuple(actors(s)[p].id for p in asked)
    indicators = tuple(Indicator(type="domain-name:value", value=v) for v in values)
    content = Propose(to=parties, type="watch", text="Look.", indicators=indicators)
    allowed = (
        list(parties) == sorted(set(parties))
        and by not in asked
        and set(asked) <= to
        and values == sorted(set(values))
    )
    says(s, by, content, [], to, rule=38, allowed=allowed)


@few
@given(
    who, readers, st.sampled_from(["accepts", "accepts-in-part", "declines"]), st.booleans(), st.booleans()
)
def test_rule_39(by: int, to: set[int], answer: Any, ground: bool, due: bool) -> None:
    s = scene()
    action = s.say(s.a, Propose(to=(s.b.id,), type="watch", text="Look."))
    content = Accept(
        action=action.value.id,
        answer=answer,
        ground="law" if ground else "",
        due="2031-12-31T00:00:00Z" if due else "",
    )
    declines = answer == "declines"
    allowed = by == 1 and 0 in to and ground == declines and not (declines and due)
    says(s, by, content, [action], to, rule=39, allowed=allowed)


@few
@given(
    who, readers, st.sampled_from(["under-way", "done", "done-in-part", "failed", "stopped"]), st.booleans()
)
def test_rule_40(by: int, to: set[int], status: Any, done: bool) -> None:
    s = scene()
    action = s.say(s.a, Propose(to=(s.b.id,), type="watch", text="Look."))
    content = ReportAction(action=action.value.id, status=status, done="2031-12-31T00:00:00Z" if done else "")
    allowed = by in (0, 1) and 0 in to | {by} and (not done or status in ("done", "done-in-part"))
    says(s, by, content, [action], to, rule=40, allowed=allowed)


@few
@given(
    who,
    st.lists(st.sampled_from("1234"), min_size=1, max_size=4),
    st.sets(st.sampled_from("1234")),
    st.booleans(),
)
def test_rule_41_versions(by: int, ids: list[str], retired: set[str], sort: bool) -> None:
    s = scene()
    first = s.say(s.a, tabled())
    gone = tuple(sorted(retired, reverse=not sort))
    clauses = tuple(Clause(id=i, text=f"Clause {i}.") for i in ids)
    content = tabled(before=first.value.id, clauses=clauses, retired=gone)
    allowed = (
        by == 0
        and len(set(ids)) == len(ids)
        and retired == {"1", "2"} - set(ids)
        and list(gone) == sorted(gone)
    )
    says(s, by, content, [first], {0, 1, 2}, rule=41, allowed=allowed)


@few
@given(who, readers, st.sampled_from(["nb", "en"]), st.booleans(), st.booleans())
def test_rule_41_translations(by: int, to: set[int], language: str, whole: bool, swapped: bool) -> None:
    s = scene()
    text = s.say(s.a, tabled())
    content = translated(text, language=language)
    clauses = content.clauses if whole else content.clauses[:1]
    content = changed(content, clauses=clauses[::-1] if swapped else clauses)
    allowed = reach(by, to) and language == "nb" and whole and not swapped
    says(s, by, content, [text], to, rule=41, allowed=allowed)


WORDS = st.sampled_from(["five", "five days", "answered", "within", "e", "six", "Requests", "reasons."])


@few
@given(who, readers, WORDS, WORDS, st.sampled_from(["1", "2", "3"]))
def test_rule_42(by: int, to: set[int], old: str, new: str, clause: str) -> None:
    s = scene()
    text = s.say(s.a, tabled())
    content = suggested(text, clause=clause, old=old, new=new)
    standing = next((c.text for c in CLAUSES if c.id == clause), "")
    allowed = reach(by, to) and len(standing.split(old)) == 2 and old != new
    says(s, by, content, [text], to, rule=42, allowed=allowed)


@few
@given(who, readers, st.sampled_from(["1", "2", "3", "9"]), st.booleans(), st.booleans())
def test_rule_42_new_clauses(by: int, to: set[int], adds: str, old: bool, new: bool) -> None:
    s = scene()
    first = s.say(s.a, tabled())
    text = s.say(s.a, tabled(before=first.value.id, clauses=CLAUSES[1:], retired=("1",)), first)
    content = suggested(text, adds=adds, old="five" if old else "", new="More." if new else "")
    allowed = reach(by, to) and adds in ("3", "9") and not old and new
    says(s, by, content, [text], to, rule=42, allowed=allowed)


@few
@given(who, who, readers)
def test_rule_43(maker: int, by: int, to: set[int]) -> None:
    s = scene()
    text = s.say(s.a, tabled())
    change = s.say(actors(s)[maker], suggested(text), text)
    content = TakePosition(suggestion=change.value.id, position="objects")
    says(s, by, content, [change], to, rule=43, allowed=by != maker and reach(by, to))


@few
@given(
    who,
    readers,
    st.sampled_from(["adopted", "adopted-in-part", "declined", "deferred"]),
    st.sampled_from(["none", "with its words", "with other words", "itself"]),
)
def test_rule_44(by: int, to: set[int], outcome: Any, version: str) -> None:
    s = scene()
    text = s.say(s.a, tabled())
    change = s.say(s.b, suggested(text), text)
    references = [text, change]
    named = ""
    if version.startswith("with"):
        new = CLAUSES[1].text.replace("five", "seven") if version == "with its words" else "Other."
        clauses = (CLAUSES[0], Clause(id="2", text=new))
        later_one = s.say(s.a, tabled(before=text.value.id, clauses=clauses), text)
        references.append(later_one)
        named = later_one.value.id
    elif version == "itself":
        named = text.value.id
    content = Dispose(suggestion=change.value.id, outcome=outcome, reason="So.", version=named)
    taken = outcome in ("adopted", "adopted-in-part")
    fits = version == "none" or (
        taken and version.startswith("with") and (outcome != "adopted" or version == "with its words")
    )
    says(s, by, content, references, to, rule=44, allowed=by == 0 and reach(by, to) and fits)
