"""Where the ``comity`` command begins: ^C ends it without a word until there is something to say it with."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command of this process, and end it with the command's code."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # half an import has nothing to clean up
    from comity.cli.main import main as command

    signal.signal(signal.SIGINT, before)
    command(prog_name="comity")
