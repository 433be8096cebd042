"""The rules of wording over one text, in the order in which a reader meets what they flag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.statements.blocks import MASK, Block, read_blocks
from comity.statements.chinese import CHINESE
from comity.statements.english import ENGLISH
from comity.statements.flags import LANGUAGES, RULES, Flag, Language
from comity.statements.grammar import Grammar, groups
from comity.statements.norwegian import NORWEGIAN
from comity.statements.sentences import find_quotations, guess_language, split_sentences
from comity.statements.source import Decoded, Source, Span
from comity.statements.strength import check_probability, check_support, find_scales
from comity.statements.ties import (
    PERCENT,
    Behind,
    Lent,
    Resolver,
    Standing,
    Tie,
    closest,
    make_resolver,
    read_percent,
    read_ties,
)
from comity.weighing.likelihood_words import Wording
from comity.weighing.state_said import word_of_a_state

GRAMMARS: Final[dict[Language, Grammar]] = {"en": ENGLISH, "nb": NORWEGIAN, "zh": CHINESE}
ALIKE: Final = 0.55
"""From this likeness on, an assertion is suggested for a sentence without a tie."""
SAME: Final = 0.97
"""From this likeness on, a sentence is its assertion and needs no tie."""

_TAKEN_BACK: Final = re.compile(
    r"\b(?:withdr[ae]w\w*|retract\w*|amend\w*|correct(?:s|ed|ion|ions)\b|tr[eua]kk\w*|rett(?:et|er|elsen?)\b)"
    r"|撤回|撤销|撤銷|更正|修正",
    re.IGNORECASE,
)
"""Words of a sentence that tells of a withdrawal or of another version itself."""

# Of findings that overlap, the first named stays.
_PRECEDENCE: Final = (
    ("wording.certainty", "wording.universal"),
    ("source.unnamed", "source.hearsay", "actor.hidden"),
    ("confidence.mixed", "confidence.unexplained"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rules found in one text. ``factual`` counts the sentences that state a fact, ``tied`` those of
    them that an assertion stands behind; ``ties`` says whether those without a tie are flagged, and
    ``untied`` gives the lines they begin on; ``language`` is that of most of its paragraphs."""

    flags: tuple[Flag, ...]
    sentences: int
    factual: int
    tied: int
    ties: bool
    untied: tuple[int, ...]
    language: Language
    encoding: str


@dataclass(slots=True)
class _Found:
    rule: str
    start: int
    end: int
    reason: str = ""
    suggestion: str = ""


@dataclass(slots=True)
class _Sentence:
    """One sentence as the rules see it: ``plain`` with ties and quotations masked."""

    start: int
    raw: str
    plain: str
    ties: list[tuple[int, int, list[Tie]]]
    quoted: list[Span]
    before: str = ""
    after: str = ""
    said: list[Span] = field(default_factory=list)
    benign: list[Span] = field(default_factory=list)

    @property
    def references(self) -> list[Tie]:
        return [tie for _, _, ties in self.ties for tie in ties]


def lint_sentences(texts: Iterable[tuple[str, str]], language: str = "") -> tuple[tuple[str, Flag], ...]:
    """The flags of sentences about to be signed, each sentence with its name. Ties are left out: whoever
    asks knows them otherwise. Without a language, or with one that has no rules, each is read in its own."""
    spoken = next((known for known in LANGUAGES if known == language), None)
    return tuple(
        (name, flag)
        for name, text in texts
        for flag in lint_text(Decoded(text=text, encoding="utf-8"), spoken, tied=True).flags
    )


