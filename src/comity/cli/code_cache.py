"""Where the commands keep machine code: ``$XDG_CACHE_HOME/comity/code``, or ``~/.cache/comity/code``.

``COMITY_KEEP_CODE=0`` keeps none: then it is made anew in each process that wants it.
"""

from __future__ import annotations

import os

from comity.native.code import CodeStore, keep_code


def keep_compiled() -> None:
    """Let this process keep the machine code that it makes, unless it is told not to."""
    keep_code(_find_store)


def _find_store() -> CodeStore | None:
    if os.environ.get("COMITY_KEEP_CODE") == "0":
        return None
    from comity.adapters.code_files import CodeFiles
    from comity.cli.cache_folders import cache_folder

    folder = cache_folder("code")
    return CodeFiles(folder) if folder is not None else None
