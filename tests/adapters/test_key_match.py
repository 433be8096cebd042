"""Keys that are not the ones in force: which of the possible reasons it is, and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import compose
from comity.adapters import node_settings
from comity.adapters.key_files import KeyFiles
from comity.errors import Refused
from comity.exchange.founding import change_recipient, rotate
from comity.records.kinds import Purpose


@pytest.fixture
def home(tmp_path: Path) -> Iterator[compose.Home]:
    made = compose.create_home(
        tmp_path / "alda", name="Alda", settings=node_settings.settings_for("127.0.0.1:1", "")
    )
    yield made
    made.close()


def signer(home: compose.Home) -> KeyFiles:
    assert isinstance(home.node.signer, KeyFiles)
    return home.node.signer


def why(folder: Path) -> str:
    with pytest.raises(Refused) as caught:
        compose.open_home(folder)
    assert caught.value.code == "key.other"
    assert str(folder / "keys") == caught.value.where
    return caught.value.why


@pytest.mark.parametrize("purpose", ["statement", "checkpoint"])
def test_keys_older_than_the_journal(home: compose.Home, tmp_path: Path, purpose: Purpose) -> None:
    old = tmp_path / "keys.backup"
    shutil.copytree(home.folder / "keys", old)
    rotate(home.node, signer(home).prepare([purpose]))
    home.close()
    shutil.rmtree(home.folder / "keys")
    shutil.copytree(old, home.folder / "keys")
    assert "older than the journal: leaf 1" in why(home.folder)


def test_an_age_key_older_than_the_journal(home: compose.Home, tmp_path: Path) -> None:
    change_recipient(home.node, signer(home).prepare_recipient())
    home.close()
    (home.folder / "keys" / "age-2").unlink()
    assert "age key" in why(home.folder)


def test_keys_of_another(home: compose.Home, tmp_path: Path) -> None:
    KeyFiles.create(tmp_path / "other")
    home.close()
    shutil.rmtree(home.folder / "keys")
    shutil.copytree(tmp_path / "other", home.folder / "keys")
    assert "keys of another" in why(home.folder)


def test_what_a_crash_left_prepared_is_taken_up_at_the_next_start(
    home: compose.Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = signer(home)
    monkeypatch.setattr(keys, "adopt_recipient", lambda age: None)
    age = keys.prepare_recipient()
    change_recipient(home.node, age)
    home.close()
    again = compose.open_home(home.folder)
    assert signer(again).age_recipient() == age
    again.close()
