"""Templates that speak: every word that stands in one is a message of the catalogue (``web.phrases``).

A template is written in plain English, as it reads. When it is loaded, each run of its own words, between
markup and what is put in, becomes a message that is said in the reader's language; so do the texts of
attributes that people read or hear. Nothing has to be marked by hand, so nothing can be forgotten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files

import jinja2

_ATTRIBUTES = ("aria-label", "data-label", "alt", "placeholder")
_PIECES = re.compile(
    r"(?P<code>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})"
    r"|(?P<raw><(?:script|style|code|svg|pre)\b(?:[^>]|(?<=-)>)*?>.*?</(?:script|style|code|svg|pre)>)"
    r"|(?P<tag><(?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|[^\">])*>)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"""({"|".join(_ATTRIBUTES)})="([^"{{}}]*)\"""")
_EDGES = re.compile(r"\A([\s.,;:()·–→/+−]*)(.*?)([\s(]*)\Z", re.DOTALL)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\u00a0"}


def messages_of(source: str) -> Iterator[str]:
    """Every message that stands in a template as words."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    _rewrite(source, keep)
    return iter(found)


def speak(source: str) -> str:
    """The template with its words said by ``said``."""
    return _rewrite(source, lambda text: f"{{{{ said({json.dumps(text, ensure_ascii=False)}) }}}}")


def _rewrite(source: str, said: Callable[[str], str]) -> str:
    out: list[str] = []
    at = 0
    for piece in _PIECES.finditer(source):
        out.append(_words(source[at : piece.start()], said))
        at = piece.end()
        text = piece[0]
        if piece["code"]:
            out.append(text)
        elif piece["raw"]:
            # Code is nobody's language; a picture's name is.
            head, mark, rest = text.partition(">")
            out.append(_attributes(head, said) + mark + rest)
        else:
            out.append(_attributes(text, said))
    out.append(_words(source[at:], said))
    return "".join(out)


def _attributes(tag: str, said: Callable[[str], str]) -> str:
    return _ATTRIBUTE.sub(lambda found: f'{found[1]}="{_words(found[2], said)}"', tag)


def _words(text: str, said: Callable[[str], str]) -> str:
    found = _EDGES.match(text)
    if found is None or not re.search(r"[^\W\d_]{2}", found[2]):
        return text
    words, tail = " ".join(found[2].split()), found[3]
    if '="' in words:
        return text  # attributes that a macro writes
    if words.count(")") > words.count("("):
        words, mark, rest = words.rpartition(")")
        tail = mark + rest + tail
    for entity, letter in _ENTITIES.items():
        words = words.replace(entity, letter)
    return f"{found[1]}{said(words)}{tail}"


def spoken_templates(package: str) -> jinja2.DictLoader:
    """The templates of a package, made to speak, all of them read now: whoever installs another version while
    this one serves changes no page of it."""
    folder = files(package).joinpath("templates")
    return jinja2.DictLoader(
        {
            each.name: speak(each.read_text("utf-8"))
            for each in folder.iterdir()
            if each.name.endswith(".html")
        }
    )
