"""Packs of rules as files: what they hold, and what they cannot hide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.errors import ComityError, NotVerified
from comity.findings.pack import compile_pack
from comity.findings.pack_file import check_pack, read_pack, render_pack

SOURCES = [
    ("b.yml", b"title: B\nlogsource: {product: x}\ndetection: {s: {F: b}, condition: s}\n"),
    ("a.yml", b"title: A\nlogsource: {product: x}\ndetection: {s: {F: a}, condition: s}\n"),
    ("c.ioc", b"203.0.113.9\n"),
    ("broken.yml", b"title: ["),
]


def changed(**more: Any) -> bytes:
    body = json.loads(render_pack(compile_pack(SOURCES), SOURCES))
    text = json.dumps({**body, **more}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode() + b"\n"


def rules_of() -> list[Any]:
    return json.loads(render_pack(compile_pack(SOURCES), SOURCES))["rules"]  # type: ignore[no-any-return]


def test_a_pack_goes_round() -> None:
    pack = compile_pack(SOURCES)
    raw = render_pack(pack, SOURCES)
    assert raw == render_pack(compile_pack(SOURCES[::-1]), SOURCES[::-1])
    stated, sources = read_pack(raw, "x.pack")
    again = compile_pack(sources)
    check_pack(again, stated, "x.pack")
    assert (again.digest, again.rules) == (pack.digest, pack.rules)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "pack.form"),
        (b"[" * 100_000, "pack.form"),
        (b"[]", "pack.form"),
        (changed(pack="comity-pack/9"), "pack.form"),
        (changed(semantics="comity-find/9"), "pack.semantics"),
        (changed(rules=None), "pack.form"),
        (changed(rules=[3]), "pack.form"),
        (changed(rules=[{"name": "a", "source": "b"}]), "pack.form"),
        (changed(rules=[{"name": "a", "source": "x", "digest": "0"}]), "pack.rule"),
        (b'{"digest":"0","pack":"comity-pack/1","rules":[],"semantics":"\\ud800"}\n', "pack.semantics"),
        (changed(more="x"), "pack.form"),
        (changed(rules=rules_of()[::-1]), "pack.form"),
        (changed(rules=[*rules_of(), rules_of()[-1]]), "pack.form"),
        (changed().rstrip(), "pack.form"),
        (b"\xef\xbb\xbf" + changed(), "pack.form"),
        (changed().replace(b":", b": ", 1), "pack.form"),
    ],
)
def test_what_is_no_pack_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(ComityError) as caught:
        read_pack(raw, "x.pack")
    assert caught.value.code == code


def test_a_pack_cannot_state_another_digest_or_hold_what_does_not_run() -> None:
    stated, sources = read_pack(changed(digest="0" * 64), "x.pack")
    with pytest.raises(NotVerified) as caught:
        check_pack(compile_pack(sources), stated, "x.pack")
    assert caught.value.code == "pack.digest"
    with pytest.raises(NotVerified) as caught:
        check_pack(compile_pack(SOURCES), stated, "x.pack")
    assert caught.value.code == "pack.unusable"
