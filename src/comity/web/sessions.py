"""Who may act in the pages: whoever came with a key that the node's operator was given, once.

Reading and acting are opened apart. The token of ``web.entry`` lets a browser read for a month; a key of
``comity page-key`` lets one browser act until it leaves, idles, or the node stops. A session lives in this
process's memory only, and what the browser holds of it is a random word whose hash is all that is kept here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar import Request

IDLE = 2 * 3600
"""Seconds after which a session that did nothing has ended."""
WHOLE = 12 * 3600
"""Seconds after which any session has ended."""
SESSIONS = 64
"""Sessions at once; the one that has idled longest ends first."""
REMEMBERED = 200
"""Signed forms that a session remembers, so that one sent twice signs once."""

HELD, HELD_BYTES = 100, 8 * 1024 * 1024
"""Forms sent and not signed that a session keeps for going back and forth, and their text together."""


class SignInKeys(Protocol):
    """Keys that open a session, each once. ``adapters/page_keys.py`` keeps them."""

    def take(self, key: str, now: int) -> bool:
        """Use up a key; False where there is none such, or its time has passed."""
        ...

    def era(self) -> str:
        """A word that changes when every session begun so far has ended."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One browser that may act. ``forms`` are those it has signed already, each with its record."""

    secret: bytes
    began: int
    used: int
    era: str = ""
    forms: dict[str, str] = field(default_factory=dict)
    signing: threading.Lock = field(default_factory=threading.Lock)
    """Held while a form is signed: one that is sent again meanwhile finds it signed."""

    _sent: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)

    def hold(self, path: str, pairs: tuple[tuple[str, str], ...]) -> str:
        """Keep a form that was sent to ``path`` and signs nothing; the word under which it is found. Those
        kept longest go first, but never this one."""
        word = secrets.token_hex(16)
        with self.signing:
            self._sent[word] = (path, pairs)
            size = sum(map(_length, self._sent.values()))
            while len(self._sent) > HELD or (size > HELD_BYTES and len(self._sent) > 1):
                size -= _length(self._sent.pop(next(iter(self._sent))))
        return word

    def held(self, path: str, word: str) -> tuple[tuple[str, str], ...] | None:
        """The fields of a form kept so; None where none is, or one of another address."""
        at, pairs = self._sent.get(word, ("", ()))
        return pairs if at == path else None

    @property
    def csrf(self) -> str:
        """What every form of this session carries, and no other site can know."""
        return hmac.new(self.secret, b"comity/web/form", hashlib.sha256).hexdigest()

    def remember(self, form: str, link: str) -> None:
        """This form was signed, and ``link`` leads to its record."""
        self.forms[form] = link
        while len(self.forms) > REMEMBERED:
            del self.forms[next(iter(self.forms))]


def act_cookie(party: str) -> str:
    """The name of the cookie of a session at one party's node."""
    return f"comity-act-{party[:12]}"


class Sessions:
    """The sessions of one node. ``name`` gives the cookie's name, once the party is known."""

    def __init__(self, keys: SignInKeys | None, now: Callable[[], int], name: Callable[[], str]) -> None:
        self._keys = keys
        self._now = now
        self._name = name
        self._held: dict[str, Session] = {}
        self._lock = threading.Lock()

    @property
    def offered(self) -> bool:
        """Whether this node lets anyone act in its pages at all."""
        return self._keys is not None

    def begin(self, key: str) -> str | None:
        """A new session for whoever has this key; what its cookie holds, or None where the key opens none."""
        now = self._now()
        if self._keys is None or not key or not self._keys.take(key, now):
            return None
        word = secrets.token_urlsafe(32)
        era = self._keys.era()
        with self._lock:
            self._drop_old(now)
            while len(self._held) >= SESSIONS:
                del self._held[min(self._held, key=lambda each: self._held[each].used)]
            self._held[_named(word)] = Session(secret=secrets.token_bytes(32), began=now, used=now, era=era)
        return word

    def of(self, request: Request[Any, Any, Any]) -> Session | None:
        """The session of whoever asks, or None."""
        word = request.cookies.get(self._name(), "")
        if not word:
            return None
        now = self._now()
        era = self._keys.era() if self._keys is not None else ""
        with self._lock:
            self._drop_old(now)
            for name in [name for name, session in self._held.items() if session.era != era]:
                del self._held[name]
            found = self._held.get(_named(word))
            if found is not None:
                found.used = now
            return found

    def end(self, request: Request[Any, Any, Any]) -> None:
        """End the session of whoever asks."""
        with self._lock:
            self._held.pop(_named(request.cookies.get(self._name(), "")), None)

    def _drop_old(self, now: int) -> None:
        for name, session in list(self._held.items()):
            if now >= session.used + IDLE or now >= session.began + WHOLE:
                del self._held[name]


def _length(kept: tuple[str, tuple[tuple[str, str], ...]]) -> int:
    return sum(len(name) + len(text) for name, text in kept[1])


def _named(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()
