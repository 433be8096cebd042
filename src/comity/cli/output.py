"""What commands print: text for people, or one JSON object a line for scripts; never both at once."""

from __future__ import annotations

import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
MARKS = {chr(n) for n in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)}
"""Characters that turn the direction of text around or hide in it."""


def plain(text: str, lines: bool = False) -> str:
    """Another's text as it may safely stand on a terminal: what controls, hides or turns is spelled out."""
    if text.isprintable():  # which nothing of all that is
        return text
    return "".join(c if (c == "\n" and lines) or not _unsafe(c) else f"⟦U+{ord(c):04X}⟧" for c in text)


def _unsafe(c: str) -> bool:
    return c in MARKS or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


class ReaderGoneError(Exception):
    """Whoever read standard output has closed it. (click would end with 1, which means "not verified".)"""


class Out:
    """Where a command says things; exactly one of its two voices speaks on standard output."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._drawn = 0
        self._drawn_at = 0.0

    def line(self, text: str = "", indent: int = 0) -> None:
        """A line for people; other parties' words in it go through :func:`plain` here."""
        if not self.as_json:
            self._wipe()
            self._write(" " * indent + plain(text))

    def _write(self, line: str) -> None:
        try:
            click.echo(line)
        except BrokenPipeError:
            raise ReaderGoneError from None

    def text(self, text: str, indent: int = 0) -> None:
        """Several lines for people."""
        for one in text.splitlines():
            self.line(one, indent)

    def object(self, kind: str, /, **fields: Any) -> None:
        """One object for scripts, with its ``type`` first."""
        if self.as_json:
            self._wipe()
            line = json.dumps({"type": kind, **fields}, ensure_ascii=False)
            # A file name need not be text: what is no UTF-8 goes out as its escape, which every reader takes.
            told = line if line.isascii() or _is_text(line) else json.dumps({"type": kind, **fields})
            self._write(told)

    def table(self, rows: Sequence[Sequence[str]], indent: int = 0) -> None:
        """Columns for people, aligned; the last one as long as it likes."""
        clean = [[plain(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
        for row in clean:
            cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
            self.line("  ".join([*cells, row[-1]]).rstrip(), indent)

    def warn(self, text: str) -> None:
        """Something to know that is not the result: on standard error, in both voices."""
        self._wipe()
        click.echo(f"comity: {plain(text)}", err=True)

    @property
    def width(self) -> int:
        """How many characters of a line the terminal of :meth:`progress` shows without breaking it."""
        try:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        return min(columns or 80, 120) - 1

    def may_draw(self) -> bool:
        """Whether :meth:`progress` would be seen now; to put together what nobody sees takes time too."""
        return time.monotonic() - self._drawn_at >= 0.1 and sys.stderr.isatty()

    def progress(self, text: str) -> None:
        """How far it is; only on a terminal, drawn over itself, ten times a second at most."""
        if not self.may_draw():
            return
        self._drawn_at = time.monotonic()
        shown = plain(text)[: self.width]
        sys.stderr.write("\r" + shown.ljust(self._drawn))
        sys.stderr.flush()
        self._drawn = len(shown)

    def _wipe(self) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()
            self._drawn = 0


def speaks(told: str) -> Callable[[Command], Command]:
    """Give a command its ``--json``, documented by ``told``; the function gets an :class:`Out` first."""

    def wrap(function: Command) -> Command:
        def run(as_json: bool, *args: Any, **kwargs: Any) -> Any:
            return function(Out(as_json), *args, **kwargs)

        update_wrapper(run, function)
        documented = click.option("--json", "as_json", is_flag=True, help=f"One JSON object a line: {told}")
        result: Any = documented(run)
        return result  # type: ignore[no-any-return]

    return wrap


def count(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ranges_text(rows: Iterable[tuple[int, int]], most: int = 12) -> str:
    """Row ranges as people write them: ``3, 7-9``; the rest counted."""
    parts = [str(first) if length == 1 else f"{first}-{first + length - 1}" for first, length in rows]
    left = len(parts) - most
    return ", ".join(parts[:most]) + (f" and {left} more" if left > 0 else "")


def left_text(seconds: float) -> str:
    """A time that is left: ``0:00:12``."""
    left = int(max(seconds, 0) + 0.5)
    return f"{left // 3600}:{left // 60 % 60:02d}:{left % 60:02d}"


def size_text(number: float) -> str:
    """Bytes in a unit that people read."""
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError("unreachable")
