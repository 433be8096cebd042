"""Findings: what was run on what, which rows it gave, and whether two runs agree.

A finding is identified by its *inputs* (rule digests, pack digest, item, parameters, semantics) and
its *result* (the sorted list of rule, item and row). Engine and library versions are declared beside
a finding and enter neither digest, so an upgrade does not make an old finding irreproducible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from comity.errors import NotVerified, Refused
from comity.findings import SEMANTICS
from comity.records.canonical import LIMIT, Json, render

INPUTS_DOMAIN = b"comity/1/finding-inputs\0"
RESULT_DOMAIN = b"comity/1/finding-result\0"

Hit: TypeAlias = tuple[str, int]
"""A matched row: the rule's digest (hex) and the row's number in the item."""

Scope: TypeAlias = Literal["whole", "rows"]
Verdict: TypeAlias = Literal["same", "shown rows match", "different", "not possible"]
Cause: TypeAlias = Literal["identity", "parameters", "evidence", "engine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a run was told beside rules and item; unset ones are absent from the digest.

    ``zone`` is the offset taken for times without one (``+02:00``); ``since`` (included) and
    ``until`` (excluded) are instants of the record's one time form. ``logsource`` is what was declared
    of the item's product, category and service, as pairs: it routes rules, so it decides a result too.
    """

    zone: str | None = None
    since: str | None = None
    until: str | None = None
    logsource: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The parameters that are set."""
        given = {"zone": self.zone, "since": self.since, "until": self.until}
        said: dict[str, Json] = {name: value for name, value in given.items() if value is not None}
        if self.logsource:
            # Pairs, so that a stated list that repeats a name has a digest of its own.
            said["logsource"] = [list(pair) for pair in sorted(self.logsource)]
        return said

    def require_window(self, where: str = "") -> None:
        """``Refused`` (``window.order``) where the window ends before it begins, so that no row is in it."""
        if self.since and self.until and self.until <= self.since:
            why = f"the window of time begins at {self.since} and ends at {self.until}: no row is in it"
            raise Refused("window.order", where, why)


def inputs_digest(
    rules: Iterable[str],
    pack: str,
    item: str,
    parameters: Parameters,
    semantics: str = SEMANTICS,
) -> str:
    """The hex digest of everything that decides a result; the order of ``rules`` does not matter."""
    return _digest_inputs(_order_rules(tuple(rules))[1], pack, item, parameters, semantics)


def _digest_inputs(listed: bytes, pack: str, item: str, parameters: Parameters, semantics: str) -> str:
    head = render({"item": item, "pack": pack, "parameters": parameters.to_json()})
    # The members of a canonical object stand in the order of their names, so the rules come between.
    digest = hashlib.sha256(INPUTS_DOMAIN + head[:-1])
    digest.update(listed)
    digest.update(render(semantics) + b"}")
    return digest.hexdigest()


@lru_cache(maxsize=8)
def _order_rules(rules: tuple[str, ...]) -> tuple[tuple[str, ...], bytes]:
    """Rules sorted, each once, and as they stand in the inputs; a run asks this anew for each file."""
    ordered = tuple(sorted(set(rules)))
    return ordered, b',"rules":' + render(list(ordered)) + b',"semantics":'


def result_digest(item: str, rows: Iterable[Hit]) -> str:
    """The hex digest of the sorted list of [rule, item, row]; duplicates count once."""
    named = render(item)
    known: dict[str, bytes] = {}
    written: list[bytes] = []
    for rule, row in sorted(set(rows)):
        # Thousands of rows of a rule differ in their number alone.
        head = known.get(rule)
        if head is None:
            head = known[rule] = b"[%b,%b," % (render(rule), named)
        plain = type(row) is int and -LIMIT < row < LIMIT
        written.append(b"%b%d]" % (head, row) if plain else head + render(row) + b"]")
    return hashlib.sha256(RESULT_DOMAIN + b"[" + b",".join(written) + b"]").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One run over one item. Make it with :func:`make_finding`; check a received one."""

    rules: tuple[str, ...]
    pack: str
    item: str
    parameters: Parameters
    semantics: str
    inputs_digest: str
    rows: tuple[Hit, ...]
    result_digest: str


def make_finding(
    rules: Iterable[str],
    pack: str,
    item: str,
    parameters: Parameters,
    rows: Iterable[Hit],
    semantics: str = SEMANTICS,
) -> Finding:
    """The finding of one run, with rules and rows sorted and both digests computed."""
    sorted_rules, listed = _order_rules(tuple(rules))
    sorted_rows = tuple(sorted(set(rows)))
    return Finding(
        rules=sorted_rules,
        pack=pack,
        item=item,
        parameters=parameters,
        semantics=semantics,
        inputs_digest=_digest_inputs(listed, pack, item, parameters, semantics),
        rows=sorted_rows,
        result_digest=result_digest(item, sorted_rows),
    )


