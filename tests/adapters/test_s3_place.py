"""Places in an object store, as people write them."""

from __future__ import annotations

import pytest

from comity.adapters.s3_place import S3Place, parse_place
from comity.errors import Malformed


def test_a_bucket_with_or_without_a_prefix() -> None:
    assert parse_place("evidence") == S3Place(bucket="evidence")
    for text in ("evidence/node/a", "evidence/node/a/", "s3://evidence/node/a"):
        assert parse_place(text) == S3Place(bucket="evidence", prefix="node/a/")
    assert parse_place("evidence/x").name_of("checkpoint") == "s3://evidence/x/checkpoint"


@pytest.mark.parametrize(
    "text",
    ["", "ab", "Evidence", "-evidence", "evi..dence", "a" * 64, "evidence//x", "evidence/../x", "evidence/.x",
     "evidence/a b", "evidence/é", "https://store.example/x", "evidence/" + "a/" * 9, "evidence\n"],
)  # fmt: skip
def test_what_names_no_place(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_place(text, where="comity.toml [blobs]")
    assert caught.value.code == "settings.s3"
    assert caught.value.where == "comity.toml [blobs]"


@pytest.mark.parametrize(
    "endpoint",
    ["store.example", "ftp://store.example", "https://", "https://store.example:x", "https://store.example?a=b",
     "https://store.example/#a", "https://störe.example", "https://store.example\n", "https://a:b@store.example"],
)  # fmt: skip
def test_what_is_no_address_of_a_store(endpoint: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_place("evidence", endpoint)
    assert caught.value.code == "settings.endpoint"
    assert "a:b" not in caught.value.why


def test_what_is_no_region() -> None:
    with pytest.raises(Malformed) as caught:
        parse_place("evidence", region="eu west")
    assert caught.value.code == "settings.s3"
    assert parse_place("evidence", "http://[::1]:9000/s3/", "eu-west-1").endpoint == "http://[::1]:9000/s3"


def test_places_within_each_other() -> None:
    whole, node, other = (parse_place(text) for text in ("evidence", "evidence/node", "evidence/nodes"))
    assert whole.overlaps(node)
    assert node.overlaps(whole)
    assert node.overlaps(node)
    assert not node.overlaps(other)
    assert not node.overlaps(parse_place("evidence-2/node"))
    assert not node.overlaps(parse_place("evidence/node", "https://store.example"))
