"""Run one campaign: ``python3 dev campaign NAME [--seed S] [--count N] …``; alone it lists them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent


def list_campaigns() -> list[str]:
    """Modules of this folder that have a ``run(arguments) -> exit code``."""
    return sorted(
        path.stem
        for path in HERE.glob("*.py")
        if path.stem != "main" and "\ndef run(" in path.read_text("utf-8")
    )


def main(arguments: Sequence[str]) -> int:
    """The exit code of the campaign: 0 where it found nothing, 1 where it did, 2 for bad arguments."""
    known = list_campaigns()
    if not arguments or arguments[0] not in known:
        for name in known:
            first = (importlib.import_module(f"campaigns.{name}").__doc__ or "").strip().splitlines()[0]
            print(f"{name:<12} {first}")
        return 0 if not arguments or arguments[0] in ("-h", "--help") else 2
    done: int = importlib.import_module(f"campaigns.{arguments[0]}").run(arguments[1:])
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
