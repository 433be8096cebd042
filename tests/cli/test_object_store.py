"""A node that keeps its evidence and its public files in an object store."""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from comity import compose
from comity.adapters import node_settings
from comity.adapters.file_blobs import FileBlobs
from comity.adapters.s3_bucket import S3Bucket
from comity.errors import Malformed, Unavailable
from comity.exchange.acts import open_case
from comity.exchange.working import tick
from tests.cli.running import Done, free_port, ok, run, serving
from tests.cli.test_two_nodes import LOG, RULE, wait_for
from tests.object_store import CREDENTIALS, Store, use_credentials


def make_home(store: Store, home: Path, name: str) -> Any:
    """A node of the store: blobs and public files in buckets of their own."""
    blobs, public = store.make("kept/blobs"), store.make("shown", public=True)
    ok(
        "init", home, "--name", name, "--listen", f"127.0.0.1:{free_port()}",
        "--blobs-s3", f"{blobs.bucket}/kept/blobs", "--public-s3", f"{public.bucket}/shown",
        "--s3-endpoint", store.endpoint,
    )  # fmt: skip
    return blobs, public


def faults(done: Done) -> list[str]:
    assert done.code == 1
    return [each["code"] for each in done.of("fault")]


def fetch(url: str) -> tuple[bytes, str]:
    """What anyone gets, and how caches are to take it."""
    with urllib.request.urlopen(url, timeout=20) as got:
        return got.read(), got.headers["cache-control"]


def test_two_nodes_one_of_them_in_a_store(store: Store, tmp_path: Path) -> None:
    alda, borel = tmp_path / "alda", tmp_path / "borel"
    blobs, public = make_home(store, alda, "Alda Desk")
    ok("init", borel, "--name", "Borel Office", "--listen", f"127.0.0.1:{free_port()}")
    assert {path.name for path in alda.iterdir()} <= {
        "comity.toml", "keys", "journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "turn.lock",
        "continuity",
    }  # fmt: skip
    assert "testing" not in (alda / "comity.toml").read_text()
    log, rule, dossier = tmp_path / "proxy.csv", tmp_path / "relay.yml", tmp_path / "alda.comity"
    log.write_text(LOG)
    rule.write_text(RULE)
    with serving(alda) as a, serving(borel) as b:
        ok("party", "add", b["url"], "--home", alda, "--id", b["party"])
        ok("party", "add", a["url"], "--home", borel, "--id", a["party"])
        opened = ok(
            "case", "open", "--title", "The relay", "--witness", "Borel Office", "--home", alda, "--json"
        )
        case = opened.one("case")["id"]
        ok("case", "invite", "Borel Office", "--home", alda)
        wait_for(lambda: ok("case", "list", "--home", borel, "--json").of("case"))
        seal = ok(
            "seal", log, "--case", case, "--zone", "+00:00", "--origin", "relay", "--home", alda, "--json"
        )
        item = seal.one("item")["record"]
        found = ok("find", rule, "--case", case, "--item", item, "--home", alda, "--json").one("report")
        claim = ok(
            "claim", "--text", "Mail was sent through the relay of Borel Office.", "--about", "Borel Office",
            "--support", f"{found['record'][:12]}=Each row is one such message.", "--home", alda, "--json",
        ).one("record")["id"]  # fmt: skip
        ok("notify", claim[:12], "--party", "Borel Office", "--text", "We publish this.", "--home", alda)
        told = wait_for(lambda: ok("status", "--home", borel, "--json").of("notice"))[0]["record"]
        ok("acknowledge", told[:12], "--home", borel)
        to = ("--to", "Borel Office", "--basis", "request")
        ok("disclose", item[:12], "--rows", "2,7-9", *to, "--home", alda)

        def replicated() -> bool:
            done = run("replicate", found["record"][:12], "--home", borel)
            return done.code == 0 and "shown rows match" in done.out

        wait_for(replicated)

        def published() -> bool:
            done = run("publish", "--out", dossier, "--home", alda)
            assert done.code == 0 or "ledger." in done.err, done
            return done.code == 0

        wait_for(published)
        # The node reads through, and the bucket itself gives anyone the same bytes.
        names = store.names(public)
        assert {"checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"} < set(names)
        for name in names:
            direct, cache = fetch(store.url(public, name))
            assert cache == ("no-cache" if name == "checkpoint" else "public, max-age=31536000, immutable")
            if name != "checkpoint":
                assert fetch(f"{a['url']}/{name}") == (direct, cache)
        assert any(fetch(store.url(public, n))[0] == dossier.read_bytes() for n in names if "dossier" in n)

        def same_head() -> bool:
            return fetch(f"{a['url']}/checkpoint")[0] == fetch(store.url(public, "checkpoint"))[0]

        wait_for(same_head)
    assert run("verify", dossier).code == 3
    kept = store.names(blobs)
    assert kept
    assert all(LOG.encode()[:40] not in store.load(blobs, name) for name in kept)
    assert not (alda / "blobs").exists()
    assert not (alda / "public").exists()
    checked = ok("ledger", "check", "--home", alda, "--json")
    assert checked.one("ledger")["faults"] == 0
    (items,) = (step for step in checked.of("step") if step["name"].startswith("stored items"))
    assert items["count"] == 2  # the item, and the package in which its rows were shown
    assert ok("ledger", "check", "--home", borel, "--json").one("ledger")["faults"] == 0


