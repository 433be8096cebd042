"""Verdicts and comparisons as plain text for a terminal, and as data for scripts.

Names and other people's words are untrusted: what could move a cursor, hide text or turn it round is
written as its code point. Nothing is coloured; the order is result, reasons, limits, last word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import msgspec

from comity.case.support import AssertionFacts, assertions, recount
from comity.dossier.compare import Comparison, LeftOut
from comity.dossier.render_disclosures import disclosure_lines, disclosures_json
from comity.dossier.render_procedure import procedure_lines
from comity.dossier.render_quorum import quorum_json, quorum_lines
from comity.dossier.render_reruns import rerun_lines, reruns_json
from comity.dossier.reweigh import AssessmentCheck
from comity.dossier.verify import LAST_WORD, Contents, Verdict
from comity.law.matrix import declared
from comity.law.naming import tell_element
from comity.phrases import count_of
from comity.records.canonical import Json
from comity.records.kinds import Report, Seal, Target, Withdraw

NAMED = 20
"""Rules of one finding that are named in a line; a pack may hold thousands."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_IS_ID = re.compile("[0-9a-f]{64}").fullmatch
UNCOUNTED = {
    "circular": "it rests on itself, in a circle of words",
    "forked": "its author signed two histories, or signed it under a key that was replaced or revoked",
    "repeated": "the same party endorsed before",
    "withdrawn": "withdrawn",
}
"""Why an endorsement adds nothing."""
_BEFORE = {
    "received": "after the notice was received",
    "given": "after notice was given; no receipt is in this dossier",
    "none": "without notice",
}
BY_NAME = ", by a party that merely bears that name: nothing authenticates it"
_SHOWN = {
    "shown-rows-match": "run again here, the shown rows match",
    "different": "run again here, DIFFERENT",
    "not-possible": "not run again here",
}
_RERUN = {
    "not-applicable": "",
    "not-tried": "nobody else ran it",
    "shown-rows-match": "run again by others, as they state: shown rows match",
    "same": "run again by others, as they state: same",
    "different": "run again by others, as they state: DIFFERENT",
    "mixed": "run again by others, as they state: same, and DIFFERENT",
    "not-possible": "others could not run it, as they state",
}


def escape(text: str) -> str:
    """Text that cannot act on a terminal: control, bidirectional and invisible characters as ``\\u{…}``."""
    return "".join(f"\\u{{{ord(c):x}}}" if unicodedata.category(c) in _HIDDEN else c for c in text)


def verdict_text(verdict: Verdict, name: str) -> str:
    """The verdict on one dossier, as lines."""
    lines = [f"{escape(name)}"]
    if verdict.intact:
        lines.append("  integrity: intact")
    else:
        lines.append(f"  integrity: NOT INTACT, {len(verdict.failures)} failed")
        lines += [f"    {escape(f.where)}: {escape(f.why)} [{f.code}]" for f in verdict.failures]
    lines.append(f"  identities: {verdict.identity}")
    for identity in verdict.identities:
        why = f": {escape(identity.why)} [{identity.code}]" if identity.code else ""
        by = f" by OpenPGP key {identity.by}" if identity.by else ""
        lines.append(f"    {escape(identity.name)}  {identity.party}  {identity.result}{by}{why}")
    if verdict.contents is not None:
        if verdict.quorum is not None:
            lines += quorum_lines(verdict.quorum, _caller(verdict.contents), escape)
        lines += _contents_lines(verdict, verdict.contents)
    lines += ["  not checked:", *(f"    - {escape(line)}" for line in verdict.not_checked)]
    if verdict.not_shown:
        lines += ["  not shown:", *(f"    - {escape(line)}" for line in verdict.not_shown)]
    lines.append(f"  {LAST_WORD}")
    return "\n".join(lines) + "\n"


def _caller(contents: Contents) -> Callable[[str], str]:
    def called(iss: str) -> str:
        party = contents.parties.get(iss)
        return escape(party.card.name) if party else iss[:16] + "…"

    return called


def _items(contents: Contents) -> Callable[[str], str]:
    """What the first seal of an item calls it, by its root; "" where no seal opened here does."""
    names: dict[str, str] = {}
    for record in contents.state.of("evidence.seal"):
        if isinstance(record.content, Seal):
            names.setdefault(record.content.item.root, record.content.name)
    return lambda root: escape(names.get(root, ""))


