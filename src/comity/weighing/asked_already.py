"""Which questions of an assessment were put to somebody already, as the case's records show it
(``spec/14-assessments.md`` §7, rule 5)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from comity.case.extensions import withdrawn_requests
from comity.case.state import State
from comity.phrases import Phrase, phrase
from comity.records import kinds
from comity.records.kinds_of_weighing import Question

_SAID: Final = {
    "accepted": phrase("accepted, not answered yet"),
    "partial": phrase("answered in part"),
    "refused": phrase("declined, which is never an admission"),
    "clarify": phrase("answered with a question"),
    "fulfilled": phrase("answered"),
}


def asked_already(state: State, question: Question) -> tuple[str, ...]:
    """The requests, oldest first, that put this question: of the same type and words, to the same party where
    the question names one."""
    wanted = _plain(question.item.text)
    return tuple(
        one.id
        for one in state.of("request.make")
        if isinstance(one.content, kinds.Request)
        and (not question.to or one.content.to == question.to)
        and one.content.type == question.type
        and _plain(one.content.text) == wanted
    )


def tell_asked(state: State, question: Question, call: Callable[[str], str]) -> tuple[Phrase, ...]:
    """Each of them with what has become of it; ``call`` says what a reader calls a record."""
    found = asked_already(state, question)
    if not found:
        return ()
    answers = {
        one.content.request: one.content.disposition
        for one in state.of("request.answer")
        if isinstance(one.content, kinds.Answer)
    }
    gone = withdrawn_requests(state)
    lines = []
    for request in found:
        if request in answers:
            said = _SAID[answers[request]]
        elif request in gone:
            said = phrase("no longer asked")
        else:
            said = phrase("no answer on record")
        lines.append(phrase("Asked already: {}, {}.", call(request), said))
    return tuple(lines)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