def test_a_check_sees_what_was_changed_in_the_store(store: Store, tmp_path: Path) -> None:
    alda, log = tmp_path / "alda", tmp_path / "proxy.csv"
    blobs, public = make_home(store, alda, "Alda Desk")
    log.write_text(LOG)
    case = ok("case", "open", "--home", alda, "--json").one("case")["id"]
    ok("seal", log, "--case", case, "--zone", "+00:00", "--home", alda)
    check = ("ledger", "check", "--home", alda, "--json")
    assert ok(*check).one("ledger")["faults"] == 0
    (kept,) = store.names(blobs)
    head = store.load(public, "checkpoint")
    size = int(head.split(b"\n")[1])
    entries, tile = f"tile/entries/000.p/{size}", f"tile/0/000.p/{size}"
    for place, name, code in (
        (public, entries, "tile.bundle"),
        (public, tile, "ledger.tiles"),
        (blobs, kept, "blob.damaged"),
    ):
        good = store.load(place, name)
        store.save(place, name, good[:-1] + bytes([good[-1] ^ 1]))
        said = faults(run(*check))
        assert len(said) == 1
        assert said[0].partition(".")[0] == code.partition(".")[0] or said[0].startswith(("ledger.", "tile."))
        store.owner.delete_object(Bucket=place.bucket, Key=place.prefix + name)
        assert faults(run(*check)) == ["blob.missing" if place is blobs else "ledger.public"]
        store.save(place, name, good)
    assert ok(*check).one("ledger")["faults"] == 0
    # A head that somebody removed is written again: the journal has everything.
    store.owner.delete_object(Bucket=public.bucket, Key=f"{public.prefix}checkpoint")
    assert ok(*check).one("ledger")["faults"] == 0
    assert store.load(public, "checkpoint") == head


def test_a_folder_of_blobs_moves_to_a_store_as_it_is(store: Store, tmp_path: Path) -> None:
    alda, log = tmp_path / "alda", tmp_path / "proxy.csv"
    ok("init", alda, "--name", "Alda Desk")
    log.write_text(LOG)
    case = ok("case", "open", "--home", alda, "--json").one("case")["id"]
    ok("seal", log, "--case", case, "--zone", "+00:00", "--home", alda)
    place = store.make("kept")
    for path in (alda / "blobs").glob("??/*"):
        store.save(place, f"{path.parent.name}/{path.name}", path.read_bytes())
        path.unlink()
    with (alda / "comity.toml").open("a") as file:
        file.write(f'\n[blobs]\ns3 = "{place.bucket}/kept"\nendpoint = "{store.endpoint}"\n')
    assert ok("ledger", "check", "--home", alda, "--json").one("ledger")["faults"] == 0


def test_a_store_that_cannot_be_used_makes_no_node(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, taken = tmp_path / "home", tmp_path / "taken"
    _, public = make_home(store, taken, "Alda Desk")
    at = ("--name", "Borel Office", "--s3-endpoint", store.endpoint)
    for option in ("--blobs-s3", "--public-s3"):
        done = run("init", home, *at, option, "comity-nobody-made-this/x")
        assert done.code != 0
        assert "s3.bucket" in done.err
    done = run("init", home, *at, "--public-s3", f"{public.bucket}/shown")
    assert "public.taken" in done.err
    nowhere = f"http://127.0.0.1:{free_port()}"
    done = run("init", home, "--name", "x", "--s3-endpoint", nowhere, "--blobs-s3", "evidence")
    assert "s3.unreachable" in done.err
    use_credentials(monkeypatch, {k: v for k, v in CREDENTIALS.items() if "_KEY" not in k})
    done = run("init", home, *at, "--blobs-s3", f"{public.bucket}/kept")
    assert "s3.credentials" in done.err
    assert not home.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"taken", "taken.recovery"}
    assert "s3.credentials" in run("status", "--home", taken).err