def _what(contents: Contents, record: str, items: Callable[[str], str]) -> str:
    """A finding by its rules and the item that they ran over, or a seal by its item, where opened here."""
    accepted = contents.state.accepted.get(record)
    content = accepted.content if accepted else None
    if isinstance(content, Report):
        return _rules_over([rule.name for rule in content.rules], items(content.item.root))
    return f" ({items(content.item.root)})" if isinstance(content, Seal) and content.name else ""


def _rules_over(rules: Sequence[str], item: str) -> str:
    named = ", ".join(rules[:NAMED]) + (f" and {len(rules) - NAMED:,} more" if len(rules) > NAMED else "")
    return f" ({escape(named)}{f' over {item}' if item else ''})"


def _contents_lines(verdict: Verdict, contents: Contents) -> list[str]:
    manifest, called, items = contents.manifest, _caller(contents), _items(contents)
    lines = [
        f"  case {manifest.case}, published by {called(manifest.publisher)}; clocks as of {manifest.as_of}"
    ]
    lines += [
        f"    complete to record {chain.newest} of {called(iss)}, as known to the publisher"
        for iss, chains in sorted(manifest.authors.items())
        for chain in chains.values()
    ]
    lines += [
        f"    {called(iss)} signed two records for place {seq} of its chain"
        for iss, seq in sorted(contents.state.forks.items())
    ]
    lines += [
        f"    the ledger of {called(iss)} signed two histories, as record {record[:16]}… proves"
        for iss, record in sorted(contents.state.splits.items())
    ]
    lines += [
        f"    {refusal.record[:16]}… has no effect: rule {refusal.rule}, {escape(refusal.why)}"
        for _, refusal in sorted(contents.state.refused.items())
    ]
    checked = {check.record: check for check in verdict.reruns}
    for check in verdict.findings:
        why = f" ({escape(check.why)})" if check.why else ""
        digests = "" if check.digests == "hold" else f"; its digests do not hold [{check.digests}]"
        if check.digests == "not-checked":
            digests = "; its digests were not computed again"
        what = _what(contents, check.record, items) or _rules_over(check.rules, "")
        lines.append(
            f"    finding {check.record[:12]}…{what} by {called(check.author)}: "
            f"{_SHOWN.get(check.shown, check.shown)}{why}{digests}"
        )
        runs = rerun_lines(contents.state, check.record, called, escape, checked)
        lines += [f"      {line}" for line in runs]
    lines += disclosure_lines(contents, called, escape, items)
    for weighed in verdict.assessments:
        lines += _assessment_lines(weighed, called)
    false = {check.record for check in verdict.reruns if check.faults}
    for stated in assertions(contents.state):
        facts = recount(stated, false)
        lines += _assertion_lines(facts, called, lambda record: _what(contents, record, items))
        taken_back = contents.state.accepted.get(facts.withdrawn)
        if taken_back and isinstance(taken_back.content, Withdraw):
            lines.append(f'        withdrawn by its author: "{escape(taken_back.content.reason)}"')
    lines += procedure_lines(contents, called, escape)
    publication = verdict.publication
    if publication is not None:
        for record, n, party, before in publication.notices:
            # Counted from 1, as the pages, the notices and the commands count; without a key, named in words.
            whom = called(party) if party in contents.parties or _IS_ID(party) else escape(party)
            told = f"assertion {n + 1} of {record[:16]}… about {whom}"
            named = "" if _IS_ID(party) or before != "received" else BY_NAME
            lines.append(f"    {told}: published {_BEFORE[before]}{named}")
        if publication.without_notice:
            lines.append(f"    reason stated for publishing so: {escape(publication.without_notice)}")
    return lines


def _assessment_lines(check: AssessmentCheck, called: Callable[[str], str]) -> list[str]:
    """An assessment as its author states it, whether its figures were reproduced, and their limits."""
    shown = check.shown
    again = {
        "reproduced": "computed again here, every figure within 2 ppm",
        "different": f"computed again here, DIFFERENT: {', '.join(check.differs[:8])}",
    }.get(check.result, f"not recomputed here ({escape(check.why)})")
    lines = [
        f"    assessment {check.record[:12]}… by {called(check.author)}: {again}",
        f'      "{escape(shown.question)}"',
        f"      {escape(shown.headline)}. {escape(shown.why)}",
        *(f"      take care: {escape(line)}" for line in shown.beside),
    ]
    lines += [f"        {escape(one.name)}: {one.figure} ({one.range})" for one in shown.standings[:5]]
    lines += [f"        {escape(line)}" for line in (*shown.warnings, *shown.limits)]
    return lines


