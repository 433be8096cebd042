"""Every way to break rules 30 to 44, entered in the rulebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.records import kinds
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction
from comity.records.kinds_of_consultation import Clause, Dispose, Table, TakePosition
from comity.records.kinds_of_procedure import (
    Close,
    Extend,
    WithdrawEndorsement,
    WithdrawRequest,
)
from comity.records.kinds_of_statements import Correct, Correction, Join, Reservation, Sentence
from tests import world as w
from tests.procedure import CLAUSES, amended, announced, later, suggested, tabled, translated
from tests.rulebook import breaks, changed

if TYPE_CHECKING:
    from tests.rulebook import Scene
    from tests.world import Said


# -- 30 and 31: closing, amending -----------------------------------------------------------------


@breaks(30)
def moves_a_case_nowhere(s: Scene) -> Said:
    return s.say(s.a, Close(outcome="moved", text="Elsewhere."))


@breaks(30)
def moves_a_case_to_itself(s: Scene) -> Said:
    return s.say(s.a, Close(outcome="moved", moved=s.case.id, text="Here."))


@breaks(30)
def settles_a_case_and_names_another(s: Scene) -> Said:
    return s.say(s.a, Close(outcome="settled", moved=w.digest("other case"), text="Done."))


@breaks(30)
def reopens_what_it_did_not_close(s: Scene) -> Said:
    closed = s.say(s.a, Close(outcome="settled", text="Done."))
    return s.say(s.b, Close(outcome="reopened", reopens=closed.value.id, text="Not for us."), closed)


@breaks(30)
def reopens_a_reopening(s: Scene) -> Said:
    closed = s.say(s.a, Close(outcome="settled", text="Done."))
    opened = s.say(s.a, Close(outcome="reopened", reopens=closed.value.id, text="More."), closed)
    return s.say(s.a, Close(outcome="reopened", reopens=opened.value.id, text="Again."), opened)


@breaks(30)
def reopens_nothing(s: Scene) -> Said:
    return s.say(s.a, Close(outcome="reopened", text="More."))


@breaks(31)
def amends_what_another_said(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, amended(stated), stated)


@breaks(31)
def amends_an_assertion_that_was_not_made(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = amended(stated)
    return s.say(s.a, changed(content, revisions=(changed(content.revisions[0], n=1),)), stated)


@breaks(31)
def amends_one_assertion_twice(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = amended(stated)
    return s.say(s.a, changed(content, revisions=content.revisions * 2), stated)


@breaks(31)
def amends_nothing(s: Scene) -> Said:
    stated = s.claimed(s.a)
    assert isinstance(stated.value.content, kinds.State)
    return s.say(s.a, amended(stated, stated.value.content.assertions[0].text), stated)


@breaks(31)
def amends_a_claim_to_a_denial(s: Scene) -> Said:
    stated, other = s.claimed(s.a), s.claimed(s.b)
    return s.say(s.a, amended(stated, stance="denies", against=w.target(other)), stated, other)


@breaks(31)
def amends_with_a_support_that_cites_nothing(s: Scene) -> Said:
    stated = s.claimed(s.a)
    wrong = kinds.Support(kind="citation", inference="so it is")
    return s.say(s.a, amended(stated, supports=(wrong,)), stated)


@breaks(31)
def amends_behind_a_readers_back(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, amended(stated), stated, to=[s.b])


# -- 32 to 34: more time, and what is taken back --------------------------------------------------


def more(s: Scene, **changes: object) -> tuple[Said, Said]:
    """A request by a of b, and b's proposal of three days more."""
    asked = s.asked(s.a, s.b)
    made = Extend(request=asked.value.id, step="proposes", due=later(asked))
    return asked, s.say(s.b, changed(made, **changes), asked)


@breaks(32)
def extends_for_others(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.c, Extend(request=asked.value.id, step="proposes", due=later(asked)), asked)


@breaks(32)
def extends_backwards(s: Scene) -> Said:
    return more(s, due="2031-01-01T00:00:00Z")[1]


@breaks(32)
def extends_to_no_instant(s: Scene) -> Said:
    return more(s, due="")[1]