def check_finding(finding: Finding, where: str = "") -> None:
    """Recompute both digests of a received finding; ``NotVerified`` if one does not hold."""
    parts = finding.rules, finding.pack, finding.item, finding.parameters, finding.semantics
    if inputs_digest(*parts) != finding.inputs_digest:
        raise NotVerified("finding.inputs", where, "the inputs digest is not that of the inputs listed")
    if finding.rows != tuple(sorted(set(finding.rows))):
        raise NotVerified("finding.order", where, "the rows are not sorted or one is repeated")
    if stray := {rule for rule, _ in finding.rows} - set(finding.rules):
        raise NotVerified("finding.rule", where, f"rows of a rule that was not run: {min(stray)[:16]}…")
    if result_digest(finding.item, finding.rows) != finding.result_digest:
        raise NotVerified("finding.result", where, "the result digest is not that of the rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs held side by side.

    ``parts`` names the inputs that differ (``rules``, ``pack``, ``semantics``, ``item``,
    ``zone``, ``since``, ``until``, ``logsource``); ``cause`` is the first of identity, evidence and
    parameters that they belong to, or ``engine`` where the inputs agree and the rows do not. A report that
    does not hold by itself is of ``identity``, and the part is one of ``FLAWS``. ``only_there``
    are rows that only the report has, ``only_here`` rows that only the re-run has.
    With scope ``rows``, ``held`` is how many rows there were to compare, and ``left_out`` are the rules of
    the report that say nothing of some rows, since their verdict on one needs others. ``partly`` are rows
    that the re-run did not ask whole.
    """

    verdict: Verdict
    cause: Cause | None = None
    parts: tuple[str, ...] = ()
    only_there: tuple[Hit, ...] = field(default=())
    only_here: tuple[Hit, ...] = field(default=())
    held: int = field(default=0, compare=False)
    left_out: tuple[str, ...] = field(default=(), compare=False)
    partly: tuple[int, ...] = field(default=(), compare=False)


_NOTHING: Final = Comparison(verdict="not possible")
FLAWS: Final = ("source", "inputs", "result")
"""Parts that a report has of its own: they are held against what it lists, not against a re-run."""


def _differing_parts(reported: Finding, rerun: Finding) -> tuple[str, ...]:
    there, here = reported.parameters, rerun.parameters
    pairs: dict[str, tuple[object, object]] = {
        "rules": (reported.rules, rerun.rules),
        "pack": (reported.pack, rerun.pack),
        "semantics": (reported.semantics, rerun.semantics),
        "item": (reported.item, rerun.item),
        "zone": (there.zone, here.zone),
        "since": (there.since, here.since),
        "until": (there.until, here.until),
        "logsource": (sorted(there.logsource), sorted(here.logsource)),
    }
    return tuple(name for name, (a, b) in pairs.items() if a != b)


def cause_of(parts: Collection[str]) -> Cause:
    """Of what cause a difference in these parts is, by the first that applies; in none of them,
    ``engine``."""
    if not parts:
        return "engine"
    if {*FLAWS, "rules", "pack", "semantics"} & set(parts):
        return "identity"
    return "evidence" if "item" in parts else "parameters"


def compare(
    reported: Finding,
    rerun: Finding | None,
    scope: Scope,
    held_rows: Collection[int] = (),
    whole_rules: Collection[str] = (),
    flaws: Collection[str] = (),
) -> Comparison:
    """Hold a re-run against the report.

    Scope ``whole`` compares everything. Scope ``rows`` compares the rows numbered in ``held_rows``
    only, so agreement says nothing of completeness, counts or absence; where neither side names one of them
    there is nothing to agree on. ``whole_rules`` are the digests of rules whose verdict on a row needs
    others (correlations): on some rows nothing can be said of them. A re-run of other inputs is
    ``different`` even where its rows agree: it is not a re-run of this finding. Without a re-run, or
    without a row to hold against, nothing can be said.

    ``flaws`` are parts of the report that do not hold by themselves (``source``, ``inputs``, ``result``):
    with one, nothing can agree with it, and no evidence is needed to say so.
    """
    own = tuple(dict.fromkeys(flaws))
    if rerun is None or (scope == "rows" and not held_rows):
        return Comparison(verdict="different", cause="identity", parts=own) if own else _NOTHING
    there, here = set(reported.rows), set(rerun.rows)
    scoped: tuple[int, tuple[str, ...]] = (0, ())
    if scope == "rows":
        scoped = len(set(held_rows)), tuple(sorted(set(reported.rules) & set(whole_rules)))
        held = frozenset(held_rows)
        joined = frozenset(whole_rules)
        there = {hit for hit in there if hit[1] in held and hit[0] not in joined}
        here = {hit for hit in here if hit[1] in held and hit[0] not in joined}
        if not there and not here and not own:
            # None of the rows that the report names is among those held: agreement would say nothing.
            return Comparison(verdict="not possible", held=scoped[0], left_out=scoped[1])
    parts = own + _differing_parts(reported, rerun)
    if not parts and there == here:
        agreed: Verdict = "same" if scope == "whole" else "shown rows match"
        return Comparison(verdict=agreed, held=scoped[0], left_out=scoped[1])
    return Comparison(
        verdict="different",
        cause=cause_of(parts),
        parts=parts,
        only_there=tuple(sorted(there - here)),
        only_here=tuple(sorted(here - there)),
        held=scoped[0],
        left_out=scoped[1],
    )
