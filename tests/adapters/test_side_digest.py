"""A digest on another thread is the digest."""

from __future__ import annotations

import threading
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.side_digest import SideDigest


@given(chunks=st.lists(st.binary(max_size=300), max_size=40))
def test_the_digest_of_any_chunks(chunks: list[bytes]) -> None:
    digest = SideDigest()
    for chunk in chunks:
        digest.update(chunk)
    assert digest.hexdigest() == digest.hexdigest() == sha256(b"".join(chunks)).hexdigest()


def test_stopping_leaves_no_thread() -> None:
    before = threading.active_count()
    for _ in range(3):
        digest = SideDigest()
        digest.update(b"x")
        digest.stop()
        digest.stop()
    assert threading.active_count() == before
