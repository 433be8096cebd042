"""Text of others, made safe to look at.

Markup is escaped by the templates; this module is about what escaping leaves: characters that are not
seen, or that change what is seen around them. They are shown as their code point, ``⟦U+202E⟧``, so a
page never reads other than its bytes do.
"""

from __future__ import annotations

import re

# Controls but tab and line feed, direction controls, zero-width and filler characters, line and
# paragraph separators, tags, surrogates and non-characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners belong to several scripts and to emoji; between ASCII they only hide.
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)


def show(text: str) -> str:
    """``text`` with every unseen character spelled out; tab and line feed stay."""
    return _UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text)


def show_bytes(raw: bytes, limit: int = 4000) -> str:
    """Bytes of a log as text: UTF-8 where it is, ``⟦xFF⟧`` for bytes that are not; cut after ``limit``."""
    cut = raw[:limit]
    text = cut.decode("utf-8", "surrogateescape")
    text = re.sub("[\udc80-\udcff]", lambda found: f"⟦x{ord(found[0]) - 0xDC00:02X}⟧", text)
    return text + (f" ⟦{len(raw) - limit} more bytes⟧" if len(raw) > limit else "")
