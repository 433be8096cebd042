"""A question that was put to somebody already is told with what became of it."""

from __future__ import annotations

import msgspec

from comity.records import kinds
from comity.records.kinds_of_weighing import Question
from comity.weighing.asked_already import tell_asked
from comity.weighing.in_the_case import call_by_id
from tests import world as w
from tests.weighing.told_cases import Told, strong


def asking(text: str, to: str = "", kind: str = "evidence") -> Question:
    item = msgspec.structs.replace(strong().items[0], text=text)
    return Question(item=item, to=to, type=kind)  # type: ignore[arg-type]


def test_it_is_told_with_its_answer() -> None:
    told = Told("asked")
    request = w.request(told.b, told.world.now + w.DAY)
    question = asking(request.text, told.b.id, request.type)
    assert tell_asked(told.state, question, call_by_id) == ()
    asked = told.say(request)
    told_as = f"Asked already: {asked.value.id[:12]}…, "
    assert tell_asked(told.state, question, call_by_id) == (f"{told_as}no answer on record.",)
    no = kinds.Answer(request=asked.value.id, disposition="refused", text="Not ours.", ground="privilege")
    told.say(no, asked, by=told.b)
    line = f"{told_as}declined, which is never an admission."
    assert tell_asked(told.state, question, call_by_id) == (line,)
    # Whoever it names or not, in whatever case: the same words, and no others.
    assert tell_asked(told.state, asking(f" {request.text.upper()}", "", request.type), call_by_id) == (line,)
    assert tell_asked(told.state, asking(request.text, told.a.id, request.type), call_by_id) == ()
    assert tell_asked(told.state, asking("Something else?", told.b.id, request.type), call_by_id) == ()