def lint_text(
    decoded: Decoded,
    language: Language | None = None,
    behind: Behind | None = None,
    *,
    tied: bool = False,
    ties: bool | None = None,
) -> Report:
    """Every flag of a text, sorted by place. ``language`` holds for all of it; without one each paragraph is
    read in its own. ``behind`` is what the case holds; without it only the text itself is asked. ``tied``
    says that every sentence is an assertion, or is tied to one elsewhere. ``ties`` says whether a factual
    sentence without a tie is flagged; left out, it is where the text has a tie or is read beside a case, for
    a text that was never tied to anything would be flagged line by line for one and the same reason."""
    source = Source(decoded.text)
    blocks, definitions = read_blocks(source)
    resolver = make_resolver(behind or Behind(), definitions)
    everything = " ".join(b.folded.text for b in blocks)
    otherwise = language or guess_language(everything, "en")
    flags = [
        _flag(source, "text.unseen", span, otherwise, _unseen_reason(source.text[span.start : span.end]))
        for span in source.find_unseen()
    ]
    flags += [_flag(source, "text.encoding", span, otherwise) for span in decoded.bad]
    told = " ".join([everything, *(d.told for d in definitions)])
    explained = {name: bool(g.explained.search(told)) for name, g in GRAMMARS.items()}
    scales = find_scales(told)
    count, factual, behind_them, spoken = 0, 0, 0, dict.fromkeys(GRAMMARS, 0)
    referred = False
    for block in blocks:
        if block.kind == "quotation":
            continue  # another's words, shown as such
        used = language or guess_language(block.folded.text, otherwise)
        reader = _Reader(GRAMMARS[used], resolver, explained[used], scales, tied)
        for sentence in _sentences(block, used):
            count += block.kind != "heading"
            spoken[used] += 1
            referred = referred or bool(sentence.references)
            states, is_tied, found = reader.read(sentence, block.kind == "heading")
            factual += states
            behind_them += states and is_tied
            for one in found:
                span = block.folded.source_span(sentence.start + one.start, sentence.start + one.end)
                flags.append(_flag(source, one.rule, span, used, one.reason, one.suggestion))
    flags.sort(key=lambda flag: (flag.start, flag.end, flag.rule))
    untied = tuple(flag.line for flag in flags if flag.rule == "tie.missing")
    if ties is None:
        ties = behind is not None or bool(definitions) or referred
    return Report(
        flags=tuple(flag for flag in flags if ties or flag.rule != "tie.missing"),
        sentences=count,
        factual=factual,
        tied=behind_them,
        ties=ties,
        untied=untied,
        language=max(spoken, key=lambda name: (spoken[name], name == otherwise))
        if any(spoken.values())
        else otherwise,
        encoding=decoded.encoding,
    )


def _flag(
    source: Source, rule: str, span: Span, language: Language, reason: str = "", suggestion: str = ""
) -> Flag:
    line, column = source.place(span.start)
    end_line, end_column = source.place(max(span.end - 1, span.start))
    return Flag(
        rule=rule,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column + 1,
        start=span.start,
        end=span.end,
        text=source.text[span.start : span.end],
        reason=reason or RULES[rule].reason,
        suggestion=suggestion or RULES[rule].suggestion,
        language=language,
    )


def _unseen_reason(text: str) -> str:
    names = ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(text))
    return f"{RULES['text.unseen'].reason}: {names}"


def _mask(text: str, spans: Sequence[Span]) -> str:
    for span in spans:
        text = text[: span.start] + MASK * (span.end - span.start) + text[span.end :]
    return text


def _until(spans: Sequence[Span], first: int, end: int) -> Iterator[Span]:
    while first < len(spans) and spans[first].start < end:
        yield spans[first]
        first += 1


def _sentences(block: Block, language: Language) -> list[_Sentence]:
    quotations = find_quotations(block.masked)
    made = []
    first = 0
    for span in split_sentences(block.masked, language):
        raw = block.masked[span.start : span.end]
        while first < len(quotations) and quotations[first].end <= span.start:
            first += 1
        quoted = [
            Span(start=max(q.start, span.start) - span.start, end=min(q.end, span.end) - span.start)
            for q in _until(quotations, first, span.end)
        ]
        ties = read_ties(raw)
        plain = _mask(raw, [*quoted, *(Span(start=a, end=b) for a, b, _ in ties)])
        made.append(_Sentence(span.start, raw, plain, ties, quoted))
    for at, sentence in enumerate(made):
        sentence.before = made[at - 1].raw if at else ""
        sentence.after = made[at + 1].raw if at + 1 < len(made) else ""
    return made


