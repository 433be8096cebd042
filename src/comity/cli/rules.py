"""``comity rules``: rule files before they are run, and packs of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.find_notes import tell_aside, title_of
from comity.cli.inputs import list_files
from comity.cli.listing import Listing
from comity.cli.options import placeholder_option, read_placeholders
from comity.cli.output import Out, count, speaks
from comity.cli.sources import Loaded, load_rules, rule_files
from comity.errors import Malformed

if TYPE_CHECKING:
    from comity.findings.pack import AnyRule


@click.group(name="rules", cls=Listing)
def rules_command() -> None:
    """Look at rule files before they are run, and make packs of them."""


@rules_command.command(name="check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@placeholder_option
@speaks(
    "rule (source, digest, title, author, level, id, tags, behind, whole, "
    "status ready | unusable | used | withdrawn, why); copies (source, copies); remark (source, what); "
    "pack (rules, unusable, used, digest, reasons as {why: count})."
)
def check_command(out: Out, paths: tuple[Path, ...], placeholders: tuple[str, ...]) -> int:
    """Compile rule files and folders of them; name each that cannot run, and why (then
    the exit code is 2). The digest of the pack does not depend on names or order.

    A correlation is put together with the rules it refers to, a rule with the filters
    that are of it, and a rule that expands placeholders with their values.
    """
    loaded = _load(out, paths, placeholders)
    _tell(out, loaded)
    return 2 if loaded.pack.unusable or loaded.unread else 0


@rules_command.command(name="compile")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="X.pack", help="Where to write."
)
@placeholder_option
@speaks("rule (as of check); pack (path, rules, unusable, used, digest, reasons).")
def compile_command(out: Out, paths: tuple[Path, ...], output: Path, placeholders: tuple[str, ...]) -> int:
    """Write all rules that can run into one pack file, with its digest; name those that
    cannot (then the exit code is 2). "comity find" takes the pack as rules; whoever
    reads it compiles its sources again and holds them against the digest.
    """
    from comity.adapters.atomic import write_new
    from comity.findings.pack_file import ENDING, render_pack

    if not output.name.lower().endswith(ENDING):
        raise click.UsageError(f"the name of a pack ends in {ENDING}")
    loaded = _load(out, paths, placeholders)
    if not loaded.pack.rules:
        raise Malformed("rules.none", ", ".join(map(str, paths))[:300], "no rule here can run")
    write_new(output, render_pack(loaded.pack, loaded.sources))
    _tell(out, loaded, path=str(output))
    return 2 if loaded.pack.unusable or loaded.unread else 0


@rules_command.command(name="show")
@click.argument("path", type=click.Path(path_type=Path))
@placeholder_option
@speaks(
    "rule (source, digest, title, author, level, id, tags, kind, whole, parts as [{logsource, rows, shown, "
    "fields, atoms}], correlations, observations, status, why)."
)
def show_command(out: Out, path: Path, placeholders: tuple[str, ...]) -> int:
    """Say of each rule of a file what it asks, of which rows, and what it needs."""
    from comity.findings.describe import describe

    loaded = _load(out, (path,), placeholders)
    for rule in loaded.pack.rules:
        told = describe(rule)
        out.line(f"{title_of(rule)}")
        out.line(f"rule {rule.digest}", indent=2)
        for line in told.lines:
            out.line(line, indent=2)
        out.object("rule", **_fields(rule, loaded.joined), **told.fields, status="ready")
    tell_aside(out, loaded.pack, 0)
    _tell_unusable(out, loaded)
    return 2 if loaded.pack.unusable or loaded.unread else 0


def _load(out: Out, paths: tuple[Path, ...], placeholders: tuple[str, ...]) -> Loaded:
    listing = list_files(paths)
    if listing.failed:
        raise listing.failed[0]
    for path, why in listing.skipped:
        out.warn(f"{path}: passed over: {why}")
    given = sorted(dict.fromkeys([*(path for path in paths if path in listing.files), *rule_files(listing)]))
    if not given:
        raise Malformed("rules.none", ", ".join(map(str, paths))[:300], "no rule files here")
    return load_rules(given, read_placeholders(placeholders))


def _fields(rule: AnyRule, joined: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "source": rule.source_name,
        "digest": rule.digest,
        "title": title_of(rule),
        "author": str(getattr(rule, "author", "")),
        "level": str(getattr(rule, "level", "")),
        "id": str(getattr(rule, "rule_id", "")),
        "tags": list(getattr(rule, "tags", ())),
        "behind": list(joined.get(rule.source_name, ())),
        "whole": bool(getattr(rule, "whole", False)),
    }


def _tell(out: Out, loaded: Loaded, **more: str) -> None:
    pack = loaded.pack
    for rule in pack.rules:
        out.object("rule", **_fields(rule, loaded.joined), status="ready")
    for name, behind in sorted(loaded.joined.items()):
        out.line(f"joined: {name}: with {', '.join(behind)}")
    for name in loaded.used:
        out.object("rule", source=name, status="used")
    tell_aside(out, pack, 0)
    _tell_unusable(out, loaded)
    unusable = len(pack.unusable) + len(loaded.unread)
    reasons = Counter([each.reason for each in pack.unusable] + [why for _, why in loaded.unread])
    used = f", {count(len(loaded.used), 'file')} of filters and values used" if loaded.used else ""
    out.line(f"{count(len(pack.rules), 'rule')} ready, {unusable} unusable{used}; pack {pack.digest}")
    if "path" in more:
        out.line(f"written to {more['path']}")
    out.object(
        "pack",
        **more,
        rules=len(pack.rules),
        unusable=unusable,
        used=len(loaded.used),
        digest=pack.digest,
        reasons=dict(sorted(reasons.items())),
    )


def _tell_unusable(out: Out, loaded: Loaded) -> None:
    unusable = [(u.source_name, u.digest, u.reason) for u in loaded.pack.unusable]
    for name, digest, why in unusable + [(name, "", why) for name, why in loaded.unread]:
        out.line(f"unusable: {name}: {why}")
        out.object("rule", source=name, digest=digest, status="unusable", why=why)
