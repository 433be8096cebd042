"""The readable part of a notice as plain text, in one of the languages (``words.py``).

A party's own words stand behind a bar, line by line, so that they cannot pass for the form around them, and
in the language in which they were written. What could reorder or hide text is shown by number.
"""

from __future__ import annotations

import textwrap

from comity.exchange.notices.reading import NoticeFile
from comity.exchange.notices.words import LANGUAGES, Words, words_in
from comity.records.kinds import Assertion
from comity.records.parties import grouped

_HEAD = "COMITY NOTICE"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CLOSING = "，。、；：）」？！"
COMMANDS = (
    ("check_how", "comity verify FILE"),
    ("answer_how", 'comity notice answer FILE --name "…" --key DIR --out REPLY'),
    ("join", "comity join FILE REPLY --key DIR --home HOME"),
)
"""What a reader can run, by the line that says what it is for."""


def plain(text: str) -> str:
    """Text on one line; what could reorder or hide it is shown by number."""
    return "".join(c if c.isprintable() and c not in _BIDI else f"<U+{ord(c):04X}>" for c in text)


def render_text(notice: NoticeFile, language: str) -> str:
    """The readable part; its first line names the language."""
    words = words_in(language)
    give, frame = notice.give, notice.notice.value.frame
    assert frame is not None
    lines = [
        f"{_HEAD} {language}",
        "",
        f"{words.say('title')}",
        "",
        f"{words.say('to')}: {plain(give.to.name)}",
        f"{words.say('from')}: {plain(notice.giver.card.name)}",
        f"{words.say('party')}:",
        f"    {grouped(notice.giver.id)}",
        f"{words.say('case')}: {notice.case[:16]}",
        f"{words.say('given')}: {frame.at}",
        "",
        f"{words.say('own_words')}:",
        "",
        *_quoted(give.text),
        "",
        f"{words.say('asserted')}:",
        "",
    ]
    for number, (n, assertion) in enumerate(notice.assertions, 1):
        lines += [f"{number}. {tell_assertion(words, assertion)}"]
        lines += _quoted(assertion.text, "   ")
        lines += [f"   {words.say('supports', n=n + 1, count=len(assertion.supports))}", ""]
    for key in ("nothing", "prejudice", "identity", "truth"):
        lines += _wrapped(words.say(key))
    lines += ["", *_wrapped(words.say("authentic"))]
    lines += _wrapped(words.say("untranslated")) if words.missing else []
    if notice.reply_to:
        lines += ["", f"{words.say('hand_in')}: {plain(notice.reply_to)}"]
    for key, command in COMMANDS:
        lines += ["", f"{words.say(key)}:", f"    {command}"]
    return "\n".join(lines) + "\n"


def language_of(text: str) -> str:
    """The language that a readable part names in its first line, or ""."""
    head, _, rest = text.partition("\n")
    name = head.removeprefix(_HEAD).strip()
    return name if head.startswith(_HEAD) and rest and name in LANGUAGES else ""


def tell_assertion(words: Words, assertion: Assertion) -> str:
    """What kind of assertion it is: how it stands to others, and how far it goes."""
    return f"[{words.say(f'stance_{assertion.stance}')}; {words.say(f'level_{assertion.level}')}]"


def _wrapped(text: str, width: int = 88) -> list[str]:
    clean = plain(text)
    if not any("\u2e80" <= c <= "\u9fff" for c in clean):
        return textwrap.wrap(clean, width)
    out = []
    while clean:  # characters of double width, which break anywhere but before closing marks
        end = width // 2
        while end < len(clean) and clean[end] in _CLOSING:
            end += 1
        out.append(clean[:end])
        clean = clean[end:]
    return out


def _quoted(text: str, indent: str = "") -> list[str]:
    out: list[str] = []
    for line in text.split("\n"):
        out += [f"{indent}| {part}".rstrip() for part in _wrapped(line, 84) or [""]]
    return out
