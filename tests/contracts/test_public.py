"""What every store of public files promises."""

from __future__ import annotations

import threading

import pytest

from comity.errors import Malformed
from comity.exchange.ports import Public

NAMES = ["checkpoint", "tile/0/x001/234", "tile/0/x001/235.p/17", "tile/entries/000", "dossiers/case_1-a.tar"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read(public: Public, name: str) -> None:
    assert public.read(name) is None
    public.write(name, b"old")
    assert public.read(name) == b"old"
    public.write(name, b"newer")
    assert public.read(name) == b"newer"
    public.write(name, b"")
    assert public.read(name) == b""


BAD = [
    "",
    "/etc/passwd",
    "..",
    "../x",
    "a/../../x",
    "a/./b",
    "a//b",
    "a/",
    ".hidden",
    "a/.tmp",
    "-x",
    "a\\b",
    "a\0b",
    "a\n",
    "ä",
    "a b",
    "C:x",
    "x" * 200,
    "/".join("a" * 17),
    "%2e%2e/x",
]


@pytest.mark.parametrize("name", BAD)
def test_no_name_leads_outside(public: Public, name: str) -> None:
    with pytest.raises(Malformed) as caught:
        public.write(name, b"x")
    assert caught.value.code == "file.name"
    with pytest.raises(Malformed) as caught:
        public.read(name)
    assert caught.value.code == "file.name"


def test_a_folder_is_no_file(public: Public) -> None:
    public.write("a/b", b"x")
    assert public.read("a") is None
    assert public.read("a/b/c") is None
    assert public.read("a/b") == b"x"


def test_a_reader_never_sees_a_part(public: Public) -> None:
    versions = {bytes([n]) * 50_000 for n in range(30)}
    public.write("x", min(versions))
    done = threading.Event()
    seen = set()

    def read() -> None:
        while not done.is_set():
            seen.add(public.read("x"))

    reader = threading.Thread(target=read)
    reader.start()
    for version in sorted(versions):
        public.write("x", version)
    done.set()
    reader.join()
    assert seen <= versions


def test_several_are_written_at_once(public: Public) -> None:
    public.write_all([("tile/0/000.p/1", b"one"), ("tile/entries/000.p/1", b"two"), ("tile/0/000.p/2", b"3")])
    assert public.read("tile/0/000.p/1") == b"one"
    assert public.read("tile/entries/000.p/1") == b"two"
    public.write_all([("tile/0/000.p/2", b"newer")])
    assert public.read("tile/0/000.p/2") == b"newer"
    public.write_all([])
    with pytest.raises(Malformed):
        public.write_all([("ok", b"x"), ("../x", b"x")])


def test_of_one_name_the_last_is_kept(public: Public) -> None:
    public.write_all([("checkpoint", b"1"), ("checkpoint", b"2"), ("card", b"3")])
    assert public.read("checkpoint") == b"2"
    assert public.read("card") == b"3"


def test_one_may_come_last(public: Public) -> None:
    public.write_all([("tile/0/000.p/1", b"one")], ("checkpoint", b"1"))
    assert (public.read("tile/0/000.p/1"), public.read("checkpoint")) == (b"one", b"1")
    public.write_all([], ("checkpoint", b"2"))
    assert public.read("checkpoint") == b"2"
    with pytest.raises(Malformed):
        public.write_all([("tile/0/000.p/2", b"two")], ("../x", b"x"))
    assert public.read("tile/0/000.p/2") is None


def test_a_folder_is_cleared_and_nothing_else(public: Public) -> None:
    kept = ["tile/0/000", "tile/0/000.p/1/x", "tile/0/000.pp/1", "tile/0/001.p/1"]
    gone = [f"tile/0/000.p/{n}" for n in (2, 17, 255)]
    for name in [*kept, *gone]:
        public.write(name, name.encode())
    public.clear("tile/0/000.p")
    assert [public.read(name) for name in gone] == [None] * 3
    assert [public.read(name) for name in kept] == [name.encode() for name in kept]
    public.clear("tile/0/000.p")
    public.clear("tile/9/000.p")
    with pytest.raises(Malformed):
        public.clear("../x")
    public.write(gone[0], b"again")
    assert public.read(gone[0]) == b"again"
