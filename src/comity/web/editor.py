"""The page where a statement is written: the text on one side, what the rules of wording flag on the other.

It works by sending the form; nothing that is sent is kept, signed or shown to anybody else, and a flag never
stops anything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from comity.errors import Malformed
from comity.exchange.node import Node
from comity.exchange.rerun_checks import false_here
from comity.statements.flags import LANGUAGES, RULES, Flag
from comity.statements.lint import Report, lint_text
from comity.statements.source import Decoded
from comity.statements.standing import FOUND, gather_standings, newest_claim
from comity.web import render
from comity.web.chrome import Chrome
from comity.web.phrases import count_of, phrase
from comity.web.reading import Reading
from comity.web.rechecking import Rechecking
from comity.web.render import RawBody

LONGEST: Final = 100_000
"""Characters of a text in the page; longer ones are for ``comity lint``."""
SHOWN: Final = 500
"""Flags listed at once."""
LANGUAGE_NAMES: Final = {"en": "English", "nb": "norsk (bokmål)", "zh": "中文"}

_Ask = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the text under the same flags, named by their numbers; ``untied`` where no assertion
    stands behind its sentence."""

    text: str
    flags: tuple[int, ...]
    untied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """The page: what was sent, and what is flagged in it. ``counts`` are rules with how often each was;
    ``uncomputed`` says that figures behind assertions were not computed again, "" where none was left out;
    ``uncounted`` that re-runs do not hold here."""

    text: str
    language: str
    case: str
    languages: tuple[tuple[str, str], ...]
    cases: tuple[tuple[str, str], ...]
    report: Report | None = None
    flags: tuple[Flag, ...] = ()
    more: int = 0
    counts: tuple[tuple[str, str, int], ...] = ()
    pieces: tuple[Piece, ...] = ()
    uncomputed: str = ""
    uncounted: str = ""


def editor_routes(node: Node, chrome: Chrome) -> list[HTTPRouteHandler]:
    """The page, empty and with a text."""

    @get("/editor", sync_to_thread=True)
    def empty(request: _Ask) -> Response[bytes]:
        return chrome.answer(request, "editor.html", view_editor(node, "", "", ""), phrase("Editor"))

    @post("/editor", sync_to_thread=True, status_code=200)
    def checked(request: _Ask, body: RawBody) -> Response[bytes]:
        typed = render.read_form(body)
        text = typed.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
        view = view_editor(node, text, typed.get("language", ""), typed.get("case", ""))
        return chrome.answer(request, "editor.html", view, phrase("Editor"))

    return [empty, checked]


def view_editor(node: Node, text: str, language: str, case: str) -> Editor:
    """The page for a text. ``Malformed``: ``page.text`` for one too long, ``page.language`` for a language
    without rules."""
    if len(text) > LONGEST:
        raise Malformed(
            "page.text", "text", f"has at most {LONGEST:,} characters; comity lint reads longer ones"
        )
    if language and language not in LANGUAGES:
        raise Malformed("page.language", "language", phrase("it is one of {}", ", ".join(LANGUAGES)))
    cases = tuple((id_, Reading(node, id_).title) for id_ in node.cases())
    languages = (("", phrase("each paragraph's own")), *LANGUAGE_NAMES.items())
    if not text.strip():
        return Editor(text=text, language=language, case=case, languages=languages, cases=cases)
    behind, rechecking = None, Rechecking()
    if case:
        state = node.state(node.find_case(case))
        members = [node.name_of(party) for party in state.members]
        own = newest_claim(state, node.party.id)
        behind = gather_standings(
            state,
            own,
            parties=members,
            reproduced=lambda record, content: FOUND[rechecking.check(record, content).result],
            false=false_here(node, state),
        )
    decoded = Decoded(text=text, encoding="utf-8")
    report = lint_text(decoded, language or None, behind, ties=True)
    flags = report.flags[:SHOWN]
    counted = Counter(flag.rule for flag in report.flags)
    return Editor(
        text=text,
        language=language,
        case=case,
        languages=languages,
        cases=cases,
        report=report,
        flags=flags,
        more=len(report.flags) - len(flags),
        counts=tuple((rule, RULES[rule].about, counted[rule]) for rule in RULES if counted[rule]),
        pieces=cut_pieces(text, flags),
        uncomputed=_tell_uncomputed(behind.uncomputed) if behind is not None else "",
        uncounted=_tell_uncounted(behind.false_reruns) if behind is not None else "",
    )


def _tell_uncomputed(count: int) -> str:
    """That the figures of so many assessments were held against nothing; "" for none."""
    if not count:
        return ""
    return phrase(
        "Not computed again here, and so held against no wording: {}.", count_of(count, "assessment")
    )


def _tell_uncounted(count: int) -> str:
    """That so many re-runs agree and differ with nothing here; "" for none."""
    if not count:
        return ""
    return phrase("Not counted, as run here it does not hold: {}.", count_of(count, "re-run"))


def cut_pieces(text: str, flags: tuple[Flag, ...]) -> tuple[Piece, ...]:
    """The text cut where flags begin and end; numbers count from 1. Pieces without a flag stand between."""
    edges = sorted({0, len(text), *(f.start for f in flags), *(f.end for f in flags)})
    starting: dict[int, list[int]] = {}
    ending: dict[int, list[int]] = {}
    for number, flag in enumerate(flags):
        starting.setdefault(flag.start, []).append(number)
        ending.setdefault(flag.end, []).append(number)
    under: dict[int, None] = {}
    made = []
    for start, end in pairwise(edges):
        for number in ending.get(start, ()):
            under.pop(number, None)
        under.update(dict.fromkeys(starting.get(start, ())))
        words = tuple(number + 1 for number in under if flags[number].rule != "tie.missing")
        untied = any(flags[number].rule == "tie.missing" for number in under)
        made.append(Piece(text=text[start:end], flags=words, untied=untied))
    return tuple(made)
