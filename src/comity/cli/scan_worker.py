"""A process of ``comity find``: ``python -m comity.cli.scan_worker``, fed by :mod:`comity.cli.scan`."""

from __future__ import annotations

from comity.cli.code_cache import keep_compiled
from comity.cli.scan import serve_scans
from comity.cli.scan_process import leave_to_parent

if __name__ == "__main__":
    leave_to_parent()
    keep_compiled()
    serve_scans()
