"""Public files under one folder, each replaced whole."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, replace, replace_all
from comity.errors import Malformed

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class PublicFiles:
    """``exchange.ports.Public`` under ``folder``.

    A name is a relative path of at most 16 parts joined by ``/``, each of ASCII letters, digits, ``.``,
    ``_`` and ``-`` and not starting with ``.`` or ``-``; any other name is ``Malformed``.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = make_folder(folder, 0o755)

    def write(self, name: str, data: bytes) -> None:
        path = self._path(name)
        make_folder(path.parent, 0o755)
        replace(path, data, 0o644)

    def write_all(self, files: Iterable[tuple[str, bytes]], last: tuple[str, bytes] | None = None) -> None:
        paths = [(self._path(name), data) for name, data in files]
        end = (self._path(last[0]), last[1]) if last else None
        for folder in dict.fromkeys(path.parent for path, _ in [*paths, *([end] if end else [])]):
            make_folder(folder, 0o755)
        replace_all(paths, 0o644, end)

    def read(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            # The last part is no link to elsewhere, and no pipe that would make a reader wait.
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(file, "rb") as opened:
                return opened.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise explain(error, path) from None

    def clear(self, folder: str) -> None:
        path = self._path(folder)
        try:
            for one in [*path.iterdir()]:
                if _PART.fullmatch(one.name) and not one.is_dir():
                    one.unlink(missing_ok=True)
            path.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise explain(error, path) from None

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if len(parts) > 16 or not all(_PART.fullmatch(part) for part in parts):
            raise Malformed("file.name", ascii(name)[:100], "not a plain relative name")
        return self._folder.joinpath(*parts)
