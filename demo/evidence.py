"""Writes the evidence set of the story: what each party collected, and what the rules must find.

The set is a function of the cast and the seed alone: the same two give the same bytes on every
machine. Party names enter as labels only; no number, time or order depends on them.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from demo.cast import Cast, Role
from demo.evidence_hosts import write_process_log, write_web_log
from demo.evidence_incident import NIGHT, plan_incident
from demo.evidence_mail import write_audit, write_proxy
from demo.evidence_respondent import write_assignments, write_flows
from demo.evidence_sheet import Sheet
from demo.evidence_third import write_resolver

RULES: Final = Path(__file__).parent / "rules"
"""The rules and the indicator list of the story; none of them names a party."""

AUDIT_NOTE: Final = (
    "Mailbox audit export\n"
    "Produced by: records service of the parliament\n"
    "Period: 2026-09-30 to 2026-10-04\n"
    "Times: UTC\n"
)
"""What came with the audit export. Its last line is wrong: the times are local, +02:00."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file of the set.

    `path` is relative to the folder, with `/`. `rows` counts lines, header lines included.
    `declared_zone` is what its holder will declare, `true_zone` what its clock really ran on.
    `origin` is the declared source; `logsource` selects the rules that apply to it. `note` is the
    text of the note that came with it (a file beside it, `<stem>.note.txt`), or empty.
    """

    role: Role
    path: str
    format: str
    declared_zone: str
    true_zone: str
    rows: int
    bytes: int
    sha256: str
    logsource: Mapping[str, str]
    origin: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The rows (line numbers from 1) that one rule file must find in one file.

    With `zone`, `since` and `until`, only rows whose time, read in that zone, lies in
    `since` ≤ time < `until` count.
    """

    rule: str
    path: str
    rows: tuple[int, ...]
    zone: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was written. `files` and `expectations` stand in a fixed order."""

    seed: int
    files: tuple[EvidenceFile, ...]
    expectations: tuple[Expectation, ...]

    def file(self, path: str) -> EvidenceFile:
        """The file with this path; `KeyError` if there is none."""
        for one in self.files:
            if one.path == path:
                return one
        raise KeyError(path)

    def held_by(self, role: Role) -> tuple[EvidenceFile, ...]:
        """The files that the party in `role` collected."""
        return tuple(one for one in self.files if one.role == role)

    def expected(self, rule: str, zone: str | None = None) -> tuple[Expectation, ...]:
        """What `rule` must find, file by file: everywhere, or in the night window read in `zone`.

        `KeyError` if the set holds nothing for this rule and zone.
        """
        found = tuple(one for one in self.expectations if one.rule == rule and one.zone == zone)
        if not found:
            raise KeyError((rule, zone))
        return found


def generate(
    folder: Path,
    cast: Cast,
    seed: int = 7,
    progress: Callable[[str, int], None] | None = None,
) -> Manifest:
    """Write the evidence set and `manifest.json` under `folder`, which is made if absent.

    `progress(path, rows)` is called after each file. Files of the same name are overwritten.
    `OSError` passes through, with the path that could not be written.
    """
    plan = plan_incident(_stream(seed, "incident"))
    proxy, sessions = write_proxy(_stream(seed, "proxy"), cast, plan)
    files: list[EvidenceFile] = []
    expectations: list[Expectation] = []

    def keep(role: Role, name: str, sheet: Sheet, note: str = "") -> None:
        path = f"{role}/{name}"
        raw = sheet.render()
        target = folder / role / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)
        if note:
            target.with_suffix(".note.txt").write_bytes(note.encode("ascii"))
        files.append(
            EvidenceFile(
                role=role,
                path=path,
                format=sheet.format,
                declared_zone="+00:00",
                true_zone=sheet.zone,
                rows=sheet.line_count(),
                bytes=len(raw),
                sha256=hashlib.sha256(raw).hexdigest(),
                logsource=sheet.logsource,
                origin=sheet.origin,
                note=note,
            )
        )
        for rule, rows in sorted(sheet.marked().items()):
            name_of_rule, _, zone = rule.partition("@")
            expectations.append(
                Expectation(
                    rule=name_of_rule,
                    path=path,
                    rows=rows,
                    zone=zone or None,
                    since=NIGHT.since if zone else None,
                    until=NIGHT.until if zone else None,
                )
            )
        if progress is not None:
            progress(path, sheet.line_count())

    keep("claimant", "mail-proxy.csv", proxy)
    keep("claimant", "iis-u_ex261003.log", write_web_log(_stream(seed, "web"), cast, plan))
    keep("claimant", "sysmon.jsonl", write_process_log(_stream(seed, "process"), cast, plan))
    audit = write_audit(_stream(seed, "audit"), cast, plan, sessions)
    keep("claimant", "mailbox-audit.csv", audit, AUDIT_NOTE)
    keep("respondent", "address-assignments.csv", write_assignments(_stream(seed, "plan"), cast))
    keep("respondent", "border-flow.jsonl", write_flows(_stream(seed, "flow"), cast, plan))
    keep("third", "resolver.jsonl", write_resolver(_stream(seed, "resolver"), cast, plan))

    manifest = Manifest(seed=seed, files=tuple(files), expectations=tuple(expectations))
    (folder / "manifest.json").write_bytes(render_manifest(manifest))
    return manifest


def render_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON with sorted keys; `parse_manifest` reads it back."""
    text = json.dumps(asdict(manifest), sort_keys=True, indent=1, ensure_ascii=True)
    return text.encode("ascii") + b"\n"


def parse_manifest(raw: bytes) -> Manifest:
    """Read what `render_manifest` wrote. `ValueError` or `KeyError` on anything else."""
    tree: dict[str, Any] = json.loads(raw)
    return Manifest(
        seed=tree["seed"],
        files=tuple(EvidenceFile(**one) for one in tree["files"]),
        expectations=tuple(
            Expectation(**{**one, "rows": tuple(one["rows"])}) for one in tree["expectations"]
        ),
    )


def _stream(seed: int, name: str) -> random.Random:
    # One stream per file: lengthening one file leaves the others as they were.
    return random.Random(f"{seed}/{name}")
