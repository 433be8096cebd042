"""Templates are read once: what stands on the disk later changes no page of a node that runs."""

from __future__ import annotations

import builtins
import io
from pathlib import Path

import pytest

from comity.web import render
from comity.web.speaking import spoken_templates


def test_a_node_that_runs_reads_no_template_from_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade in place would give new templates to the old program."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a template was read from the disk")

    for place in (builtins, io, Path):
        monkeypatch.setattr(place, "open", refuse)
    environment = render._ENVIRONMENT.overlay(cache_size=0)
    for name in environment.list_templates():
        environment.get_template(name)


def test_every_template_of_the_package_is_there() -> None:
    folder = Path(render.__file__).parent / "templates"
    assert set(spoken_templates("comity.web").mapping) == {path.name for path in folder.glob("*.html")}
