"""Every message of the acting pages, read out of the program itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import comity.web
from comity.web import faults, words
from comity.web.forms import Form
from comity.web.phrases import sentence
from comity.web.speaking import messages_of

WEB = Path(comity.web.__file__).parent
# What is weighed is told in sentences of its own, on pages as in the terminal.
WEIGHING = WEB.parent / "weighing"
MODULES = (
    *sorted(WEB.glob("forms_of_*.py")),
    *(
        WEB / name
        for name in (
            "acting.py",
            "approving.py",
            "beginnings.py",
            "desk.py",
            "forms.py",
            "learning.py",
            "opening.py",
            "typed.py",
            "uploading.py",
        )
    ),
)
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
# Modules of pages that only show: what they say they say by ``phrase``, ``say`` or ``count_of``.
CORE = (
    WEB.parent / "adapters" / "continuity_files.py",
    WEB.parent / "dossier" / "render_reruns.py",
    WEB.parent / "dossier" / "render_times.py",
    WEB.parent / "dossier" / "rerun_checks.py",
    WEB.parent / "dossier" / "rows_here.py",
    WEB.parent / "exchange" / "continuity.py",
    WEB.parent / "records" / "bodies.py",
)
# Why a rule of a case refuses a record.
RULES = sorted((WEB.parent / "case").glob("*.py"))
READING = sorted(
    {*WEB.glob("*.py"), *WEIGHING.glob("*.py"), *RULES, *CORE} - {*MODULES} - {WEB / "phrases.py"},
)
TABLES = [table for name, table in vars(words).items() if name.isupper() and isinstance(table, Mapping)]
MAKERS = {"line", "text", "text_field", "instant", "pick", "radio", "checks"}
REFUSALS = {"Malformed", "NotVerified", "Refused", "Unavailable"}
CHECKS = {"line", "text", "choice", "several", "instant"}
SPOKEN = {"title", "lead", "effect", "button", "legend", "fill", "more", "label", "hint", "why", "notes"}


def all_messages() -> set[str]:
    """Messages in English, as the catalogues have to hold them."""
    found = {text for path in MODULES for text in _messages_in(ast.parse(path.read_text()))}
    for path in TEMPLATES:
        source = path.read_text()
        found.update(re.findall(r'\bt\("([^"]+)"[,)]', source))
        found.update(messages_of(source))
    for path in READING:
        tree = ast.parse(path.read_text())
        whole = set(_wholes(tree)) if WEB not in path.parents else set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node not in whole:
                found.update(_told(node))
    for path in sorted({*WEB.parent.rglob("*.py")} - {*WEB.glob("*.py")}):
        for call in _wholes(ast.parse(path.read_text())):
            found.update(map(sentence, _constants(call.args[0])))
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Broken":
                found.update(_constants(node.args[1]))
    for path in sorted(WEB.glob("*.py")):
        found.update(_reasons_in(ast.parse(path.read_text())))
    for table in TABLES:
        found.update(str(getattr(one, "words", one)) for one in table.values())
    found.update(faults.STATUS_WORDS.values())
    found.add(str(Form.__dataclass_fields__["button"].default))
    return {text for text in found if any(letter.isalpha() for letter in text.replace("{}", ""))}


def _messages_in(tree: ast.Module) -> Iterator[str]:
    for top in tree.body:
        if isinstance(top, ast.Assign | ast.AnnAssign) and top.value is not None:
            if "LANGUAGES" in ast.unparse(top).partition("=")[0]:
                continue  # each is called by its own name
            yield from (text for text in _constants(top.value) if " " in text and "\\" not in text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _spoken(node)
        elif isinstance(node, ast.Tuple):
            yield from _named(node)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in SPOKEN:
            yield from _constants(node.value)


def _reasons_in(tree: ast.Module) -> Iterator[str]:
    """Why something is refused, where that is said in one piece."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS and len(node.args) == 3:
            yield from (sentence(text) for text in _constants(node.args[2]))


def _wholes(tree: ast.Module) -> Iterator[ast.Call]:
    """The phrases that say why the core refuses something; pages say each as a sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS and len(node.args) == 3:
            why = node.args[2]
            if isinstance(why, ast.Call) and getattr(why.func, "id", "") == "phrase":
                yield why


def _told(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    if name in {"say", "_say", "closed", "_closed"}:
        yield from (text for argument in call.args for text in _constants(argument))
    elif name in {"phrase", "count_of"}:
        yield from _spoken(call)


def _spoken(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    if name == "phrase":
        yield from _constants(call.args[0])
    elif name == "count_of":
        nouns = [text for argument in call.args[1:] for text in _constants(argument)]
        yield from (f"{{}} {noun}" for noun in (nouns if len(nouns) > 1 else [nouns[0], f"{nouns[0]}s"]))
    elif name in CHECKS and isinstance(call.func, ast.Attribute):
        yield from _constants(call.args[1])
    elif name in MAKERS or name == "_whole":
        yield from _constants(call.args[2])
    elif name == "refuse":
        yield from _constants(call.args[1])
    for keyword in call.keywords:
        if keyword.arg in SPOKEN:
            yield from _constants(keyword.value)


def _named(pair: ast.Tuple) -> Iterator[str]:
    """The name of something said, beside what is said of it."""
    if len(pair.elts) == 2 and not isinstance(pair.elts[1], ast.Constant):
        yield from (text for text in _constants(pair.elts[0]) if not text.endswith("-1"))


def _constants(node: ast.AST) -> Iterator[str]:
    """The texts that an expression can be, without those that it is only made from."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _constants(body)
            yield from _constants(other)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for each in elements:
                yield from _constants(each)
        case ast.Dict(values=values):
            for each in values:
                yield from _constants(each)
        case ast.Starred(value=value):
            yield from _constants(value)
        case ast.BoolOp(values=values):
            for each in values:
                yield from _constants(each)
        case ast.BinOp(left=left, right=right):
            yield from _constants(left)
            yield from _constants(right)
        case _:
            return
