"""``comity rules check``: what rule files are before they are run."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.inputs import list_files
from comity.cli.output import Out, count, speaks
from comity.cli.sources import is_rule, read_rules
from comity.errors import Malformed


@click.group(name="rules")
def rules_command() -> None:
    """Look at rule files before they are run."""


@rules_command.command(name="check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@speaks(
    "rule (source, digest, title, author, level, id, status ready | unusable, why); "
    "pack (rules, unusable, digest)."
)
def check_command(out: Out, paths: tuple[Path, ...]) -> int:
    """Compile rule files and folders of them; name each that cannot run, and why (then
    the exit code is 2). The digest of the pack does not depend on names or order.
    """
    from comity.findings.pack import compile_pack

    listing = list_files(paths)
    if listing.failed:
        raise listing.failed[0]
    for path, why in listing.skipped:
        out.warn(f"{path}: passed over: {why}")
    given = [path for path in listing.files if path in paths or is_rule(path)]
    if not given:
        raise Malformed("rules.none", ", ".join(map(str, paths))[:300], "no rule files here")
    sources, unread = read_rules(given)
    pack = compile_pack(sources)
    for rule in pack.rules:
        out.object(
            "rule",
            source=rule.source_name,
            digest=rule.digest,
            title=rule.title,
            author=str(getattr(rule, "author", "")),
            level=str(getattr(rule, "level", "")),
            id=str(getattr(rule, "rule_id", "")),
            status="ready",
        )
    unusable = [(u.source_name, u.digest, u.reason) for u in pack.unusable] + [(n, "", w) for n, w in unread]
    for name, digest, why in unusable:
        out.line(f"unusable: {name}: {why}")
        out.object("rule", source=name, digest=digest, status="unusable", why=why)
    out.line(f"{count(len(pack.rules), 'rule')} ready, {len(unusable)} unusable; pack {pack.digest}")
    out.object("pack", rules=len(pack.rules), unusable=len(unusable), digest=pack.digest)
    return 2 if unusable else 0
