"""``comity templates``: beginnings of requests, in several languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.output import Out, speaks
from comity.errors import Refused

FILE_LIMIT = 64 * 1024

if TYPE_CHECKING:
    from comity.exchange.request_templates import Template


def find_template(name: str) -> Template:
    """A template by its name, or of a file of one's own, whose name ends in ``.toml``; ``Refused``
    (``template.unknown``) for another."""
    from comity.exchange.request_templates import parse_named, templates

    if name.endswith(".toml"):
        return parse_named(name, read_file(Path(name), FILE_LIMIT))
    found = templates().get(name)
    if found is None:
        raise Refused(
            "template.unknown",
            name,
            "no such template; comity templates lists them, and a file of your own ends in .toml",
        )
    return found


def instrument_of(template: Template) -> str:
    """The provision that a template follows, as it is cited; "" where there is none."""
    from comity.law.catalogue import catalogue

    provision = catalogue().provisions.get(template.instrument)
    return f"{provision.instrument}, {provision.provision}"[:200] if provision else ""


@click.command(name="templates")
@click.argument("name", metavar="[NAME]", required=False, default="")
@click.option("--language", default="en", metavar="LL", help="en, nb, zh, fr, es, ar or ru (default en).")
@speaks("template (id, kind, title, instrument, blanks, language, text).")
def templates_command(out: Out, name: str, language: str) -> int:
    """List beginnings of requests, or show one, or check a file of your own
    (NAME.toml, of the same form). Its blanks, in braces, are for what only
    you know; what results is your own text. An instrument that a template follows
    is cited, and nothing says that it applies.
    """
    from comity.exchange.request_templates import templates

    for template in [find_template(name)] if name else templates().values():
        text, found = template.text_in(language)
        cited = instrument_of(template)
        out.line(f"{template.id}  ({template.type}) {template.title}{f'; cites {cited}' if cited else ''}")
        out.text(text if found == language else f"[{found}] {text}", 4)
        out.object(
            "template",
            id=template.id,
            kind=template.type,
            title=template.title,
            instrument=template.instrument,
            blanks=list(template.blanks),
            language=found,
            text=text,
        )
    return 0
