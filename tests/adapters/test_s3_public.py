"""What public files in a bucket add to the contract: anyone's plain GET, caches, and no late write."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest

from comity.adapters.s3_bucket import S3Bucket
from comity.adapters.s3_place import S3Place
from comity.adapters.s3_public import S3Public
from comity.errors import Unavailable
from tests.object_store import Store, bucket_of

FOREVER = "public, max-age=31536000, immutable"
KINDS = [
    ("checkpoint", "no-cache", "text/plain; charset=utf-8"),
    ("tile/0/x001/234", FOREVER, "application/octet-stream"),
    ("tile/0/x001/235.p/17", FOREVER, "application/octet-stream"),
    ("tile/entries/000.p/3", FOREVER, "application/octet-stream"),
    (f"dossiers/{'a' * 64}.comity", FOREVER, "application/x-tar"),
    ("card", "no-cache", "application/octet-stream"),
]


@pytest.mark.parametrize(("name", "cache", "kind"), KINDS)
def test_anyone_gets_the_same_bytes(store: Store, name: str, cache: str, kind: str) -> None:
    place = store.make(public=True)
    S3Public(bucket_of(place)).write(name, b"\x00bytes")
    with urllib.request.urlopen(store.url(place, name), timeout=20) as got:
        assert got.read() == b"\x00bytes"
        assert got.headers["cache-control"] == cache
        assert got.headers["content-type"] == kind


def test_without_a_policy_nobody_reads(store: Store) -> None:
    place = store.make()
    S3Public(bucket_of(place)).write("checkpoint", b"x")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(store.url(place, "checkpoint"), timeout=20)
    assert caught.value.code == 403
    caught.value.close()


class Late(S3Bucket):
    """Keeps the conditional writes that it is asked for, to carry them out again later."""

    def __init__(self, place: S3Place) -> None:
        super().__init__(place)
        self.kept: list[tuple[str, str | None, dict[str, Any]]] = []

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        if operation == "put_object":
            self.kept.append((operation, key, parameters))
        return super().call(operation, key, **parameters)


def test_a_write_that_arrives_late_changes_nothing(store: Store) -> None:
    place = store.make()
    bucket = Late(place)
    public = S3Public(bucket)
    for text in (b"size 1", b"size 2", b"size 3"):
        public.write("checkpoint", text)
    for operation, key, parameters in bucket.kept:
        with pytest.raises(Unavailable) as caught:
            S3Bucket.call(bucket, operation, key, **parameters)
        assert caught.value.code == "s3.taken"
    assert public.read("checkpoint") == b"size 3"


def test_the_last_of_several_writers_wins(store: Store) -> None:
    place = store.make()
    one, two = S3Public(bucket_of(place)), S3Public(bucket_of(place))
    for writer, text in ((one, b"1"), (two, b"2"), (one, b"3"), (two, b"4"), (two, b"5")):
        writer.write("checkpoint", text)
        assert one.read("checkpoint") == two.read("checkpoint") == text


def test_a_name_that_somebody_removed_is_written_again(store: Store) -> None:
    place = store.make()
    public = S3Public(bucket_of(place))
    public.write("checkpoint", b"1")
    store.owner.delete_object(Bucket=place.bucket, Key=f"{place.prefix}checkpoint")
    public.write("checkpoint", b"2")
    assert public.read("checkpoint") == b"2"


class Racing(S3Bucket):
    """Somebody else writes just before each write, ``times`` times."""

    def __init__(self, place: S3Place, store: Store, times: int) -> None:
        super().__init__(place)
        self.store, self.times = store, times

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        if operation == "put_object" and self.times:
            self.times -= 1
            self.store.save(self.place, str(key), f"other {self.times}".encode())
        return super().call(operation, key, **parameters)


def test_writers_that_race_come_to_an_end(store: Store) -> None:
    place = store.make()
    S3Public(Racing(place, store, 3)).write("checkpoint", b"mine")
    assert store.load(place, "checkpoint") == b"mine"
    with pytest.raises(Unavailable) as caught:
        S3Public(Racing(place, store, 99)).write("checkpoint", b"mine")
    assert caught.value.code == "s3.contended"


def test_an_answer_that_is_lost_is_no_failure(store: Store) -> None:
    place = store.make()

    class Deaf(S3Bucket):
        def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
            done = super().call(operation, key, **parameters)
            # As boto3 tries again, where the first answer did not come.
            return super().call(operation, key, **parameters) if operation == "put_object" else done

    public = S3Public(Deaf(place))
    for text in (b"1", b"2", b"2", b"3"):
        public.write("checkpoint", text)
        assert store.load(place, "checkpoint") == text


class Refusing(S3Bucket):
    """A bucket that takes no object whose name ends as told."""

    def __init__(self, place: S3Place, end: str) -> None:
        super().__init__(place)
        self.end = end

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        if operation == "put_object" and str(key).endswith(self.end):
            raise Unavailable("s3.failed", str(key), "the store failed")
        return super().call(operation, key, **parameters)


def test_of_several_one_that_fails_is_told(store: Store) -> None:
    place = store.make()
    public = S3Public(Refusing(place, "013"))
    with pytest.raises(Unavailable) as caught:
        public.write_all([*((f"tile/0/{n:03}", b"x") for n in range(30)), ("checkpoint", b"x")])
    assert caught.value.where == "tile/0/013"
    assert public.read("checkpoint") is None
    S3Public(bucket_of(place)).write_all((f"tile/0/{n:03}", b"x") for n in range(30))
    assert len(store.names(place)) == 30
