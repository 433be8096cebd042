"""Hold the engine against the obvious matcher on real logs: every rule on every row that it is asked of.

    python3 dev campaign corpus RULES LOGS... [--every N] [--forms] [--minutes M] [--state FILE]

Each file is run as ``comity find`` runs it, by codes and by fields, over rules as a cache gives them back;
both must match the same rows. The other side (:mod:`comity.findings.reference`) judges each rule on each of
its rows alone. Which rules a row is asked is the engine's routing on both sides.
``--every N`` takes each N-th row of a kind (of a channel and an event id), the first ones always. ``--forms``
also writes the events of event logs as other tools export them, and expects the same findings. Files done are
kept in ``--state``: the same command goes on from there, for ``--minutes`` at a time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaigns.differ import ByFields, as_cached
from comity.cli.inputs import FileChunks, derive_log, list_files, look_at
from comity.dossier.rerun import WORTH, Reading, run_item
from comity.evidence.bulk import Batch, fields_of_batch, read_batches
from comity.evidence.formats import FormatName
from comity.evidence.parse import Unparsed, text_of
from comity.findings.deriving import add_derived
from comity.findings.export_texts import readings_in
from comity.findings.exports import Exports
from comity.findings.finding import Parameters
from comity.findings.logsource import names_for, source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import judge_detection, read_rule
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.sigma import Rule

FIRST = 2
"""How many rows of a kind of a file are always looked at."""


@dataclass(kw_only=True)
class Tally:
    """What was judged: rows of the files, rows looked at, pairs of rule and row, and how many were true."""

    rows: int = 0
    looked: int = 0
    pairs: int = 0
    true: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "looked": self.looked,
            "pairs": self.pairs,
            "true": self.true,
            "forms": dict(self.forms),
            "failures": self.failures,
        }

    def add(self, told: Mapping[str, Any]) -> None:
        self.rows += told["rows"]
        self.looked += told["looked"]
        self.pairs += told["pairs"]
        self.true += told["true"]
        self.forms.update(told["forms"])
        self.failures += told["failures"]


class Judges:
    """The rules of a pack, as both sides read them."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        pack = compile_pack(sources.items())
        self.pack = as_cached(pack, {hashlib.sha256(raw).hexdigest(): raw for raw in sources.values()})
        self.scanner = Scanner(self.pack)
        self.scanner.walked = WORTH
        self.by_fields = ByFields(self.pack)
        self.rules = [rule for rule in self.pack.rules if isinstance(rule, Rule) and not rule.whole]
        self.read = {rule.digest: read_rule(sources[rule.source_name]) for rule in self.rules}
        self._plain = Exports(())

    def asked(self, info: ItemInfo, fields: Mapping[str, Value]) -> Iterator[tuple[Rule, int, Any, Any]]:
        """The rules asked of a row: the number of the part, the names of its fields, the row as read."""
        read = self.scanner.exports.read(fields)
        source = source_of(info, read)
        readings = [(source, add_derived(source, self._plain.read(fields)))]
        for each in readings_in(read)[1:]:
            kind = source_of(info, each)
            readings.append((kind, add_derived(kind, each)))
        for rule in self.rules:
            for at, part in enumerate(rule.parts):
                for source, derived in readings:
                    for names in names_for(part.logsource, source):
                        yield rule, at, names, derived


