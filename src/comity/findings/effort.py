"""What expressions may cost: their instructions times the text, by which a long row is refused to a rule.

The time of a regular expression grows with its program and with the text (:mod:`comity.findings.regexes`):
linear in each, and at worst hours for their product. A row of no more than :data:`LONG` characters is asked
whatever a rule asks for. Over a longer one the *work* of each detection is told before: for each of its
expressions and texts with wildcards the instructions of its program, times the bytes of the texts that it is
asked of. A rule that would need more than :data:`WORK` gives no verdict on the item. The measure knows no
clock, no other rule, no other row and no other file, so a refusal is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from comity.findings.asking import View
from comity.findings.atoms import Atom, Node, iter_atoms
from comity.findings.regexes import measure_program

LONG: Final = 1 << 16
"""The longest row, in characters, of which every rule is asked."""
WORK: Final = 1 << 32
"""How many instructions times bytes a detection may need over one row. The largest rule in common use needs
0.6 times that over a text of 1 MiB."""
REFUSED: Final = f"its expressions would need more than {WORK:,} steps over a row (instructions times bytes)"

Weights: TypeAlias = "Mapping[str | None, int]"
"""By field, the instructions of all that is searched for in it as an expression; None is the whole row."""


def weigh_node(node: Node) -> Weights:
    """The weights of a detection. An expression that it asks twice is one."""
    weights: dict[str | None, int] = {}
    for atom in set(iter_atoms(node)):
        if size := _size_of(atom):
            weights[atom.field] = weights.get(atom.field, 0) + size
    return weights


def _size_of(atom: Atom) -> int:
    kind, value = atom.kind, atom.value
    if kind == "differs":
        kind, _, value = value.partition(":")
    return measure_program(kind, value)


class Effort:
    """What detections need over one row; how long its texts are is looked at once, whatever asks."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lengths: dict[str | None, int] = {}

    def is_too_much(self, weights: Weights) -> bool:
        """Whether a detection of these weights needs more over the row than it may."""
        return sum(size * self._length(name) for name, size in weights.items()) > WORK

    def _length(self, name: str | None) -> int:
        known = self._lengths.get(name)
        if known is None:
            texts = self._view.every() if name is None else self._view.texts(name)
            known = self._lengths[name] = _bytes(texts)
        return known


def _bytes(texts: Iterable[str]) -> int:
    return sum(len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts)