@breaks(32)
def extends_behind_the_askers_back(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.b, Extend(request=asked.value.id, step="proposes", due=later(asked)), asked, to=[s.c])


@breaks(32)
def accepts_its_own_proposal(s: Scene) -> Said:
    asked, one = more(s)
    content = Extend(request=asked.value.id, step="accepts", proposal=one.value.id, due=later(asked))
    return s.say(s.b, content, asked, one)


@breaks(32)
def accepts_another_instant(s: Scene) -> Said:
    asked, one = more(s)
    content = Extend(request=asked.value.id, step="accepts", proposal=one.value.id, due=later(asked, 9))
    return s.say(s.a, content, asked, one)


@breaks(32)
def accepts_a_proposal_for_another_request(s: Scene) -> Said:
    _, one = more(s)
    asked = s.asked(s.a, s.b)
    content = Extend(request=asked.value.id, step="accepts", proposal=one.value.id, due=later(asked))
    return s.say(s.a, content, asked, one)


@breaks(32)
def accepts_an_answer_that_proposes_nothing(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    answer = s.say(s.b, kinds.Answer(request=asked.value.id, disposition="accepted"), asked)
    content = Extend(request=asked.value.id, step="accepts", proposal=answer.value.id, due=later(asked))
    return s.say(s.a, content, asked, answer)


@breaks(32)
def refuses_more_time_without_a_reason(s: Scene) -> Said:
    asked, one = more(s)
    content = Extend(request=asked.value.id, step="refuses", proposal=one.value.id)
    return s.say(s.a, content, asked, one)


@breaks(33)
def withdraws_what_another_asked(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.b, WithdrawRequest(request=asked.value.id, reason="No."), asked)


@breaks(33)
def withdraws_behind_the_back_of_who_was_asked(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    return s.say(s.a, WithdrawRequest(request=asked.value.id, reason="No."), asked, to=[s.c])


def endorsed(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.b, kinds.Endorse(target=w.target(stated), basis="trust"), stated)


@breaks(34)
def takes_back_what_another_endorsed(s: Scene) -> Said:
    voice = endorsed(s)
    return s.say(s.c, WithdrawEndorsement(endorsement=voice.value.id, reason="No."), voice)


@breaks(34)
def takes_an_endorsement_back_in_secret(s: Scene) -> Said:
    voice = endorsed(s)
    return s.say(s.b, WithdrawEndorsement(endorsement=voice.value.id, reason="No."), voice, to=[s.c])


# -- 35 to 37: statements -------------------------------------------------------------------------


@breaks(35)
def ties_a_sentence_to_nothing_that_was_said(s: Scene) -> Said:
    stated = s.claimed(s.a)
    content = announced(sentences=(Sentence(text="So.", assertions=(w.target(stated, 4),)),))
    return s.say(s.a, content, stated)


@breaks(35)
def asks_itself_to_join(s: Scene) -> Said:
    return s.say(s.a, announced(parties=(s.a.id,)))


@breaks(35)
def asks_to_join_out_of_order(s: Scene) -> Said:
    return s.say(s.a, announced(parties=tuple(sorted((s.b.id, s.c.id), reverse=True))))


@breaks(35)
def asks_to_join_what_cannot_be_read(s: Scene) -> Said:
    return s.say(s.a, announced(parties=(s.b.id,)), to=[s.c])


@breaks(35)
def follows_a_statement_of_others(s: Scene) -> Said:
    first = s.say(s.a, announced(parties=(s.c.id,)))
    return s.say(s.b, announced(before=first.value.id), first)


def joined(s: Scene, **changes: object) -> Said:
    """b's answer to a statement by a that asks b to join."""
    text = s.say(s.a, announced(parties=(s.b.id,)))
    made = Join(statement=text.value.id, answer="joins", basis="trust")
    return s.say(s.b, changed(made, **changes), text)


@breaks(36)
def joins_unasked(s: Scene) -> Said:
    text = s.say(s.a, announced(parties=(s.b.id,)))
    return s.say(s.c, Join(statement=text.value.id, answer="joins", basis="trust"), text)


@breaks(36)
def reserves_on_a_sentence_that_is_not_there(s: Scene) -> Said:
    return joined(s, reservations=(Reservation(n=2, text="No."),))


@breaks(36)
def reserves_twice_on_one_sentence(s: Scene) -> Said:
    return joined(s, reservations=(Reservation(n=0, text="No."),) * 2)


@breaks(36)
def declines_to_join_without_a_reason(s: Scene) -> Said:
    return joined(s, answer="declines", basis="undeclared")


@breaks(36)
def declines_to_join_on_trust(s: Scene) -> Said:
    return joined(s, answer="declines", text="No.")


@breaks(36)
def declines_its_own_statement(s: Scene) -> Said:
    text = s.say(s.a, announced())
    return s.say(s.a, Join(statement=text.value.id, answer="declines", text="No."), text)


@breaks(36)
def joins_on_own_evidence_of_nobody(s: Scene) -> Said:
    return joined(s, basis="own-evidence", supports=(w.cite(),))


@breaks(36)
def joins_with_a_citation_of_nothing(s: Scene) -> Said:
    return joined(s, supports=(kinds.Support(kind="citation", inference="so"),))


@breaks(36)
def joins_behind_a_readers_back(s: Scene) -> Said:
    text = s.say(s.a, announced(parties=(s.b.id,)))
    return s.say(s.b, Join(statement=text.value.id, answer="joins", basis="trust"), text, to=[s.a])


def corrected(s: Scene, by: w.Actor, *corrections: Correction, **how: object) -> Said:
    text = s.say(s.a, announced())
    content = Correct(statement=text.value.id, corrections=corrections, reason="Wrong.")
    return s.say(by, content, text, **how)  # type: ignore[arg-type]


@breaks(37)
def corrects_what_another_said(s: Scene) -> Said:
    return corrected(s, s.b, Correction(n=0, text="Otherwise."))


@breaks(37)
def corrects_a_sentence_that_is_not_there(s: Scene) -> Said:
    return corrected(s, s.a, Correction(n=2, text="Otherwise."))


@breaks(37)
def corrects_a_sentence_to_itself(s: Scene) -> Said:
    return corrected(s, s.a, Correction(n=0, text=announced().sentences[0].text))


@breaks(37)
def corrects_behind_a_readers_back(s: Scene) -> Said:
    return corrected(s, s.a, Correction(n=0), to=[s.b])


# -- 38 to 40: actions ----------------------------------------------------------------------------


def action(s: Scene, **changes: object) -> Propose:
    made = Propose(to=(s.b.id,), type="mitigate", text="Close the port.")
    return changed(made, **changes)  # type: ignore[no-any-return]


@breaks(38)
def proposes_an_action_to_itself(s: Scene) -> Said:
    return s.say(s.a, action(s, to=(s.a.id,)))


@breaks(38)
def proposes_an_action_that_cannot_be_read(s: Scene) -> Said:
    return s.say(s.a, action(s), to=[s.c])


@breaks(38)
def proposes_an_action_about_nothing(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, action(s, about=w.target(stated, 3)), stated)


@breaks(38)
def proposes_an_action_on_a_claim_as_evidence(s: Scene) -> Said:
    stated = s.claimed(s.a)
    return s.say(s.a, action(s, items=(stated.value.id,)), stated)


@breaks(38)
def releases_an_indicator_twice(s: Scene) -> Said:
    return s.say(s.a, action(s, indicators=(Indicator(type="domain-name:value", value="a.example"),) * 2))


def proposed(s: Scene) -> Said:
    return s.say(s.a, action(s))


@breaks(39)
def undertakes_what_others_were_asked(s: Scene) -> Said:
    asked = proposed(s)
    return s.say(s.c, Accept(action=asked.value.id, answer="accepts"), asked)


@breaks(39)
def declines_an_action_without_a_ground(s: Scene) -> Said:
    asked = proposed(s)
    return s.say(s.b, Accept(action=asked.value.id, answer="declines"), asked)


@breaks(39)
def declines_an_action_by_a_time(s: Scene) -> Said:
    asked = proposed(s)
    content = Accept(action=asked.value.id, answer="declines", ground="law", due="2031-12-31T00:00:00Z")
    return s.say(s.b, content, asked)


@breaks(39)
def undertakes_behind_the_proposers_back(s: Scene) -> Said:
    asked = proposed(s)
    return s.say(s.b, Accept(action=asked.value.id, answer="accepts"), asked, to=[s.c])


@breaks(40)
def reports_on_what_others_were_asked(s: Scene) -> Said:
    asked = proposed(s)
    return s.say(s.c, ReportAction(action=asked.value.id, status="done"), asked)


@breaks(40)
def reports_when_it_was_not_done(s: Scene) -> Said:
    asked = proposed(s)
    content = ReportAction(action=asked.value.id, status="failed", done="2031-12-31T00:00:00Z")
    return s.say(s.b, content, asked)


@breaks(40)
def reports_on_a_citation_of_nothing(s: Scene) -> Said:
    asked = proposed(s)
    wrong = kinds.Support(kind="citation", inference="so")
    return s.say(s.b, ReportAction(action=asked.value.id, status="done", supports=(wrong,)), asked)


@breaks(40)
def reports_behind_the_proposers_back(s: Scene) -> Said:
    asked = proposed(s)
    return s.say(s.b, ReportAction(action=asked.value.id, status="done"), asked, to=[s.c])


# -- 41 to 44: consultation -----------------------------------------------------------------------


@breaks(41)
def tables_one_clause_twice(s: Scene) -> Said:
    return s.say(s.a, tabled(clauses=(CLAUSES[0], CLAUSES[0])))


@breaks(41)
def asks_itself_for_its_views(s: Scene) -> Said:
    return s.say(s.a, tabled(parties=(s.a.id,)))


def next_version(s: Scene, by: w.Actor, **changes: object) -> Said:
    first = s.say(s.a, tabled())
    return s.say(by, tabled(**({"before": first.value.id} | changes)), first)


@breaks(41)
def goes_on_with_the_text_of_another(s: Scene) -> Said:
    return next_version(s, s.b)


@breaks(41)
def goes_on_in_another_language(s: Scene) -> Said:
    return next_version(s, s.a, language="nb")


@breaks(41)
def drops_a_clause_without_a_word(s: Scene) -> Said:
    return next_version(s, s.a, clauses=CLAUSES[:1])


@breaks(41)
def retires_a_clause_that_never_was(s: Scene) -> Said:
    return next_version(s, s.a, retired=("9",))


@breaks(41)
def retires_a_clause_that_stays(s: Scene) -> Said:
    return next_version(s, s.a, retired=("2",))


@breaks(41)
def gives_a_retired_id_to_another_clause(s: Scene) -> Said:
    first = s.say(s.a, tabled())
    second = s.say(s.a, tabled(before=first.value.id, clauses=CLAUSES[:1], retired=("2",)), first)
    again = (CLAUSES[0], Clause(id="2", text="Something else."))
    return s.say(s.a, tabled(before=second.value.id, clauses=again, retired=("2",)), second)


def translation(s: Scene, **changes: object) -> Said:
    text = s.say(s.a, tabled())
    return s.say(s.b, translated(text, **changes), text)


@breaks(41)
def translates_into_the_same_language(s: Scene) -> Said:
    return translation(s, language="en")


@breaks(41)
def translates_a_part(s: Scene) -> Said:
    return translation(s, clauses=(Clause(id="1", text="Hver part oppgir ett kontaktpunkt."),))


@breaks(41)
def translates_and_asks(s: Scene) -> Said:
    return translation(s, parties=(s.c.id,))


@breaks(41)
def translates_a_translation(s: Scene) -> Said:
    text = s.say(s.a, tabled())
    first = s.say(s.b, translated(text), text)
    return s.say(s.b, translated(first, language="nn"), first)


@breaks(41)
def translates_behind_a_readers_back(s: Scene) -> Said:
    text = s.say(s.a, tabled())
    return s.say(s.b, translated(text), text, to=[s.a])


def suggestion(s: Scene, **changes: object) -> Said:
    text = s.say(s.a, tabled())
    return s.say(s.b, suggested(text, **changes), text)


@breaks(42)
def suggests_to_a_clause_that_is_not_there(s: Scene) -> Said:
    return suggestion(s, clause="7")


@breaks(42)
def suggests_for_words_that_are_not_there(s: Scene) -> Said:
    return suggestion(s, old="six days")


@breaks(42)
def suggests_for_words_that_stand_twice(s: Scene) -> Said:
    text = s.say(s.a, tabled(clauses=(Clause(id="2", text="aaa"),)))
    return s.say(s.b, suggested(text, old="aa", new="b"), text)


@breaks(42)
def suggests_the_same_words(s: Scene) -> Said:
    return suggestion(s, new="five days")


@breaks(42)
def suggests_nothing(s: Scene) -> Said:
    return suggestion(s, old="", new="")


@breaks(42)
def suggests_a_new_clause_under_a_used_id(s: Scene) -> Said:
    return suggestion(s, old="", new="More.", adds="1")


@breaks(42)
def suggests_a_new_clause_in_the_place_of_words(s: Scene) -> Said:
    return suggestion(s, adds="3")


@breaks(42)
def suggests_to_a_translation(s: Scene) -> Said:
    text = s.say(s.a, tabled())
    made = s.say(s.b, translated(text), text)
    return s.say(s.c, suggested(made, old="fem", new="sju"), made)


@breaks(42)
def suggests_on_a_citation_of_nothing(s: Scene) -> Said:
    return suggestion(s, supports=(kinds.Support(kind="citation", inference="so"),))


@breaks(42)
def suggests_behind_a_readers_back(s: Scene) -> Said:
    text = s.say(s.a, tabled())
    return s.say(s.b, suggested(text), text, to=[s.a])


@breaks(43)
def takes_a_position_on_its_own_suggestion(s: Scene) -> Said:
    made = suggestion(s)
    return s.say(s.b, TakePosition(suggestion=made.value.id, position="supports"), made)


@breaks(43)
def takes_a_position_on_a_citation_of_nothing(s: Scene) -> Said:
    made = suggestion(s)
    wrong = kinds.Support(kind="citation", inference="so")
    return s.say(s.c, TakePosition(suggestion=made.value.id, position="objects", supports=(wrong,)), made)


@breaks(43)
def takes_a_position_behind_a_readers_back(s: Scene) -> Said:
    made = suggestion(s)
    return s.say(s.c, TakePosition(suggestion=made.value.id, position="objects"), made, to=[s.b])


def consulted(s: Scene) -> tuple[Said, Said]:
    text = s.say(s.a, tabled())
    return text, s.say(s.b, suggested(text), text)


@breaks(44)
def disposes_of_a_suggestion_to_another(s: Scene) -> Said:
    text, made = consulted(s)
    return s.say(s.c, Dispose(suggestion=made.value.id, outcome="declined", reason="No."), text, made)


@breaks(44)
def disposes_without_the_text(s: Scene) -> Said:
    _, made = consulted(s)
    return s.say(s.a, Dispose(suggestion=made.value.id, outcome="declined", reason="No."), made)


def disposed(s: Scene, version: Table, outcome: str = "adopted") -> Said:
    text, made = consulted(s)
    after = s.say(s.a, changed(version, before=text.value.id), text)
    content = Dispose(suggestion=made.value.id, outcome="adopted", reason="Yes.", version=after.value.id)
    return s.say(s.a, changed(content, outcome=outcome), text, made, after)


@breaks(44)
def says_adopted_and_adopts_other_words(s: Scene) -> Said:
    return disposed(s, tabled())


@breaks(44)
def declines_in_a_version(s: Scene) -> Said:
    return disposed(s, tabled(), outcome="declined")


@breaks(44)
def adopts_in_the_version_that_it_is_to(s: Scene) -> Said:
    text, made = consulted(s)
    content = Dispose(suggestion=made.value.id, outcome="adopted", reason="Yes.", version=text.value.id)
    return s.say(s.a, content, text, made)


@breaks(44)
def disposes_behind_a_readers_back(s: Scene) -> Said:
    text, made = consulted(s)
    content = Dispose(suggestion=made.value.id, outcome="declined", reason="No.")
    return s.say(s.a, content, text, made, to=[s.b])
