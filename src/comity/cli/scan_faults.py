"""What an exception while one file is read says of that file: the others are read all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

from comity.adapters.atomic import explain
from comity.cli.output import plain
from comity.errors import ComityError


class TellerError(BaseException):
    """What was raised by whoever is told how far it is (``error``): no fault of the file that is read."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def apart(progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
    """``progress``, whose own exceptions pass through what holds those of a file."""
    if progress is None:
        return None

    def tell(read: int) -> None:
        try:
            progress(read)
        except BaseException as error:
            stop(error)

    return tell


def stop(error: BaseException) -> NoReturn:
    """Raise it as of the teller."""
    raise TellerError(error) from error


def told_error(error: Exception, shown: str) -> tuple[str, str, str]:
    """Code, place and reason of what made a file unusable.

    An exception that nobody foresaw is a fault of Comity's own and is called that; it costs this file its
    result and no other. With ``COMITY_DEBUG=1`` it is raised instead, so that the place can be seen.
    """
    match error:
        case ComityError():
            return error.code, error.where, error.why
        case MemoryError() | RecursionError():
            return "file.worker", shown, f"reading it took too much: {type(error).__name__}"
        case OSError():
            told = explain(error, error.filename or shown)
            return told.code, told.where, told.why
    if os.environ.get("COMITY_DEBUG") == "1":
        raise error
    fault = f"{type(error).__name__}: {plain(str(error))[:300]}"
    why = f"a fault in comity itself: {fault} (COMITY_DEBUG=1 and --workers 1 show where)"
    return "file.fault", shown, why
