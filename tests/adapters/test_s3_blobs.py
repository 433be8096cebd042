"""What blobs in a bucket add to the contract: sealed there, written once, whole or not at all."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.adapters.blob_box import CHUNK
from comity.adapters.file_blobs import FileBlobs
from comity.adapters.s3_blobs import S3Blobs
from comity.adapters.s3_bucket import S3Bucket
from comity.adapters.s3_place import S3Place
from comity.errors import NotVerified, Refused, Unavailable
from tests.object_store import Store, bucket_of

KEY = bytes(range(32))
PART = 5 * 1024 * 1024  # the least that a store takes, but for the last one
DATA = b"a row of a mail log that names people\n" * 20_000
DIGEST = hashlib.sha256(DATA).hexdigest()
OBJECT = f"{DIGEST[:2]}/{DIGEST}"


@pytest.fixture
def place(store: Store) -> S3Place:
    return store.make()


def blobs_of(place: S3Place, key: bytes = KEY) -> S3Blobs:
    return S3Blobs(bucket_of(place), key, part=PART, copy=PART)


def large(parts: float, seed: bytes = b"large") -> Iterator[bytes]:
    """Some parts' worth of bytes, in chunks."""
    for number in range(int(parts * PART) // 100_000):
        yield hashlib.shake_128(seed + number.to_bytes(4, "big")).digest(100_000)


def test_nothing_is_readable_in_the_store(place: S3Place, store: Store) -> None:
    blobs_of(place).put(DATA)
    assert store.names(place) == [OBJECT]
    assert b"names people" not in store.load(place, OBJECT)


def test_a_folder_and_a_bucket_hold_the_same_objects(place: S3Place, store: Store, tmp_path: Path) -> None:
    files = FileBlobs(tmp_path, KEY)
    files.put(DATA)
    store.save(place, OBJECT, (tmp_path / OBJECT).read_bytes())
    assert blobs_of(place).get(DIGEST) == DATA
    other = blobs_of(place).put(b"other")
    target = tmp_path / other[:2] / other
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(store.load(place, f"{other[:2]}/{other}"))
    assert files.get(other) == b"other"


def test_another_key_opens_nothing(place: S3Place) -> None:
    blobs_of(place).put(DATA)
    with pytest.raises(Unavailable) as caught:
        blobs_of(place, bytes(32)).get(DIGEST)
    assert caught.value.code == "blob.key"


@pytest.mark.parametrize("spot", [0, 14, 40, 62, 1000, CHUNK + 70, -1])
def test_every_changed_byte_is_seen(place: S3Place, store: Store, spot: int) -> None:
    blobs = blobs_of(place)
    blobs.put(DATA)
    raw = bytearray(store.load(place, OBJECT))
    raw[spot] ^= 1
    store.save(place, OBJECT, bytes(raw))
    with pytest.raises((NotVerified, Unavailable)) as caught:
        blobs.get(DIGEST)
    assert caught.value.code in ("blob.damaged", "blob.key")


@pytest.mark.parametrize("left", [0, 61, 62, 62 + CHUNK + 16, -5])
def test_a_blob_that_was_cut_is_seen(place: S3Place, store: Store, left: int) -> None:
    blobs = blobs_of(place)
    blobs.put(DATA)
    store.save(place, OBJECT, store.load(place, OBJECT)[:left])
    with pytest.raises(NotVerified) as caught:
        b"".join(blobs._open(DIGEST)) if not left else blobs.get(DIGEST)
    assert caught.value.code == "blob.damaged"


def test_a_blob_under_another_blobs_name_is_seen(place: S3Place, store: Store) -> None:
    blobs = blobs_of(place)
    blobs.put(DATA)
    other = blobs.put(b"another")
    store.save(place, f"{other[:2]}/{other}", store.load(place, OBJECT))
    with pytest.raises(NotVerified) as caught:
        blobs.get(other)
    assert caught.value.code == "blob.digest"


def test_a_blob_that_is_there_is_not_written_again(place: S3Place, store: Store) -> None:
    blobs = blobs_of(place)
    blobs.put(DATA)
    before = store.load(place, OBJECT)
    blobs.put(DATA)
    blobs.put_stream([DATA])
    digest = blobs.put_stream(large(2.5))
    whole = store.load(place, f"{digest[:2]}/{digest}")
    assert blobs.put_stream(large(2.5)) == digest
    assert store.load(place, OBJECT) == before
    assert store.load(place, f"{digest[:2]}/{digest}") == whole


def test_many_writers_of_one_blob_write_it_once(place: S3Place, store: Store) -> None:
    blobs = blobs_of(place)
    blobs.put_stream(large(1.2, b"before"))  # sweeps; the store of these tests dates all uploads to 2010
    before = store.names(place)
    with ThreadPoolExecutor(4) as pool:
        digests = set(pool.map(lambda _: blobs.put_stream(large(1.5)), range(4)))
    (digest,) = digests
    assert store.names(place) == sorted([*before, f"{digest[:2]}/{digest}"])
    assert store.begun(place) == []
    assert hashlib.sha256(blobs.get(digest)).hexdigest() == digest


@pytest.mark.parametrize("parts", [1.1, 2.0, 3.3])
def test_more_than_a_part_goes_in_parts(place: S3Place, store: Store, parts: float) -> None:
    blobs = blobs_of(place)
    digest = blobs.put_stream(large(parts))
    assert digest == hashlib.sha256(b"".join(large(parts))).hexdigest()
    assert store.names(place) == [f"{digest[:2]}/{digest}"]
    assert store.begun(place) == []
    assert b"".join(blobs.open_stream(digest)) == b"".join(large(parts))
    assert max(len(chunk) for chunk in blobs.open_stream(digest)) == CHUNK


def test_a_large_stream_that_breaks_leaves_nothing(place: S3Place, store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield from large(2.5)
        raise KeyError("source")

    with pytest.raises(KeyError):
        blobs_of(place).put_stream(broken())
    assert store.names(place) == []
    assert store.begun(place) == []


class Failing(S3Bucket):
    """A bucket whose store fails at one kind of request, from the ``nth`` on."""

    def __init__(self, place: S3Place, operation: str, nth: int = 1) -> None:
        super().__init__(place)
        self.operation, self.left = operation, nth - 1

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        if operation == self.operation:
            if not self.left:
                raise Unavailable("s3.failed", "store", "the store failed")
            self.left -= 1
        return super().call(operation, key, **parameters)


@pytest.mark.parametrize(
    ("operation", "nth"),
    [
        ("create_multipart_upload", 1),
        ("upload_part", 2),
        ("complete_multipart_upload", 1),
        ("create_multipart_upload", 2),
        ("upload_part_copy", 2),
        ("complete_multipart_upload", 2),
    ],
)
def test_a_store_that_fails_on_the_way_keeps_nothing(
    place: S3Place, store: Store, operation: str, nth: int
) -> None:
    blobs = S3Blobs(Failing(place, operation, nth), KEY, part=PART, copy=PART)
    with pytest.raises(Unavailable) as caught:
        blobs.put_stream(large(2.5))
    assert caught.value.code == "s3.failed"
    assert store.names(place) == []
    assert store.begun(place) == []


class Deaf(S3Bucket):
    """A bucket that does what it is asked, and whose first answer to one request is lost."""

    lost = False

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        done = super().call(operation, key, **parameters)
        if "IfNoneMatch" in parameters and not self.lost:
            self.lost = True
            return super().call(operation, key, **parameters)  # as boto3 tries again
        return done


@pytest.mark.parametrize("parts", [0.1, 1.5])
def test_an_answer_that_is_lost_is_no_failure(place: S3Place, store: Store, parts: float) -> None:
    bucket = Deaf(place)
    blobs = S3Blobs(bucket, KEY, part=PART, copy=PART)
    digest = blobs.put_stream(large(parts))
    assert bucket.lost
    assert store.names(place) == [f"{digest[:2]}/{digest}"]
    assert blobs.get(digest) == b"".join(large(parts))


class Contended(S3Bucket):
    """A bucket that says twice that others write the same name (409)."""

    said = 0

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        if "IfNoneMatch" in parameters and self.said < 2:
            self.said += 1
            raise Unavailable("s3.contended", "store", "others write it at this moment")
        return super().call(operation, key, **parameters)


def test_a_name_that_others_write_is_tried_again(place: S3Place) -> None:
    bucket = Contended(place)
    blobs = S3Blobs(bucket, KEY)
    assert blobs.get(blobs.put(b"x")) == b"x"
    assert bucket.said == 2


def test_a_stream_is_never_whole_in_memory(place: S3Place) -> None:
    blobs = blobs_of(place)
    blobs.put(b"x")  # loads boto3
    tracemalloc.start()
    try:
        digest = blobs.put_stream(bytes(100_000) for _ in range(600))
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert sum(map(len, blobs.open_stream(digest))) == 60_000_000
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written < 4.5 * PART
    assert read < PART


class Dated(S3Bucket):
    """A bucket of which everything that was begun has one age (the store of these tests knows none)."""

    age = timedelta()

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        done = super().call(operation, key, **parameters)
        for one in done.get("Uploads", ()):
            one["Initiated"] = datetime.now(UTC) - self.age
        for one in done.get("Contents", ()):
            one["LastModified"] = datetime.now(UTC) - self.age
        return done


def test_what_killed_processes_left_is_swept(place: S3Place, store: Store) -> None:
    store.save(place, "coming/left", b"x")
    key = f"{place.prefix}{OBJECT}"
    store.owner.create_multipart_upload(Bucket=place.bucket, Key=key)
    store.save(place, OBJECT, b"a blob stays")
    bucket = Dated(place)
    S3Blobs(bucket, KEY, part=PART, copy=PART).put_stream(large(1.5, b"1"))
    assert "coming/left" in store.names(place)  # it may belong to a process that is at work
    assert store.begun(place) == [key]
    bucket.age = timedelta(hours=25)
    S3Blobs(bucket, KEY, part=PART, copy=PART).put_stream(large(1.5, b"2"))
    assert "coming/left" not in store.names(place)
    assert store.begun(place) == []
    assert store.load(place, OBJECT) == b"a blob stays"


def test_not_being_allowed_to_sweep_is_no_failure(place: S3Place) -> None:
    blobs = S3Blobs(Failing(place, "list_objects_v2"), KEY, part=PART, copy=PART)
    assert blobs.has(blobs.put_stream(large(1.5)))


def test_a_stream_longer_than_any_object(
    place: S3Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.adapters.s3_blobs._MOST_PARTS", 2)
    with pytest.raises(Refused) as caught:
        blobs_of(place).put_stream(large(3))
    assert caught.value.code == "blob.size"
    assert store.names(place) == []
    assert store.begun(place) == []
