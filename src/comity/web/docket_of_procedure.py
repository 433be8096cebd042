"""The docket's lines for procedure, statements, actions and consultation."""

from __future__ import annotations

from comity.case.state import Accepted
from comity.records.kinds import Target
from comity.records.kinds_of_actions import Accept, Propose, ReportAction
from comity.records.kinds_of_consultation import Dispose, Suggest, Table, TakePosition
from comity.records.kinds_of_procedure import (
    Amend,
    Close,
    Extend,
    WithdrawEndorsement,
    WithdrawRequest,
)
from comity.records.kinds_of_statements import Announce, Correct, Join
from comity.web import words
from comity.web.phrases import count_of, phrase
from comity.web.reading import Reading
from comity.web.telling import Part, assertions, quoted, ref, say, whos
from comity.web.words import label


def tell_procedure(reading: Reading, record: Accepted) -> list[Part]:
    """What such a record does, as the rest of a sentence that begins with its author; [] for others."""
    match record.content:
        case Close(outcome=outcome, text=text):
            return [say(label(words.CLOSINGS, outcome).words), quoted(text)]
        case Amend(target=target, revisions=revisions, reason=reason):
            numbers = tuple(revision.n for revision in revisions)
            return [say("amends"), *assertions(reading, target, numbers), quoted(reason)]
        case Extend(request=request, step="proposes", due=due):
            return [
                say("proposes another time for request"),
                ref(reading, request),
                say(phrase("until {}", due)),
            ]
        case Extend(proposal=proposal, step=step):
            return [say(words.EXTENDS[step]), ref(reading, proposal)]
        case WithdrawRequest(request=request, reason=reason):
            return [say("no longer asks"), ref(reading, request), quoted(reason)]
        case WithdrawEndorsement(endorsement=endorsement, reason=reason):
            return [say("takes back endorsement"), ref(reading, endorsement), quoted(reason)]
        case Announce(title=title, status=status, parties=parties):
            what = (
                phrase("puts forward a draft statement")
                if status == "draft"
                else phrase("publishes a statement")
            )
            asks = [say("and asks to join it"), *whos(reading, parties)] if parties else []
            return [say(what), quoted(title), *asks]
        case Join(statement=statement, answer=answer, basis=basis):
            on = phrase("on the basis: {}", label(words.BASES, basis).words) if answer == "joins" else ""
            return [
                say("declines to join" if answer == "declines" else "joins"),
                ref(reading, statement),
                say(on),
            ]
        case Correct(statement=statement, corrections=corrections, reason=reason):
            said = count_of(len(corrections), "sentence")
            return [say(phrase("corrects {} of", said)), ref(reading, statement), quoted(reason)]
        case _:
            return _tell_together(reading, record)


def _tell_together(reading: Reading, record: Accepted) -> list[Part]:
    match record.content:
        case Propose(to=to, type=type_, indicators=indicators, about=about):
            bears = (
                [say("about"), *assertions(reading, about.record, (about.n,))]
                if isinstance(about, Target)
                else []
            )
            shown = (
                phrase("with {} for defence", count_of(len(indicators), "indicator")) if indicators else ""
            )
            asked = label(words.ACTIONS, type_).words
            return [say(phrase("proposes to {}", asked)), *bears, say("to"), *whos(reading, to), say(shown)]
        case Accept(action=action, answer=answer):
            said = label(words.UNDERTAKINGS, answer).words
            return [say(said), ref(reading, action), say("(admits nothing)")]
        case ReportAction(action=action, status=status):
            said = label(words.PROGRESS, status).words
            return [say("reports on action"), ref(reading, action), say(phrase(": {}", said))]
        case Table(title=title, clauses=clauses, before=before, translates=original, language=language):
            size = count_of(len(clauses), "clause")
            if original:
                return [say(phrase("translates into {}", language)), ref(reading, original), quoted(title)]
            follows = [say("after"), ref(reading, before)] if before else []
            return [say("tables"), quoted(title), say(phrase("in {}", size)), *follows]
        case Suggest(initiative=initiative, clause=clause, adds=adds, reason=reason):
            what = (
                phrase("suggests clause {} for", adds)
                if adds
                else phrase("suggests other words for clause {} of", clause)
            )
            return [say(what), ref(reading, initiative), quoted(reason)]
        case TakePosition(suggestion=suggestion, position=position):
            return [say(label(words.VIEWS, position).words), ref(reading, suggestion)]
        case Dispose(suggestion=suggestion, outcome=outcome, reason=reason):
            said = label(words.DISPOSALS, outcome).words
            return [say("disposes of"), ref(reading, suggestion), say(phrase(": {}", said)), quoted(reason)]
        case _:
            return []
