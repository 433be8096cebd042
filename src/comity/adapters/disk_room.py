"""The free space of the file system that a node's folder lies on, and what is kept free of it."""

from __future__ import annotations

import os
from pathlib import Path

from comity.adapters.atomic import explain
from comity.errors import Unavailable
from comity.exchange.ports import Room

MEGABYTE = 1_000_000


class DiskRoom:
    """Room at ``folder``. Below ``floor`` free bytes nothing new is begun, so that what was begun can be
    finished: a journal, its log and the files that follow from it are never written on the last bytes."""

    def __init__(self, folder: str | Path, floor: int) -> None:
        self._folder = Path(folder)
        self._floor = floor

    def read(self) -> Room:
        """What is free now, for this user; ``Unavailable`` where it cannot be told."""
        try:
            found = os.statvfs(self._folder)
        except OSError as error:
            raise explain(error, self._folder) from None
        return Room(free=found.f_bavail * found.f_frsize, floor=self._floor, where=str(self._folder))

    def require(self, times: int = 1) -> None:
        """Return only if ``times`` the floor is free; ``Unavailable`` (``disk.low``) otherwise."""
        room = self.read()
        if room.free < times * room.floor:
            raise Unavailable(
                "disk.low",
                room.where,
                f"{room.free // MEGABYTE:,} MB are free, and {times * room.floor // MEGABYTE:,} MB have to "
                "be; nothing was written. Make room there, or move this node to a larger disk",
            )

    def require_for_blob(self) -> None:
        """As ``require``, for bytes of any number: what they leave is still enough to record them."""
        self.require(2)
