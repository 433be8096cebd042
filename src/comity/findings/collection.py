"""Rule collections: several rules in one source that share what a document says for all of them.

Sigma's first specification lets a document carry an ``action``: ``global`` says what holds for all documents
behind it, ``reset`` ends that, ``repeat`` is the rule before it with some keys said anew. The converters of
that time differ in one thing: whether a second ``global`` adds to the first or takes its place. Here it adds,
as the specification says. What ``global`` says goes before what a rule says, as in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from comity.findings.reasons import RuleError

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

RULES = 256
"""How many rules a collection may make, so that few lines cannot become very many."""


def has_actions(heads: Sequence[Mapping[str, Yaml]]) -> bool:
    """Whether a source is a collection."""
    return any("action" in head for head in heads)


def expand_actions(heads: Sequence[Mapping[str, Yaml]]) -> list[Mapping[str, Yaml]]:
    """The rules of a source, each said in full; the documents themselves where none has an action.

    ``RuleError`` for an action of another name, a ``repeat`` with no rule before it, a collection without a
    rule, and one of more than ``RULES``."""
    if not has_actions(heads):
        return list(heads)
    shared: Mapping[str, Yaml] = {}
    made: list[Mapping[str, Yaml]] = []
    for number, head in enumerate(heads, 1):
        said = {key: value for key, value in head.items() if key != "action"}
        match head.get("action"):
            case None:
                made.append(_merge(said, shared))
            case "global":
                shared = _merge(shared, said)
            case "reset":
                shared = {}
            case "repeat" if made:
                made.append(_merge(made[-1], said))
            case "repeat":
                raise RuleError(f"document {number}: there is no rule before it that it could repeat")
            case other:
                raise RuleError(
                    f"document {number}: the action {str(other)[:40]!r} is none of global, repeat and reset"
                )
        if len(made) > RULES:
            raise RuleError(f"the collection makes more than {RULES} rules")
    if not made:
        raise RuleError("the collection has no rule")
    return made


def _merge(below: Mapping[str, Yaml], above: Mapping[str, Yaml]) -> dict[str, Yaml]:
    """Both mappings as one, ``above`` deciding; mappings inside of them likewise."""
    merged = dict(below)
    for key, value in above.items():
        before = merged.get(key)
        merged[key] = _merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