class _Reader:
    """The rules of one language over one sentence at a time."""

    def __init__(
        self, grammar: Grammar, resolver: Resolver, explained: bool, scales: Sequence[Wording], tied: bool
    ) -> None:
        self.grammar = grammar
        self.resolver = resolver
        self.explained = explained
        self.scales = scales
        self.tied = tied

    def read(self, s: _Sentence, heading: bool) -> tuple[bool, bool, list[_Found]]:
        """Whether the sentence states a fact, whether it is tied, and what is found in it."""
        g = self.grammar
        s.said = [Span(start=a, end=b) for m in g.speech.finditer(s.plain) for a, b in groups(m, "rest")]
        s.benign = [Span(start=m.start(), end=m.end()) for m in g.benign.finditer(s.plain)]
        states = not heading and self._states(s)
        tied = self.tied or bool(s.references)
        found = [*self._wording(s), *self._likelihood(s)]
        if not heading:
            found += self._quotations(s)
        found += self._actors(s, tied)
        if states and not tied:
            untied = list(self._untied(s))
            tied = not untied
            found += [*untied, *(self._numbers(s) if untied else ())]
        elif not heading and not tied and not self.grammar.norm.search(s.plain) and s.raw[-1:] != "?":
            found += self._numbers(s, exact=False)
        found += self._check_ties(s, states)
        return states, tied, self._settle(s, found)

    def _states(self, s: _Sentence) -> bool:
        if self.grammar.idle.search(s.plain) or self.grammar.norm.search(s.plain):
            return False
        if self.grammar.language == "zh":
            size = len(re.findall("[\u3400-\u9fff]", s.plain))
            # A few characters without a full stop are a heading or a label.
            return size >= (4 if s.raw.rstrip("”」』)]")[-1:] in "。.!;" else 9) and s.raw[-1:] != ":"
        size = len(re.findall(r"[^\W\d_]{2,}", s.plain))
        # A few words without a full stop are a label or a table cell.
        return (size > 4 or (size > 1 and any(c in ".!" for c in s.raw[-8:]))) and s.raw[-1:] != ":"

    def _wording(self, s: _Sentence) -> Iterator[_Found]:
        g = self.grammar
        bounded = any(p.search(s.plain) for p in (g.scope, g.sourced))
        norm = g.norm.search(s.plain) is not None
        for pattern in g.patterns:
            if (pattern.bounded and bounded) or (norm and pattern.rule == "wording.universal"):
                continue
            for m in pattern.find.finditer(s.plain):
                yield _Found(pattern.rule, m.start(), m.end(), suggestion=pattern.suggestion)

    def _quotations(self, s: _Sentence) -> Iterator[_Found]:
        g = self.grammar
        for span in s.quoted:
            inner = s.raw[span.start + 1 : span.end - 1]
            if g.scare.search(inner) and not g.saying.search(s.plain):
                why = f"quotation marks cast doubt on {inner!r} without saying why"
                yield _Found("wording.loaded", span.start, span.end, why)
            size = len(inner) if g.language == "zh" else len(inner.split())
            long = size >= (12 if g.language == "zh" else 6)
            rest = re.sub(rf"[\W{MASK}]+", "", s.plain)
            if (
                long
                and len(rest) * 3 < len(inner)
                and not any(
                    g.saying.search(text) for text in (s.plain, _unquoted(s.before), _unquoted(s.after))
                )
            ):
                why = "a quotation, but nobody is named who said it"
                yield _Found("source.unnamed", span.start, span.end, why)

    def _likelihood(self, s: _Sentence) -> Iterator[_Found]:
        g = self.grammar
        if s.raw.rstrip('"”»」』) ')[-1:] == "?" or (g.explained.search(s.plain) and g.idle.search(s.plain)):
            return
        word = next(((m, kind.points) for kind in g.likelihood if (m := kind.find.search(s.plain))), None)
        level = g.confidence.search(s.plain)
        interval = read_percent(s.plain)
        if word is not None and level is not None and not _overlap(word[0], level):
            first, last = sorted((word[0], level), key=lambda m: m.start())
            yield _Found("confidence.mixed", first.start(), last.end())
        if word is not None and not self.explained and interval is None:
            yield _Found("confidence.unexplained", *word[0].span())
        if level is not None and not self.explained:
            around = s.plain[:2000] + " " + _unquoted(s.after)[:300]
            if not g.reasoned.search(around):
                yield _Found("confidence.unexplained", *level.span())
        ties = [(tie, p) for tie in s.references if (p := self.resolver.probability(tie))]
        for why, suggestion in check_probability(
            word=word[0][0] if word else "",
            points=word[1] if word else None,
            stated=interval,
            declared=[p for _, p in ties],
            scales=self.scales,
            lent=self._lent(s),
        ):
            if word is not None:
                yield _Found("strength.probability", *word[0].span(), why, suggestion)
            elif self._states(s):
                yield _Found("strength.probability", 0, len(s.raw), why, suggestion)

    def _lent(self, s: _Sentence) -> list[Lent]:
        """What assessments give what the sentence is tied to; nothing where it speaks of a state itself."""
        found = [lent for tie in s.references if (lent := self.resolver.lent(tie))]
        return [] if found and word_of_a_state(s.raw) else found

    def _actors(self, s: _Sentence, tied: bool) -> Iterator[_Found]:
        g = self.grammar
        around = f"{s.plain} {_unquoted(s.before)[-200:]} {_unquoted(s.after)[:200]}"
        for m in g.judged.finditer(s.plain):
            rest = "".join(s.plain[a:b] for a, b in groups(m, "rest"))
            if not g.judge.search(rest) or not g.judge.search(s.plain):
                yield _Found("actor.hidden", m.start(), m.end() - len(rest))
        if not tied:
            for m in g.passive.finditer(s.plain):
                rest = "".join(s.plain[a:b] for a, b in groups(m, "rest"))
                if not g.agent.search(rest) and not g.unknown.search(around) and not g.idle.search(s.plain):
                    yield _Found("actor.hidden", m.start(), m.end() - len(rest))
            if not g.basis.search(s.plain) and not g.basis.search(_unquoted(s.after)[:200]):
                for m in g.attribution.finditer(s.plain):
                    if not g.idle.search(s.plain):
                        yield _Found("source.attribution", m.start(), m.end())
                        break

    def _untied(self, s: _Sentence) -> Iterator[_Found]:
        near = closest(s.raw, self.resolver.behind.standings) if self.resolver.behind.standings else None
        if near is not None and near[1] >= SAME and not near[0].withdrawn:
            return
        suggestion = ""
        if near is not None and near[1] >= ALIKE:
            suggestion = f"tie it with [{near[0].name}] if it says the same: {near[0].text[:160]}"
        yield _Found("tie.missing", 0, len(s.raw), suggestion=suggestion)

    def _numbers(self, s: _Sentence, *, exact: bool = True) -> Iterator[_Found]:
        g = self.grammar
        if g.sourced.search(s.plain) or g.sourced.search(s.raw):
            return
        blank = g.unnumbered.sub(lambda m: MASK * len(m[0]), s.plain)
        if any(kind.find.search(s.plain) for kind in g.likelihood):
            blank = PERCENT.sub(lambda m: MASK * len(m[0]), blank)  # how likely, not how many
        m = g.vague.search(blank) or (g.number.search(blank) if exact and g.harm.search(s.plain) else None)
        if m is not None:
            yield _Found("source.number", m.start(), m.end())

    def _check_ties(self, s: _Sentence, states: bool) -> Iterator[_Found]:
        for start, end, ties in s.ties:
            for tie in ties:
                name = f"{tie.record}#{tie.n}"
                if self.resolver.missing(tie):
                    yield _Found("tie.unknown", start, end, f"no assertion {name} is there to tie this to")
                    continue
                standing = self.resolver.find(tie)
                if standing is None:
                    continue
                yield from _outdated(s, standing, start, end)
                if not states:
                    continue
                for span, why, suggestion in check_support(self.grammar, s.plain, standing):
                    yield _Found("strength.support", *(span or (0, len(s.raw))), why, suggestion)

    def _settle(self, s: _Sentence, found: list[_Found]) -> list[_Found]:
        """Findings without those in what others said, in plain constructions, or inside another finding."""
        kept: list[_Found] = []
        for one in sorted(found, key=lambda f: (f.start, -f.end)):
            if one.rule.startswith(("tie.", "strength.support")):
                kept.append(one)
                continue
            span = Span(start=one.start, end=one.end)
            if any(
                one.start in said or (one.end - 1 in said and said.start - one.start < 4) for said in s.said
            ) or (one.rule.startswith("wording.") and any(b.meets(span) for b in s.benign)):
                continue
            if any(k.rule == one.rule and k.start < one.end and one.start < k.end for k in kept):
                continue
            kept.append(one)
        dropped = {
            id(low)
            for group in _PRECEDENCE
            for low in kept
            for high in kept
            if low.rule in group
            and high.rule in group
            and group.index(high.rule) < group.index(low.rule)
            and low.rule != "confidence.unexplained"
            and high.start < low.end
            and low.start < high.end
        }
        return [one for one in kept if id(one) not in dropped]


def _outdated(s: _Sentence, standing: Standing, start: int, end: int) -> Iterator[_Found]:
    """A tie to what its author took back, or says otherwise since, unless that is what the sentence tells."""
    if _TAKEN_BACK.search(s.plain):
        return
    if standing.withdrawn:
        yield _Found("tie.withdrawn", start, end)
    elif standing.later:
        names = ", ".join(f"[{name}]" for name in standing.later)
        yield _Found("tie.amended", start, end, suggestion=f"tie it with {names}, and say what that says")


def _unquoted(text: str) -> str:
    return _mask(text, find_quotations(text))


def _overlap(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()
