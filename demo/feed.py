"""The teller's voice: lines that go to the terminal and to the story page, at a pace that can be held."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from comity.web.story import StoryLine

# How long a line takes to read: by its characters, within reason. Tuned so that the whole story takes about 90 s.
_SECONDS_A_CHARACTER = 0.0085
_SECONDS_A_LINE = (0.4, 2.2)


@dataclass(slots=True)
class Feed:
    """``web.story.StoryFeed``: what was told so far. ``pace`` 0 tells without waiting, 1 at reading speed."""

    pace: float = 1.0
    _lines: list[StoryLine] = field(default_factory=list)
    _going: threading.Event = field(default_factory=threading.Event)
    _chapter: str = ""
    _read_by: float = 0.0

    def __post_init__(self) -> None:
        self._going.set()

    def lines(self) -> list[StoryLine]:
        return list(self._lines)

    @property
    def paused(self) -> bool:
        return not self._going.is_set()

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._wait()
        self._chapter = title
        print(f"\n── {title} " + "─" * max(0, 74 - len(title)), flush=True)

    def say(self, text: str, node: str = "", link: str = "") -> None:
        """Tell one line, when the one before it has been read, and not while the story is held.

        What is worked out between two lines is done while the first is read.
        """
        self._wait()
        self._lines.append(
            StoryLine(
                at=datetime.now(UTC).strftime("%H:%M:%S"),
                chapter=self._chapter,
                text=text,
                node=node,
                link=link,
            )
        )
        who = f"{node}: " if node else ""
        print(_wrap(who + text), flush=True)
        least, most = _SECONDS_A_LINE
        reading = min(most, max(least, len(text) * _SECONDS_A_CHARACTER))
        self._read_by = time.monotonic() + self.pace * reading

    def _wait(self) -> None:
        time.sleep(max(0.0, self._read_by - time.monotonic()))
        self._going.wait()


def _wrap(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="    "))


def listen_for_pause(feed: Feed) -> None:
    """Enter on the terminal holds the story and lets it go on, where there is a terminal."""
    if not sys.stdin.isatty():
        return

    def read() -> None:
        for _ in sys.stdin:
            if feed.paused:
                feed.resume()
            else:
                feed.pause()
                print("  (held; Enter goes on)", flush=True)

    threading.Thread(target=read, daemon=True).start()
