"""The docket of a case: every record as one numbered entry, told in plain words.

An entry is told in parts, so that pages can lead from a party or a record to its own page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.case.custody import erased_records
from comity.case.state import Accepted, State
from comity.records import kinds
from comity.records.kinds import Target
from comity.web import words
from comity.web.docket_of_procedure import tell_procedure
from comity.web.phrases import count_of, joined, phrase
from comity.web.reading import Reading, Ref, Span, Who, write_rows
from comity.web.reasons import reason
from comity.web.spans import count_rows, spans_of
from comity.web.telling import Part
from comity.web.telling import assertion as _assertion
from comity.web.telling import assertions as _assertions
from comity.web.telling import item as _item
from comity.web.telling import quote as _quote
from comity.web.telling import quoted as _quoted
from comity.web.telling import ref as _ref
from comity.web.telling import say as _say
from comity.web.telling import who as _who
from comity.web.telling import whos as _whos
from comity.web.words import label, name_record
from comity.weighing.checked import answer_in_short


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of the docket. ``at`` is the author's own clock; ``span`` what is proven."""

    record: Ref
    by: Who
    told: tuple[Part, ...]
    at: str
    span: Span
    marks: tuple[words.Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A record without effect here: refused by a rule, waiting for others, or not opened to this node."""

    record: Ref
    status: str
    why: str
    needs: tuple[Ref, ...]


def view_docket(reading: Reading, start: int, count: int) -> tuple[Entry, ...]:
    """Entries by number, from ``start`` (1 or more)."""
    return view_entries(reading, reading.state.ordered[start - 1 : start - 1 + count])


def view_entries(reading: Reading, records: Iterable[Accepted]) -> tuple[Entry, ...]:
    """The entries of these records."""
    return tuple(_entry(reading, r) for r in records)


def view_unjudged(reading: Reading) -> tuple[Unjudged, ...]:
    """Records that are held and take no effect here, and why."""
    state = reading.state
    found = [
        Unjudged(
            record=reading.ref(r),
            status=phrase("refused"),
            why=phrase("Rule {}: {}.", x.rule, reason(x.why)),
            needs=(),
        )
        for r, x in state.refused.items()
    ]
    found += [
        Unjudged(
            record=reading.ref(r),
            status=phrase("waiting"),
            why=phrase("It builds on what is not held or not opened here."),
            needs=reading.refs(x.needs),
        )
        for r, x in state.waiting.items()
    ]
    judged = state.accepted.keys() | state.refused.keys() | state.waiting.keys()
    found += [
        Unjudged(
            record=reading.ref(r),
            status=phrase("withheld"),
            why=why_closed(state, r),
            needs=(),
        )
        for r in state.records
        if r not in judged
    ]
    envelopes = {record: fact.value.envelope for record, fact in state.records.items()}
    places = {u.record.id: reading.place(envelopes[u.record.id].iss) for u in found}
    return tuple(
        sorted(found, key=lambda u: (u.status, places[u.record.id], envelopes[u.record.id].seq, u.record.id))
    )


def _entry(reading: Reading, record: Accepted) -> Entry:
    fork = reading.state.forks.get(record.author)
    codes = ["forked"] if fork is not None and record.seq >= fork else []
    codes += ["key-suspect"] if reading.state.records[record.id].key_suspect else []
    return Entry(
        record=reading.ref(record.id),
        by=reading.who(record.author),
        told=tuple(tell(reading, record)),
        at=record.frame.at,
        span=reading.span(record.id),
        marks=tuple(label(words.MARKS, code) for code in codes),
    )


PROVEN = {
    "chain": phrase("signed two records for one place of its chain"),
    "ledger": phrase("signed two histories of its ledger"),
}


def tell(reading: Reading, record: Accepted) -> list[Part]:
    """What a record does, as the rest of a sentence that begins with its author."""
    if record.id in reading.erased:
        # Even where bytes remain, as in a store that cannot delete them.
        return [_say(phrase("{}: committed, erased", name_record(record.frame.kind)))]
    match record.content:
        case kinds.Open(title=title):
            return [_say("opens the case"), *_quote(title)]
        case kinds.Invite(to=to):
            return [_say("invites"), _who(reading, to)]
        case kinds.Grant(to=to):
            granted = [r for r in record.frame.references if not r.startswith("t:")]
            return [_say(phrase("opens {} to", count_of(len(granted), "record"))), *_whos(reading, to)]
        case kinds.Seal(item=item):
            rows = count_of(item.size - 1, "row")
            return [_say("seals"), _item(reading, item), _say(phrase("row by row ({})", rows))]
        case kinds.Derive(source=source, result=result, tool=tool, version=version):
            return [
                _say("derives"),
                _item(reading, result),
                _say("from"),
                _item(reading, source),
                _say("with"),
                _quoted(f"{tool} {version}"),
            ]
        case kinds.Disclose(item=item, level=level, rows=rows, to=to):
            what = phrase("the whole of") if level == "whole" else phrase("{} of", write_rows([rows]))
            return [_say(phrase("discloses {}", what)), _item(reading, item), _say("to"), *_whos(reading, to)]
        case kinds.Report(item=item, rules=rules, matches=matches):
            found = count_of(count_rows(spans_of(m.rows for m in matches)), "row")
            return [
                _say(phrase("reports a finding: {} over", count_of(len(rules), "rule"))),
                _item(reading, item),
                _say(phrase("give {}", found) if len(rules) > 1 else phrase("gives {}", found)),
            ]
        case kinds.Replicate(finding=finding, verdict=verdict, scope=scope):
            where = phrase("the whole item") if scope == "whole" else phrase("the rows shown")
            verdict_words = label(words.VERDICTS, verdict).words
            return [
                _say("runs finding"),
                _ref(reading, finding),
                _say(phrase("again over {}: {}", where, verdict_words)),
            ]
        case kinds.State(title=title, assertions=stated):
            return [_say(phrase("states {}", count_of(len(stated), "assertion"))), *_quote(title)]
        case kinds.Withdraw(target=target, assertions=numbers):
            return [_say("withdraws"), *_assertions(reading, target, numbers)]
        case kinds.Give(to=to, target=target, assertions=numbers):
            return [
                _say("gives notice to"),
                Part(who=reading.names.named(to)),
                _say("of"),
                *_assertions(reading, target, numbers),
            ]
        case kinds.Acknowledge(notice=notice):
            return [_say("acknowledges notice"), _ref(reading, notice)]
        case kinds.Received(record=received):
            return [_say("received"), _ref(reading, received), _say("(automatic; accepts nothing)")]
        case kinds.Request(to=to, type=type_):
            return [
                _say("asks"),
                _who(reading, to),
                _say(phrase("for {}", label(words.REQUESTS, type_).words)),
            ]
        case kinds.Answer(request=request, disposition=disposition, agrees=agrees, due=due):
            clock = (
                phrase("and agrees to the time")
                if agrees
                else phrase("and proposes another time")
                if due
                else ""
            )
            said = label(words.DISPOSITIONS, disposition).words
            return [
                _say(said),
                _say("request"),
                _ref(reading, request),
                *([_say(clock)] if clock else []),
            ]
        case kinds.Response(target=target, positions=positions, assertions=stated):
            parts = [_say("responds to"), _ref(reading, target)]
            brings = [count_of(len(positions), "position")] if positions else []
            brings += [count_of(len(stated), "assertion")] if stated else []
            return [*parts, _say(phrase("with {}", joined(brings)))]
        case kinds.Endorse(target=target, basis=basis):
            return [
                _say("endorses"),
                _assertion(reading, target),
                _say(phrase("on the basis: {}", label(words.BASES, basis).words)),
            ]
        case kinds.Publish(without_notice=reason):
            return [
                _say("publishes a dossier"),
                *([_say("without notice:"), _quoted(reason)] if reason else []),
            ]
        case kinds.Assess(hypotheses=hypotheses, items=items, about=about) as content:
            named = count_of(len(hypotheses), "named hypothesis", "named hypotheses")
            bears = [_say("about"), _assertion(reading, about)] if isinstance(about, Target) else []
            held = answer_in_short(content, reading.rechecking.check(record.id, content))
            return [
                _say("weighs"),
                *bears,
                _say(phrase("{} and an unknown actor by {}: {}", named, count_of(len(items), "item"), held)),
            ]
        case kinds.Prove(party=party, of=of):
            return [_say("proves that"), _who(reading, party), _say(PROVEN[of])]
        case kinds.Attempt(notice=notice, to=to, result=result):
            seen = [_ref(reading, notice)] if notice in reading.state.records else []
            return [
                _say("tried to deliver notice"),
                *seen,
                _say("to"),
                _who(reading, to),
                _say(phrase("as courier: {}", label(words.ATTEMPTS, result).words)),
            ]
        case kinds.Approvers(approvers=approvers, needed=needed):
            offices = ", ".join(a.office for a in approvers)
            return [_say(phrase("has {} of these approve what it discloses:", needed)), _quoted(offices)]
        case kinds.Accept(disclosure=shown, decision=decision, reason=why):
            said = (
                phrase("accepts the terms of") if decision == "accepted" else phrase("declines the terms of")
            )
            return [_say(said), _ref(reading, shown), *_quote(why)]
        case kinds.Checked(disclosure=shown, result=result, code=code):
            said = (
                phrase("every proof holds")
                if result == "verified"
                else phrase("a proof does not hold ({})", code)
            )
            return [_say("opened"), _ref(reading, shown), _say(phrase("and found: {}", said))]
        case kinds.Offer(list=name, version=version, count=most, to=to, quota=quota):
            return [
                _say("offers to match privately against"),
                _quoted(name),
                _say(phrase("(version {}, at most {}), to", version, count_of(most, "indicator"))),
                *_whos(reading, to),
                _say(phrase("of which each may ask {}", f"{quota:,}")),
            ]
        case kinds.Ask(offer=offer, count=asked):
            return [
                _say(phrase("asks {} against", count_of(asked, "blinded indicator"))),
                _ref(reading, offer),
            ]
        case kinds.Matched(ask=ask, outcome=outcome, used=used, text=why):
            said = phrase(
                "{} the private question", (phrase("answers") if outcome == "answered" else phrase("refuses"))
            )
            return [
                _say(said),
                _ref(reading, ask),
                _say(phrase("({} answered so far)", f"{used:,}")),
                *_quote(why),
            ]
        case kinds.Transfer(item=item, to=to, copy=copy):
            return [
                _say(
                    phrase(
                        "hands {} of",
                        (phrase("a working copy") if copy == "working" else phrase("the evidentiary copy")),
                    )
                ),
                _item(reading, item),
                _say("over to"),
                _who(reading, to),
            ]
        case kinds.Receive(item=item, transfer=transfer, condition=condition, checked=checked):
            return [
                _say(phrase("receives") if condition != "not-accepted" else phrase("does not accept")),
                _item(reading, item),
                _say("by"),
                _ref(reading, transfer),
                _say(
                    phrase(
                        "({}; {})",
                        label(words.CONDITIONS, condition).words,
                        label(words.CHECKED, checked).words,
                    )
                ),
            ]
        case kinds.Hold(item=item, state=state, basis=basis):
            does = phrase("holds") if state == "held" else phrase("no longer holds")
            return [_say(does), _item(reading, item), _say("against erasure:"), _quoted(basis)]
        case kinds.Erase(item=item, copies=copies, basis=basis):
            whose = phrase("all copies") if copies == "all" else phrase("its own copies")
            return [
                _say(phrase("declares {} of", whose)),
                _item(reading, item),
                _say("erased:"),
                _quoted(basis),
            ]
        case kinds.EraseRecord(record=erased, basis=basis):
            seen = [_ref(reading, erased)] if erased in reading.state.records else [_say(erased[:12])]
            return [_say("erases the content of"), *seen, _quoted(basis)]
    return tell_procedure(reading, record) or [_say(record.frame.kind)]


def write_out(reading: Reading, record: Accepted) -> str:
    """What a record does as one line, where no link can stand: in the choices of a form, say."""
    told = tell(reading, record)
    parts = [
        phrase("{},", _write_part(part)) if _goes_on(part, after) else _write_part(part)
        for part, after in zip(told, [*told[1:], None], strict=True)
    ]
    return phrase("№ {} {}", reading.numbers[record.id], joined(parts, " "))


def _goes_on(part: Part, after: Part | None) -> bool:
    """Whether another party or assertion of the same list follows."""
    return after is not None and bool((part.who and after.who) or (part.assertion and after.assertion))


def _write_part(part: Part) -> str:
    if part.who:
        return part.who.name
    if part.record:
        return phrase("№ {}", part.record.number)
    if part.assertion:
        return phrase("assertion {}", part.assertion.number)
    return f"“{part.text}”" if part.quoted else part.text


def why_closed(state: State, record: str) -> str:
    """Why a record that is held says nothing here."""
    if erasing := erased_records(state).get(record):
        return phrase(
            "Committed, erased: its author says so in {}…. The envelope still verifies.", erasing[:12]
        )
    return phrase("Only its envelope is held here: it is not addressed to this node, or was erased.")
