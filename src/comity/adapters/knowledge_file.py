"""A party's own knowledge: one JSON object a line, each saying that a report of a day says that an actor used
an item (``actor``, ``actor_name``, ``item``, ``item_name``, ``kind``, ``report``, ``report_date``)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import msgspec

from comity.adapters.atomic import explain
from comity.errors import Malformed, Unavailable
from comity.weighing.items_file import once
from comity.weighing.knowledge import Observation, split_lines
from comity.weighing.sources import Source, make_source

SIZE_LIMIT = 256 * 1024 * 1024


class Line(msgspec.Struct, frozen=True):
    """One line; fields that are not named here are passed over."""

    actor: str
    item: str
    report: str
    report_date: str = ""
    kind: str = "technique"
    actor_name: str = ""
    item_name: str = ""


def load_observations(path: Path) -> Source:
    """The source in a regular file. ``Malformed`` (``knowledge.line``) with the number of a bad line, or of
    one that says a member twice; ``Unavailable`` (``file.kind``) for a device or a pipe, of which nothing is
    read."""
    actors: dict[str, str] = {}
    items: dict[str, str] = {}
    observations = []
    decoder = msgspec.json.Decoder(Line)
    raw = _read(path)
    for number, text in enumerate(split_lines(raw, str(path), "knowledge.line"), 1):
        if not text.strip():
            continue
        try:
            line = decoder.decode(text)
            json.loads(text, object_pairs_hook=once)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise Malformed("knowledge.line", f"{path}:{number}", str(error)[:300]) from None
        if not (line.actor and line.item and line.report):
            raise Malformed("knowledge.line", f"{path}:{number}", "actor, item or report is empty")
        actors.setdefault(line.actor, line.actor_name)
        items.setdefault(line.item, line.item_name)
        observations.append(
            Observation(
                actor=line.actor, item=line.item, kind=line.kind, report=line.report, date=line.report_date
            )
        )
    return make_source(path.name, observations, actors, items)


def _read(path: Path) -> bytes:
    """All of it. What a name says of a file's size is no bound: a file may grow, and a device has none."""
    try:
        # Not blocking, so that a pipe put in a file's place makes nobody wait.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unavailable("file.kind", str(path), "not a regular file")
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise explain(error, path) from None
    if len(raw) > SIZE_LIMIT:
        raise Malformed("knowledge.line", str(path), f"longer than {SIZE_LIMIT:,} bytes")
    return raw
