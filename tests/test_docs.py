"""What the documents say is what the tree holds."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "comity"
ERRORS = {"Malformed", "NotVerified", "Refused", "Unavailable"}
LONGEST_MODULE = 600  # lines
# Written in two halves, so that this file does not name them either.
REGISTRIES = [
    first + second
    for first, second in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("crates", ".io"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("proxy.go", "lang.org"),
        ("sum.go", "lang.org"),
        ("deb.de", "bian.org"),
        ("repo1.ma", "ven.org"),
    )
]


def read(name: str) -> str:
    """One document of the tree, or a skip that says which one is missing."""
    path = ROOT / name
    if not path.is_file():
        pytest.skip(f"{name} is not written yet")
    return path.read_text("utf-8")


def list_files() -> list[Path]:
    """Every file that is, or could be, committed; in an unpacked archive, every file not hidden."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        names = [name for name in listed.decode().split("\0") if name]
    else:
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [str(path) for path in found if not path.parts[0].startswith(".")]
    return sorted(path for path in map(ROOT.joinpath, names) if path.is_file())


def list_documents() -> list[Path]:
    return [path for path in list_files() if path.suffix == ".md"]


@functools.cache
def parse_modules() -> dict[Path, ast.Module]:
    folders = (PACKAGE, ROOT / "demo", ROOT / "bench")
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_bytes()) for path in paths}


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def find_command() -> click.Group:
    if not (PACKAGE / "cli" / "main.py").is_file():
        pytest.skip("the command line is not written yet")
    from comity.cli import main as module

    command = module.main
    assert isinstance(command, click.Group)
    return command


def find_code_blocks(text: str) -> list[str]:
    """Fenced blocks and inline code: where a document shows what to type."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```[a-z]*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return fenced + re.findall(r"`([^`\n]+)`", rest)


# --- commands ----------------------------------------------------------------------------------


def test_every_dev_command_named_in_a_document_exists() -> None:
    known = set(re.findall(r"^    python3 dev ([a-z]+)", (ROOT / "dev").read_text("utf-8"), re.M))
    assert known
    for path in list_documents():
        for block in find_code_blocks(path.read_text("utf-8")):
            named = set(re.findall(r"python3 dev ([a-z]+)", block))
            assert named <= known, f"{path.relative_to(ROOT)} names {named - known}"


def test_every_comity_command_shown_in_the_readme_exists() -> None:
    text = read("README.md")
    group = find_command()
    known = {*group.list_commands(click.Context(group)), "help"}
    for block in find_code_blocks(text):
        for name in re.findall(r"^\s*\$?\s*comity ([a-z][a-z-]*)\b", block, re.MULTILINE):
            assert name in known, f"README shows `comity {name}`"


def test_commands_page_is_what_the_commands_say() -> None:
    group = find_command()
    write_commands = load(ROOT / "docs" / "write_commands.py", "write_commands")
    assert read("docs/commands.md") == write_commands.render_commands(group), (
        "docs/commands.md is not what the commands say; `python3 dev commands` writes it again"
    )


def test_the_commands_page_shows_every_level_of_commands() -> None:
    @click.group(help="The top.")
    def top() -> None: ...

    @top.group(help="The middle.")
    def middle() -> None: ...

    @middle.command(help="The leaf.")
    @click.option("--json", "as_json", is_flag=True)
    def leaf(as_json: bool) -> None: ...

    page = load(ROOT / "docs" / "write_commands.py", "write_commands").render_commands(top)
    assert re.findall("^## (.+)$", page, re.MULTILINE) == ["comity", "comity middle", "comity middle leaf"]
    assert "Usage: comity middle leaf [OPTIONS]" in page
    assert "--json" in page


# --- errors ------------------------------------------------------------------------------------


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def find_error_names() -> set[str]:
    """The four errors and whatever in the tree is derived from them."""
    names = set(ERRORS)
    while True:
        found = {
            node.name
            for tree in parse_modules().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and names & {name_of(base) for base in node.bases}
        }
        if found <= names:
            return names
        names |= found


def find_codes() -> dict[str, Path]:
    """Each literal error code in the package, and a module that raises it."""
    names = find_error_names()
    found: dict[str, Path] = {}
    for path, tree in parse_modules().items():
        if path.parts[0] != "src":
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and name_of(node.func) in names):
                continue
            given = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "code")]
            for each in given:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    found.setdefault(each.value, path)
    return found


def test_every_error_code_has_one_form() -> None:
    for code, path in find_codes().items():
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)+", code), f"{path}: {code!r}"


def test_every_error_code_is_in_the_specification() -> None:
    text = read("spec/09-errors.md")
    missing = {code: str(path) for code, path in find_codes().items() if f"`{code}`" not in text}
    assert not missing


def test_every_error_code_of_the_specification_is_raised_somewhere() -> None:
    listed = set(re.findall(r"^\|\s*`([a-z0-9.-]+)`", read("spec/09-errors.md"), re.MULTILINE))
    written = {
        node.value
        for tree in parse_modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert listed <= written, sorted(listed - written)


# --- modules -----------------------------------------------------------------------------------


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path) for path, tree in parse_modules().items() if not ast.get_docstring(tree)]
    assert not silent


def test_no_module_is_too_long_to_read() -> None:
    long = {
        str(path): lines
        for path in parse_modules()
        if (lines := len((ROOT / path).read_bytes().splitlines())) > LONGEST_MODULE
    }
    assert not long


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [str(path) for path in parse_modules() if path.stem in vague]


def test_every_package_is_in_the_architecture() -> None:
    text = read("ARCHITECTURE.md")
    packages = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    assert packages
    assert not [name for name in packages if not re.search(rf"\b{name}\b", text)]


# --- documents ---------------------------------------------------------------------------------


def test_no_file_names_a_package_registry() -> None:
    for path in list_files():
        content = path.read_bytes()
        for host in REGISTRIES:
            assert host.encode() not in content, f"{path.relative_to(ROOT)} names {host}"


def test_what_is_to_be_installed_is_taken_from_the_source() -> None:
    """This package is in no registry: under its name anybody else's might come."""
    shown = [path for path in list_documents() if path.parent.name != "spec"]
    shown += PACKAGE.rglob("*.py")
    for path in shown:
        named = re.search(r"install\s+'?comity\b", path.read_text("utf-8"))
        assert not named, f"{path.relative_to(ROOT)}: say pip install '.[…]' in a copy of the source"


