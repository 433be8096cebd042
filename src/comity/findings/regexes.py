"""Regular expressions, through RE2 only: their time grows with the text, whatever the expression.

Of which flavour they are is said in :mod:`comity.findings.flavour`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from comity.findings.atoms import Wild, parse_pattern
from comity.findings.flavour import to_re2
from comity.findings.reasons import RuleError

MEMORY = 8 << 20
SET_MEMORY = 64 << 20
LENGTH = 16_384
PROGRAM = 25_000
"""The largest program, in RE2's instructions, that one expression may compile to: ten times the largest of
the rules in common use."""

_SPECIAL = {code: rf"\x{{{code:x}}}" for code in range(128) if not (chr(code).isalnum() or code == 0x5F)}


def _options(memory: int) -> Any:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.never_capture = True
    return options


def compile_regex(expression: str) -> Any:
    """An RE2 object with ``search(bytes)``; ``RuleError`` where RE2 cannot run the expression."""
    if len(expression) > LENGTH:
        raise RuleError(f"a regular expression of more than {LENGTH} characters")
    _refuse_ranges(expression)
    try:
        # As bytes: the searched texts are UTF-8 already, and one conversion is enough.
        made = re2.compile(to_re2(expression).encode(), _options(MEMORY))
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0] if error.args else error
        reason = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise RuleError(f"RE2 cannot run the regular expression: {reason}") from None
    if made.programsize > PROGRAM:
        raise RuleError(f"RE2 cannot run the regular expression: it needs more than {PROGRAM} steps")
    return made


def _refuse_ranges(expression: str) -> None:
    """A range in a set that ends in several characters is none, and is not to become one. To RE2 alone the
    vertical tab is one character, so another name of several stands for it here."""
    if not any(end in expression for end in (r"-\s", r"-\S", r"-\v")):
        return
    try:
        re2.compile(expression.replace(r"-\v", r"-\s").encode(), _options(MEMORY))
    except (re2.error, UnicodeEncodeError):
        why = r"a range in a set ends in \s, \S or \v, which are several characters, or it cannot be read"
        raise RuleError(f"RE2 cannot run the regular expression: {why}") from None


_compile_once = lru_cache(maxsize=4096)(compile_regex)


def fits_regex(expression: str, text: str) -> bool:
    """Whether an expression matches somewhere in ``text``, which has no lone surrogates."""
    return _compile_once(expression).search(text.encode()) is not None


def measure_program(kind: str, value: str) -> int:
    """How large a program an atom of this kind and value needs, in RE2's instructions."""
    if kind == "glob":
        value = glob_expression(value)
    elif kind != "regex":
        return 0
    return _measure_once(value)


@lru_cache(maxsize=4096)
def _measure_once(expression: str) -> int:
    size: int = compile_regex(expression).programsize
    return size


def compile_set(expressions: list[str]) -> Any | None:
    """One RE2 set over ``expressions`` that also answers with the number ``len(expressions)``.

    That last member matches every text. An answer without it means that the set gave up for want of
    memory, which RE2 reports as no match at all: whoever asks must then try each expression alone.
    ``None`` where the set does not compile as a whole.
    """
    made = re2.Set.SearchSet(_options(SET_MEMORY))
    try:
        for expression in (*expressions, ""):
            made.Add(to_re2(expression))
        made.Compile()
    except re2.error:
        return None
    return made


def quote(text: str) -> str:
    """``text`` as an expression that matches just it."""
    return text.translate(_SPECIAL)


def glob_expression(pattern: str) -> str:
    """The expression for the whole of a text that fits a Sigma text with wildcards."""
    parts = [
        (".*" if part is Wild.RUN else ".") if isinstance(part, Wild) else quote(part)
        for part in parse_pattern(pattern)
    ]
    return rf"(?s)\A{''.join(parts)}\z"
