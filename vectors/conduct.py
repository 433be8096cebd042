"""Vectors of what proves two histories, and of the card that an attempt to deliver carries."""

from __future__ import annotations

from typing import Any

from comity.records import bodies, kinds
from tests import world as w
from tests.rulebook import changed, forked, moved, scene
from vectors.story import Made, vector

SCENE = scene("vectors/conduct")
FORK = forked(SCENE)
SPLIT = w.split_of(SCENE.b)
TOLD = SCENE.world.party("Told", [w.NODE])
GUEST = SCENE.world.guest("Guest", SCENE.c)
ATTEMPT = w.attempt("ab" * 32, TOLD)


def _made(name: str, check: str, content: kinds.Content, **changes: Any) -> Made:
    return vector(check, name, raw=bodies.render(changed(content, **changes)).hex())


def equivocation_accepted() -> list[Made]:
    return [
        _made("two envelopes at one place of a chain", "equivocation", FORK),
        _made("two roots for one size", "equivocation", SPLIT),
    ]


def equivocation_refused() -> list[Made]:
    return [
        _made("one envelope twice", "equivocation", FORK, second=FORK.first),
        _made("the card of another party", "equivocation", FORK, card=SPLIT.card, party=SCENE.a.id),
        _made("a proof where none is needed", "equivocation", FORK, root="00" * 32),
    ]


def attempt_accepted() -> list[Made]:
    # Each addressee of its own: a key record more is not known to what was made before.
    told = SCENE.world.party("Told elsewhere", [w.NODE])
    there = moved(told, kinds.Contact(kind="node", address="http://new.example"))
    later = w.attempt("ab" * 32, told, keys=[there])
    return [
        _made("the addressee's card", "attempt", ATTEMPT),
        _made("contacts said anew", "attempt", later, address="http://new.example"),
    ]


def attempt_refused() -> list[Made]:
    return [
        _made("the card of another party", "attempt", ATTEMPT, to=SCENE.b.id),
        _made("the card of a guest", "attempt", w.attempt("ab" * 32, GUEST)),
    ]
