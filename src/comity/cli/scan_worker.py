"""A process of ``comity find`` (``python -m comity.cli.scan_worker PARENT``), fed by its parent."""

from __future__ import annotations

import sys

from comity.adapters.process_control import follow_parent
from comity.cli.code_cache import keep_compiled
from comity.cli.scan import serve_scans
from comity.cli.scan_process import leave_to_parent

if __name__ == "__main__":
    leave_to_parent()
    follow_parent(int(sys.argv[1]))
    keep_compiled()
    serve_scans()
