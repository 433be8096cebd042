"""Findings in a case: reported with their rules, and run again by others (``spec/11-findings.md``)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from comity import __version__
from comity.case.state import State
from comity.case.verified import Verified
from comity.dossier import rerun
from comity.dossier.rerun import Run
from comity.dossier.rerun_checks import ROWS_LIMIT
from comity.dossier.stated import Flaw, find_flaws
from comity.errors import Refused
from comity.evidence.formats import name_format
from comity.evidence.rows import is_header
from comity.exchange import evidence
from comity.exchange.acts import reach_of, say
from comity.exchange.node import Node
from comity.exchange.packages import is_for
from comity.exchange.shown import Shut, format_of, packages_of, rows_shown
from comity.findings import SEMANTICS, match
from comity.findings.finding import Comparison, Finding, Parameters, Scope, compare, make_finding
from comity.findings.pack import Pack, compile_pack
from comity.findings.partly import rows_of_partly, say_engine
from comity.findings.whole import whole_rules_of
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.spans import count_rows, spans_of

ENGINE = f"comity {__version__}"
NAME_LIMIT = 200
"""Characters of a rule's name in a record (``spec/03-kinds.md``)."""


def report(
    node: Node,
    case: str,
    seal: str,
    sources: Sequence[tuple[str, bytes]],
    parameters: Parameters,
    *,
    to: Sequence[str] = (),
    again: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[Verified[Record], Run]:
    """Run rules over an item held whole, and sign what they matched. ``progress`` is told how many of its
    rows were read.

    A rule that cannot run, or gives no verdict on this item, is ``Refused`` by name: a finding must not be
    silent about one. So is a window that ends before it begins (``window.order``), and a finding that this
    party signed already (``finding.signed``), unless it is to be signed ``again``: the same rules over the
    same rows give the same.
    """
    parameters.require_window(seal[:12])
    _, sealed = evidence.sealed_at(node, case, seal)
    pack = compile_pack(sources)
    if pack.unusable:
        first = pack.unusable[0]
        raise Refused("rule.unusable", first.source_name, first.reason)
    earlier = "" if again else signed_already(node, case, sealed.item, pack.digest, parameters, to)
    if earlier:
        raise Refused(
            "finding.signed", earlier[:12], "this party signed the same finding already, in this record"
        )
    scanner = match.Scanner(pack)
    item = f"rows:{sealed.item.size}:{sealed.item.root}"
    format_name = name_format(sealed.splitter)
    run = rerun.run_rules(
        scanner,
        pack,
        item,
        format_name,
        evidence.item_rows(node, sealed.item.root, progress),
        parameters,
        evidence.is_terminated(node, sealed.item.root),
    )
    if run.refused:
        stopped = [(r.source_name, run.refused[r.digest]) for r in pack.rules if r.digest in run.refused]
        told = "; ".join(f"{name}: {why}" for name, why in sorted(stopped))
        raise Refused("rule.refused", min(stopped)[0], stopped[0][1] if len(stopped) == 1 else told[:1000])
    texts = {rule.digest: rule for rule in pack.rules}
    by_digest = {_digest(raw): (name, raw) for name, raw in sources}
    content = kinds.Report(
        item=sealed.item,
        rules=tuple(
            kinds.Rule(digest=d, name=_short(by_digest[d][0]), source=by_digest[d][1].decode())
            for d in sorted(texts)
        ),
        pack=pack.digest,
        semantics=SEMANTICS,
        inputs=run.finding.inputs_digest,
        matches=matches_of(run.finding),
        result=run.finding.result_digest,
        engine=say_engine(ENGINE, rows_of_partly(run.reading.partly)),
        parameters=stated(parameters),
        logsource=tuple(sorted(parameters.logsource)),
    )
    return say(node, case, content, [seal], to=to), run


def _short(name: str) -> str:
    """A rule's name as a record can hold it: of a longer one the end, by which it is known."""
    return name if len(name) <= NAME_LIMIT else f"…{name[1 - NAME_LIMIT :]}"


def signed_already(
    node: Node,
    case: str,
    item: kinds.Item,
    pack: str,
    parameters: Parameters,
    to: Sequence[str] = (),
) -> str:
    """The newest finding of this party in which these rules (the digest of their pack) ran over this item
    with these parameters, and which all who would read it now can read; "" where there is none."""
    state = node.state(case)
    readers = to or state.members
    for record in reversed(state.of("finding.report")):
        content = record.content
        if (
            record.author == node.party.id
            and isinstance(content, kinds.Report)
            and (content.item, content.pack, content.semantics) == (item, pack, SEMANTICS)
            and content.parameters == stated(parameters)
            and content.logsource == tuple(sorted(parameters.logsource))
            and all(state.readable_by(record.id, reader) for reader in readers)
        ):
            return record.id
    return ""


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def stated(parameters: Parameters) -> kinds.Parameters:
    """Parameters of a run as a record states them."""
    return kinds.Parameters(
        zone=parameters.zone or "", since=parameters.since or "", until=parameters.until or ""
    )


def matches_of(finding: Finding) -> tuple[kinds.Match, ...]:
    """Matched rows by rule, as a record states them."""
    by_rule: dict[str, list[int]] = {}
    for rule, row in finding.rows:
        by_rule.setdefault(rule, []).append(row)
    return tuple(
        kinds.Match(rule=r, rows=kinds.ranges_of(tuple(rows))) for r, rows in sorted(by_rule.items())
    )


def reported_at(state: State, finding: str) -> kinds.Report:
    """An accepted finding of the case; ``Refused`` if the record is something else."""
    record = state.accepted.get(finding)
    if record is None or not isinstance(record.content, kinds.Report):
        raise Refused("finding.unknown", finding[:12], "not an accepted finding of this case")
    return record.content


def replicate(
    node: Node,
    case: str,
    finding: str,
    *,
    parameters: Parameters | None = None,
    own: str = "",
    note: str = "",
    progress: Callable[[int], None] | None = None,
    shut: Shut | None = None,
) -> tuple[Verified[Record], Comparison]:
    """Run another's finding again over what this node holds of the item, and sign how it compares.

    The finding is held against itself first: what it states wrongly of itself is ``different``, by its part.
    Then over the whole item if it is held, else over the rows disclosed here, else "not possible".
    A whole item that came and was not opened is not opened by this (:func:`find_unopened`).
    ``parameters`` replaces those of the finding (a time zone declared wrongly, say): the difference then has
    a cause. ``own`` is this party's own seal of what it holds as the same log: the run is then over that, and
    a difference of cause ``evidence``. ``progress`` is told how many rows of an item held whole were read.
    A package of rows that does not open is put into ``shut``, and the others are run; where none opens, the
    error of the first is raised and nothing is signed.
    """
    state = node.state(case)
    content = reported_at(state, finding)
    _require_listable(content, finding)
    told = rerun.reported(content)
    flaws = find_flaws(content, told)
    used = parameters or told.parameters
    if parameters is not None:
        # What the finding itself states is run as it states it.
        used.require_window(finding[:12])
    shut = {} if shut is None else shut
    wanted = state.audiences[finding] | {state.accepted[finding].author} | set(state.members)
    to = [kinds.PUBLIC] if kinds.PUBLIC in wanted else sorted(wanted - {node.party.id})
    if own and opened_under(state) < 2:
        # Refused by the rules at the end anyway, after a run that may take an hour.
        raise Refused("replicate.rules", finding[:12], "a case of rules 1 has no re-run over an own item")
    item = _own_item(node, case, own, content.item) if own else None
    named = True
    if item is None:
        again = _run_again(node, state, content, told, used, flaws, progress, shut)
        named = not again.shown or _known_to_all(node, state, content.item, to)
        if flaws and not named:
            # Rows that may not be named add nothing to a finding that is false in itself.
            again = _Again(pack=again.pack, scope="rows")
    else:
        again = _run_own(node, state, content, item, used, flaws, progress, to, shut)
    comparison = compare(
        told, again.finding, again.scope, set(again.shown), again.whole, [flaw.part for flaw in flaws]
    )
    comparison = replace(comparison, partly=again.partly)
    if again.scope == "whole":
        comparison = replace(comparison, held=again.read)
    pack = again.pack
    mine = again.finding or make_finding(pack.rule_digests, pack.digest, told.item, used, ())
    spoken = opened_under(state) >= 2 and again.scope == "rows" and again.finding is not None and named
    record = kinds.Replicate(
        finding=finding,
        scope=again.scope,
        verdict=_VERDICT[comparison.verdict],
        inputs=mine.inputs_digest,
        result=mine.result_digest,
        engine=say_engine(ENGINE, again.partly if named else ()),
        parameters=stated(used),
        cause=comparison.cause or "",
        part=", ".join(comparison.parts)[:200],
        note=note
        or "; ".join([*again.stopped, *(flaw.why for flaw in flaws), *again.beside])[:1000]
        or ("" if named else _say_partly(again.partly))
        or say_unable(comparison, len(told.rules)),
        # Matches among rows that not all may know would tell which rows those are.
        matches=matches_of(mine) if comparison.verdict == "different" and named else (),
        rows=kinds.ranges_of(tuple(again.shown)) if spoken else (),
        left_out=comparison.left_out if spoken else (),
        item=again.item or msgspec.UNSET,
    )
    cites = [finding, own] if again.item else [finding]
    return say(node, case, record, cites, to=reach_of(node, state, finding, cites)), comparison


def _say_partly(rows: Sequence[int]) -> str:
    """That rows were not asked whole, without their numbers: not all readers may know which rows were run."""
    return (
        f"{len(rows)} of the rows run {'was' if len(rows) == 1 else 'were'} not asked whole" if rows else ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """A run of a finding's rules over what is here. ``finding`` is None where nothing was run, ``stopped``
    says why a rule could not; ``shown`` are the rows run in scope ``rows``, of whose rules ``whole`` need
    others; ``read`` is how many rows of a whole item were read, ``item`` the own one where it was that, and
    ``beside`` how the two compare; ``partly`` are the rows that were not asked whole."""

    pack: Pack
    scope: Scope
    finding: Finding | None = None
    stopped: tuple[str, ...] = ()
    shown: tuple[int, ...] = ()
    whole: frozenset[str] = frozenset()
    read: int = 0
    item: kinds.Item | None = None
    beside: tuple[str, ...] = ()
    partly: tuple[int, ...] = ()


def _run_again(
    node: Node,
    state: State,
    content: kinds.Report,
    told: Finding,
    used: Parameters,
    flaws: Sequence[Flaw],
    progress: Callable[[int], None] | None,
    shut: Shut,
) -> _Again:
    pack = compile_pack([(r.name, r.source.encode()) for r in content.rules])
    held = evidence.held_items(node).get(content.item.root)
    if any(flaw.part == "source" for flaw in flaws):
        # Rules under names that are not theirs: what they find is nothing that the finding could agree with.
        return _Again(pack=pack, scope="rows")
    # A rule that cannot run here, or gives no verdict here, is no rule that found something else.
    stopped = tuple(f"{each.source_name} cannot run here: {each.reason}" for each in pack.unusable)
    unrun: Scope = "rows" if held is None or flaws else "whole"
    if stopped:
        return _Again(pack=pack, scope=unrun, stopped=stopped)
    scanner = match.Scanner(pack)
    if held is not None:
        source = evidence.item_rows(node, content.item.root, progress)
        ended = evidence.is_terminated(node, content.item.root)
        run = rerun.run_rules(scanner, pack, told.item, held.format, source, used, ended)
        if run.refused:
            stopped = tuple(
                f"{_named(content, digest)} gives no verdict here: {why}"
                for digest, why in run.refused.items()
            )
            return _Again(pack=pack, scope=unrun, stopped=stopped)
        partly = rows_of_partly(run.reading.partly)
        return _Again(pack=pack, scope="whole", finding=run.finding, read=run.reading.rows, partly=partly)
    shown = rows_shown(node, state, content.item, shut)
    if not shown:
        for error in shut.values():
            raise error
        return _Again(pack=pack, scope="rows")
    form = format_of(state, content.item)
    whole = whole_rules_of(pack, form)
    again = rerun.run_rules(scanner, pack, told.item, form, rerun.disclosed_rows(form, shown), used)
    ran = again.finding
    # What a rule that needs other rows says of these is no result, so the record names none of it.
    hits = [hit for hit in ran.rows if hit[0] not in whole]
    finding = make_finding(pack.rule_digests, pack.digest, told.item, used, hits)
    # A row that names columns is read with the others, and no rule is asked of it.
    asked = tuple(sorted(n for n, raw in shown.items() if not is_header(form, n, raw)))
    partly = rows_of_partly(again.reading.partly)
    return _Again(pack=pack, scope="rows", finding=finding, shown=asked, whole=whole, partly=partly)


def find_unopened(node: Node, state: State, item: kinds.Item) -> str:
    """A disclosure of the whole item that came here and was not opened yet; "" for none."""
    if item.root in evidence.held_items(node):
        return ""
    for record in state.of("evidence.disclose"):
        content = record.content
        if (
            isinstance(content, kinds.Disclose)
            and (content.item, content.level) == (item, "whole")
            and record.author != node.party.id
            and is_for(state, record, node.party.id)
            and node.blobs.has(content.package)
        ):
            return record.id
    return ""


def find_unreceipted(node: Node, state: State, item: kinds.Item) -> list[str]:
    """Disclosures of rows of an item that are read here, and for which this party signed no receipt."""
    own = node.party.id
    told = {
        r.content.disclosure
        for r in state.of("disclosure.receipt")
        if r.author == own and isinstance(r.content, kinds.Checked)
    }
    return [
        record.id
        for record in state.of("evidence.disclose")
        if isinstance(record.content, kinds.Disclose)
        and (record.content.item, record.content.level) == (item, "rows")
        and record.author != own
        and record.id not in told
        and is_for(state, record, own)
        and node.blobs.has(record.content.package)
    ]


def _known_to_all(node: Node, state: State, item: kinds.Item, readers: Iterable[str]) -> bool:
    """Whether every row disclosed here is of a disclosure that all these readers may read: who may not is not
    told which rows it shows."""
    known: set[int] = set()
    here: set[int] = set()
    readers = tuple(readers)
    for record, opened in packages_of(node, state, item, {}):
        here.update(opened.rows)
        if all(state.readable_by(record, reader) for reader in readers):
            known.update(opened.rows)
    return here <= known


def _own_item(node: Node, case: str, seal: str, of: kinds.Item) -> kinds.Item | None:
    """The item that this party sealed itself and holds; None where that is the finding's, or the finding's is
    held here too and is the same file: then the finding itself can be run again."""
    record, sealed = evidence.sealed_at(node, case, seal)
    if record.author != node.party.id:
        raise Refused("replicate.item", seal[:12], "another party sealed it; name a seal of your own")
    mine, theirs = evidence.held_item(node, sealed.item.root), evidence.held_items(node).get(of.root)
    same = theirs is not None and (theirs.blob, theirs.format) == (mine.blob, mine.format)
    return None if same or sealed.item == of else sealed.item


def _run_own(
    node: Node,
    state: State,
    content: kinds.Report,
    item: kinds.Item,
    used: Parameters,
    flaws: Sequence[Flaw],
    progress: Callable[[int], None] | None,
    to: Sequence[str],
    shut: Shut,
) -> _Again:
    held = evidence.held_item(node, item.root)
    pack = compile_pack([(r.name, r.source.encode()) for r in content.rules])
    stopped = tuple(f"{each.source_name} cannot run here: {each.reason}" for each in pack.unusable)
    if stopped or any(flaw.part == "source" for flaw in flaws):
        return _Again(pack=pack, scope="rows", stopped=stopped)
    source = evidence.item_rows(node, item.root, progress)
    ended = evidence.is_terminated(node, item.root)
    named = f"rows:{item.size}:{item.root}"
    run = rerun.run_rules(match.Scanner(pack), pack, named, held.format, source, used, ended)
    stopped = tuple(f"{_named(content, d)} gives no verdict here: {why}" for d, why in run.refused.items())
    if stopped:
        return _Again(pack=pack, scope="rows", stopped=stopped)
    beside = tuple(_compare_rows(node, state, content.item, item, to, shut))
    return _Again(
        pack=pack,
        scope="whole",
        finding=run.finding,
        read=run.reading.rows,
        item=item,
        beside=beside,
        partly=rows_of_partly(run.reading.partly),
    )


def _compare_rows(
    node: Node, state: State, theirs: kinds.Item, mine: kinds.Item, to: Sequence[str], shut: Shut
) -> Iterator[str]:
    """What can be told ``to`` them of how two items differ: the rows disclosed here."""
    shown = rows_shown(node, state, theirs, shut)
    if not shown:
        yield "no row of the finding's item is disclosed here, so the two were not compared by row"
        return
    held = evidence.rows_at(node, mine.root, shown)
    apart = kinds.ranges_of(tuple(n for n, raw in shown.items() if held.get(n) != raw))
    if not apart:
        yield f"all {len(shown)} disclosed rows of the finding's item stand in this one, at the same numbers"
        return
    told = ", ".join(f"{a}" if n == 1 else f"{a}–{a + n - 1}" for a, n in apart[:12])
    which = f": {told}{' …' if len(apart) > 12 else ''}" if _known_to_all(node, state, theirs, to) else ""
    yield (
        f"of {len(shown)} disclosed rows of the finding's item, {count_rows(spans_of([apart]))} are not the "
        f"same here{which}"
    )


def opened_under(state: State) -> int:
    """The version of the rules that the opening of a case pins for its life; 1 where it is not held."""
    return state.opening.frame.rules if state.opening else 1


def say_unable(comparison: Comparison, rules: int) -> str:
    """Why disclosed rows were not enough to run a finding of so many rules again; nothing where they were, or
    where there were none."""
    if comparison.verdict != "not possible" or not comparison.held:
        return ""
    held, left = comparison.held, len(comparison.left_out)
    here = f"{held} row{'s' if held > 1 else ''} of the item {'are' if held > 1 else 'is'} disclosed here"
    if left == rules:
        return f"{here}, but every rule of the finding needs the whole item"
    some = f" ({left} of its {rules} rules {'need' if left > 1 else 'needs'} the whole item)" if left else ""
    return f"{here}, and the finding names none of them by a rule that is decided row by row{some}"


def _named(content: kinds.Report, digest: str) -> str:
    return next((rule.name for rule in content.rules if rule.digest == digest), digest[:16])


_VERDICT: dict[str, kinds.Outcome] = {
    "same": "same",
    "shown rows match": "shown-rows-match",
    "different": "different",
    "not possible": "not-possible",
}


def _require_listable(content: kinds.Report, where: str) -> None:
    # A range of any length is one pair of numbers, so a small record can name more rows than memory holds.
    if sum(count for match in content.matches for _, count in match.rows) > ROWS_LIMIT:
        raise Refused("finding.size", where[:12], f"names more than {ROWS_LIMIT} matched rows")


def rows_matched(content: kinds.Report) -> list[int]:
    """Row numbers that a finding names, in order; ``Refused`` if too many."""
    _require_listable(content, "finding")
    return sorted({row for match in content.matches for row in kinds.rows_of(match.rows)})
