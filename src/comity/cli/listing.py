"""Groups of commands that list each with its whole first sentence, not with the beginning of it."""

from __future__ import annotations

import re

import click

_SENTENCE = re.compile(r"(?<=[.?!])\s")


class Listing(click.Group):
    """A group whose help tells what each command does in a sentence, over as many lines as it takes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with its sentence."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        listed = [(name, _sentence_of(each)) for name, each in found if each is not None and not each.hidden]
        if listed:
            with formatter.section("Commands"):
                formatter.write_dl(listed)


def _sentence_of(command: click.Command) -> str:
    first = " ".join((command.help or "").partition("\n\n")[0].split())
    return _SENTENCE.split(first, maxsplit=1)[0]
