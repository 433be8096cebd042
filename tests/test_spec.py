"""The specification is what the code does: kinds and fields, rules, errors, and the links between pages."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from comity.case import rules
from comity.records import kinds

SPEC = Path(__file__).resolve().parents[1] / "spec"
RULES = (SPEC / "05-rules.md").read_text("utf-8")


def rule_sources() -> str:
    """The modules in which rules stand."""
    folder = Path(rules.__file__).parent
    return "".join(p.read_text("utf-8") for p in (*sorted(folder.glob("rules*.py")), folder / "judging.py"))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SPEC / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("script", "page"), [("write_kinds", "03-kinds.md"), ("write_errors", "09-errors.md")]
)
def test_a_written_page_is_what_its_script_writes(script: str, page: str) -> None:
    written = (SPEC / page).read_text("utf-8")
    assert written == load(script).render_page(), f"`python spec/{script}.py` writes {page} again"


def test_every_kind_and_field_is_in_the_specification() -> None:
    page = (SPEC / "03-kinds.md").read_text("utf-8")
    for name, kind in kinds.KINDS.items():
        section = page.split(f"\n## `{name}`\n")[1].split("\n## ")[0]
        for field in msgspec.structs.fields(kind):
            assert f"| `{field.name}` |" in section, f"{name}.{field.name}"


def test_every_rule_has_one_number_in_the_specification_and_the_code() -> None:
    source = rule_sources()
    coded = {int(n) for n in re.findall(r"Broken\((\d+),", source)}
    coded |= {int(n) for n in re.findall(r'^    """(\d+)\. ', source, re.MULTILINE)} | {2, 5}
    general = RULES.split("## 2. ")[1].split("## 3. ")[0]
    special = RULES.split("## 3. ")[1].split("## 4. ")[0]
    written = [int(n) for n in re.findall(r"^(\d+)\. ", general + special, re.MULTILINE)]
    assert len(set(written)) == len(written)
    assert set(written) == coded


def test_every_kind_of_a_case_has_its_rule() -> None:
    special = RULES.split("## 3. ")[1].split("## 4. ")[0]
    named = re.findall(r"^\d+\. `([a-z.]+)`", special, re.MULTILINE)
    assert set(named) | {"case.open"} == set(kinds.KINDS) - kinds.PARTY_KINDS
    source = rule_sources()
    for number, kind in re.findall(r"^(\d+)\. `([a-z.]+)`", special, re.MULTILINE):
        judge = rules._BY_KIND[kind]
        assert (judge.__doc__ or "").startswith(f"{number}. "), (
            f"{kind} is rule {number} in the specification"
        )
    assert source


def test_pages_are_numbered_without_gaps() -> None:
    numbers = sorted(int(p.name[:2]) for p in SPEC.glob("[0-9][0-9]-*.md"))
    assert numbers[:12] == list(range(12))


def test_hash_domains_in_the_specification_are_those_in_the_code() -> None:
    pages = "".join(p.read_text("utf-8") for p in SPEC.glob("*.md"))
    package = Path(kinds.__file__).parents[1]
    for folder in ("records", "case", "findings", "evidence"):
        for path in (package / folder).glob("*.py"):
            for domain in re.findall(r'"(comity/1/[a-z-]+)(?:\\0)?"', path.read_text("utf-8")):
                assert domain in pages, f"{path.name}: {domain}"
