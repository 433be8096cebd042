"""A case whose time policy names a timestamp authority, by commands alone: ``openssl ts`` over HTTP."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from comity.adapters import node_settings
from tests.cli.running import ok, run
from tests.openssl_authority import OpensslAuthority, openssl_authority


def serve(made: OpensslAuthority) -> ThreadingHTTPServer:
    """The authority at a local address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_POST(self) -> None:
            answer = made.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def test_a_lone_party_proves_a_time_by_an_authority(tmp_path: Path) -> None:
    made = openssl_authority(tmp_path / "tsa", "ec")
    server = serve(made)
    home = tmp_path / "home"
    ok("init", home, "--name", "Alder")
    text = (home / node_settings.SETTINGS).read_text()
    assert "\ntsa = []\n" in text
    address = f'["http://127.0.0.1:{server.server_address[1]}/tsr"]'
    (home / node_settings.SETTINGS).write_text(text.replace("\ntsa = []", f"\ntsa = {address}"))
    opened = ok("case", "open", "--authority", made.folder / "root.pem", "--home", home, "--json").one("case")
    assert opened["witnesses"] == []
    assert len(opened["authorities"]) == 1
    assert ok("sync", "--home", home, "--json").one("synced")["attested"] == 1
    shown = ok("case", "show", "--records", "--home", home, "--json")
    (first, *_) = shown.of("record")
    assert first["not_after"]
    told = ok("case", "record", first["id"][:12], "--home", home, "--json").one("record")
    assert (told["id"], told["judged"], told["index"]) == (first["id"], "accepted", 1)
    assert told["not_before"] is None
    bound = told["not_after"]
    assert (bound["instant"], bound["quorum"], bound["via"]) == (first["not_after"], 1, first["id"])
    ((kind, name, decisive),) = ((a["kind"], a["name"], a["decisive"]) for a in bound["attesters"])
    assert (kind, decisive) == ("authority", True)
    said = ok("case", "record", first["id"][:12], "--home", home).out
    assert "not before: unbounded" in said
    assert f"authority {name} {first['not_after']} (the bound)" in said
    # The same of every record, in one step.
    listed = ok("case", "show", "--times", "--home", home, "--json").of("record")
    assert [r["id"] for r in listed] == [r["id"] for r in shown.of("record")]
    assert [(r["why_not_before"], r["why_not_after"]) for r in listed if r["id"] == told["id"]] == [
        (told["not_before"], told["not_after"])
    ]
    assert "why_not_after" not in shown.of("record")[0]
    plain = ok("case", "show", "--times", "--home", home).out
    assert all(line.strip() in plain for line in said.splitlines() if line.strip().startswith("not "))
    assert "--times says by whom" in ok("case", "show", "--records", "--home", home).out
    assert "record.unknown" in run("case", "record", "ffff", "--home", home).err
    assert "record.unknown" in run("case", "record", first["id"][:3], "--home", home).err
    published = ok("publish", "--home", home, "--out", tmp_path / "out.comity", "--json")
    assert published.code == 0
    verified = run("verify", "--times", tmp_path / "out.comity", "--json").one("verdict")
    (one,) = (t for t in verified["times"] if t["record"] == first["id"])
    assert one["not_after"] == bound
    assert "(the bound)" in run("verify", "--times", tmp_path / "out.comity").out
    assert "(the bound)" not in run("verify", tmp_path / "out.comity").out
    server.shutdown()
    server.server_close()


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    ok("init", tmp_path / "home", "--name", "Alder")
    path = tmp_path / "cert.pem"
    for raw in (b"", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", b"\x30\x00"):
        path.write_bytes(raw)
        done = run("case", "open", "--authority", path, "--home", tmp_path / "home")
        assert done.code
        assert "case.authority" in done.err
    assert not ok("case", "list", "--home", tmp_path / "home", "--json").of("case")
