"""The teller's voice: lines that go to the terminal and to the story page, at a pace that can be held."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from comity.web.story import StoryLine

# How long a line of this many characters takes to read, within reason.
_SECONDS_A_CHARACTER = 0.012


@dataclass(slots=True)
class Feed:
    """``web.story.StoryFeed``: what was told so far. ``pace`` 0 tells without waiting, 1 at reading speed."""

    pace: float = 1.0
    _lines: list[StoryLine] = field(default_factory=list)
    _going: threading.Event = field(default_factory=threading.Event)
    _chapter: str = ""

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
        self._chapter = title
        print(f"\n── {title} " + "─" * max(0, 74 - len(title)), flush=True)

    def say(self, text: str, node: str = "", link: str = "") -> None:
        """Tell one line; waits as long as it takes to read, and for as long as the story is held."""
        self._going.wait()
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
        if self.pace:
            time.sleep(self.pace * min(2.5, max(0.5, len(text) * _SECONDS_A_CHARACTER)))
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
