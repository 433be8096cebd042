"""Writes the vectors of dossiers again: ``python vectors/make_dossiers.py``.

One intact dossier stands as ``accepted/dossier-story.tar``. A refused one is that dossier with *splices*:
``[offset, drop, put]`` leaves out ``drop`` bytes at ``offset`` of the intact one and puts the base64 ``put``
there; offsets ascend. ``codes`` are those of all checks that fail, in the order in which they are found.
"""

from __future__ import annotations

import base64
import difflib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from comity.dossier.container import unpack  # noqa: E402
from comity.dossier.verify import verify  # noqa: E402
from comity.errors import Malformed  # noqa: E402
from tests.dossier.corpus import ATTACKS, Workshop, tell_short  # noqa: E402
from tests.dossier.shop import END, members  # noqa: E402

ORIGIN = "vectors/make_dossiers.py, from the invented case of tests/dossier/shop.py"
BASE = "accepted/dossier-story.tar"
Splice = tuple[int, int, str]


def cut(raw: bytes) -> list[bytes]:
    """A container in pieces that change or stay as a whole: headers, and what stands between commas."""
    pieces: list[bytes] = []
    for member in members(raw):
        pieces.append(member[:512])
        size = int(member[124:135], 8)
        parts = member[512 : 512 + size].split(b",")
        pieces += [part + b"," for part in parts[:-1]] + [parts[-1] + bytes(-size % 512)]
    return [piece for piece in pieces if piece] + [END]


def blocks(raw: bytes) -> list[bytes]:
    """Any bytes in pieces of one block."""
    return [raw[at : at + 512] for at in range(0, len(raw), 512)]


def splices(base: bytes, changed: bytes) -> list[Splice]:
    """What makes one container of the other, in few bytes."""
    try:
        unpack(changed)
        before, after = cut(base), cut(changed)
    except Malformed:
        before, after = blocks(base), blocks(changed)
    offsets = [0]
    for piece in before:
        offsets.append(offsets[-1] + len(piece))
    found: list[Splice] = []
    for kind, i, j, m, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            put = base64.b64encode(b"".join(after[m:n])).decode()
            found.append((offsets[i], offsets[j] - offsets[i], put))
    return found


def apply(base: bytes, changes: list[Splice]) -> bytes:
    """The container that a vector describes."""
    parts, at = [], 0
    for offset, drop, put in changes:
        parts += [base[at:offset], base64.b64decode(put)]
        at = offset + drop
    return b"".join((*parts, base[at:]))


def make() -> dict[str, bytes]:
    """Every file of these vectors, by name below ``vectors``."""
    shop = Workshop(tell_short("vectors", rules=1))
    verdict = verify(shop.raw)
    assert verdict.intact
    assert verdict.contents is not None
    assert verdict.publication is not None
    manifest = verdict.contents.manifest
    accepted: dict[str, Any] = {
        "check": "dossier",
        "name": "a claim, its finding, shown rows, a reply and an endorsement",
        "file": BASE,
        "gives": {
            "case": manifest.case,
            "publisher": manifest.publisher,
            "publication": verdict.publication.record,
            "state": manifest.state,
            "authors": {
                iss: {sub: [chain.newest, chain.count] for sub, chain in chains.items()}
                for iss, chains in manifest.authors.items()
            },
            "findings": {check.record: [check.digests, check.shown] for check in verdict.findings},
        },
    }
    refused = []
    for attack in ATTACKS:
        raw = attack.make(shop)
        codes = list(dict.fromkeys(failure.code for failure in verify(raw).failures))
        assert attack.code in codes
        changes = splices(shop.raw, raw)
        assert apply(shop.raw, changes) == raw
        refused.append(
            {
                "check": "dossier",
                "name": attack.name,
                "base": BASE,
                "splices": changes,
                "code": attack.code,
                "codes": codes,
            }
        )
    return {
        BASE: shop.raw,
        "accepted/dossier.json": render([accepted]),
        "refused/dossier.json": render(refused),
    }


def render(vectors: list[dict[str, Any]]) -> bytes:
    lines = ",\n".join("  " + json.dumps(vector, ensure_ascii=False) for vector in vectors)
    head = f'{{\n "check": "dossier",\n "origin": {json.dumps(ORIGIN)},\n "format": 1,\n "vectors": [\n'
    return f"{head}{lines}\n ]\n}}\n".encode()


def main() -> int:
    for name, data in make().items():
        (ROOT / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
