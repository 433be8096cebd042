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


def work_of(weights: Weights, view: View) -> int:
    """What a detection of these weights needs over a row."""
    work = 0
    for name, size in weights.items():
        if name is None:
            work += size * _bytes(view.every())
        else:
            work += size * _bytes(view.texts(name))
    return work


def _bytes(texts: Iterable[str]) -> int:
    return sum(len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts)
