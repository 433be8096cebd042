"""``comity show``: what a file is, and what it does and does not prove."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.inputs import FileChunks, look_at, read_file
from comity.cli.notice import is_notice
from comity.cli.output import Out, count, ranges_text, size_text, speaks
from comity.errors import ComityError, Malformed

SEAL_PROVES = (
    "With the opening secret, its holder can later show any row, and prove that it stood there unchanged.",
)
SEAL_NOT = (
    "That what the rows say is true, or that the files are genuine or complete.",
    "When it was made: only a record in a ledger, cosigned by others, proves a time.",
    "Who made it: nobody signed it. (A record of a case, or comity pack, does.)",
    "Zone, origin and where it was collected: its holder declares these.",
)


@click.command(name="show")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--limit", type=click.IntRange(0), default=50, help="List at most this many items (default 50)."
)
@speaks(
    "seal (items, rows, bytes) with item (root, size, format, rows, bytes, name, zone, origin, derived_from, "
    "broken); private (items); dossier (case, publisher, as_of, records, files); notice and assertion; "
    "party; findings (findings, files); evidence (format, why, bytes)."
)
def show_command(out: Out, path: Path, limit: int) -> int:
    """Say what a file is: a seal, its private file, a dossier, a notice, a party's card,
    findings, or evidence not sealed yet; and what it proves and what it does not.
    Opens nothing secret and records nothing.
    """
    with_head = FileChunks(path)
    head = next(iter(with_head), b"")[:4096]
    if head.startswith(b'{"items":'):
        _show_seal(out, path, limit)
    elif head[257:262] == b"ustar":
        _show_dossier(out, path)
    elif is_notice(head):
        _show_notice(out, path)
    elif head.startswith(b"COMITY REPLY"):
        out.line(
            f"{path}: a guest's reply to a notice. Its home node checks and registers it: comity reply take"
        )
        out.object("reply", file=str(path))
    elif head.startswith(b"comity-key/1 "):
        out.line(f"{path}: a private key. It is not shown. Whoever has it can sign in its owner's name.")
        out.object("key", file=str(path))
    elif not _show_party(out, path, head):
        _show_other(out, path, head)
    return 0


def _section(out: Out, title: str, lines: tuple[str, ...]) -> None:
    out.line()
    out.line(title)
    for line in lines:
        out.line(f"- {line}", 2)


def _show_seal(out: Out, path: Path, limit: int) -> None:
    from comity.evidence.seal_file import PRIVATE_KIND, parse_private, parse_seal

    raw = read_file(path)
    if f'"kind":"{PRIVATE_KIND}"'.encode() in raw[-200:]:
        entries = parse_private(raw, str(path))
        out.line(
            f"{path}: the private file of a seal, {count(len(entries), 'item')}. Nothing of it is shown here."
        )
        out.line("Whoever has it can open every row of the seal. Losing it, nobody can show a row again.")
        out.object("private", file=str(path), items=len(entries))
        return
    items = parse_seal(raw, str(path))
    rows = sum(item.size - 1 for item in items if item.format != "opaque/1")
    total = sum(item.bytes for item in items if not item.derived_from)
    out.line(
        f"{path}: a seal of {count(len(items), 'item')}, {count(rows, 'row')}, {size_text(total)} of files."
    )
    for number, item in enumerate(items):
        if number < limit:
            name = item.name or "(name not shown)"
            out.line(f"{item.root[:16]}  {item.format:<13} {count(item.size - 1, 'row'):>12}  {name}", 2)
            said = [("zone", item.zone), ("origin", item.origin), ("from", item.collected_from)]
            declared = ", ".join(f"{k} {v}" for k, v in said if v)
            if declared:
                out.line(f"declared: {declared}", 6)
            if item.derived_from:
                broken = f", {count(item.broken, 'part')} unreadable" if item.broken else ""
                out.line(f"derived by {item.parser} from {item.derived_from.split(':')[2][:16]}{broken}", 6)
        out.object(
            "item",
            root=item.root,
            size=item.size,
            format=item.format,
            rows=item.size - 1,
            bytes=item.bytes,
            name=item.name,
            zone=item.zone,
            origin=item.origin,
            collected_from=item.collected_from,
            derived_from=item.derived_from,
            broken=item.broken,
        )
    if len(items) > limit:
        out.line(f"and {len(items) - limit} more (--limit)", 2)
    _section(out, "What it proves", SEAL_PROVES)
    _section(out, "What it does not prove", SEAL_NOT)
    out.object(
        "seal",
        file=str(path),
        items=len(items),
        rows=rows,
        bytes=total,
        proves=SEAL_PROVES,
        not_proven=SEAL_NOT,
    )


def _show_dossier(out: Out, path: Path) -> None:
    from comity.dossier import layout
    from comity.dossier.container import TOTAL_LIMIT, unpack

    files = unpack(read_file(path, TOTAL_LIMIT), str(path))
    if layout.MANIFEST not in files:
        raise Malformed("manifest.form", str(path), "it has no manifest")
    manifest = layout.parse_manifest(files[layout.MANIFEST])
    records = sum(1 for name in manifest.files if name.startswith("records/"))
    shown = sum(1 for name in manifest.files if name.startswith("disclosures/"))
    out.line(f"{path}: a dossier, not yet verified.")
    out.table(
        [
            ["case", manifest.case],
            ["publisher", manifest.publisher],
            ["as of", manifest.as_of],
            ["records", f"{records}, by {count(len(manifest.authors), 'party', 'parties')}"],
            ["disclosures", str(shown)],
        ],
        2,
    )
    _section(
        out,
        "What it can prove",
        ("Who said what, in which order, that it was not changed, and what the publisher left closed.",),
    )
    _section(
        out,
        "What it cannot prove",
        ("That any of it is true.", "That the publisher held everything that was said."),
    )
    out.line()
    out.line(f"Check it: comity verify {path}")
    out.object(
        "dossier",
        file=str(path),
        case=manifest.case,
        publisher=manifest.publisher,
        as_of=manifest.as_of,
        records=records,
        disclosures=shown,
        files=len(manifest.files),
    )


def _show_notice(out: Out, path: Path) -> None:
    from comity.cli.notice import FILE_LIMIT, tell_read
    from comity.exchange.notices.forms import read_notice

    tell_read(out, read_notice(read_file(path, FILE_LIMIT), str(path)))


def _show_party(out: Out, path: Path, head: bytes) -> bool:
    """Whether it is a card file, then shown: deterministic CBOR begins with an array of three."""
    if not head.startswith(b"\x83\x01"):
        return False
    from comity.case.verified import verify_party
    from comity.cli.party_told import tell_party
    from comity.exchange.node import parse_party_file

    try:
        file = parse_party_file(read_file(path, 1 << 20), str(path))
        party = verify_party(file.card, file.rotations, None, str(path))
    except ComityError:
        return False
    tell_party(out, party, False)
    out.line("The card proves itself; whose card it is, it does not.")
    return True


def _show_other(out: Out, path: Path, head: bytes) -> None:
    if head.startswith(b'{"type": "') and _show_findings(out, path):
        return
    found = look_at(path)
    length = path.stat().st_size
    out.line(f"{path}: {size_text(length)}, {found.format}: {found.why}.")
    out.line("It is not sealed: it proves nothing by itself. comity seal seals it.")
    out.object("evidence", file=str(path), format=found.format, why=found.why, bytes=length)


def _show_findings(out: Out, path: Path) -> bool:
    import json

    findings = []
    for line in read_file(path).split(b"\n"):
        try:
            said = json.loads(line) if line.strip() else {}
        except ValueError:
            return False
        if said.get("type") == "finding":
            findings.append(said)
    if not findings:
        return False
    files = {said.get("file") for said in findings}
    out.line(f"{path}: {count(len(findings), 'finding')} in {count(len(files), 'file')}, by comity find.")
    for said in findings[:20]:
        rows = ranges_text([(int(a), int(b)) for a, b in said.get("rows", [])])
        out.line(f"[{said.get('level', '')}] {said.get('title', '')}: {said.get('file', '')} rows {rows}", 2)
    out.line("Nobody signed it; run the rules again to see whether they match.")
    out.object("findings", file=str(path), findings=len(findings), files=len(files))
    return True
