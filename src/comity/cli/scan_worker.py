"""A process of ``comity find``: ``python -m comity.cli.scan_worker``, fed by :mod:`comity.cli.scan`."""

from __future__ import annotations

import signal

from comity.cli.code_cache import keep_compiled
from comity.cli.scan import serve_scans

if __name__ == "__main__":
    # ^C reaches the whole group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_compiled()
    serve_scans()