MODULES = {"google-re2": "re2", "pynacl": "nacl", "pyyaml": "yaml", "backports-zstd": "backports"}
"""Where a package's module is not called as it is."""
UNIMPORTED = {
    "httptools": "uvicorn takes it",
    "uvloop": "uvicorn takes it",
    "pandas": "pyspark asks for it",
    "pymispgalaxies": "its files are read",
}


def test_every_package_that_is_asked_for_is_imported() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = [
        *project["dependencies"],
        *(one for each in project["optional-dependencies"].values() for one in each),
    ]
    nodes = (
        node for path, tree in parse_modules().items() if path.parts[0] == "src" for node in ast.walk(tree)
    )
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    names = {canonicalize_name(Requirement(one).name) for one in asked} - UNIMPORTED.keys()
    assert names
    unused = {name for name in names if MODULES.get(name, name.replace("-", "_")) not in found}
    assert not unused


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for path in list_documents():
        text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (path.parent / target.split("#")[0]).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def test_every_threat_points_to_tests() -> None:
    """A row of the table names a test file, or a folder that has some."""
    rows = re.findall(r"^\|(.+)\|$", read("SECURITY.md"), re.MULTILINE)[2:]
    assert rows
    empty = []
    for row in rows:
        named = re.findall(r"`(tests/[\w/.-]+)`", row)
        assert named, f"no test stands behind:{row}"
        empty += [
            name
            for name in named
            if not (ROOT / name).is_file() and not any((ROOT / name).rglob("test_*.py"))
        ]
    assert not empty


def test_every_decision_is_in_the_index() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    if not decisions:
        pytest.skip("no decision is written down yet")
    index = read("docs/adr/README.md")
    assert not [name for name in decisions if f"({name})" not in index]
    numbers = [int(name.split("-")[0]) for name in decisions]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_version_is_one() -> None:
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    written = re.search(r'^__version__ = "(.+)"$', (PACKAGE / "__init__.py").read_text("utf-8"), re.M)
    assert declared is not None
    assert written is not None
    assert declared[1] == written[1]
    assert f"## {declared[1]}" in read("CHANGELOG.md")


def test_figures_of_the_readme_are_those_of_all_that_is_measured() -> None:
    readme, whole = read("README.md"), read("docs/measured.md")
    first = readme.split("## Measured")[1].split("**Not met**")[0]
    rows = [line.split("|")[2:] for line in first.splitlines() if line.startswith("| ")]
    assert len(rows) > 5
    for cells in rows:
        assert "|".join(cells) in whole, f"docs/measured.md says otherwise: {cells}"
    weighed = readme.split("**Weighing, where")[1].split("## Limits")[0]
    for line in weighed.splitlines():
        if not line.startswith("| ") or line.startswith("| |"):
            continue
        for cell in line.split("|")[2:5]:
            for part in re.split(r"[;/]", cell):
                assert part.strip().rstrip("% ") in whole, f"docs/measured.md does not say {part.strip()}"
