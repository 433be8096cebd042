"""Fields that rows of a shape do not have themselves, made of those that they have: data without names as one
field, and what Sysmon would say of two security events (:mod:`comity.findings.derived_events`).

What is made follows from the values of a few fields, so from their codes. Each combination of these is looked
at once; what is made of it has codes of its own, which count from nought for each kind of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.findings.coded_rules import Shaped, Values
from comity.findings.derived_events import MORE, NAMES, OUTCOMES, derive_event
from comity.findings.export_flat import Names
from comity.findings.rows import Value, elements

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST: Final = 1 << 16
"""So many combinations are remembered of rows of a kind."""

Parts: TypeAlias = "Sequence[tuple[str, Names]]"
"""Fields of which each has the values of several others."""


def inputs_of(names: Names, parts: Parts, aliases: Mapping[str, str]) -> frozenset[str]:
    """The fields, by their own names, that something could be made of in rows with these names."""
    here = {*names, *aliases}
    wanted = {name for _, some in parts for name in some}
    for marks, more in zip(NAMES, MORE, strict=True):
        if here.issuperset(marks):
            wanted.update(name for name in (*marks, *more) if name in here)
    return frozenset(aliases.get(name, name) for name in wanted)


class MadeFields:
    """The fields made of rows of one shape and kind, ``names`` by their places; ``first`` is the slot of the
    first of them."""

    def __init__(
        self,
        shape: Shaped,
        aliases: Mapping[str, str],
        parts: Parts,
        derivation: Callable[[Mapping[str, Value]], Mapping[str, Value]] | None,
        event: str,
    ) -> None:
        outcomes = OUTCOMES[event] if derivation is not None else ()
        self.names = (*(name for name, _ in parts), *outcomes)
        self.first = len(shape.slots)
        self._parts = parts
        self._derivation = derivation
        own = sorted(inputs_of(shape.names, parts, aliases))
        self._asked = [(name, shape.slots[name]) for name in own if name in shape.slots]
        self._known = {name: shape.constants[name] for name in own if name in shape.constants}
        self._aliases = {name: alias for name, alias in aliases.items() if alias in own}
        self.forget()

    def forget(self) -> None:
        """Let go of all that was made: its codes mean nothing any more."""
        self._values: list[Value] = []
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._told: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._speaking: set[tuple[int, ...]] = set()

    @property
    def full(self) -> bool:
        """Whether so much is remembered that it is time to forget."""
        return len(self._told) > MOST or len(self._values) > MOST

    def values(self, codes: Sequence[int]) -> Sequence[Value]:
        """What codes of made fields stand for."""
        return [self._values[code] for code in codes]

    def widen(
        self,
        codes: npt.NDArray[np.int32],
        values: Values,
        speaking: Callable[[Collection[str]], Collection[str]],
    ) -> tuple[npt.NDArray[np.int32], Sequence[int]]:
        """The codes of rows, by slot, with those of what is made of them behind; and the rows of which some
        derived field is ``speaking``, which is asked of texts."""
        import numpy as np

        told = self._told
        count = codes.shape[1]
        keys: list[tuple[int, ...]] = [()] * count
        if self._asked:
            keys = list(zip(*(codes[slot].tolist() for _, slot in self._asked), strict=True))
        fresh = [key for key in dict.fromkeys(keys) if key not in told]
        texts: dict[tuple[int, ...], set[str]] = {}
        for key in fresh:
            told[key] = self._make(key, values)
            derived = (self._values[code] for code in told[key][len(self._parts) :])
            texts[key] = {text for value in derived for text in elements(value) if text is not None}
        if heard := frozenset(speaking(frozenset().union(*texts.values()))):
            self._speaking.update(key for key in fresh if not heard.isdisjoint(texts[key]))
        said = [n for n, key in enumerate(keys) if key in self._speaking] if self._speaking else ()
        made = np.array([told[key] for key in keys], np.int32).reshape(count, len(self.names))
        return np.ascontiguousarray(np.concatenate([codes, made.T])), said

    def _make(self, key: tuple[int, ...], values: Values) -> tuple[int, ...]:
        fields = dict(self._known)
        fields.update(zip((name for name, _ in self._asked), values(key), strict=True))
        fields.update({name: fields[own] for name, own in self._aliases.items()})
        made: dict[str, Value] = {}
        for name, some in self._parts:
            found: list[Any] = []
            for each in some:
                value = fields[each]
                found += value if isinstance(value, list) else [value]
            made[name] = found
        if self._derivation is not None:
            derived = self._derivation(fields)
            made.update({name: derived[name] for name in self.names if name not in made})
        return tuple(self._number_of(made[name]) for name in self.names)

    def _number_of(self, value: Value) -> int:
        plain: Any = tuple(map(_marked, value)) if isinstance(value, list) else value
        number = self._numbers.setdefault(_marked(plain), len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number


def _marked(value: Any) -> tuple[Any, ...]:
    """A value as a key: one and true are two."""
    return type(value), value


def made_of(
    shape: Shaped,
    aliases: Mapping[str, str],
    parts: Parts,
    derivation: Callable[[Mapping[str, Value]], Mapping[str, Value]] | None,
) -> MadeFields | None:
    """What is made of rows of a shape that ``derivation`` adds fields to. ``LookupError`` where codes do not
    tell it; None where nothing is."""
    event = ""
    if derivation is not None:
        if not (isinstance(derivation, partial) and derivation.func is derive_event):
            raise LookupError
        event = derivation.args[0]
        here = {*shape.names, *aliases}
        if not here.issuperset(NAMES[tuple(OUTCOMES).index(event)]):
            derivation = None
        elif not here.isdisjoint(OUTCOMES[event]):
            raise LookupError  # what a row has itself is not replaced, unless it is empty
    if derivation is None and not parts:
        return None
    return MadeFields(shape, aliases, parts, derivation, event)
