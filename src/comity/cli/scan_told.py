"""How far a run over files is, told on a terminal; and the course of a run of which results are kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.adapters.s3_input import is_object
from comity.cli.output import Out, count, left_text, size_text
from comity.cli.scan_course import Course
from comity.cli.scan_kept import Kept
from comity.cli.scan_task import Scanned, Span, Task

_BAR: Final = 10


class Progress:
    """Bytes, rows, rate and time left, in one line on a terminal, however narrow that is."""

    def __init__(self, out: Out, tasks: Sequence[Task]) -> None:
        self._out = out
        self._sizes = [_size(task) for task in tasks]
        # What objects of a store have is known when they are read.
        self._open = any(size is None for size in self._sizes)
        self._total = sum(size or 0 for size in self._sizes)
        self._done = [0] * len(tasks)
        self._before = [0] * len(tasks)
        self._read = 0
        self._skipped = 0
        self._began = time.monotonic()
        self.files = 0
        self.rows = 0

    def skip(self, at: int, length: int) -> None:
        """So many bytes of a file were done by a run before, and took none of the time of this one."""
        self._reach(at, length)
        self._before[at] = self._done[at]
        self._skipped += self._done[at]

    def reach(self, at: int, read: int) -> None:
        """So many more bytes of a file are read."""
        self._reach(at, self._before[at] + read)
        self.draw()

    def _reach(self, at: int, done: int) -> None:
        size = self._sizes[at]
        done = done if size is None else min(done, size)
        self._read += done - self._done[at]
        self._done[at] = done

    def pass_rows(self, rows: int) -> None:
        """So many more rows are done."""
        self.rows += rows
        self.draw()

    def finish(self, at: int) -> None:
        """A file is done."""
        self._reach(at, self._sizes[at] or self._done[at])
        self.files += 1
        self.draw()

    def draw(self) -> None:
        """Show it, where somebody looks."""
        if self._out.may_draw():
            self._out.progress(self.text(time.monotonic() - self._began, self._out.width))

    def text(self, seconds: float, width: int = 99) -> str:
        """The line after so many seconds: of what does not fit, what tells least is left out."""
        rate = (self._read - self._skipped) / seconds if seconds > 0 else 0.0
        read = size_text(self._read)
        parts = [(3, f"{read} read" if self._open else f"{read} of {size_text(self._total)}")]
        parts.append((5, count(self.rows, "row")))
        if rate > 0:
            parts.append((4, f"{size_text(rate)}/s"))
            if not self._open:
                parts.append((1, f"{left_text((self._total - self._read) / rate)} left"))
        if len(self._sizes) > 1:
            parts.append((6, f"{self.files:,} of {len(self._sizes):,} files"))
        if self._total and not self._open:
            share = self._read / self._total
            parts.insert(0, (2, f"[{'#' * int(_BAR * share):<{_BAR}}] {share:.0%}"))
        while len(parts) > 1 and len(", ".join(text for _, text in parts)) > width:
            parts.remove(max(parts))
        return ", ".join(text for _, text in parts)


def _size(task: Task) -> int | None:
    path = Path(task.path)
    if is_object(path):
        return None
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading it will name what is wrong


class KeptCourse(Course):
    """A run that shows how far it is and keeps what is done."""

    def __init__(self, out: Out, tasks: Sequence[Task], kept: Kept) -> None:
        self._out = out
        self._tasks = tasks
        self._kept = kept
        self._progress = Progress(out, tasks)
        self._files = kept.files()
        self._parts = kept.lengths()
        self._warned = False
        for at, length in (*self._files.items(), *self._parts.items()):
            self._progress.skip(at, length)
        self._tell_taken_up()

    def _tell_taken_up(self) -> None:
        told = []
        if self._files:
            told.append(f"{count(len(self._files), 'file')} of {len(self._tasks)} done")
        for at, length in sorted(self._parts.items()):
            told.append(f"{size_text(length)} of {self._tasks[at].shown} done")
        if told:
            more = f" and of {len(told) - 4} more" if len(told) > 4 else ""
            self._out.warn(f"going on with an interrupted run: {', '.join(told[:4])}{more}")
        if changed := self._kept.changed:
            named = ", ".join(self._tasks[at].shown for at in changed[:3])
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            self._out.warn(f"changed since that run, and read anew: {named}{more}")

    def has(self, at: int, number: int | None = None) -> bool:
        return at in self._files if number is None else self._kept.has_part(at, number)

    def spans(self, at: int) -> Sequence[Span]:
        return self._kept.spans(at)

    def load(self, at: int) -> Scanned | None:
        scanned = self._kept.load(at)
        if scanned is not None:
            self._progress.pass_rows(count_rows(scanned))
        return scanned

    def load_part(self, at: int, number: int, task: Task) -> Scanned | None:
        scanned = self._kept.load_part(at, number, task)
        if scanned is not None:
            self._progress.pass_rows(count_rows(scanned))
        return scanned

    def start_over(self, at: int) -> bool:
        if at in self._parts:
            self._out.warn(f"changed since that run, and read anew: {self._tasks[at].shown}")
        return at in self._parts

    def cut(self, at: int, parts: Sequence[Task]) -> None:
        self._kept.cut(at, [part.span for part in parts if part.span is not None])

    def reach(self, at: int, read: int) -> None:
        self._progress.reach(at, read)
        self._keep()

    def give(self, at: int, scanned: Scanned, number: int | None = None) -> None:
        self._progress.pass_rows(count_rows(scanned))
        self._kept.give(at, scanned, number)
        self._keep()

    def finish(self, at: int) -> None:
        """All of a file is done, and told."""
        self._progress.finish(at)

    def _keep(self) -> None:
        self._kept.tick()
        if self._kept.trouble and not self._warned:
            self._warned = True
            self._out.warn(f"if this run is interrupted, it begins anew: {self._kept.trouble}")


def count_rows(scanned: Scanned) -> int:
    """The rows of a file, or of all those in a container."""
    return scanned.rows + sum(count_rows(member) for member in scanned.members)
