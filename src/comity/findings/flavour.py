r"""Regular expressions of PCRE's flavour (Sigma, appendix of modifiers; STIX 2.1, ``MATCHES``), said for RE2.

RE2 runs them, in time that grows with the text alone. Where the two differ in what is common to both, the
expression is said anew: ``$`` (and ``\Z``, which RE2 has not) also stands before a line feed that ends the
text, and ``\s`` takes the vertical tab. RE2 cannot look ahead; so a ``$`` takes that line feed in, which is
the same where nothing need follow: behind it stand only ends of groups, other ``$``, and parts that may be
left out. A ``$`` elsewhere is RE2's, at the very end of the text, and :func:`has_strict_end` tells of it.
``\v`` takes any vertical space, where RE2's is the vertical tab. One difference stays: under the flag ``m`` a
``^`` also stands behind a line feed that ends the text, where PCRE's does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_DIFFERS: Final = re.compile(r"\$|\\[sSvZ]")
_TOKEN: Final = re.compile(
    r"""
    (?P<quoted>\\Q(?P<literal>.*?)(?:\\E|\Z))
    |(?P<escape>\\(?:x\{[0-9A-Fa-f]{1,8}\}|x[0-9A-Fa-f]{2}|[pP]\{\^?\w{1,40}\}|[pP].|[0-7]{1,3}|.))
    |(?P<set>\[\^?\]?(?:\\.|\[:\^?[a-z]{1,10}:\]|[^\]\\])*+\])
    |(?P<flags>\(\?(?P<on>[imsU]{0,8})(?:-(?P<off>[imsU]{1,8}))?(?P<end>[:)]))
    |(?P<open>\((?:\?P?<\w{1,100}>|(?!\?)))
    |(?P<close>\))|(?P<bar>\|)|(?P<dollar>\$)|(?P<start>\^)|(?P<char>[^\\\[(?*+])
    """,
    re.VERBOSE | re.DOTALL,
)
_TIMES: Final = re.compile(r"(?:[*+?]|\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\})\??", re.ASCII)
_IN_SET: Final = re.compile(r"\\x\{[0-9A-Fa-f]{1,8}\}|\\.", re.DOTALL)
_ASSERTS: Final = frozenset((r"\b", r"\B", r"\A", r"\z"))
_SPACES: Final = {r"\s": "[:space:]", r"\S": "[:^space:]", r"\v": r"\n\x0b\f\r\x{85}\p{Zl}\p{Zp}"}
"""What stands for these in a set. Each ends in a class, so that a hyphen behind it makes no range."""


@dataclass(slots=True)
class _Token:
    """A piece of an expression with how often it stands: ``least`` and ``once`` (not more than once)."""

    text: str
    kind: str
    times: str = ""
    least: int = 1
    once: bool = True
    empty: bool = False
    """Whether it may take nothing wherever it stands; of the end of a group, whether the group may."""
    last: bool = False
    """Of an end of the text: whether nothing need follow."""


class _Unknown(Exception):
    pass


def to_re2(expression: str) -> str:
    """The expression for RE2. Of what RE2 cannot run nothing is changed, so that RE2 says why."""
    if not _DIFFERS.search(expression):
        return expression
    try:
        return "".join(map(_render, _read(expression)))
    except _Unknown:
        return expression


def has_strict_end(expression: str) -> bool:
    """Whether a ``$`` of the expression stands at the very end of a text only, where PCRE's would also stand
    before a last line feed."""
    if "$" not in expression:
        return False
    try:
        return any(token.kind == "end" and not token.last for token in _read(expression))
    except _Unknown:
        return False


def _render(token: _Token) -> str:
    if token.kind == "end" and token.last:
        return rf"(?:\n?\z){token.times}" if token.times else r"\n?\z"
    return token.text + token.times


def _read(expression: str) -> list[_Token]:
    tokens = _cut(expression)
    _mark_empty(tokens)
    _mark_last(tokens)
    return tokens


def _cut(expression: str) -> list[_Token]:
    tokens: list[_Token] = []
    lines = [False]
    """Whether the flag ``m`` holds, for each group that is open."""
    at = 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise _Unknown
        at = found.end()
        kind, text = str(found.lastgroup), found[0]
        if found["quoted"] is not None:
            # A count behind it is of the last letter.
            tokens += [_Token(rf"\x{{{ord(char):x}}}", "char") for char in found["literal"]]
        elif found["flags"] is not None:
            held = "m" not in (found["off"] or "") and ("m" in found["on"] or lines[-1])
            if found["end"] == ":":
                lines.append(held)
                tokens.append(_Token(text, "open"))
            else:
                lines[-1] = held
                tokens.append(_Token(text, "flags", empty=True))
                continue
        elif kind in ("escape", "set", "start", "char"):
            tokens.append(_plain(text))
        elif kind == "dollar":
            tokens.append(_Token(text, "assert" if lines[-1] else "end"))
        else:
            tokens.append(_Token(text, kind))
            if kind == "open":
                lines.append(lines[-1])
            elif kind == "close":
                lines.pop()
                if not lines:
                    raise _Unknown
        if tokens and tokens[-1].kind not in ("open", "bar") and (times := _TIMES.match(expression, at)):
            at = times.end()
            _repeat(tokens[-1], times)
    if len(lines) > 1:
        raise _Unknown
    return tokens


def _plain(text: str) -> _Token:
    if text == r"\Z":
        return _Token(text, "end")
    if text in _SPACES:
        return _Token(f"[{_SPACES[text]}]", "char")
    if text.startswith("["):
        return _Token(_IN_SET.sub(lambda found: _SPACES.get(found[0], found[0]), text), "char")
    return _Token(text, "assert" if text in _ASSERTS or text == "^" else "char")


def _repeat(token: _Token, times: re.Match[str]) -> None:
    token.times = times[0]
    if times[1] is None:
        token.least, token.once = int(times[0][0] == "+"), times[0][0] == "?"
    else:
        token.least = int(times[1])
        token.once = (times[3] if times[2] else times[1]) in ("0", "1")


def _mark_empty(tokens: list[_Token]) -> None:
    """Which tokens, and groups at their ends, may take nothing."""
    open_groups = [[False, True]]  # of each: whether an alternative so far may take nothing, and this one
    for token in tokens:
        if token.kind == "open":
            open_groups.append([False, True])
            continue
        if token.kind == "bar":
            group = open_groups[-1]
            group[:] = [group[0] or group[1], True]
            continue
        if token.kind == "close":
            token.empty = any(open_groups.pop())
        token.empty = token.empty or token.kind == "end" or token.least == 0
        open_groups[-1][1] &= token.empty


def _mark_last(tokens: list[_Token]) -> None:
    """Which ends of the text have nothing behind them that need be there, from the right."""
    inside = [True]  # of each group: whether its alternatives end where nothing need follow
    before: list[bool] = []  # of each: whether that is so of what stands before the group
    last = True
    for token in reversed(tokens):
        match token.kind:
            case "close":
                before.append(last and token.empty)
                last = last and token.once
                inside.append(last)
            case "open":
                inside.pop()
                last = before.pop()
            case "bar":
                last = inside[-1]
            case "end":
                token.last = last and token.once
            case _:
                last = last and token.empty
