"""Files mapped into memory, here and in another process."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from comity.adapters.mapped import map_file, pickle_whole
from comity.errors import Unavailable


def test_a_file_is_its_bytes(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"head\nbody")
    mapped = map_file(place)
    assert (mapped.find(b"\n"), mapped[:4], len(mapped)) == (4, b"head", 9)
    again = pickle.loads(pickle.dumps(mapped))
    assert again[:] == b"head\nbody"
    place.unlink()
    assert mapped[5:] == b"body"


def test_another_file_in_its_place_is_not_taken_for_it(tmp_path: Path) -> None:
    place, other = tmp_path / "x", tmp_path / "y"
    place.write_bytes(b"one")
    told = pickle.dumps(map_file(place))
    other.write_bytes(b"two")
    other.replace(place)
    with pytest.raises(Unavailable) as error:
        pickle.loads(told)
    assert error.value.code == "file.changed"


@pytest.mark.parametrize("then", ["gone", "another", "a link"])
def test_what_lost_its_name_is_sent_as_bytes(tmp_path: Path, then: str) -> None:
    place, other = tmp_path / "x", tmp_path / "y"
    place.write_bytes(b"one")
    mapped = map_file(place)
    other.write_bytes(b"two")
    place.unlink()
    if then == "another":
        other.rename(place)
    elif then == "a link":
        place.symlink_to(other)
    assert pickle.loads(pickle.dumps(mapped)) == b"one"


def test_where_the_file_may_not_be_seen_its_bytes_are_sent(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"one")
    told = pickle_whole({"list": map_file(place), "more": [1]})
    place.unlink()
    assert pickle.loads(told) == {"list": b"one", "more": [1]}


def test_a_file_used_again_is_still_itself(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"one")
    told = pickle.dumps(map_file(place))
    os.utime(place, (1, 1))
    assert pickle.loads(told)[:] == b"one"


def test_what_cannot_be_mapped_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for name, code in (("empty", "file.kind"), ("none", "file.missing"), ("link", "file.link")):
        with pytest.raises(Unavailable) as error:
            map_file(tmp_path / name)
        assert error.value.code == code


def test_what_was_let_go_is_read_again(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.write_bytes(b"a" * 100_000)
    mapped = map_file(place)
    before = mapped[:]
    mapped.let_go()
    assert mapped[:] == before