def _assertion_lines(
    facts: AssertionFacts, called: Callable[[str], str], what: Callable[[str], str]
) -> list[str]:
    """One assertion as its author wrote it, then the three facts of each support, in words and apart."""
    marks = f" [{', '.join(facts.marks)}]" if facts.marks else ""
    against = facts.assertion.against
    other = f" against {_place(against)}" if isinstance(against, Target) else ""
    number = f"{facts.assertion.level}, {_place(facts.target)}"
    lines = [
        f"    {called(facts.author)} {facts.assertion.stance}{other} ({number}){marks}:",
        f'      "{escape(facts.assertion.text)}"',
    ]
    if facts.assertion.standard or facts.assertion.proposition:
        lines.append(f"        standard of proof, as its author says: {escape(declared(facts.assertion))}")
    lines += [f"        bears, as its author says, on {escape(tell_element(x))}" for x in facts.assertion.law]
    for support in facts.supports:
        said = [support.access, _RERUN[support.rerun]]
        if untrue := sum(1 for run in support.reruns if run.counts == "not-held"):
            said.append(f"{count_of(untrue, 're-run')} not counted, as run here it does NOT hold")
        said.append(f"origin: {escape(support.origin)}" if support.origin else "origin not declared")
        contested = ["contested"] if support.contests else []
        told = "; ".join(part for part in [*said, *contested] if part)
        record = support.support.record
        on = f"{record[:12]}…{what(record)}" if record else f'"{escape(support.support.cite)}"'
        lines.append(f"        rests on {support.support.kind} {on}: {told}")
    if not facts.supports:
        lines.append("        stated; it rests on nothing shown here")
    for contest in facts.contests:
        reasons = "with reasons" if contest.reasons else "without reasons"
        evidence = "and evidence" if contest.evidence else "and no evidence"
        lines.append(f"        {called(contest.by)}: {contest.position}, {reasons} {evidence}")
        if contest.text:
            lines.append(f'          "{escape(contest.text)}"')
    return [*lines, *_endorsement_lines(facts, called), *_version_lines(facts)]


def _endorsement_lines(facts: AssertionFacts, called: Callable[[str], str]) -> list[str]:
    """How many voices count, and each of the others with why it does not."""
    if not facts.endorsements:
        return []
    counted = [e for e in facts.endorsements if not e.counts]
    origins = f"{count_of(len(facts.origins), 'declared origin')} in all, {facts.undeclared} undeclared"
    lines = [f"        endorsements: {len(counted)}; {origins}"]
    for one in facts.endorsements:
        if one.counts:
            why = UNCOUNTED[one.counts]
            lines.append(f"        endorsed by {called(one.by)} ({one.basis}), not counted: {why}")
        if one.named:
            names = escape(", ".join(one.named))
            lines.append(f"        {called(one.by)} names in words, not counted: {names}")
    return lines


def _version_lines(facts: AssertionFacts) -> list[str]:
    """Which version of a sentence this is: what was said of one stays with that one."""
    lines = []
    if facts.amends is not None:
        before = _place(facts.amends)
        lines.append(f"        a later version of {before}; what others said of that one stands there")
    if facts.amended_by:
        later = ", ".join(map(_place, facts.amended_by))
        lines.append(f"        its author says it otherwise since, in {later}")
    return lines


def _place(target: Target) -> str:
    return f"{target.record[:12]}…#{target.n + 1}"


