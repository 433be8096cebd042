"""The contents page, exit codes, and errors as people and scripts meet them."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from comity.cli import main as module
from comity.cli.main import SECTIONS, exit_code, main, walk
from comity.errors import Malformed, NotVerified, Refused, Unavailable
from tests.cli.running import command, run, spawn

ROOT = Path(__file__).resolve().parents[2]
SERVER = ("httpcore", "httpx", "litestar", "uvicorn", "jinja2", "evtx")


def leaves() -> list[tuple[str, click.Command]]:
    return [(path, each) for path, each in walk(main) if not isinstance(each, click.Group)]


def test_help_reads_like_a_contents_page() -> None:
    page = run("--help").out
    places = [page.index(title) for title, _ in SECTIONS]
    assert places == sorted(places)
    for _, commands in SECTIONS:
        for name, _, line in commands:
            assert f"  {name} " in page
            assert line.split()[0] in page
    assert "Intact and reproduced is not the same as true." in page


def test_help_imports_nothing_that_costs() -> None:
    """Only click and the table of contents: the page comes at once, with any extras or none."""
    code = (
        "import sys\nfrom comity.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'cryptography', 'cbor2', 'msgspec', 'yaml', 're2', 'sqlite3', 'litestar', 'pyrage'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout


@pytest.mark.parametrize("path", [path for path, _ in leaves()])
def test_every_command_has_help_and_documented_json(path: str) -> None:
    done = run(*path.split()[1:], "--help")
    assert done.code == 0
    assert f"Usage: main {path.split(maxsplit=1)[1]}" in done.out or "Usage:" in done.out
    assert "--json" in done.out
    assert "One JSON object a line:" in " ".join(done.out.split())


def test_every_command_names_its_options_in_words() -> None:
    for path, each in leaves():
        for option in each.params:
            if isinstance(option, click.Option):
                assert option.help, f"{path} --{option.name}"


@pytest.mark.parametrize(
    ("error", "code"),
    [(Malformed, 2), (NotVerified, 1), (Refused, 5), (Unavailable, 6)],
)
def test_each_error_has_its_exit_code(
    error: type[Malformed], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise error("some.code", "some/where", "for some\x1b[31m reason")

    assert exit_code(error("a.b", "", "")) == code
    monkeypatch.setattr("comity.cli.rules.list_files", fail)
    done = run("rules", "check", tmp_path)
    assert (done.code, done.out) == (code, "")
    assert done.err == "comity: some/where: for some⟦U+001B⟧[31m reason [some.code]\n"
    done = run("rules", "check", tmp_path, "--json")
    assert json.loads(done.err) == {
        "type": "error",
        "code": "some.code",
        "where": "some/where",
        "why": "for some\x1b[31m reason",
        "exit": code,
    }


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RuntimeError("oops"), 70, "a fault in comity itself: RuntimeError: oops"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 6, "not enough memory"),
        (OSError(28, "No space left on device", "x.out"), 6, "x.out: the disk is full"),
    ],
)
def test_no_error_shows_a_traceback(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("comity.cli.rules.list_files", fail)
    done = run("rules", "check", tmp_path)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_debugging_shows_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = spawn("rules", "check", tmp_path / "none", COMITY_DEBUG="1")
    assert "Traceback" in done.err


@pytest.mark.parametrize("words", [["nothing"], ["seal"], ["seal", "--what"], ["request", "--type", "y"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    done = run(*words)
    assert done.code == 2
    assert done.err.splitlines()[-1].endswith("[usage]")
    as_json = run(*words, "--json")
    assert as_json.code == 2
    assert json.loads(as_json.err)["code"] == "usage"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for n in range(3000):
        (logs / f"{'x' * 60}{n}.log").write_bytes(b"a\n")
    process = subprocess.Popen(
        command("seal", logs, "--dry-run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert "Traceback" not in process.stderr.read()
    assert process.wait() in (0, 141)


def bare(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command where none of the extras is installed."""
    code = (
        f"import sys\nfor name in {SERVER!r}: sys.modules[name] = None\n"
        "from comity.cli.main import main\nmain(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_bare_package_seals_searches_packs_and_verifies(tmp_path: Path) -> None:
    log, rule = tmp_path / "a.log", tmp_path / "a.ioc"
    log.write_text("one 203.0.113.9\ntwo\n")
    rule.write_text("203.0.113.9\n")
    seal = tmp_path / "a.seal"
    assert bare("seal", log, "--out", seal).returncode == 0
    assert bare("show", seal).returncode == 0
    found = bare("find", rule, "--seal", seal, "--json")
    assert found.returncode == 0, found
    assert '"count": 1' in found.stdout
    empty = tmp_path / "x.comity"
    empty.write_bytes(b"")
    assert bare("verify", empty).returncode == 1
    packed = tmp_path / "a.comity"
    assert bare("pack", seal, "--out", packed, "--name", "Alda Desk").returncode == 0
    assert bare("verify", packed).returncode == 3
    home = tmp_path / "node"
    assert bare("init", home, "--from", seal).returncode == 0
    refused = bare("serve", home, "--port", "0")
    assert (refused.returncode, "[server]" in refused.stderr) == (6, True)


def test_the_table_of_contents_is_complete() -> None:
    for _, commands in SECTIONS:
        for name, _, _ in commands:
            found = main.get_command(click.Context(main), name)
            assert found is not None
            assert found.name == name
    assert main.get_command(click.Context(main), "none") is None
    assert module.OK == 0


def test_help_is_a_command_too() -> None:
    assert run("help").out == run("--help").out == run().out
    assert run().code == 0
    assert run("help", "find").out == run("find", "--help").out
    assert run("help", "party", "add").out == run("party", "add", "--help").out
    done = run("help", "nothing-like-it")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize(
    ("word", "near"),
    [("clocks", "status"), ("denial", "claim"), ("verfiy", "verify"), ("hlep", "help"), ("sigma", "find")],
)
def test_a_word_that_is_no_command_leads_to_those_that_speak_of_it(word: str, near: str) -> None:
    done = run(word)
    assert done.code == 2
    assert near in done.err.splitlines()[-1]


def test_a_group_alone_says_what_is_in_it() -> None:
    done = run("party")
    assert (done.code, done.out) == (2, "")
    assert "\n  rotate " in done.err
    assert "[usage]" not in done.err


def test_wrong_usage_says_where_to_read_on() -> None:
    assert "comity help seal" in run("seal").err.replace("main help", "comity help")


def needed_by(extra: str) -> set[str]:
    """The distributions that installing Comity with one extra brings, as this environment knows them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ahead = [(line, "") for line in (*project["dependencies"], *project["optional-dependencies"][extra])]
    found: set[str] = set()
    while ahead:
        line, wanted = ahead.pop()
        needs = Requirement(line)
        if needs.marker is None or needs.marker.evaluate({"extra": wanted}):
            found.add(canonicalize_name(needs.name))
            ahead += [
                (below, each)
                for below in importlib.metadata.requires(needs.name) or ()
                for each in ("", *needs.extras)
                if canonicalize_name(Requirement(below).name) not in found
            ]
    return found


def test_the_extra_for_the_server_brings_all_that_serving_imports() -> None:
    """As after ``pip install '.[server]'`` and nothing else: every other distribution is hidden."""
    brought = needed_by("server")
    hidden = {
        name
        for name, distributions in importlib.metadata.packages_distributions().items()
        if not brought & {canonicalize_name(each) for each in distributions}
    }
    code = (
        f"import sys\nfor name in {sorted(hidden - {'comity'})!r}: sys.modules.setdefault(name, None)\n"
        "import uvicorn\nfrom comity.adapters.access_file import AccessReader\n"
        "from comity.adapters.page_keys import PageKeys\nfrom comity.cli import serve, weigh, witness\n"
        "from comity.web.app import make_app"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
