"""What ``comity case show`` says of versions, more time, statements, actions, consultations and closings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from comity.cli.output import Out, count

if TYPE_CHECKING:
    from comity.case.clocks import Clock
    from comity.case.state import State
    from comity.case.support import AssertionFacts
    from comity.case.versions import Piece
    from comity.exchange.node import Node

ANSWERS = {"": "no answer recorded"}
OUTCOMES = {
    "settled": "considers the case closed: settled",
    "not-settled": "considers the case closed: not settled",
    "moved": "considers the case closed: it goes on elsewhere",
    "reopened": "takes the case up again",
}


def write_pieces(pieces: Iterable[Piece]) -> str:
    """A difference in one line: ``[-words taken out-]`` and ``{+words put in+}``."""
    marks = {"both": ("", ""), "before": ("[-", "-]"), "after": ("{+", "+}")}
    return "".join(f"{marks[p.of][0]}{p.text}{marks[p.of][1]}" for p in pieces)


def tell_versions(out: Out, state: State, facts: AssertionFacts) -> None:
    """What an assertion amends, word by word, and what amends it."""
    from comity.case.judging import assertions_of
    from comity.case.versions import compare_texts
    from comity.records.kinds_of_procedure import Amend

    if facts.amends is not None:
        record = state.accepted[facts.target.record]
        before = assertions_of(state.accepted[facts.amends.record].content)[facts.amends.n].text
        reason = record.content.reason if isinstance(record.content, Amend) else ""
        out.line(f"amends {facts.amends.record[:12]}#{facts.amends.n + 1}: {reason}", 4)
        out.text(write_pieces(compare_texts(before, facts.assertion.text)), 6)
        out.line("what was said of that version stays with it", 6)
    for later in facts.amended_by:
        out.line(f"amended by {later.record[:12]}#{later.n + 1}", 4)


def tell_extensions(out: Out, node: Node, clock: Clock) -> None:
    """Every proposal of more time, and the answer to it."""
    from comity.records import bodies

    if clock.due != clock.asked_due:
        out.line(f"first asked for {bodies.time_text(clock.asked_due)}", 11)
    for more in clock.extensions:
        due = bodies.time_text(more.due)
        answer = "not answered" if more.answer == "open" else more.answer
        out.line(f"{node.name_of(more.by)} proposes {due}: {answer}", 11)
        for words in (more.reason, more.reply):
            if words:
                out.text(words, 13)
        if more.refused_too:
            out.line(f"also refused by {more.refused_too[:12]}; the acceptance stands", 13)
            out.text(more.refusal, 15)
        out.object(
            "extension",
            request=clock.request,
            record=more.record,
            by=more.by,
            due=due,
            answer=more.answer,
            answered=more.answered,
            refused_too=more.refused_too,
        )
    if clock.withdrawn:
        out.line(f"withdrawn by who asked ({clock.withdrawn[:12]})", 11)


def tell_procedure(out: Out, node: Node, state: State) -> None:
    """Statements, actions, consultations and closings, as far as there are any."""
    _tell_statements(out, node, state)
    _tell_actions(out, node, state)
    _tell_consultations(out, node, state)
    _tell_closings(out, node, state)


def _place(state: State) -> Callable[[str], tuple[int, str]]:
    """Sorts parties as the case took them in: the order of the records, by id, would mean nothing."""
    places = {party: n for n, party in enumerate(state.members)}
    return lambda party: (places.get(party, len(places)), party)


def _tell_statements(out: Out, node: Node, state: State) -> None:
    from comity.case.statements import statements

    for facts in statements(state):
        out.line()
        follows = f", follows {facts.before[:12]}" if facts.before else ""
        later = f", followed by {', '.join(r[:12] for r in facts.later)}" if facts.later else ""
        out.line(
            f"Statement {facts.record[:12]} by {node.name_of(facts.by)} ({facts.status}{follows}{later})"
        )
        out.text(facts.title, 4)
        for sentence in facts.sentences:
            tied = ", ".join(f"{t.record[:12]}#{t.n + 1}" for t in sentence.assertions)
            out.text(f"{sentence.n + 1}. {sentence.text}", 4)
            out.line(f"rests on {tied}" if tied else "tied to nothing", 7)
            for target in sentence.newest:
                out.line(f"of which a newer version stands: {target.record[:12]}#{target.n + 1}", 7)
            for target in sentence.withdrawn:
                out.line(f"of which withdrawn: {target.record[:12]}#{target.n + 1}", 7)
            for correction in sentence.corrections:
                out.text(f"corrected: {correction.text or '(taken back)'}", 7)
                out.text(f"because {correction.reason}", 9)
        for joined in facts.joined:
            basis = f" on {joined.basis}" if joined.answer == "joins" else f": {joined.text}"
            forked = "; signed two histories: not counted" if joined.counts else ""
            out.line(f"{node.name_of(joined.by)} {joined.answer}{basis}{forked}", 4)
            if joined.unheard and joined.answer == "joins":
                numbers = ", ".join(str(n + 1) for n in joined.unheard)
                out.line(f"joined sentence {numbers} as it was before a correction", 6)
            for reservation in joined.reservations:
                out.text(f"except sentence {reservation.n + 1}: {reservation.text}", 6)
        for party in sorted(facts.silent, key=_place(state)):
            out.line(f"{node.name_of(party)}: asked to join, no answer recorded", 4)
        out.object(
            "statement",
            record=facts.record,
            author=facts.by,
            status=facts.status,
            title=facts.title,
            before=facts.before,
            sentences=[
                {
                    "n": s.n + 1,
                    "text": s.text,
                    "now": s.now,
                    "tied": s.tied,
                    "corrected": len(s.corrections) > 0,
                }
                for s in facts.sentences
            ],
            joined=[
                {"party": j.by, "answer": j.answer, "basis": j.basis, "unheard": [n + 1 for n in j.unheard]}
                for j in facts.joined
            ],
            silent=list(facts.silent),
        )


def _tell_actions(out: Out, node: Node, state: State) -> None:
    from comity.case.actions import actions

    for facts in actions(state):
        out.line()
        due = f", by {facts.due}" if facts.due else ""
        out.line(f"Action {facts.record[:12]} proposed by {node.name_of(facts.by)}: {facts.type}{due}")
        out.text(facts.text, 4)
        if facts.risks:
            out.text(f"risks: {facts.risks}", 4)
        if facts.indicators:
            out.line(f"{count(len(facts.indicators), 'indicator')} released for defence", 4)
            for indicator in facts.indicators[:20]:
                out.text(f"{indicator.type} {indicator.value} (passing on: {indicator.onward})", 6)
            if len(facts.indicators) > 20:
                out.line(f"… and {len(facts.indicators) - 20} more, with --json", 6)
        place = _place(state)
        for part in sorted(facts.parts, key=lambda part: place(part.party)):
            said = ANSWERS.get(part.answer, part.answer) + (f" ({part.ground})" if part.ground else "")
            done = f"; reports {part.status}" if part.status else ""
            done += f" at {part.done}" if part.done else ""
            shown = ", and rests it on records" if part.shown else ", as it says" if part.status else ""
            out.line(f"{node.name_of(part.party)}: {said}{done}{shown}", 4)
        out.object(
            "action",
            record=facts.record,
            author=facts.by,
            what=facts.type,
            text=facts.text,
            due=facts.due,
            indicators=[{"type": i.type, "value": i.value, "onward": i.onward} for i in facts.indicators],
            parts=[
                {"party": p.party, "answer": p.answer, "status": p.status, "done": p.done, "shown": p.shown}
                for p in facts.parts
            ],
        )


def _tell_consultations(out: Out, node: Node, state: State) -> None:
    from comity.case.consultations import consultations

    for facts in consultations(state):
        out.line()
        out.line(f"Initiative {facts.record[:12]} by {node.name_of(facts.by)}: {facts.title}")
        for n, version in enumerate(facts.versions, 1):
            out.line(f"version {n}  {version.record[:12]}  {count(len(version.clauses), 'clause')}", 4)
            for change in version.changes:
                if change.change != "as-before":
                    out.text(f"{change.id} {change.change}: {write_pieces(change.pieces)}", 6)
            for record, by, language in version.translations:
                out.line(f"translated into {language} by {node.name_of(by)} ({record[:12]})", 6)
        for made in facts.suggestions:
            place = f"adds {made.adds} behind {made.clause}" if made.adds else f"clause {made.clause}"
            out.line(f"suggestion {made.record[:12]} by {node.name_of(made.by)}, {place}", 4)
            out.text(write_pieces(made.pieces), 6)
            out.text(f"because {made.reason}", 6)
            for position in made.positions:
                reasons = f": {position.reasons}" if position.reasons else ", without reasons"
                out.text(f"{node.name_of(position.by)} {position.position}{reasons}", 6)
            for disposed in made.dispositions:
                out.text(f"{disposed.outcome}: {disposed.reason}", 6)
            if not made.dispositions:
                out.line("no disposition recorded", 6)
        for party in sorted(facts.silent, key=_place(state)):
            out.line(f"{node.name_of(party)}: asked, has not answered", 4)
        out.object(
            "initiative",
            record=facts.record,
            author=facts.by,
            title=facts.title,
            versions=[v.record for v in facts.versions],
            suggestions=[
                {
                    "record": s.record,
                    "by": s.by,
                    "clause": s.adds or s.clause,
                    "positions": [{"party": p.by, "position": p.position} for p in s.positions],
                    "dispositions": [d.outcome for d in s.dispositions],
                }
                for s in facts.suggestions
            ],
            silent=list(facts.silent),
        )


def _tell_closings(out: Out, node: Node, state: State) -> None:
    from comity.case.closings import closings

    for closing in closings(state):
        out.line()
        out.line(f"{node.name_of(closing.by)} {OUTCOMES[closing.outcome]} ({closing.record[:12]})")
        out.text(closing.text, 4)
        after = closing.own_after + closing.others_after
        if after:
            out.line(f"{count(after, 'record')} since, {closing.own_after} of them its own", 4)
        out.object(
            "closing",
            record=closing.record,
            author=closing.by,
            outcome=closing.outcome,
            text=closing.text,
            moved=closing.moved,
            own_after=closing.own_after,
            others_after=closing.others_after,
        )
