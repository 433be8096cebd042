"""The story's evidence: the same for a seed, the same for either side, and as its rules find it.

The rules are read here by a small matcher of this file's own, straight from their YAML; it shares
nothing with the generator's marks or with the engine.
"""

from __future__ import annotations

import csv
import hashlib
import io
import ipaddress
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.cast import FORWARD, LUMEN, QUAY, ROLES, SWAPPED, VELDMARK, Cast, Party
from demo.evidence import RULES, EvidenceFile, Manifest, generate, parse_manifest
from demo.evidence_sheet import Sheet, moment, spell

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTATION = [
    ipaddress.ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
IPV6 = re.compile(r"[0-9a-f:]*::[0-9a-f]*")
REAL_HOST = re.compile(r"\.(?:com|net|org|gov|mil|edu|int|info|io|eu|uk|de|fr|cn|ru|us)(?![\w.])")
REAL_NAMES = [
    "microsoft",
    "google",
    "apple",
    "amazon",
    "facebook",
    "cisco",
    "cloudflare",
    "firefox",
    "chrome",
    "safari",
    "outlook",
    "russia",
    "china",
    "iran",
    "korea",
    "america",
    "germany",
    "france",
    "austria",
    "denmark",
    "estonia",
    "ukraine",
    "israel",
]

Fields = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("forward")
    return folder, generate(folder, FORWARD)


def read_rows(folder: Path, one: EvidenceFile) -> Iterator[tuple[int, Fields]]:
    text = (folder / one.path).read_text("ascii")
    lines = text.split("\n")
    assert lines.pop() == ""
    if one.format == "csv/1":
        names = lines[0].split(",")
        for number, values in enumerate(csv.reader(io.StringIO("\n".join(lines[1:]))), 2):
            yield number, dict(zip(names, values, strict=True))
    elif one.format == "jsonl/1":
        for number, line in enumerate(lines, 1):
            yield number, json.loads(line)
    else:
        names = []
        for number, line in enumerate(lines, 1):
            if line.startswith("#Fields: "):
                names = line.split()[1:]
            elif not line.startswith("#"):
                yield number, dict(zip(names, line.split(" "), strict=True))


def holds(test: str, wanted: Any, value: Any) -> bool:
    if isinstance(value, str):
        value = value.lower()
    if isinstance(wanted, str):
        wanted = wanted.lower()
    match test:
        case "contains":
            return wanted in value
        case "startswith":
            return bool(value.startswith(wanted))
        case "endswith":
            return bool(value.endswith(wanted))
        case "lt":
            return bool(value < wanted)
        case "cidr":
            address = ipaddress.ip_address(value)
            return address in ipaddress.ip_network(wanted)
        case "":
            return str(value) == str(wanted)
    raise AssertionError(test)


def compile_group(group: Fields) -> Callable[[Fields], bool]:
    tests: list[tuple[str, str, bool, list[Any]]] = []
    for key, wanted in group.items():
        name, *modifiers = key.split("|")
        every = "all" in modifiers
        test = next((m for m in modifiers if m != "all"), "")
        tests.append((name, test, every, wanted if isinstance(wanted, list) else [wanted]))
    # Cheap comparisons first.
    tests.sort(key=lambda entry: entry[1] == "cidr")

    def matches(row: Fields) -> bool:
        return all(
            name in row and (all if every else any)(holds(test, w, row[name]) for w in wanted)
            for name, test, every, wanted in tests
        )

    return matches


def compile_rule(rule: Fields) -> Callable[[Fields], bool]:
    groups = {name: compile_group(group) for name, group in rule["detection"].items() if name != "condition"}
    selection = groups.pop("selection")
    condition = rule["detection"]["condition"]
    if groups:
        assert condition in ("selection and not filter_refused", "selection and not 1 of filter_*")
    else:
        assert condition == "selection"
    return lambda row: selection(row) and not any(group(row) for group in groups.values())


def applies(rule: Fields, one: EvidenceFile, row: Fields) -> bool:
    source = dict(rule["logsource"])
    if source.get("category") == "process_creation":
        if one.logsource.get("service") != "sysmon" or row["EventID"] != 1:
            return False
        del source["category"]
    return all(one.logsource.get(key) == value for key, value in source.items())


def load_rules() -> dict[str, Fields]:
    return {path.name: yaml.safe_load(path.read_bytes()) for path in RULES.glob("*.yml")}


def test_the_claimants_logs_hold_two_hundred_thousand_rows(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    assert sum(one.rows for one in manifest.held_by("claimant")) >= 200_000
    assert sum(one.rows for one in manifest.held_by("respondent")) >= 20_000
    for one in manifest.files:
        raw = (folder / one.path).read_bytes()
        assert (raw.count(b"\n"), len(raw)) == (one.rows, one.bytes)
        assert hashlib.sha256(raw).hexdigest() == one.sha256


def test_each_rule_finds_exactly_the_rows_the_manifest_names(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    rules = load_rules()
    compiled = {name: compile_rule(rule) for name, rule in rules.items()}
    found: dict[tuple[str, str], list[int]] = {}
    for one in manifest.files:
        here = [name for name, rule in rules.items() if applies(rule, one, {"EventID": 1})]
        for number, row in read_rows(folder, one):
            for name in here:
                if applies(rules[name], one, row) and compiled[name](row):
                    found.setdefault((name, one.path), []).append(number)
    expected = {
        (e.rule, e.path): list(e.rows)
        for e in manifest.expectations
        if e.zone is None and e.rule != "indicators.txt"
    }
    assert found == expected
    assert {name for name, _ in found} == set(rules)


def test_each_indicator_stands_exactly_where_the_manifest_says(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    lines = (RULES / "indicators.txt").read_text("ascii").splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    token = re.compile("|".join(rf"(?<![\w.-]){re.escape(w)}(?![\w.-])" for w in wanted))
    prefix_only = 0
    for one in manifest.files:
        rows = (folder / one.path).read_text("ascii").splitlines()
        near = [(n, row) for n, row in enumerate(rows, 1) if any(w in row for w in wanted)]
        hits = tuple(n for n, row in near if token.search(row))
        expected = [e.rows for e in manifest.expectations if (e.rule, e.path) == ("indicators.txt", one.path)]
        assert [hits] == (expected or [()])
        prefix_only += len(near) - len(hits)
    # A search without boundaries would find thousands more.
    assert prefix_only > 1_000


def test_the_night_differs_by_the_zone_its_log_is_read_in(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    audit = manifest.file("claimant/mailbox-audit.csv")
    assert (audit.declared_zone, audit.true_zone) == ("+00:00", "+02:00")
    assert audit.note.endswith("Times: UTC\n")
    note = folder / "claimant" / "mailbox-audit.note.txt"
    assert note.read_text("ascii") == audit.note
    rows = dict(read_rows(folder, audit))
    (everywhere,) = manifest.expected("mailbox_export.yml")
    nights = {}
    for zone, hours in (("+00:00", 0), ("+02:00", 2)):
        (one,) = manifest.expected("mailbox_export.yml", zone)
        assert one.since is not None
        assert one.until is not None
        since, until = (datetime.fromisoformat(text) for text in (one.since, one.until))

        def at(number: int, hours: int = hours) -> datetime:
            local = datetime.fromisoformat(rows[number]["CreationTime"]).replace(tzinfo=UTC)
            return local - timedelta(hours=hours)

        nights[zone] = one.rows
        assert one.rows == tuple(n for n in everywhere.rows if since <= at(n) < until)
    declared, true = set(nights["+00:00"]), set(nights["+02:00"])
    assert (len(declared), len(true), len(declared & true)) == (41, 38, 29)
    # Only the intruder's exports lie in the true night.
    assert {rows[n]["LogonType"] for n in true} == {"Delegate"}
    assert {rows[n]["LogonType"] for n in declared - true} == {"Admin"}


def test_the_same_sessions_stand_two_hours_earlier_in_the_gateways_log(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    gateway = {
        row["session"]: datetime.fromisoformat(row["time"][:-1])
        for _, row in read_rows(folder, manifest.file("claimant/mail-proxy.csv"))
        if row["event"] == "logon" and row["outcome"] == "success"
    }
    shared = 0
    for _, row in read_rows(folder, manifest.file("claimant/mailbox-audit.csv")):
        if row["Operation"] == "MailboxLogon":
            late = datetime.fromisoformat(row["CreationTime"]) - gateway[row["SessionId"]]
            assert timedelta(0) <= late - timedelta(hours=2) < timedelta(seconds=4)
            shared += 1
    assert shared > 10_000


def test_the_clue_matches_and_is_false(written: tuple[Path, Manifest]) -> None:
    folder, manifest = written
    (clue,) = manifest.expected("maintenance_host_logon.yml")
    gateway = dict(read_rows(folder, manifest.file(clue.path)))
    logons = [gateway[number] for number in clue.rows]
    assert {row["client_ip"] for row in logons} == {"203.0.113.77"}
    entries = [
        row
        for _, row in read_rows(folder, manifest.file("respondent/address-assignments.csv"))
        if row["address"] == "203.0.113.77"
    ]
    flows = [row for _, row in read_rows(folder, manifest.file("respondent/border-flow.jsonl"))]
    for logon in logons:
        newest = [entry for entry in entries if entry["time"] <= logon["time"]][-1]
        assert newest["pool"] == "hosting-customers"
        assert newest["holder"] == f"customer-4471.{QUAY.domain}"
        assert newest["lease_until"] > logon["time"]
    sources = {row["ingress"] for row in flows if row.get("src") == "203.0.113.77" and row["type"] == "flow"}
    assert sources == {"hosting-customers"}
    assert all(row["state"] == "down" for row in flows if row.get("port") == "mnt-ops-04")


def test_the_respondents_flows_bear_out_every_attempt_of_the_spray(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written

    def seen(path: str, rule: str, source: str) -> list[tuple[str, datetime]]:
        (one,) = manifest.expected(rule)
        rows = dict(read_rows(folder, manifest.file(path)))
        return sorted((rows[n][source], datetime.fromisoformat(rows[n]["time"][:-1])) for n in one.rows)

    attempts = seen("claimant/mail-proxy.csv", "password_spray.yml", "client_ip")
    crossed = seen("respondent/border-flow.jsonl", "border_spray.yml", "src")
    assert [address for address, _ in attempts] == [address for address, _ in crossed]
    for (_, there), (_, here) in zip(attempts, crossed, strict=True):
        assert timedelta(0) < there - here < timedelta(milliseconds=50)


def test_the_second_field_block_orders_its_columns_otherwise(
    written: tuple[Path, Manifest],
) -> None:
    folder, manifest = written
    lines = (folder / "claimant" / "iis-u_ex261003.log").read_text("ascii").splitlines()
    at = [number for number, line in enumerate(lines, 1) if line.startswith("#Fields:")]
    assert len(at) == 2
    (shell,) = manifest.expected("web_shell_requests.yml")
    assert min(shell.rows) > at[1]
    assert lines[at[0] - 1].split().index("sc-status") != lines[at[1] - 1].split().index("sc-status")


def test_another_process_with_another_hash_seed_writes_the_same_bytes(
    written: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, _ = written
    script = (
        "import sys; from pathlib import Path; from demo.cast import FORWARD; "
        "from demo.evidence import generate; generate(Path(sys.argv[1]), FORWARD)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT), "TZ": "Etc/GMT-9"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    assert contents(tmp_path) == contents(folder)


def test_another_seed_writes_other_rows_of_the_same_story(
    written: tuple[Path, Manifest], tmp_path: Path
) -> None:
    _, first = written
    told: list[tuple[str, int]] = []
    other = generate(tmp_path, FORWARD, seed=8, progress=lambda path, rows: told.append((path, rows)))
    assert told == [(one.path, one.rows) for one in other.files]
    assert all(a.sha256 != b.sha256 for a, b in zip(first.files, other.files, strict=True))
    assert [len(e.rows) for e in other.expected("mailbox_export.yml", "+02:00")] == [38]
    assert sum(one.rows for one in other.held_by("claimant")) >= 200_000


def test_swapping_the_parties_swaps_their_names_and_nothing_else(
    written: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, manifest = written
    swapped = generate(tmp_path, SWAPPED)
    assert swapped.expectations == manifest.expectations
    theirs, ours = contents(tmp_path), contents(folder)
    assert theirs != ours
    del theirs["manifest.json"], ours["manifest.json"]
    assert {name: exchange(raw) for name, raw in theirs.items()} == ours
    for a, b in zip(swapped.files, manifest.files, strict=True):
        assert (a.role, a.path, a.rows, a.logsource, a.origin) == (
            (b.role, b.path, b.rows, b.logsource, b.origin)
        )


def test_the_manifest_reads_back(written: tuple[Path, Manifest]) -> None:
    folder, manifest = written
    assert parse_manifest((folder / "manifest.json").read_bytes()) == manifest
    with pytest.raises(KeyError, match="nothing"):
        manifest.file("nothing")
    with pytest.raises(KeyError, match="nothing"):
        manifest.expected("nothing")


def test_every_address_and_name_is_an_invented_one(written: tuple[Path, Manifest]) -> None:
    folder, manifest = written
    texts = [(folder / one.path).read_text("ascii") for one in manifest.files]
    texts += [path.read_text("ascii") for path in sorted(RULES.iterdir())]
    for text in texts:
        found = set(IPV4.findall(text))
        for double in re.finditer("::", text):
            six = IPV6.search(text[double.start() - 24 : double.end() + 6])
            assert six is not None
            found.add(six.group())
        for address in found:
            assert any(ipaddress.ip_address(address) in net for net in DOCUMENTATION), address
        plain = text.replace("Microsoft-Windows-Sysmon/Operational", "").lower()
        assert REAL_HOST.search(plain) is None
        assert not [name for name in REAL_NAMES if name in plain]


def test_no_rule_names_a_party() -> None:
    labels = [FORWARD.of(role).label for role in ROLES] + [FORWARD.of(role).name for role in ROLES]
    for path in RULES.iterdir():
        text = path.read_text("ascii").lower()
        assert not [label for label in labels if label.lower() in text]


def test_every_rule_has_what_the_sigma_specification_requires() -> None:
    rules = load_rules()
    assert len({rule["id"] for rule in rules.values()}) == len(rules) >= 11
    for name, rule in rules.items():
        assert re.fullmatch(r"[a-z_]+\.yml", name)
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", rule["id"]
        )
        assert 0 < len(rule["title"]) <= 256
        assert rule["status"] == "test"
        assert rule["level"] in ("informational", "low", "medium", "high", "critical")
        assert set(rule["logsource"]) <= {"category", "product", "service"}
        assert all(re.fullmatch(r"attack\.[a-z0-9.-]+", tag) for tag in rule["tags"])


def test_a_sheet_keeps_the_order_of_arrival_within_one_moment() -> None:
    sheet = Sheet(
        splitter="csv/1",
        origin="test",
        logsource={},
        blocks=[(0, ["head"]), (moment("2026-10-01", "00:00:00"), ["again", "and again"])],
    )
    late = moment("2026-10-02", "00:00:00")
    sheet.add(late, "z", "rule")
    sheet.add(late, "a", "rule", "other")
    sheet.add(0, "first", "rule")
    assert sheet.render() == b"head\nfirst\nagain\nand again\nz\na\n"
    assert sheet.marked() == {"rule": (2, 5, 6), "other": (6,)}
    assert sheet.line_count() == 6
    assert spell(late) == "2026-10-02T00:00:00"


@pytest.mark.parametrize("label", ["ab", "Upper", "with space", 'quote"', "comma,", "-dash", "a" * 40])
def test_a_label_that_would_break_a_log_line_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Party(label=label, name="Name", office="Office")


def test_a_party_cannot_play_two_roles() -> None:
    with pytest.raises(ValueError, match="share one label"):
        Cast(claimant=VELDMARK, respondent=VELDMARK, third=LUMEN, fourth=QUAY)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def exchange(raw: bytes) -> bytes:
    """Write each of the two parties' names where the other's stood."""
    a, b = FORWARD.claimant, FORWARD.respondent
    pairs = {a.domain: b.domain, a.label: b.label, a.name: b.name, a.office: b.office}
    table = {k.encode(): v.encode() for k, v in (pairs | {v: k for k, v in pairs.items()}).items()}
    names = sorted(table, key=len, reverse=True)
    pattern = re.compile(b"|".join(re.escape(name) for name in names))
    return pattern.sub(lambda match: table[match.group()], raw)
