"""A pack as one file: the exact sources of its rules, and the digest that they must give.

Canonical JSON of ``{digest, pack, rules, semantics}``: ``pack`` is ``comity-pack/1``, ``rules`` a list of
``{digest, name, source}`` in the order of the digests. Nothing compiled is in it: who reads it compiles
the sources, so that a pack cannot say one thing and run another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from comity.errors import Malformed, NotVerified
from comity.findings import SEMANTICS
from comity.findings.pack import Pack
from comity.records.canonical import Json, render

FORMAT: Final = "comity-pack/1"
ENDING: Final = ".pack"


def render_pack(pack: Pack, sources: Iterable[tuple[str, bytes]]) -> bytes:
    """The file of ``pack``, given the sources that it was compiled from; unusable ones are left out."""
    texts = {hashlib.sha256(raw).hexdigest(): raw for _, raw in sources}
    rules: list[Json] = [
        {"digest": rule.digest, "name": rule.source_name, "source": texts[rule.digest].decode()}
        for rule in pack.rules
    ]
    body: Json = {"digest": pack.digest, "pack": FORMAT, "rules": rules, "semantics": SEMANTICS}
    return render(body) + b"\n"


def read_pack(raw: bytes, where: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The digest that a pack file states and its sources as ``(name, bytes)``, each held against its own
    digest. Whoever compiles them holds the pack's digest against the one stated (:func:`check_pack`)."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("pack.form", where, "not the JSON of a pack of rules") from None
    if not isinstance(body, dict) or body.get("pack") != FORMAT:
        raise Malformed("pack.form", where, f"not a pack of rules of the form {FORMAT}")
    if body.get("semantics") != SEMANTICS:
        told = repr(body["semantics"])[:64] if "semantics" in body else "semantics that it does not name"
        raise Malformed("pack.semantics", where, f"made for {told}; this engine runs {SEMANTICS}")
    rules, digest = body.get("rules"), body.get("digest")
    if not isinstance(rules, list) or not isinstance(digest, str):
        raise Malformed("pack.form", where, "a pack without its rules or its digest")
    sources: list[tuple[str, bytes]] = []
    for number, rule in enumerate(rules, 1):
        sources.append(_read_rule(rule, f"{where} rule {number}"))
    digests = [hashlib.sha256(source).hexdigest() for _, source in sources]
    members = {"digest", "pack", "rules", "semantics"}
    if not _is_canonical(body, raw) or body.keys() != members or digests != sorted(set(digests)):
        why = (
            "not canonical JSON and a line end, or its rules are not once each in the order of their digests"
        )
        raise Malformed("pack.form", where, why)
    return digest, sources


def _is_canonical(body: Json, raw: bytes) -> bool:
    """A pack is one file, to the byte: else two people could hold two files of one pack."""
    try:
        return render(body) + b"\n" == raw
    except (ValueError, TypeError):
        return False


def _read_rule(rule: object, where: str) -> tuple[str, bytes]:
    values = [rule.get(key) for key in ("name", "source", "digest")] if isinstance(rule, dict) else [None]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != 3:
        raise Malformed("pack.form", where, "a rule without its name, its source or its digest")
    name, text, digest = texts
    raw = text.encode("utf-8", "surrogatepass")
    if hashlib.sha256(raw).hexdigest() != digest:
        raise NotVerified("pack.rule", where, "the source is not what its digest names")
    return name, raw


def check_pack(pack: Pack, stated: str, where: str) -> None:
    """Hold a compiled pack against the digest that its file states; ``NotVerified`` if it is another."""
    if pack.unusable:
        first = pack.unusable[0]
        raise NotVerified("pack.unusable", where, f"{first.source_name}: {first.reason}")
    if pack.digest != stated:
        raise NotVerified(
            "pack.digest", where, f"its rules make the pack {pack.digest[:16]}…, not the one stated"
        )
