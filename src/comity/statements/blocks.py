"""Paragraphs of a text: plain, or CommonMark in the parts of it that statements use.

What is not the author's prose is left out or masked, never moved: fenced and indented code, code spans,
link targets, addresses, HTML comments and tags, horizontal rules. A block quotation is another's words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from comity.statements.source import Folded, Source, Span, fold_text

Kind: TypeAlias = Literal["prose", "quotation", "heading"]
MASK: Final = "\ufffc"
"""Stands for each masked character; no rule's word contains it."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})\s*$")
_RULE = re.compile(r" {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$")
_ITEM = re.compile(
    r"\s{0,12}(?:(?:[-*+•·]|\(?(?P<number>\d{1,3})[.)]|\([a-z]\))\s+"
    r"|(?:[一二三四五六七八九十]{1,3}、|[(\uff08][一二三四五六七八九十]{1,3}[)\uff09])\s*)(?=\S)"
)
_QUOTED = re.compile(r" {0,3}>\s?")
_TABLE = re.compile(r"\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]+\|?\s*$")
_INDENTED = re.compile(r"(?: {4}|\t)")
_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\]\n]{1,80})\]:\s*(?P<told>.*)$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

# Each alternative masks group "mask" where it has one, else all of it.
_INLINE = re.compile(
    r"(?P<ticks>`{1,3})(?:(?!(?P=ticks)).){1,400}(?P=ticks)"
    r"|!?\[[^\[\]\n]{0,300}\](?P<target>\([^()\s]{1,1000}(?:\s+\"[^\"\n]{0,200}\")?\))"
    r"|<(?:https?|mailto):[^>\s]{1,1000}>|</?[a-zA-Z][^<>\n]{0,300}>"
    r"|\b(?:https?|ftp)://[^\s<>()\[\],。;、)】]{1,1000}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,6}"
    r"|(?P<marks>\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|~~)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, list item, table cell or heading, folded, with what is not prose masked."""

    kind: Kind
    folded: Folded
    masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A line ``[LABEL]: TEXT``, as Markdown writes what a bracketed label refers to."""

    label: str
    told: str
    span: Span


@dataclass(slots=True)
class _Open:
    kind: Kind
    pieces: list[tuple[int, str]]


def read_blocks(source: Source) -> tuple[list[Block], list[Definition]]:
    """The paragraphs of a text in order, and its definitions."""
    text = _COMMENT.sub(lambda m: re.sub(r"[^\r\n]", " ", m[0]), source.text)
    blocks: list[Block] = []
    definitions: list[Definition] = []
    current = _Open("prose", [])
    fence = ""
    front = text.startswith(("---\n", "---\r\n"))
    blank = True
    in_list = False

    def close() -> None:
        if current.pieces:
            blocks.append(_make(text, current.kind, current.pieces))
            current.pieces = []
        current.kind = "prose"

    for number, span in enumerate(source.lines()):
        line = text[span.start : span.end]
        if front:
            # YAML at the head of a file is about the text, not of it.
            front = not (number and line.strip() in ("---", "..."))
            continue
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if opened := _FENCE.match(line):
            close()
            fence = opened[1]
            continue
        if not line.strip():
            close()
            blank, in_list = True, False
            continue
        if blank and _INDENTED.match(line) and not current.pieces and not _ITEM.match(line):
            continue
        blank = False
        if defined := _DEFINITION.match(line):
            close()
            definitions.append(
                Definition(label=defined["label"].strip(), told=defined["told"].strip(), span=span)
            )
            continue
        if _HEADING.match(line):
            close()
            blocks.append(_make(text, "heading", [(span.start, line)]))
            continue
        if current.pieces and _UNDERLINE.match(line):
            current.kind = "heading"
            close()
            continue
        if _RULE.match(line):
            close()
            continue
        if _TABLE.match(line):
            close()
            if not _TABLE_RULE.fullmatch(line):
                blocks += _cells(text, span.start, line)
            continue
        start = span.start
        if quoted := _QUOTED.match(line):
            if current.kind != "quotation":
                close()
                current.kind = "quotation"
            start += quoted.end()
        elif (item := _ITEM.match(line)) and (in_list or not current.pieces or item["number"] in (None, "1")):
            # A number in running text ("3. mai" where a line is wrapped) begins no list unless it is 1.
            close()
            in_list = True
            start += item.end()
        if start < span.end:
            lead = len(text[start : span.end]) - len(text[start : span.end].lstrip())
            piece = text[start + lead : span.end].rstrip()
            if piece:
                current.pieces.append((start + lead, piece))
    close()
    return blocks, definitions


def _cells(text: str, start: int, line: str) -> list[Block]:
    found = []
    for cell in re.finditer(r"[^|]+", line):
        stripped = cell[0].strip()
        if stripped:
            at = start + cell.start() + cell[0].index(stripped)
            found.append(_make(text, "prose", [(at, stripped)]))
    return found


def _make(text: str, kind: Kind, pieces: list[tuple[int, str]]) -> Block:
    folded = fold_text(text, pieces[0][0], pieces)
    return Block(kind=kind, folded=folded, masked=mask_inline(folded.text))


def mask_inline(text: str) -> str:
    """``text`` with code, addresses, tags and link targets masked, and emphasis marks as spaces."""
    if not any(c in text for c in "`[<*_~@:"):
        return text

    def mask(found: re.Match[str]) -> str:
        if found["marks"]:
            return " " * len(found[0])
        if found["target"]:
            kept = found.start("target") - found.start()
            return found[0][:kept] + MASK * (len(found[0]) - kept)
        return MASK * len(found[0])

    return _INLINE.sub(mask, text)
