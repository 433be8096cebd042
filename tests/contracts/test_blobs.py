"""What every store of blobs promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from comity.adapters.blob_box import CHUNK
from comity.errors import Malformed, Unavailable
from comity.exchange.ports import Blobs

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]


def content(size: int) -> bytes:
    return hashlib.shake_128(b"content").digest(size)


def cut(data: bytes, width: int) -> Iterator[bytes]:
    for start in range(0, len(data), width):
        yield data[start : start + width]


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_by_their_digest(blobs: Blobs, size: int) -> None:
    data = content(size)
    digest = hashlib.sha256(data).hexdigest()
    assert not blobs.has(digest)
    assert blobs.put(data) == digest
    assert blobs.has(digest)
    assert blobs.get(digest) == data
    assert b"".join(blobs.open_stream(digest)) == data
    assert blobs.put(data) == digest


@pytest.mark.parametrize("width", [1000, CHUNK, CHUNK + 1, 10 * CHUNK])
def test_how_a_stream_is_cut_makes_no_difference(blobs: Blobs, width: int) -> None:
    data = content(3 * CHUNK)
    digest = blobs.put_stream(cut(data, width))
    assert digest == hashlib.sha256(data).hexdigest()
    assert blobs.get(digest) == data
    assert blobs.put(data) == digest


def test_a_stream_of_nothing_is_the_empty_blob(blobs: Blobs) -> None:
    assert blobs.get(blobs.put_stream([])) == b""
    assert blobs.get(blobs.put_stream([b"", b"a", b""])) == b"a"


def test_a_stream_that_breaks_leaves_nothing(blobs: Blobs) -> None:
    def broken() -> Iterator[bytes]:
        yield content(2 * CHUNK)
        raise KeyError("source")

    with pytest.raises(KeyError):
        blobs.put_stream(broken())
    assert not blobs.has(hashlib.sha256(content(2 * CHUNK)).hexdigest())


def test_erased_bytes_are_missing_and_may_come_again(blobs: Blobs) -> None:
    digest, other = blobs.put(b"to go"), blobs.put(b"to stay")
    blobs.erase(digest)
    blobs.erase(digest)
    blobs.erase("0" * 64)
    assert not blobs.has(digest)
    with pytest.raises(Unavailable):
        blobs.get(digest)
    assert blobs.get(other) == b"to stay"
    assert blobs.put(b"to go") == digest
    assert blobs.get(digest) == b"to go"


def test_missing_bytes_are_told_at_once(blobs: Blobs) -> None:
    with pytest.raises(Unavailable) as caught:
        blobs.open_stream("0" * 64)
    assert caught.value.code == "blob.missing"
    with pytest.raises(Unavailable):
        blobs.get("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../x", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "０" * 64])
def test_only_a_digest_is_a_name(blobs: Blobs, digest: str) -> None:
    for ask in (blobs.has, blobs.get, blobs.open_stream, blobs.erase):
        with pytest.raises(Malformed):
            ask(digest)


def test_threads_may_put_the_same_bytes(blobs: Blobs) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(blobs.put, [content(CHUNK + 5)] * 16))
    assert len(digests) == 1
    assert blobs.get(digests.pop()) == content(CHUNK + 5)
