"""``comity law``: the catalogue of provisions, and what a case's assertions are said to bear on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import list_files, read_file
from comity.cli.listing import Listing
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.errors import ComityError, Refused

if TYPE_CHECKING:
    from comity.law.catalogue import Catalogue, Element, Provision
    from comity.law.matrix import Cell

IMPLIES = "That a provision is listed implies nothing: not that it applies, and not that it binds anyone."
KINDS = click.Choice(["offence", "procedure", "norm", "responsibility"])


@click.group(name="law", cls=Listing)
def law_command() -> None:
    """Read the catalogue of law: provisions, their elements, standards of proof."""


def more_option(function: click.decorators.FC) -> click.decorators.FC:
    """``--with``: provisions of one's own, beside those that Comity comes with."""
    return click.option(
        "--with",
        "more",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Provision files of your own, or a folder of them; repeatable.",
    )(function)


def read_catalogue(more: tuple[Path, ...]) -> Catalogue:
    """The catalogue with further files; errors as ``law.catalogue.add_provisions``."""
    from comity.law.catalogue import FILE_LIMIT, add_provisions, catalogue

    listing = list_files(more)
    for error in listing.failed:
        raise error
    wanted = [path for path in listing.files if path.suffix == ".toml"]
    return add_provisions(catalogue(), ((str(p), read_file(p, FILE_LIMIT)) for p in wanted))


@law_command.command(name="list")
@click.option("--kind", type=KINDS, default=None, help="Only this kind.")
@click.option("--in", "where", default="", metavar="WHERE", help="Only of this jurisdiction (treaty, eu, …).")
@click.option("--on", default="", metavar="DAY", help="Only what is in force on this day, as far as stated.")
@click.option("--unchecked", is_flag=True, help="Only what nobody checked.")
@more_option
@speaks(
    "provision (id, kind, instrument, provision, title, jurisdiction, elements, checked, valid_from, "
    "valid_to); standard (id, name, anchor); proposition (id, words)."
)
def list_command(
    out: Out, kind: str | None, where: str, on: str, unchecked: bool, more: tuple[Path, ...]
) -> int:
    """List provisions, and the standards of proof: a list and no ladder, since law does
    not order them and nothing here computes one.
    """
    found = read_catalogue(more)
    shown = [
        p
        for p in found.provisions.values()
        if (not kind or p.kind == kind)
        and (not where or p.jurisdiction == where)
        and (not on or p.in_force(on))
        and not (unchecked and p.checked_on)
    ]
    by_instrument: dict[str, list[Provision]] = {}
    for provision in shown:
        by_instrument.setdefault(provision.instrument, []).append(provision)
    for instrument, provisions in by_instrument.items():
        out.line(instrument)
        rows = [[p.id, p.provision, p.title + ("" if p.checked_on else " (not checked)")] for p in provisions]
        out.table(rows, 2)
    for p in shown:
        out.object(
            "provision",
            id=p.id,
            kind=p.kind,
            instrument=p.instrument,
            provision=p.provision,
            title=p.title,
            jurisdiction=p.jurisdiction,
            elements=len(p.elements),
            checked=p.checked,
            valid_from=p.valid_from,
            valid_to=p.valid_to,
        )
    out.line()
    out.line("Standards of proof, in no order")
    for standard in found.standards:
        out.line(f"{standard.id:<22} {standard.name}", 2)
        out.object("standard", id=standard.id, name=standard.name, anchor=standard.anchor)
    out.line()
    out.line("Kinds of proposition, for each of which an author may declare a standard")
    for name, words in found.propositions.items():
        out.line(f"{name:<22} {words}", 2)
        out.object("proposition", id=name, words=words)
    out.line()
    out.line(f"{count(len(shown), 'provision')}. {IMPLIES}")
    return 0


@law_command.command(name="show")
@click.argument("name", metavar="PROVISION")
@more_option
@speaks("provision (all fields); element (id, kind, text, optional, variants).")
def show_command(out: Out, name: str, more: tuple[Path, ...]) -> int:
    """Show one provision: our own summary, its elements, its source and who checked it."""
    found = read_catalogue(more).provisions.get(name)
    if found is None:
        raise Refused("law.unknown", name, "no such provision; comity law list shows them")
    out.line(f"{found.instrument}, {found.provision}: {found.title}")
    valid = " to ".join(d or "…" for d in (found.valid_from, found.valid_to)) if found.valid_from else ""
    rows = [["id", found.id], ["source", found.source], ["checked", found.checked], ["in force", valid]]
    rows += [["clock", found.clock], ["note", found.note]]
    out.table([row for row in rows if row[1]], 2)
    out.line()
    out.text(found.summary, 2)
    if found.elements:
        out.line()
        out.line("Elements")
        out.table([[e.id, e.kind, _asked(e)] for e in found.elements if not e.variants], 2)
        if found.variants:
            out.line(f"And one of {count(len(found.variants), 'variant')}:", 2)
        for variant in found.variants:
            out.line(variant, 2)
            out.table([[e.id, e.kind, _asked(e)] for e in found.elements if variant in e.variants], 4)
    out.line()
    out.line(f"In our own words; the source decides. {IMPLIES}")
    import msgspec

    said = {k: v for k, v in msgspec.to_builtins(found).items() if k != "elements"}
    out.object("provision", **said, checked=found.checked)
    for e in found.elements:
        out.object(
            "element", id=e.id, kind=e.kind, text=e.text, optional=e.optional, variants=list(e.variants)
        )
    return 0