def test_what_a_store_was_away_for_is_published_later(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "alda"
    _, public = make_home(store, home, "Alda Desk")
    case = ok("case", "open", "--home", home, "--json").one("case")["id"]
    opened = compose.open_home(home)
    node = opened.node
    policy = node.state(case).policy
    assert policy
    before = store.load(public, "checkpoint")

    def away(self: object, operation: str, key: str | None, **_: object) -> None:
        raise Unavailable("s3.unreachable", f"s3://{key}", "the store cannot be reached, or breaks off")

    with opened.peers() as peers:
        assert tick(node, peers).failures == ()
        with monkeypatch.context() as patch:
            patch.setattr(S3Bucket, "call", away)
            # The act stands: whoever is told of an error would do it again, and have done it twice.
            cases = len(node.cases())
            open_case(node, "2026-10-03", policy)
            assert len(node.cases()) == cases + 1
            assert compose.open_node(home).unpublished is not None
            done = ok("case", "open", "--home", home)
            assert "follow later" in done.err
            assert "s3.unreachable" in done.err
            # Reading needs no store, and says what is behind.
            for command in (("status",), ("case", "list"), ("case", "show", "--case", case)):
                assert "s3.unreachable" in ok(*command, "--home", home).err
            assert ok("status", "--home", home, "--json").one("unpublished")["code"] == "s3.unreachable"
            assert [error.code for _, error in tick(node, peers).failures] == ["s3.unreachable"]
        size = node.journal.size()
        assert store.load(public, "checkpoint") == before
        assert tick(node, peers).failures == ()
        assert node.unpublished is None
    head = store.load(public, "checkpoint")
    assert head.split(b"\n")[1] == str(size).encode()
    assert head != before
    opened.close()
    assert ok("ledger", "check", "--home", home, "--json").one("ledger")["faults"] == 0


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    assert run("init", tmp_path / "a", "--name", "x", "--s3-region", "eu-west-1").code == 2
    assert run("init", tmp_path / "a", "--from", "x.seal", "--blobs-s3", "evidence").code == 2
    done = run(
        "init", tmp_path / "a", "--name", "x", "--blobs-s3", "evidence", "--public-s3", "evidence/public"
    )
    assert "settings.s3" in done.err
    assert list(tmp_path.iterdir()) == []


BAD = {
    's3 = "Evidence"': "settings.s3",
    "s3 = 3": "settings.form",
    'bucket = "evidence"': "settings.form",
    's3 = "evidence"\nendpoint = "store.example"': "settings.endpoint",
    's3 = "evidence"\nendpoint = "https://a:b@store.example"': "settings.endpoint",
    's3 = "evidence"\naws_secret_access_key = "x"': "settings.secret",
    's3 = "evidence"\ntoken = "x"': "settings.secret",
}


@pytest.mark.parametrize("table", ["blobs", "public"])
@pytest.mark.parametrize("said", sorted(BAD))
def test_settings_that_are_wrong_say_where(tmp_path: Path, said: str, table: str) -> None:
    (tmp_path / "comity.toml").write_text(f"[{table}]\n{said}\n")
    with pytest.raises(Malformed) as caught:
        node_settings.read_settings(tmp_path)
    assert caught.value.code == BAD[said]
    assert "comity.toml" in caught.value.where
    assert table in f"{caught.value.where} {caught.value.why}"


def test_settings_are_read_as_they_were_written(tmp_path: Path) -> None:
    kept = node_settings.InStore(s3="evidence/blobs", endpoint="https://store.example", region="eu-west-1")
    shown = node_settings.InStore(s3="shown")
    settings = node_settings.settings_for("127.0.0.1:80", "", blobs=kept, public=shown)
    (tmp_path / "comity.toml").write_bytes(node_settings.render_settings(settings))
    assert node_settings.read_settings(tmp_path) == settings


def test_without_the_extra_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s3_blobs", "s3_public", "s3_bucket"):
        monkeypatch.delitem(sys.modules, f"comity.adapters.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    for option in ("--blobs-s3", "--public-s3"):
        done = run("init", tmp_path / "home", "--name", "x", option, "evidence/x")
        assert "extra.s3" in done.err
    assert FileBlobs(tmp_path / "blobs", bytes(32)).put(b"x")
