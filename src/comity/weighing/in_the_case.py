"""What the records of a case say beside an assessment: what its author weighed otherwise before, and what
has become of the records that its items rest on (``spec/14-assessments.md`` §7, rule 2).

None of it changes a figure. It is told before signing, on every page, by every command and in a dossier, out
of whatever records the reader holds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import msgspec

from comity.case.circles import withdrawn_endorsements
from comity.case.state import Accepted, State
from comity.case.versions import versions_of
from comity.phrases import Phrase, joined, phrase
from comity.records import kinds
from comity.records.kinds_of_weighing import Assess
from comity.weighing.as_one import Behind, take_as_one
from comity.weighing.by_counts import tell_miscounted
from comity.weighing.checked import Checked, head
from comity.weighing.differing import PARAMETERS, tell_share
from comity.weighing.graver import Subject, graver_first, of_subject
from comity.weighing.likelihood_words import Wording
from comity.weighing.looks import look_of
from comity.weighing.naming import called, listed, quoted, quoted_list
from comity.weighing.shown import Assessed, show

EARLIER: Final = 3
"""So many earlier assessments are told one by one, the newest; the rest is counted."""
_AGAINST: Final = ("disputes", "disputes-in-part", "needs-evidence", "cannot-confirm")

Call = Callable[[str], str]
"""What a reader calls a record: its number in a docket, or the beginning of its id."""


def place_in_case(
    shown: Assessed,
    content: Assess,
    state: State,
    author: str,
    call: Call,
    record: str = "",
    computed: Assess | None = None,
) -> Assessed:
    """An assessment as shown, with what the case says of it beside the answer, and what is left if its
    origins were one. ``record`` is its id, where it is signed already, ``computed`` the same with the figures
    that computing it again gave."""
    told = (
        *of_subject(Subject.RECORDS, tell_sources(content, state, call)),
        *of_subject(Subject.RECORDS, tell_before(content, state, author, call, record)),
    )
    shown = take_as_one(shown, computed or content, partial(stands_behind, state, author))
    return replace(shown, beside=graver_first((*told, *shown.beside)))


def stands_behind(state: State, author: str, record: str) -> Behind:
    """What a case knows of a record that an item rests on."""
    found = state.accepted.get(record)
    if found is None:
        return Behind()
    sealed = found.content.item.root if isinstance(found.content, kinds.Report | kinds.Seal) else ""
    return Behind(party="" if found.author == author else found.author, item=sealed)


def show_in_case(
    content: Assess,
    checked: Checked,
    state: State,
    author: str,
    call: Call,
    *,
    record: str = "",
    wording: Wording | None = None,
    parties: Iterable[str] = (),
) -> Assessed:
    """A signed assessment as anyone is shown it: no answer before what computing it again gave, and beside it
    where its quotations contradict their counts, and what the case says."""
    named = tuple(parties)
    shown = head(show(content, wording, named), checked, wording, named)
    miscounted = of_subject(Subject.FIGURES, tell_miscounted(content))
    shown = replace(shown, beside=graver_first((*miscounted, *shown.beside)))
    return place_in_case(shown, content, state, author, call, record, checked.computed)


def call_by_id(record: str) -> str:
    """A record by the beginning of its id, as commands take it."""
    return f"{record[:12]}…"


# -- what its author weighed before ------------------------------------------------------------


def tell_before(content: Assess, state: State, author: str, call: Call, record: str = "") -> tuple[str, ...]:
    """What the same author weighed of the same thing in this case, with other settings or another answer;
    the newest first."""
    own = [
        (one.id, one.content)
        for one in state.of("assessment.make")
        if one.author == author and isinstance(one.content, Assess)
    ]
    at = next((n for n, (name, _) in enumerate(own) if name == record), len(own))
    told = (tuple(_before(content, *one, call)) for one in reversed(own[:at]))
    before = [lines for lines in told if lines]
    after = [line for one in own[at + 1 :] for line in _after(content, *one, call)]
    lines = [*after[-1:], *(line for each in before[:EARLIER] for line in each)]
    if (more := len(before) - EARLIER) == 1:
        lines.append(phrase("1 more such assessment by the same author stands before."))
    elif more > 1:
        lines.append(phrase("{} more such assessments by the same author stand before.", more))
    return tuple(lines)


def _before(content: Assess, record: str, other: Assess, call: Call) -> Iterator[Phrase]:
    if not _same_matter(content, other):
        return
    settings = list(_settings(other, content))
    otherwise = _answer(other) != _answer(content)
    if not settings and not otherwise:
        return
    changed = [*settings, *_inputs(other, content)]
    told = joined(changed, "; ") if changed else phrase("nothing that its inputs show")
    if otherwise:
        yield phrase(
            "Before, its author answered otherwise ({}: {}). Changed since: {}.",
            call(record),
            _answered(other),
            told,
        )
    else:
        yield phrase(
            "Before, its author weighed this with other settings ({}), with the same answer. Changed "
            "since: {}.",
            call(record),
            told,
        )
    if content.method.name_at < other.method.name_at and content.result.answer == "named":
        yield phrase(
            "So what a name needs was lowered after an answer was signed; it was not fixed beforehand."
        )
    if content.method.withstand < other.method.withstand and content.result.answer == "named":
        yield phrase(
            "So what a name has to withstand was lowered after an answer was signed; it was not fixed "
            "beforehand."
        )


def _after(content: Assess, record: str, other: Assess, call: Call) -> Iterator[Phrase]:
    if _same_matter(content, other) and _answer(other) != _answer(content):
        yield phrase("Later, its author answered otherwise ({}: {}).", call(record), _answered(other))


def _same_matter(one: Assess, other: Assess) -> bool:
    """Whether two are of one thing: the same question, the same assertion, or mostly the same evidence for
    the same explanations. That both weigh one cluster says nothing: it may be asked about many things."""
    if _plain(one.question) == _plain(other.question):
        return True
    if one.about is not msgspec.UNSET and one.about == other.about:
        return True
    named, seen = ([made(each) for each in (one, other)] for made in (_named_in, _seen_in))
    both, least = seen[0] & seen[1], min(map(len, seen))
    return len(named[0] & named[1]) > 1 and len(both) > 1 and 2 * len(both) >= least


def _named_in(content: Assess) -> frozenset[str]:
    return frozenset(one.id for one in content.hypotheses)


def _seen_in(content: Assess) -> frozenset[str]:
    """What its items say that was seen, by their looks."""
    found = (one.observed or look_of(one.text) for one in content.items)
    return frozenset(one for one in found if one)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _answer(content: Assess) -> tuple[str, str]:
    named = content.result.answer == "named"
    return content.result.answer, content.result.leader if named else ""


def _answered(content: Assess) -> Phrase:
    if content.result.answer != "named":
        return phrase("not enough evidence")
    return phrase("{}", called(content.result.leader, {one.id: one.name for one in content.hypotheses}))


def _settings(before: Assess, now: Assess) -> Iterator[Phrase]:
    """What its author set otherwise: no evidence, and so no reason by itself to answer otherwise."""
    if before.method.name != now.method.name:
        yield phrase("{}: {} → {}", phrase("method"), before.method.name, now.method.name)
    for name, called_so in PARAMETERS.items():
        old, new = (getattr(one.method, name) for one in (before, now))
        if old != new:
            yield phrase("{}: {} → {}", called_so, tell_share(old), tell_share(new))
    weights = [{one.id: one.weight for one in each.hypotheses} for each in (before, now)]
    both = sorted(weights[0].keys() & weights[1].keys())
    moved = [
        phrase("{} {} → {}", quoted(name), f"{weights[0][name]:,}", f"{weights[1][name]:,}")
        for name in both
        if weights[0][name] * sum(weights[1].values()) != weights[1][name] * sum(weights[0].values())
        and weights[0][name] != weights[1][name]
    ]
    if moved:
        yield phrase("prior weights: {}", joined(moved[:6]))


def _inputs(before: Assess, now: Assess) -> Iterator[Phrase]:
    """How it was asked, and how many explanations and items are others, or are judged otherwise."""
    if _plain(before.question) != _plain(now.question):
        yield phrase("question: {} → {}", quoted(before.question), quoted(now.question))
    named = [{one.id for one in each.hypotheses} for each in (before, now)]
    items = [{one.id: one for one in each.items} for each in (before, now)]
    for told, found in (
        (phrase("explanations left out: {}"), named[0] - named[1]),
        (phrase("explanations added: {}"), named[1] - named[0]),
        (phrase("items left out: {}"), items[0].keys() - items[1].keys()),
        (phrase("items added: {}"), items[1].keys() - items[0].keys()),
        (
            phrase("items judged otherwise: {}"),
            {name for name in items[0].keys() & items[1].keys() if items[0][name] != items[1][name]},
        ),
    ):
        if found:
            yield phrase(told.message, quoted_list(sorted(found)))


# -- what its items rest on --------------------------------------------------------------------


def tell_sources(content: Assess, state: State, call: Call) -> tuple[str, ...]:
    """What has become of the records that its items rest on: withdrawn, corrected or disputed claims,
    findings that came out otherwise when they were run again, keys that were revoked, histories that part."""
    rests: dict[str, list[str]] = {}
    for item in content.items:
        if item.record:
            rests.setdefault(item.record, []).append(item.id)
    if not rests:
        return ()
    return tuple(
        phrase("Rests on {} ({}): {}.", call(record), quoted_list(items), why)
        for record, items in rests.items()
        for why in _become(record, state, call)
    )


def _become(record: str, state: State, call: Call) -> Iterator[Phrase]:
    if record in state.refused:
        yield phrase("that record has no effect in this case")
    accepted = state.accepted.get(record)
    if accepted is None:
        return
    content = accepted.content
    if isinstance(content, kinds.Endorse) and (by := withdrawn_endorsements(state).get(record, "")):
        yield phrase("its author withdrew it ({})", call(by))
    yield from _withdrawn(record, state, call)
    yield from _corrected(record, state, call)
    yield from _disputed(accepted, state, call)
    yield from _run_again(accepted, state, call)
    if state.records[record].key_suspect:
        yield phrase("the key that signed it was revoked or superseded")
    if state.forks.get(accepted.author, accepted.seq + 1) <= accepted.seq:
        yield phrase("its author signed two histories")
    if isinstance(content, kinds.Seal):
        gone = [one.id for one in state.of("evidence.erase") if _erases(one, accepted.author, content)]
        if gone:
            yield phrase("its holder declared that evidence erased ({})", call(gone[-1]))


def _erases(one: Accepted, holder: str, seal: kinds.Seal) -> bool:
    return one.author == holder and isinstance(one.content, kinds.Erase) and one.content.item == seal.item


def _withdrawn(record: str, state: State, call: Call) -> Iterator[Phrase]:
    for one in state.of("claim.withdraw"):
        if isinstance(one.content, kinds.Withdraw) and one.content.target == record:
            yield phrase("its author withdrew {} of it ({})", _numbers(one.content.assertions), call(one.id))


def _corrected(record: str, state: State, call: Call) -> Iterator[Phrase]:
    for (target, n), later in versions_of(state).later.items():
        if target == record:
            by = joined(dict.fromkeys(call(one.record) for one in later))
            yield phrase("its author corrected {} of it ({})", _numbers([n]), by)


def _disputed(accepted: Accepted, state: State, call: Call) -> Iterator[Phrase]:
    for one in state.of("response.make"):
        if isinstance(one.content, kinds.Response) and one.content.target == accepted.id:
            disputed = [each.n for each in one.content.positions if each.position in _AGAINST]
            if disputed and not state.against_author(one):
                yield phrase("{} of it is contested ({})", _numbers(dict.fromkeys(disputed)), call(one.id))


def _run_again(accepted: Accepted, state: State, call: Call) -> Iterator[Phrase]:
    for one in state.of("finding.replicate"):
        content = one.content
        if not isinstance(content, kinds.Replicate) or content.finding != accepted.id:
            continue
        if content.verdict != "different":
            continue
        if content.cause in ("engine", "identity"):
            yield phrase("run again, this finding came out different ({})", call(one.id))
        else:
            # A run of something else says nothing against the finding.
            by = ", ".join(each for each in (content.cause, content.part) if each)
            yield phrase("run again otherwise ({}), this finding came out different ({})", by, call(one.id))


def _numbers(assertions: Iterable[int]) -> Phrase:
    """Counted from 1, as pages and commands count."""
    numbers = sorted(f"{n + 1}" for n in assertions)
    if len(numbers) == 1:
        return phrase("assertion {}", numbers[0])
    return phrase("assertions {}", listed(numbers))