def judge_file(judges: Judges, path: Path, every: int, forms: bool) -> Tally:
    """One file, both ways."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        found = look_at(path)
        source, form = path, found.derive or found.format
        if found.derive:
            source = Path(folder) / "derived.jsonl"
            derive_log(path, source)
        if form == "opaque/1":
            return tally
        batches = list(read_batches(form, FileChunks(source), str(path)))
    matched = _run(judges, judges.scanner, form, batches)
    for digest, row in sorted(matched ^ _run(judges, judges.by_fields, form, batches)):
        who = next(rule.source_name for rule in judges.rules if rule.digest == digest)
        way = "codes" if (digest, row) in matched else "fields"
        tally.failures.append(f"{path}, row {row}: {who} matches only by {way}")
    info = ItemInfo(ref="", format=form)
    seen: Counter[object] = Counter()
    for batch in batches:
        for index, raw, fields in zip(batch.indexes, batch.raws, fields_of_batch(form, batch), strict=True):
            tally.rows += 1
            if fields is None or isinstance(fields, Unparsed):
                continue
            kind = (str(fields.get("Channel")), str(fields.get("EventID")))
            seen[kind] += 1
            if seen[kind] > FIRST and seen[kind] % every:
                continue
            tally.looked += 1
            _judge_row(judges, info, Row(index=index, text=text_of(raw), fields=fields), matched, path, tally)
    if forms and form == "evtx-jsonl/1":
        for name, write in FORMS.items():
            tally.forms[name] += 1
            rows = [json.loads(raw) for batch in batches for raw in batch.raws]
            if any("broken" in row for row in rows):
                continue
            # An event without a channel is known as one of Windows only by how it is nested.
            if name != "nested" and any(not row["Event"]["System"].get("Channel") for row in rows):
                continue
            lines = [json.dumps(write(row["Event"])).encode() for row in rows]
            same = _run(
                judges,
                judges.scanner,
                "jsonl/1",
                [Batch(indexes=range(1, len(lines) + 1), raws=lines, context=None)],
            )
            for digest, row in sorted(same ^ matched):
                who = next(rule.source_name for rule in judges.rules if rule.digest == digest)
                where = "only so" if (digest, row) in same else "not so"
                tally.failures.append(f"{path}, row {row} as {name}: {who} matches {where}")
    return tally


def _run(
    judges: Judges, scanner: Scanner, form: FormatName, batches: Sequence[Batch]
) -> set[tuple[str, int]]:
    info = ItemInfo(ref="", format=form)
    result = run_item(scanner, judges.pack, info, form, batches, Parameters(), Reading())
    return set(result.matches)


def _judge_row(
    judges: Judges, info: ItemInfo, row: Row, matched: set[tuple[str, int]], path: Path, tally: Tally
) -> None:
    expected: dict[str, bool] = {}
    for rule, at, names, fields in judges.asked(info, row.fields):
        detection, values = judges.read[rule.digest][at]
        read = Row(index=row.index, text=row.text, fields=fields)
        expected[rule.digest] = expected.get(rule.digest, False) or judge_detection(
            detection, read, names, values
        )
    tally.pairs += len(expected)
    for rule in judges.rules:
        truth = expected.get(rule.digest, False)
        tally.true += truth
        if truth is not ((rule.digest, row.index) in matched):
            tally.failures.append(
                f"{path}, row {row.index}: {rule.source_name}: the obvious matcher says {truth}"
            )


# The same event as other tools write it.


def _flat(event: Any) -> dict[str, Any]:
    system, data = event["System"], _data(event)
    flat = {"Channel": system.get("Channel"), "EventID": _text(system.get("EventID"))}
    return {**flat, "SourceName": _provider(system), **_apart(system, data)}


def _winlog(event: Any) -> dict[str, Any]:
    system = event["System"]
    told = {"channel": system.get("Channel"), "event_id": _text(system.get("EventID"))}
    told |= {"provider_name": _provider(system), "computer_name": system.get("Computer")}
    levels = {"version": system.get("Version")}
    data = _data(event)
    unnamed = data.pop("Data", [])
    for at, text in enumerate(unnamed if isinstance(unnamed, list) else [unnamed], 1):
        data[f"param{at}"] = text
    return {"winlog": {**told, **levels, "event_data": data}}


def _payload(event: Any) -> dict[str, Any]:
    system, data = event["System"], _data(event)
    listed = ((name, value if isinstance(value, list) else [value]) for name, value in data.items())
    items = [{"@Name": name, "#text": each} for name, values in listed for each in values]
    told = {"EventId": _text(system.get("EventID")), "Channel": system.get("Channel")}
    told |= {"Provider": _provider(system), "Payload": json.dumps({"EventData": {"Data": items}})}
    return told


def _provider(system: Any) -> Any:
    provider = system.get("Provider") or {}
    return (provider.get("#attributes") or {}).get("Name")


def _text(value: Any) -> Any:
    return value.get("#text") if isinstance(value, dict) else value


def _data(event: Any) -> dict[str, Any]:
    data = event.get("EventData")
    if not isinstance(data, dict):
        return {}
    return {name: _text(value) for name, value in data.items() if name != "#attributes"}


def _apart(system: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in system}


FORMS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "nested": lambda event: {"Event": event},
    "flat": _flat,
    "winlog": _winlog,
    "payload": _payload,
}
"""Forms that keep what rules ask of an event, so that every rule must find the same."""


def run(arguments: Sequence[str]) -> int:
    """The campaign as a command; 1 where a verdict differs."""
    parser = argparse.ArgumentParser(prog="dev campaign corpus", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("rules", type=Path, help="a folder of Sigma rules")
    parser.add_argument("logs", type=Path, nargs="+", help="files and folders of logs")
    parser.add_argument("--every", type=int, default=1, help="each N-th row of a kind (default: all)")
    parser.add_argument("--forms", action="store_true", help="also as other tools export events")
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="stop after so many minutes (default: never)"
    )
    parser.add_argument("--state", type=Path, help="where files done are kept, so that a later run goes on")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    sources = {
        str(path.relative_to(chosen.rules)): path.read_bytes() for path in sorted(chosen.rules.rglob("*.yml"))
    }
    judges = Judges(sources)
    files = list_files(chosen.logs).files
    key = f"{judges.pack.digest}/{chosen.every}/{chosen.forms}"
    done = _read_state(chosen.state, key)
    total = Tally()
    for at, path in enumerate(files, 1):
        told = done.get(str(path))
        if told is None:
            if chosen.minutes and time.monotonic() - began > 60 * chosen.minutes:
                print(f"stopped after {at - 1} of {len(files)} files; the same command goes on", flush=True)
                break
            told = judge_file(judges, path, chosen.every, chosen.forms).to_json()
            if chosen.state is not None:
                with chosen.state.open("a") as state:
                    state.write(json.dumps({"key": key, "file": str(path), **told}) + "\n")
            for failure in told["failures"]:
                print(f"FAILURE {failure}", flush=True)
        total.add(told)
        if at % 20 == 0:
            print(
                f"{at}/{len(files)} files, {total.pairs:,} pairs, {len(total.failures)} failures", flush=True
            )
    print(
        f"{len(judges.rules)} rules, {len(judges.pack.unusable)} unusable; {total.rows:,} rows, "
        f"{total.looked:,} looked at; {total.pairs:,} pairs of a rule and a row, {total.true:,} true, "
        f"{len(total.failures)} disagreements, {time.monotonic() - began:.0f} s"
    )
    return 1 if total.failures else 0


def _read_state(path: Path | None, key: str) -> dict[str, Any]:
    if path is None or not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {line["file"]: line for line in lines if line["key"] == key}


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
