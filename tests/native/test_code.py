"""Machine code that is kept is the code that would be made, or it is not run."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from comity.native import code
from comity.native.code import compile_functions, keep_code, name_of, open_code, seal_code

binding = pytest.importorskip("llvmlite.binding")

ADD = "define i64 @main(i64 %a) {\n  %b = add i64 %a, 7\n  ret i64 %b\n}"
LESS = ADD.replace("add", "sub")
TAKES = {"main": (ctypes.c_int64, [ctypes.c_int64])}


class Memory(dict[str, bytes]):
    def put(self, name: str, kept: bytes) -> None:
        self[name] = kept


@pytest.fixture
def store() -> Iterator[Memory]:
    before, memory = code._find_store, Memory()
    keep_code(lambda: memory)
    yield memory
    keep_code(before)


def run(text: str) -> int:
    found: int = compile_functions(text, TAKES)["main"](1)
    return found


def test_what_was_kept_is_run_and_not_made_again(store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(ADD) == 8
    assert len(store) == 1
    monkeypatch.setattr(code, "_make", lambda *_: pytest.fail("made again"))
    assert run(ADD) == 8


def test_each_text_has_code_of_its_own(store: Memory) -> None:
    assert (run(ADD), run(LESS), run(ADD)) == (8, -6, 8)
    assert len(store) == 2


@pytest.mark.parametrize("change", ["flipped", "cut", "empty", "longer"])
def test_what_is_damaged_is_made_again(store: Memory, change: str) -> None:
    run(ADD)
    ((name, kept),) = store.items()
    at = len(kept) // 2
    store[name] = {
        "flipped": kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :],
        "cut": kept[:at],
        "empty": b"",
        "longer": kept + b"\0",
    }[change]
    assert run(ADD) == 8
    assert store == {name: kept}


def test_code_under_the_name_of_other_code_is_not_run(store: Memory) -> None:
    run(LESS)
    ((other, kept),) = store.items()
    run(ADD)
    (name,) = store.keys() - {other}
    store[name] = kept
    assert run(ADD) == 8
    assert open_code(other, kept) is not None
    assert open_code(name, kept) is None


def test_the_name_says_all_that_decides_what_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"cpu": "one", "features": "+a", "opt": 2}
    names = {name_of(ADD, "x", asked), name_of(LESS, "x", asked), name_of(ADD, "y", asked)}
    names |= {name_of(ADD, "x", {**asked, key: "other"}) for key in asked}
    monkeypatch.setattr("llvmlite.__version__", "0.0")
    names.add(name_of(ADD, "x", asked))
    monkeypatch.setattr(binding, "llvm_version_info", (0, 0, 0))
    names.add(name_of(ADD, "x", asked))
    assert len(names) == 8


def test_what_holds_an_address_is_not_kept(store: Memory) -> None:
    assert compile_functions(ADD, TAKES, keep=False)["main"](1) == 8
    assert not store


def test_without_a_place_to_keep_it_code_is_made() -> None:
    before = code._find_store
    keep_code(lambda: None)
    try:
        assert run(ADD) == 8
    finally:
        keep_code(before)


def test_what_is_sealed_is_opened_under_its_name_alone() -> None:
    assert open_code("a", seal_code("a", b"x")) == b"x"
    assert open_code("b", seal_code("a", b"x")) is None
    assert open_code("a", seal_code("a", b"")) is None
