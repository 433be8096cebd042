"""``python -m comity.cli``: the same as ``comity``."""

from __future__ import annotations

from comity.cli.start import main

if __name__ == "__main__":
    main()
