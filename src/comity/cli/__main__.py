"""``python -m comity.cli``: the same as ``comity``."""

from __future__ import annotations

from comity.cli.main import main

if __name__ == "__main__":
    main(prog_name="comity")
