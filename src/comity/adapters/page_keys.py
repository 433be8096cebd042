"""Keys that open the acting pages, each once: ``comity page-key`` makes them, ``comity serve`` uses them up.

A folder holds one file for each unused key, named by the SHA-256 of the key, with the second it ends at. The
key itself is nowhere in it, so neither a backup nor whoever reads the folder can act with what lies there.
The file ``ended`` has a new word in it each time that all keys and sessions were ended.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, replace, write_new

_ENDED = "ended"


class PageKeys:
    """``web.sessions.SignInKeys`` in a folder, which several processes share."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def offer(self, now: int, seconds: int) -> str:
        """A new key that opens one session within so many seconds from ``now`` (since 1970 UTC)."""
        make_folder(self._folder, 0o700)
        self._drop_ended(now)
        key = secrets.token_urlsafe(24)
        write_new(self._place(key), f"{now + seconds}\n".encode(), 0o600)
        return key

    def take(self, key: str, now: int) -> bool:
        """Use up a key. Removing its file is what uses it, so of two who come at once one is let in."""
        place = self._place(key)
        try:
            ends = place.read_text("ascii").strip()
            place.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise explain(error, place) from None
        return ends.isdigit() and now < int(ends)

    def withdraw(self) -> int:
        """End every unused key, and have whoever serves end every session begun so far; how many keys."""
        make_folder(self._folder, 0o700)
        unused = [place for place in self._folder.iterdir() if place.name != _ENDED]
        for place in unused:
            place.unlink(missing_ok=True)
        # Its content is new each time: whoever serves compares it with what it saw when a session began.
        replace(self._folder / _ENDED, f"{secrets.token_hex(16)}\n".encode())
        return len(unused)

    def era(self) -> str:
        """A word that changes when all sessions are ended ("" before that was ever done)."""
        try:
            return (self._folder / _ENDED).read_text("ascii")
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            raise explain(error, self._folder / _ENDED) from None

    def _drop_ended(self, now: int) -> None:
        for place in self._folder.iterdir():
            with suppress(OSError, ValueError):
                if int(place.read_text("ascii")) <= now:
                    place.unlink()

    def _place(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
