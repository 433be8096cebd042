"""STIX 2.1 patterns read into a tree (OASIS STIX 2.1, section 9): the whole grammar, and nothing run.

Reading is linear in the text; depth and size are bounded. A word that the grammar does not know, or a
pattern that goes on after its end, is named with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from comity.findings.reasons import RuleError

LENGTH: Final = 200_000
TOKENS: Final = 50_000
DEPTH: Final = 64
CHAIN: Final = 64
"""The most expressions that AND or FOLLOWEDBY join in a row."""
OBSERVATIONS: Final = 1000

Kind: TypeAlias = Literal["string", "number", "boolean", "time", "hex", "binary"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: its kind, and its text (of a string, unescaped)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of an object path: ``operator`` is ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``IN``,
    ``LIKE``, ``MATCHES``, ``ISSUBSET``, ``ISSUPERSET`` or ``EXISTS``."""

    path: str
    operator: str
    values: tuple[Constant, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Both:
    """``AND`` or ``OR`` of comparisons."""

    operator: Literal["AND", "OR"]
    parts: tuple[Comparison, ...]


Comparison: TypeAlias = "Compare | Both"


@dataclass(frozen=True, slots=True)
class Observe:
    """One observation: a row that satisfies the comparison."""

    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Join:
    """``AND`` or ``FOLLOWEDBY`` of two observation expressions, or ``OR`` of two and more."""

    operator: Literal["AND", "OR", "FOLLOWEDBY"]
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Qualify:
    """``WITHIN`` seconds (as written), ``REPEATS`` times, or ``START``–``STOP`` (two time texts)."""

    operator: Literal["WITHIN", "REPEATS", "START"]
    arguments: tuple[str, ...]
    inner: Expression


Expression: TypeAlias = "Observe | Join | Qualify"

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
    |(?P<time>t'(?:[^'\\]|\\['\\])*')|(?P<hex>h'[^']*')|(?P<binary>b'[^']*')
    |(?P<string>'(?:[^'\\]|\\['\\])*')
    |(?P<number>[+-]?(?:[0-9]*\.[0-9]+|[0-9]+)(?![0-9A-Za-z_.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_\-]*)
    |(?P<mark>==|!=|<>|<=|>=|[=<>()\[\]:.,*])
    """,
    re.VERBOSE | re.DOTALL,
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z", re.ASCII)
_WHOLE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_COMPARISONS: Final = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_WORDS: Final = ("IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _cut(text: str) -> list[_Token]:
    if len(text) > LENGTH:
        raise RuleError(f"a pattern of more than {LENGTH} characters")
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise RuleError(f"character {at + 1}: {text[at]!r} is no part of a STIX pattern")
        if found.lastgroup != "space":
            tokens.append(_Token(found.lastgroup, found[0], at + 1))
        if len(tokens) > TOKENS:
            raise RuleError(f"a pattern of more than {TOKENS} words")
        at = found.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


def parse_pattern(text: str) -> Expression:
    """The tree of a pattern; ``RuleError`` with the reason and its place."""
    reader = _Reader(_cut(text))
    found = reader.followed(0)
    reader.expect("end", "", "the end of the pattern")
    return found


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.observed = 0

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, kind: str, text: str) -> bool:
        token = self.peek()
        if token.kind == kind and token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, kind: str, text: str, what: str) -> _Token:
        token = self.peek()
        if token.kind != kind or (text and token.text != text):
            told = repr(token.text[:40]) if token.kind != "end" else "the end"
            raise RuleError(f"character {token.at}: {told} stands where {what} is expected")
        return self.take()

    def deeper(self, depth: int) -> int:
        if depth >= DEPTH:
            raise RuleError(f"the pattern is nested deeper than {DEPTH}")
        return depth + 1

    # Observation expressions, from loosest to tightest: FOLLOWEDBY, OR, AND, qualifiers.

    def followed(self, depth: int) -> Expression:
        return self.chain("FOLLOWEDBY", self.either, depth)

    def either(self, depth: int) -> Expression:
        parts = [self.both(depth)]
        while self.accept("word", "OR"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Join("OR", tuple(parts))

    def both(self, depth: int) -> Expression:
        return self.chain("AND", self.qualified, depth)

    def chain(
        self, word: Literal["AND", "FOLLOWEDBY"], tighter: Callable[[int], Expression], depth: int
    ) -> Expression:
        found = tighter(depth)
        for _ in range(CHAIN):
            if not self.accept("word", word):
                return found
            found = Join(word, (found, tighter(depth)))
        raise RuleError(f"more than {CHAIN} expressions are joined by {word}")

    def qualified(self, depth: int) -> Expression:
        found: Expression
        if self.accept("mark", "("):
            found = self.followed(self.deeper(depth))
            self.expect("mark", ")", "')'")
        else:
            self.expect("mark", "[", "'[' or '('")
            self.observed += 1
            if self.observed > OBSERVATIONS:
                raise RuleError(f"the pattern has more than {OBSERVATIONS} observations")
            found = Observe(self.any_of(0))
            self.expect("mark", "]", "']'")
        for _ in range(DEPTH):
            if self.accept("word", "WITHIN"):
                number = self.expect("number", "", "a number of seconds")
                if not _SECONDS.fullmatch(number.text) or not float(number.text):
                    raise RuleError(f"character {number.at}: WITHIN needs a positive number of seconds")
                self.expect("word", "SECONDS", "SECONDS")
                found = Qualify("WITHIN", (number.text,), found)
            elif self.accept("word", "REPEATS"):
                number = self.expect("number", "", "a number of times")
                if not _WHOLE.fullmatch(number.text):
                    raise RuleError(f"character {number.at}: REPEATS needs a positive whole number")
                self.expect("word", "TIMES", "TIMES")
                found = Qualify("REPEATS", (number.text,), found)
            elif self.accept("word", "START"):
                start = self.moment()
                self.expect("word", "STOP", "STOP")
                found = Qualify("START", (start, self.moment()), found)
            else:
                return found
        raise RuleError(f"an observation has more than {DEPTH} qualifiers")

    def moment(self) -> str:
        token = self.expect("time", "", "a time, as t'2026-01-01T00:00:00Z',")
        if not _TIME.fullmatch(token.text[2:-1]):
            raise RuleError(f"character {token.at}: {token.text[2:42]!r} is not a time in UTC")
        return token.text[2:-1]

    # Comparison expressions.

    def any_of(self, depth: int) -> Comparison:
        parts = [self.all_of(depth)]
        while self.accept("word", "OR"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else Both("OR", tuple(parts))

    def all_of(self, depth: int) -> Comparison:
        parts = [self.test(depth)]
        while self.accept("word", "AND"):
            parts.append(self.test(depth))
        return parts[0] if len(parts) == 1 else Both("AND", tuple(parts))

    def test(self, depth: int) -> Comparison:
        if self.accept("mark", "("):
            found = self.any_of(self.deeper(depth))
            self.expect("mark", ")", "')'")
            return found
        if self.peek().text == "EXISTS" and self.tokens[self.at + 1].text != ":":
            self.take()
            return Compare(self.path(), "EXISTS", (), False)
        path = self.path()
        negated = self.accept("word", "NOT")
        token = self.take()
        if token.kind == "mark" and token.text in _COMPARISONS:
            return Compare(path, _COMPARISONS[token.text], (self.constant(),), negated)
        if token.kind == "word" and token.text == "IN":
            return Compare(path, "IN", self.constants(), negated)
        if token.kind == "word" and token.text in _WORDS:
            value = self.constant()
            if value.kind != "string":
                raise RuleError(f"character {token.at}: {token.text} compares with a string")
            return Compare(path, token.text, (value,), negated)
        raise RuleError(f"character {token.at}: {token.text[:40]!r} is not a comparison")

    def path(self) -> str:
        """An object path in one form: ``type:name.name[n]``, names with other characters in quotes."""
        said = self.expect("word", "", "an object path").text
        self.expect("mark", ":", "':'")
        said += ":" + self.step()
        for _ in range(DEPTH):
            if self.accept("mark", "."):
                said += "." + self.step()
            elif self.accept("mark", "["):
                token = self.take()
                if token.text != "*" and not (
                    token.kind == "number" and re.fullmatch(r"-?[0-9]+", token.text)
                ):
                    raise RuleError(f"character {token.at}: a list is asked by a number or '*'")
                self.expect("mark", "]", "']'")
                said += f"[{token.text}]"
            else:
                return said
        raise RuleError(f"an object path of more than {DEPTH} steps")

    def step(self) -> str:
        token = self.take()
        if token.kind == "word" and "-" not in token.text:
            return token.text
        if token.kind == "string":
            name = _unquote(token.text)
            return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"'{name}'"
        raise RuleError(f"character {token.at}: {token.text[:40]!r} is not the name of a property")

    def constants(self) -> tuple[Constant, ...]:
        self.expect("mark", "(", "'('")
        found = [self.constant()]
        while self.accept("mark", ","):
            found.append(self.constant())
        self.expect("mark", ")", "')'")
        return tuple(found)

    def constant(self) -> Constant:
        token = self.take()
        match token.kind:
            case "string":
                return Constant("string", _unquote(token.text))
            case "number":
                return Constant("number", token.text.lstrip("+"))
            case "word" if token.text in ("true", "false"):
                return Constant("boolean", token.text)
            case "time" | "hex" | "binary" as kind:
                return Constant(kind, token.text[2:-1])
        raise RuleError(f"character {token.at}: {token.text[:40]!r} is not a constant")


def _unquote(text: str) -> str:
    return re.sub(r"\\(['\\])", r"\1", text[1:-1])
