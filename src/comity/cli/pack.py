"""``comity pack``: a seal and its findings as a dossier by one party."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from comity.cli.find import read_private
from comity.cli.inputs import FileChunks, read_file
from comity.cli.options import closing
from comity.cli.output import Out, count, size_text, speaks
from comity.cli.publish import require_free
from comity.cli.sources import RECORD_LIMIT, fits_record
from comity.errors import Malformed, NotVerified, Refused

if TYPE_CHECKING:
    from comity.compose import Home
    from comity.evidence.seal import SealedItem
    from comity.evidence.seal_file import PrivateEntry, SealEntry
    from comity.exchange.node import Node
    from comity.findings.finding import Parameters
    from comity.records.kinds import Item

FINDINGS_LIMIT = 256 * 1024 * 1024
NOTE_LIMIT = 64 * 1024


def node_path(seal_path: Path) -> Path:
    """The folder beside a seal with the node that packs it; once it was moved, a file that says where to."""
    return seal_path.with_name(f"{seal_path.name}.node")


def moved_to(note: Path) -> str:
    """Where the note that ``comity init --from`` left says that the node is."""
    return read_file(note, NOTE_LIMIT).decode("utf-8", "replace").strip()


Rows: TypeAlias = dict[str, list[tuple[int, int]]]


@dataclass(slots=True)
class Told:
    """The rules that a findings file says matched one item, with the parameters of that run."""

    parameters: Parameters
    rules: dict[str, str] = field(default_factory=dict)  # digest → path of the source
    rows: Rows = field(default_factory=dict)
    said: set[tuple[str, str]] = field(default_factory=set)  # (result digest, semantics), as the lines say


@click.command(name="pack")
@click.argument("seal_path", metavar="X.seal", type=click.Path(path_type=Path))
@click.argument("findings_path", metavar="[FINDINGS.jsonl]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out", "target", required=True, type=click.Path(path_type=Path), metavar="X.comity", help="The dossier."
)
@click.option("--name", default="", help="Your party's name (the first time).")
@click.option("--url", default="", help="Where your node would listen one day; stands in your card for good.")
@click.option("--title", default="", help="Your title for the case (the first time).")
@click.option(
    "--disclose",
    default="",
    metavar="BASIS",
    help="Show everyone the rows that the findings match, on this basis.",
)
@speaks(
    "item (record, item, new); report (record, item, inputs, result, rows); "
    "problem (code, where, why); packed (file, sha256, bytes, case, party, node)."
)
def pack_command(
    out: Out,
    seal_path: Path,
    findings_path: Path | None,
    target: Path,
    name: str,
    url: str,
    title: str,
    disclose: str,
) -> int:
    """Make a dossier by one party, without a node: the sealed items of X.seal and, from
    what comity find --seal X.seal --json wrote, a signed finding for each item.

    Each finding is run again, over the sealed bytes, with the rules that matched. Rows
    stay closed unless --disclose shows those matched, so that anyone can run the
    rules over them.

    The first time a party is made, with keys and ledger, in X.seal.node/ (mode
    0700; the items' bytes go there too, encrypted). Packing again continues the same ledger, and
    comity init HOME --from X.seal makes it your node, with keys, ledger, items and case.

    No time in it is proven and nobody else has a word in it: it shows that these rows
    were sealed, and that these rules match them.
    """
    require_free(target)
    private = read_private(seal_path)
    public = {entry.root: entry for entry in _public(seal_path)}
    told = _read_findings(findings_path, private) if findings_path is not None else {}
    sources = {ref: _read_sources(one) for ref, one in told.items()}
    long = _leave_out_long(out, told, sources)
    home = _home(seal_path, name, url)
    from comity.adapters import turns

    with turns.hold_alone(home.folder, "pack.lock"):
        node = home.node
        case = _case(node, title)
        seals = _seal_items(out, node, case, private, public)
        for ref, one in sorted(told.items()):
            _report(out, node, case, seals[ref.split(":")[2]], sources[ref], one, disclose)
        from comity.adapters.atomic import write_new
        from comity.exchange.publishing import publish

        out.progress("publishing")
        _, dossier = publish(node, case)
        write_new(target, dossier, 0o644)
    digest = hashlib.sha256(dossier).hexdigest()
    out.line()
    out.line(
        f"{target}: {size_text(len(dossier))}, {count(len(private), 'item')}, {count(len(told), 'finding')}"
    )
    out.line(f"by {node.party.card.name}, party {node.party.id}")
    out.line(
        f"{home.folder}: your keys and ledger. Keep it; "
        f"comity init HOME --from {seal_path} makes it your node."
    )
    out.line(f"Anyone checks it with: comity verify {target}")
    out.object(
        "packed",
        file=str(target),
        sha256=digest,
        bytes=len(dossier),
        case=case,
        party=node.party.id,
        node=str(home.folder),
    )
    return 2 if long else 0


def _leave_out_long(out: Out, told: dict[str, Told], sources: dict[str, list[tuple[str, bytes]]]) -> bool:
    """Take out, and name, rules that no record can carry; whether there was one."""
    found: dict[str, str] = {}
    for ref, one in list(told.items()):
        for _, raw in [each for each in sources[ref] if not fits_record(each[1])]:
            digest = hashlib.sha256(raw).hexdigest()
            found[digest] = one.rules.pop(digest)
            one.rows.pop(digest)
        sources[ref] = [each for each in sources[ref] if fits_record(each[1])]
        if not one.rules:
            del told[ref], sources[ref]
    for place in sorted(found.values()):
        why = f"longer than the {RECORD_LIMIT} characters a record can carry; its findings were left out"
        out.warn(f"{place}: {why}")
        out.object("problem", code="rule.long", where=place, why=why)
    return bool(found)


def _public(seal_path: Path) -> tuple[SealEntry, ...]:
    from comity.evidence.seal_file import parse_seal

    return parse_seal(read_file(seal_path), str(seal_path))


def _home(seal_path: Path, name: str, url: str) -> Home:
    from comity import compose
    from comity.adapters import node_settings

    folder = node_path(seal_path)
    if folder.is_file():
        raise Refused(
            "seal.adopted",
            str(folder),
            f"the party that packed this seal has a node now ({moved_to(folder)}): publish from there, so "
            "that one name does not stand for two keys; without this file, a new party is made",
        )
    if folder.exists():
        home = closing(compose.open_home(folder))
        if name and name != home.node.party.card.name:
            raise Refused("party.name", name, f"this seal is packed by {home.node.party.card.name} already")
        return home
    if not name:
        raise click.UsageError('the dossier is signed by a party: give it a name with --name "…"')
    return closing(
        compose.create_home(folder, name=name, settings=node_settings.settings_for(node_settings.LISTEN, url))
    )


def _case(node: Node, title: str) -> str:
    from comity.exchange import acts
    from comity.records.bodies import time_text
    from comity.records.kinds import Policy, Witness

    cases = node.cases()
    if cases:
        return cases[0]
    # A policy names somebody; one's own cosignature never counts, so this one proves no time.
    own = node.party
    policy = Policy(quorum=1, witnesses=(Witness(vkey=own.card.witness, party=own.id),))
    return acts.open_case(node, time_text(node.effects.now())[:10], policy, title)


def item_of(entry: PrivateEntry) -> SealedItem:
    """The sealed item that a private entry opens, without reading its file."""
    from comity.evidence.seal import sealed_item

    root, subtrees = bytes.fromhex(entry.root), bytes.fromhex(entry.subtrees)
    return sealed_item(entry.size, root, subtrees, entry.metadata.encode())


def _seal_items(
    out: Out,
    node: Node,
    case: str,
    private: tuple[PrivateEntry, ...],
    public: dict[str, SealEntry],
) -> dict[str, str]:
    """Every item kept and sealed by a record, and derivations stated; gives records by root.

    What an interrupted pack had done is found in the journal, and not done again.
    """
    from comity.evidence.evtx import PARSER, PARSER_VERSION
    from comity.exchange import acts
    from comity.exchange.evidence import commit_item, held_items, keep_item
    from comity.records import kinds

    state = node.state(case)
    seals = {
        r.content.item.root: r.id for r in state.of("evidence.seal") if isinstance(r.content, kinds.Seal)
    }
    derived = {
        r.content.result.root for r in state.of("evidence.derive") if isinstance(r.content, kinds.Derive)
    }
    held = held_items(node)
    items = {entry.root: item_of(entry) for entry in private}
    for number, (entry, item) in enumerate(zip(private, items.values(), strict=True), 1):
        out.progress(f"packing {number}/{len(private)} {item.name}")
        new = entry.root not in seals
        if entry.root not in held:
            _check_file(entry)
            blob = node.blobs.put_stream(FileChunks(Path(entry.file_path)))
            if blob != item.sha256:
                raise NotVerified("item.root", entry.file_path, "this file is no longer what was sealed")
            keep_item(node, _without_path(entry), blob, seals.get(entry.root, ""))
        if new:
            shown = bool(public[entry.root].name)
            record = commit_item(node, case, item, to=[kinds.PUBLIC], show_name=shown)
            seals[entry.root] = record.value.id
        out.object("item", record=seals[entry.root], item=str(item.ref), new=new)
    by_ref = {str(item.ref): item for item in items.values()}
    for item in items.values():
        source = by_ref.get(item.declared.derived_from)
        if source is None or item.item in derived:
            continue
        content = kinds.Derive(
            source=kinds.Item(root=source.item, size=source.size),
            result=kinds.Item(root=item.item, size=item.size),
            tool=PARSER,
            version=PARSER_VERSION,
        )
        acts.say(node, case, content, [seals[source.item], seals[item.item]], to=[kinds.PUBLIC])
    out.line(f"{count(len(private), 'item')} sealed in the case.")
    return seals


def _without_path(entry: PrivateEntry) -> PrivateEntry:
    import msgspec

    return msgspec.structs.replace(entry, path="", path_hex="")


def _check_file(entry: PrivateEntry) -> None:
    from comity.evidence.disclose import WholeKey, check_whole

    path = Path(entry.file_path)
    whole = WholeKey(
        size=entry.size,
        root=bytes.fromhex(entry.root),
        key=bytes.fromhex(entry.key),
        metadata=entry.metadata.encode(),
    )
    try:
        check_whole(whole, FileChunks(path), entry.ref, str(path))
    except NotVerified as error:
        raise NotVerified(error.code, str(path), "this file is no longer what was sealed") from None


# Findings


def _read_findings(path: Path, private: tuple[PrivateEntry, ...]) -> dict[str, Told]:
    """What ``comity find --seal … --json`` wrote, by item."""
    known = {str(entry.ref) for entry in private}
    told: dict[str, Told] = {}
    for number, line in enumerate(read_file(path, FINDINGS_LIMIT).split(b"\n"), 1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            kind = said["type"]
        except (ValueError, RecursionError, TypeError, KeyError):
            raise Malformed("findings.form", where, "not a line of comity find --json") from None
        if kind == "finding":
            _take_finding(told, said, known, where)
    return told


def _take_finding(told: dict[str, Told], said: Any, known: set[str], where: str) -> None:
    from comity.findings.finding import Parameters

    try:
        ref, digest, source = str(said["item"]), str(said["rule"]), str(said["source"])
        given = dict(said.get("parameters", {}))
        parameters = Parameters(
            zone=given.get("zone"),
            since=given.get("since"),
            until=given.get("until"),
            logsource=tuple(sorted(dict(given.get("logsource", {})).items())),
        )
        rows = [(int(first), int(length)) for first, length in said["rows"]]
    except (KeyError, TypeError, ValueError):
        raise Malformed("findings.form", where, "a finding without item, rule, source or rows") from None
    if ref not in known:
        why = (
            "is on a file that was not sealed; run comity find --seal"
            if ref.startswith("file:")
            else "is on another seal's item"
        )
        raise Malformed("findings.item", where, why)
    one = told.setdefault(ref, Told(parameters=parameters))
    if one.parameters != parameters:
        raise Malformed("findings.parameters", where, "two runs with different parameters over one item")
    one.rules[digest] = source
    one.rows[digest] = rows
    one.said.add((str(said.get("result", "")), str(said.get("semantics", ""))))


def _read_sources(told: Told) -> list[tuple[str, bytes]]:
    sources = []
    for digest, place in sorted(told.rules.items()):
        raw = read_file(Path(place))
        if hashlib.sha256(raw).hexdigest() != digest:
            raise NotVerified("findings.rule", place, "this rule changed since the findings were made")
        sources.append((Path(place).name[:200], raw))
    return sources


def _tell_apart(there: Rows, here: Rows, names: dict[str, str]) -> str:
    """Which rows of which rule only the findings, or only the run here, name."""
    from comity.cli.output import ranges_text
    from comity.records.spans import ranges_in, rows_without, spans_of

    told = []
    for rule in sorted(there.keys() | here.keys()):
        a, b = (spans_of([tuple(rows.get(rule, ()))]) for rows in (there, here))
        for where, alone in (("listed only", rows_without(a, b)), ("found only", rows_without(b, a))):
            if alone:
                told.append(f"{names.get(rule, rule[:16])}: {where}: {ranges_text(ranges_in(alone))}")
    more = f"; and {len(told) - 5} more" if len(told) > 5 else ""
    return ("; ".join(told[:5]) + more)[:500]


def _warn_of_digests(out: Out, told: Told, ref: str) -> None:
    """Say where a line states digests that its rows do not have: the dossier states those of the run made
    here. A file of which lines were left out is no fault."""
    from comity.findings import SEMANTICS
    from comity.findings.finding import result_digest

    hits = [
        (rule, row)
        for rule, rows in told.rows.items()
        for first, length in rows
        for row in range(first, first + length)
    ]
    own = result_digest(ref, hits)
    for result, semantics in sorted(told.said):
        if result not in ("", own):
            stated = f"the findings say result {result[:16]!a}…, which is not that of the rows they list"
            out.warn(f"{stated}; signed here is {own[:16]}…")
        if semantics not in ("", SEMANTICS):
            out.warn(f"the findings say {semantics[:80]!a}; they were run here under {SEMANTICS}")


def _report(
    out: Out, node: Node, case: str, seal: str, sources: list[tuple[str, bytes]], told: Told, basis: str
) -> None:
    from comity.exchange.findings import report, reported_at, rows_matched
    from comity.exchange.handing_over import disclose_rows
    from comity.findings.finding import inputs_digest
    from comity.findings.pack import compile_pack
    from comity.records import kinds

    state = node.state(case)
    pack = compile_pack(sources)
    sealed = state.accepted[seal].content
    assert isinstance(sealed, kinds.Seal)
    ref = f"rows:{sealed.item.size}:{sealed.item.root}"
    inputs = inputs_digest(pack.rule_digests, pack.digest, ref, told.parameters)
    record = ""
    for known in state.of("finding.report"):
        if isinstance(known.content, kinds.Report) and known.content.inputs == inputs:
            record = known.id
    if not record:
        signed, _ = report(node, case, seal, sources, told.parameters, to=[kinds.PUBLIC])
        record = signed.value.id
    content = reported_at(node.state(case), record)
    found = {m.rule: [(first, length) for first, length in m.rows] for m in content.matches}
    if found != told.rows:
        why = "run again, these rules match other rows than the findings say"
        apart = _tell_apart(told.rows, found, {rule.digest: rule.name for rule in content.rules})
        raise Refused("findings.differ", seal[:12], f"{why}: {apart}")
    _warn_of_digests(out, told, ref)
    item = content.item
    shown = {r for d in state.of("evidence.disclose") for r in _rows_shown(d.content, item)}
    if basis and (rows := set(rows_matched(content)) - shown):
        disclose_rows(node, case, seal, rows, to=[kinds.PUBLIC], use="information", basis=basis, onward="yes")
    out.object(
        "report",
        record=record,
        item=ref,
        inputs=content.inputs,
        result=content.result,
        rows=sum(length for rows in found.values() for _, length in rows),
    )


def _rows_shown(content: object, item: Item) -> list[int]:
    from comity.records import kinds

    return kinds.rows_of(content.rows) if isinstance(content, kinds.Disclose) and content.item == item else []
