"""Write ``docs/commands.md`` from the command line's own help: ``python3 dev commands``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

PAGE = Path(__file__).resolve().parent / "commands.md"
WIDTH = 80  # columns; fixed, so that the page does not depend on a terminal


def walk(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    """The help of one command, then of each below it, in the order the group lists them."""
    # The command's own settings, as when it is called: they name the help option, for one.
    settings: dict[str, Any] = {**command.context_settings, "terminal_width": WIDTH}
    context = click.Context(command, info_name=path.rsplit(" ", 1)[-1], parent=parent, **settings)
    yield f"## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from walk(below, f"{path} {name}", context)


def render_commands(root: click.Command) -> str:
    """The whole page, as text."""
    head = "# Commands\n\nWhat `comity COMMAND --help` says, in one page.\n"
    return "\n".join([head, *walk(root, "comity", None)])


if __name__ == "__main__":
    from comity.cli.main import main

    PAGE.write_text(render_commands(main), "utf-8")
