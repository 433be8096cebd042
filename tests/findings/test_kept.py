"""What is kept as JSON is read alike with and without the fast reader."""

from __future__ import annotations

import json
import sys

import pytest

from comity.findings.kept import read_kept
from comity.findings.needs import KeptNeeds, MadeNeeds, render_needs
from comity.findings.sigma import Rule
from tests.findings.test_match import pack_of, render_rule

ODD = {"half": "\ud800", "mark": "\u212a", "nested": [[1, 2], {"a": None}], "long": 2**62}


@pytest.mark.parametrize("fast", [True, False])
def test_half_of_a_pair_is_read_too(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not fast:
        monkeypatch.setitem(sys.modules, "orjson", None)
    assert read_kept(json.dumps(ODD).encode()) == ODD
    for broken in (b"", b"{", b'{"a":1}x', b"\xff"):
        with pytest.raises(ValueError):
            read_kept(broken)


def test_what_rules_need_is_the_same_kept_and_made() -> None:
    pack = pack_of(
        render_rule({"a": {"F|re": "abcd+e", "G|cased": "X"}, "b": {"F": ["x*y", 7]}, "condition": "a or b"}),
        render_rule({"a": {"F|contains": "word", "H|lt": 3}, "b": ["text"], "condition": "a or b"}),
    )
    made = MadeNeeds(part for rule in pack.rules if isinstance(rule, Rule) for part in rule.parts)
    kept = KeptNeeds(*render_needs(made), "")
    assert list(kept.names) == list(made.names)
    for field in range(len(made.names)):
        there, here = kept.atoms_of(field), made.atoms_of(field)
        assert list(there) == list(here) == [there[n] for n in range(len(there))]
        assert list(there[1:]) == list(here[1:])
    assert pack.needs is not None
    assert list(pack.needs.groups) == list(made.groups)
