"""What a statement reads as: nobody's name stands under words that came after it joined."""

from __future__ import annotations

from comity.case.statements import statements
from comity.records.kinds_of_statements import Announce, Correct, Correction, Join, Sentence
from tests.rulebook import scene


def test_who_joined_before_a_correction_joined_the_words_before() -> None:
    s = scene("joined before")
    sentences = (Sentence(text="Mail went through a host."), Sentence(text="We told them."))
    text = s.say(s.a, Announce(title="t", status="final", sentences=sentences, parties=(s.b.id,)))
    s.say(s.b, Join(statement=text.value.id, answer="joins", basis="trust"), text)
    (before,) = statements(s.state)
    assert before.joined[0].unheard == ()
    stolen = Correction(n=0, text="Mail was stolen through a host.")
    changed = s.say(s.a, Correct(statement=text.value.id, corrections=(stolen,), reason="Plainer."), text)
    (after,) = statements(s.state)
    assert after.sentences[0].now == "Mail was stolen through a host."
    assert after.joined[0].unheard == (0,)
    s.say(s.b, Join(statement=text.value.id, answer="joins", basis="trust"), text, changed)
    (again,) = statements(s.state)
    assert again.joined[0].unheard == ()