def verdict_json(verdict: Verdict, name: str) -> dict[str, Json]:
    """The verdict as data; the same fields always, in words that scripts can rely on."""
    out: dict[str, Json] = {
        "dossier": name,
        "integrity": "intact" if verdict.intact else "not intact",
        "identity": verdict.identity,
        "exit": verdict.exit_code,
        "failures": [{"code": f.code, "where": f.where, "why": f.why} for f in verdict.failures],
        "identities": [
            {"party": i.party, "name": i.name, "result": i.result, "code": i.code, "why": i.why, "by": i.by}
            for i in verdict.identities
        ],
        "findings": [
            {
                "record": c.record,
                "author": c.author,
                "rules": list(c.rules),
                "digests": c.digests,
                "shown": c.shown,
                "rows": c.rows,
                "why": c.why,
            }
            for c in verdict.findings
        ],
        "assessments": [
            {
                "record": a.record,
                "author": a.author,
                "answer": a.answer,
                "headline": a.shown.headline,
                "because": a.shown.why,
                "result": a.result,
                "differs": list(a.differs),
                "why": a.why,
                "limits": [*a.shown.beside, *a.shown.warnings, *a.shown.limits],
            }
            for a in verdict.assessments
        ],
        "not_checked": list(verdict.not_checked),
        "not_shown": list(verdict.not_shown),
        "last_word": verdict.last_word,
    }
    if verdict.contents is not None:
        manifest = verdict.contents.manifest
        out |= {
            "case": manifest.case,
            "publisher": manifest.publisher,
            "as_of": manifest.as_of,
            "facts": msgspec.json.decode(verdict.facts),
            "disclosures": disclosures_json(verdict.contents),
            "reruns": reruns_json(verdict.contents.state, verdict.reruns),
        }
    if verdict.quorum is not None:
        out["witnesses"] = quorum_json(verdict.quorum)
    if verdict.publication is not None:
        out["publication"] = {
            "record": verdict.publication.record,
            "without_notice": verdict.publication.without_notice,
            "notices": [
                {"record": r, "n": n, "party": p, "before": b} for r, n, p, b in verdict.publication.notices
            ],
        }
    return out


def comparison_text(comparison: Comparison, verdicts: Mapping[str, Verdict]) -> str:
    """What dossiers of one case show together, as lines."""
    names: dict[str, str] = {}
    for verdict in verdicts.values():
        if verdict.contents is not None:
            names |= {iss: escape(p.card.name) for iss, p in verdict.contents.parties.items()}
    lines = [f"together: {len(comparison.dossiers)} dossiers of case {comparison.case}"]
    for fork in comparison.equivocations:
        pair = " and ".join(r[:16] + "…" for r in fork.records)
        lines.append(f"  {names[fork.author]} signed two records for place {fork.seq}: {pair}")
    for link in comparison.ledgers:
        # In one order, whichever of the two holds the longer ledger: that is chance, and tells nothing.
        pair = " and ".join(escape(name) for name in sorted((link.earlier, link.later)))
        words = f"two histories, they part by size {link.size}" if link.result == "split" else link.result
        lines.append(f"  ledger of {names[link.ledger]}, {pair}: {words}")
    for name in comparison.dossiers:
        missing = [x for x in comparison.left_out if x.dossier == name]
        lines.append(f"  {escape(name)} lacks {len(missing)} that another has" + (":" if missing else ""))
        lines += [f"    {_left_out_text(x, names)}" for x in missing]
    return "\n".join(lines) + "\n"


def _left_out_text(missing: LeftOut, names: Mapping[str, str]) -> str:
    author = names.get(missing.author, missing.author[:16])
    kind = f" {missing.kind}" if missing.kind else ""
    marks = [
        word for word, holds in (("a reply", missing.reply), ("later than all here", missing.later)) if holds
    ]
    tail = f" ({', '.join(marks)})" if marks else ""
    by = f" by {author}" if author else ""
    return f"{missing.what}{kind}{by} {missing.id[:16]}…, in {escape(missing.had_by)}{tail}"


def comparison_json(comparison: Comparison) -> dict[str, Json]:
    """A comparison as data."""
    return {
        "case": comparison.case,
        "dossiers": list(comparison.dossiers),
        "divided": comparison.divided,
        "left_out": [
            {
                "dossier": x.dossier,
                "had_by": x.had_by,
                "what": x.what,
                "id": x.id,
                "author": x.author,
                "kind": x.kind,
                "reply": x.reply,
                "later": x.later,
            }
            for x in comparison.left_out
        ],
        "equivocations": [
            {"author": e.author, "seq": e.seq, "records": list(e.records)} for e in comparison.equivocations
        ],
        "ledgers": [
            {"ledger": x.ledger, "earlier": x.earlier, "later": x.later, "result": x.result, "size": x.size}
            for x in comparison.ledgers
        ],
    }
