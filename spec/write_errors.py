"""Writes ``09-errors.md``: every error code with its reasons (``python spec/write_errors.py``)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "spec" / "09-errors.md"
SOURCE = ROOT / "src" / "comity"
CODE = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)+")
REASONS = 2
PASSED = {
    "code": "not the one deterministic CBOR of this form",
    "other": "CBOR of a kind that has no place here",
}
HEAD = """# 09 Errors

Written from `src/comity` by `python spec/write_errors.py`. Every error has a code, a place and a reason.
The code is stable within a version; the reason is for people and may change. `Malformed`: bytes not in
the one form. `NotVerified`: well-formed, and a signature, hash, proof or chain does not hold. `Refused`:
this node declines and has written nothing. `Unavailable`: something outside is missing. A rule of a case
that is broken is no error but a number ([05-rules](05-rules.md)). A verifier of another make must use
the codes of the first table for the refused vectors; the second is this software's own.

"""
VERIFIER = ("records", "ledger", "case", "evidence", "findings", "dossier")


def text_of(node: ast.expr | None) -> str:
    """The words of a literal, with … for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(v) if isinstance(v, ast.Constant) else "…" for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "phrase":
        return text_of(node.args[0]).replace("{}", "…")
    return ""


def error_names(trees: list[ast.Module]) -> set[str]:
    """The four errors, what is derived from them, and local makers of them."""
    names = {"Malformed", "NotVerified", "Refused", "Unavailable"}
    for _ in range(3):
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(_name(b) in names for b in node.bases):
                    names.add(node.name)
                if isinstance(node, ast.FunctionDef) and node.returns and _name(node.returns) in names:
                    names.add(node.name)
    return names


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def literals(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What literal values each name is given anywhere in a tree."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for to, value in pairs:
                if isinstance(to, ast.Name):
                    found.setdefault(to.id, []).append(value)
    return found


def codes_in(tree: ast.Module, errors: set[str]) -> Iterator[tuple[str, str]]:
    """(code, reason) of every error that a module makes."""
    named = literals(tree)
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and _name(call.func) in errors and call.args):
            continue
        first = call.args[0]
        given = named.get(first.id, []) if isinstance(first, ast.Name) else [first]
        if isinstance(first, ast.IfExp):
            given = [first.body, first.orelse]
        for code in map(text_of, given):
            if not CODE.fullmatch(code):
                continue
            reasons = [text_of(a) for a in call.args[1:]]
            for arg in call.args[1:]:
                if isinstance(arg, ast.Name) and arg.id == "why":
                    reasons += [text_of(v) for v in named.get("why", []) if _near(v, call)]
            worded = [r for r in reasons if " " in r.strip()]
            yield code, (worded[-1] if worded else "")
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) == "decode":
            # The reader of CBOR is told under which code to refuse.
            for keyword in call.keywords:
                if keyword.arg in PASSED and CODE.fullmatch(text_of(keyword.value)):
                    yield text_of(keyword.value), PASSED[keyword.arg]


def _near(value: ast.expr, call: ast.Call) -> bool:
    return 0 <= call.lineno - value.lineno <= 4


def collect() -> dict[str, tuple[bool, list[str]]]:
    """Code → whether a verifier gives it, and its reasons."""
    paths = sorted(SOURCE.rglob("*.py"))
    trees = {path: ast.parse(path.read_bytes()) for path in paths}
    errors = error_names(list(trees.values()))
    found: dict[str, tuple[bool, list[str]]] = {}
    for path, tree in trees.items():
        verifier = path.relative_to(SOURCE).parts[0] in VERIFIER
        for code, reason in codes_in(tree, errors):
            known, reasons = found.get(code, (False, []))
            if reason and reason not in reasons:
                reasons.append(reason)
            found[code] = (known or verifier, reasons)
    return found


def render_page() -> str:
    """The whole page."""
    found = collect()
    parts = [HEAD]
    for title, wanted in (("What verification gives", True), ("What a node and its commands give", False)):
        parts.append(f"## {title}\n\n| Code | Why, among other words |\n|---|---|\n")
        for code, (verifier, reasons) in sorted(found.items()):
            if verifier == wanted:
                said = "; ".join(reasons[:REASONS]).replace("|", "\\|").replace("\n", " ").strip()
                parts.append(f"| `{code}` | {said or code.replace('.', ': ').replace('-', ' ')} |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(render_page(), "utf-8")