def _asked(element: Element | Cell) -> str:
    return (element.text or "not in the catalogue") + (" (where it is asked for)" if element.optional else "")


@law_command.command(name="check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@speaks("checked (file, id, elements, checked); problem (code, where, why).")
def check_command(out: Out, paths: tuple[Path, ...]) -> int:
    """Check provision files as the catalogue reads them. A new provision is one new
    file: ID.toml, with its source, its elements, and who checked it when.
    """
    from comity.cli.main import exit_code
    from comity.law.catalogue import FILE_LIMIT, add_provisions, catalogue

    listing = list_files(paths)
    known, problems = catalogue(), list(listing.failed)
    for path in listing.files:
        try:
            before = known.provisions.keys()
            known = add_provisions(known, [(str(path), read_file(path, FILE_LIMIT))])
            (new,) = known.provisions.keys() - before
            found = known.provisions[new]
            out.line(f"{path}: {new}, {count(len(found.elements), 'element')}, {found.checked}")
            out.object("checked", file=str(path), id=new, elements=len(found.elements), checked=found.checked)
        except ComityError as error:
            problems.append(error)
    for one in problems:
        out.line(f"{one.where}: {one.why} [{one.code}]")
        out.object("problem", code=one.code, where=one.where, why=one.why)
    return max(map(exit_code, problems), default=0)


@law_command.command(name="schema")
@speaks("schema (schema), a JSON Schema.")
def schema_command(out: Out) -> int:
    """Print the JSON Schema of a provision file (TOML reads into the same shape)."""
    import json

    import msgspec

    from comity.law.catalogue import Provision

    schema = msgspec.json.schema(Provision)
    out.text(json.dumps(schema, indent=1))
    out.object("schema", schema=schema)
    return 0


@law_command.command(name="matrix")
@click.option("--provision", "only", default="", metavar="PROVISION", help="Only this one.")
@more_option
@case_option
@home_option
@speaks(
    "cell (record, author, provision, known, element, kind, status, assertions, standards, optional, "
    "variants)."
)
def matrix_command(out: Out, only: str, more: tuple[Path, ...], case_text: str, home: Path | None) -> int:
    """Lay out, claim by claim, which element each assertion is said to bear on: contested,
    supports named, stated without support, or not addressed. Their authors say so;
    no element is ever found to be met here.
    """
    from comity.case.support import assertions
    from comity.law.matrix import STATUS_WORDS, lay_out

    node = open_home(home).node
    state = node.state(choose_case(node, case_text))
    known = read_catalogue(more).provisions
    found = [m for m in lay_out(assertions(state), known) if only in ("", m.provision)]
    for matrix in found:
        provision = known.get(matrix.provision)
        title = f"{provision.instrument}, {provision.provision}" if provision else "not in the catalogue"
        out.line(f"{matrix.record[:12]} by {node.name_of(matrix.author)}: {matrix.provision} ({title})")
        if provision:
            out.line(f"checked: {provision.checked}", 2)
        rows = []
        for cell in matrix.cells:
            numbers = ", ".join(f"#{t.n + 1}" for t in cell.assertions)
            named = f"{STATUS_WORDS[cell.status]} {numbers}".strip()
            declared = f" [declared standard: {'; '.join(cell.standards)}]" if cell.standards else ""
            variants = f" (variant: {' or '.join(cell.variants)})" if cell.variants else ""
            rows.append([cell.element, cell.kind or "–", _asked(cell) + variants])
            rows.append(["", "", f"→ {named}{declared}"])
            out.object(
                "cell",
                record=matrix.record,
                author=matrix.author,
                provision=matrix.provision,
                known=matrix.known,
                element=cell.element,
                kind=cell.kind,
                status=cell.status,
                assertions=[t.n + 1 for t in cell.assertions],
                standards=list(cell.standards),
                optional=cell.optional,
                variants=list(cell.variants),
            )
        out.table(rows, 2)
        out.line()
    if not found:
        out.line("No assertion of this case is said to bear on an element of law.")
    out.line("Elements are declared by the authors of the assertions. Whether one is met is not computed.")
    return 0
