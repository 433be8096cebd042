"""Compiled rules kept from one run to the next, in the user's folder of caches.

``$XDG_CACHE_HOME/comity/packs``, or ``~/.cache/comity/packs``; long lists of indicators each by itself in
``lists`` beside it. A cache is used only if it was made from the very same sources by the very same engine;
else it is made again. Where it cannot be kept, nothing is. Whether sources are the same is told by reading
them, or by what the file system tells of each (:mod:`comity.cli.rules_seen`).
"""

from __future__ import annotations

import gc
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.adapters.atomic import keep_latest, replace
from comity.adapters.s3_input import size_of
from comity.cli.cache_folders import cache_folder, files_state
from comity.cli.inputs import FileChunks, open_file, read_file
from comity.cli.output import count, size_text
from comity.cli.rules_seen import Seen
from comity.cli.sources import LIST_LIMIT, link_sources, load_rules, read_sources
from comity.errors import ComityError
from comity.findings.indicators import IndicatorList

if TYPE_CHECKING:
    from comity.findings.pack import Pack

WORTH: Final = 64
"""Fewer rule files than these are compiled as soon as a cache is read."""
LONG: Final = 1 << 20
"""A list of indicators of so many bytes is cached by itself."""
READERS: Final = ("re2", "yaml")
"""The packages by which sources are read: what one version takes for an expression, another may refuse."""
KEPT: Final = 16
"""So many caches are kept, the latest used."""


def load_pack(
    paths: Iterable[Path],
    placeholders: Mapping[str, tuple[str, ...]] | None = None,
    tell: Callable[[str], object] = str,
) -> tuple[Pack, tuple[tuple[str, str], ...]]:
    """The rules of some files, and the files that could not be read, as (name, reason). ``tell`` hears what
    it is at, where that may take a while."""
    from comity.findings.pack import merge_packs

    named = {str(path): path for path in paths}
    given = [named[name] for name in sorted(named)]
    long = [path for path in given if _is_long_list(path)]
    others = [path for path in given if path not in long] if long else given
    if not long:
        return _load_others(others, placeholders, tell)
    made = [_load_list(path, tell) for path in long]
    with suppress(OSError):
        if (folder := cache_folder("lists")) is not None:
            # Never one of this run: processes that are not forks map it again by its place.
            keep_latest(folder, "*.list", max(KEPT, len(long)))
    packs = [pack for pack, _ in made]
    unread = [each for _, failed in made for each in failed]
    if others:
        pack, failed = _load_others(others, placeholders, tell)
        packs.append(pack)
        unread += failed
    return packs[0] if len(packs) == 1 else merge_packs(packs), tuple(unread)


def _is_long_list(path: Path) -> bool:
    from comity.findings.pack import INDICATOR_ENDINGS

    if not path.name.lower().endswith(INDICATOR_ENDINGS):
        return False
    with suppress(ComityError, OSError):
        return size_of(path) >= LONG and not _is_feed(path)
    return False


def _is_feed(path: Path) -> bool:
    """Whether what is called a list is a feed in another form, which linking makes into one."""
    from comity.findings.feeds import HEAD, form_of

    with open_file(path) as file:
        return bool(form_of(path.name, file.read(HEAD)))


def _load_list(path: Path, tell: Callable[[str], object]) -> tuple[Pack, tuple[tuple[str, str], ...]]:
    """A pack of one list, or that file as unread."""
    from comity.findings.pack import compile_pack

    version, seen = engine_version(), None
    folder = cache_folder("lists") if find_spec("numpy") is not None else None
    if folder is not None:
        seen = Seen(folder, version, [path], {})
        known = seen.settled_key()
        pack = _kept_list(folder, version, known, path) if known is not None else None
        if pack is not None:
            return pack, ()
    try:
        if folder is None or seen is None:
            # Without the extra that arrays come with, lists are compiled each time.
            return compile_pack([(str(path), read_file(path, LIST_LIMIT))]), ()
        digest = _digest_of(path)
        pack = _kept_list(folder, version, digest, path)
        if pack is None:
            # A list stands in memory once: as it is compiled, then as it is kept.
            tell(f"compiling {path.name}, {size_text(size_of(path))}, to be kept for the next time")
            digest = _keep_list(folder, version, path)
            pack = _kept_list(folder, version, digest, path) if digest else None
        if pack is None:
            return compile_pack([(str(path), read_file(path, LIST_LIMIT))]), ()
    except ComityError as error:
        return compile_pack(()), ((str(path), error.why),)
    seen.keep(digest)
    return pack, ()


def _digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    for chunk in FileChunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _keep_list(folder: Path, version: str, path: Path) -> str:
    """Compile a list and keep it; the digest of what was compiled, nothing where it cannot be kept."""
    from comity.findings.pack import compile_pack
    from comity.findings.tokens_cache import key_of, render_list

    raw = read_file(path, LIST_LIMIT)
    digest = hashlib.sha256(raw).hexdigest()
    pack = compile_pack([(str(path), raw)])
    del raw
    kept = ""
    with suppress(ComityError, OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for rule in pack.rules:
            assert isinstance(rule, IndicatorList)
            key = key_of(version, digest)
            replace(_list_place(folder, key), render_list(rule, key, pack.digest))
            kept = digest
    return kept


def _list_place(folder: Path, key: str) -> Path:
    return folder / f"{key[:32]}.list"


def _kept_list(folder: Path, version: str, digest: str, path: Path) -> Pack | None:
    """The pack of a list that is kept: its file stays on the disk, mapped into memory."""
    from comity.adapters.mapped import map_file
    from comity.findings.pack import Pack
    from comity.findings.tokens_cache import key_of, read_list

    key = key_of(version, digest)
    place = _list_place(folder, key)
    with suppress(ComityError):
        mapped = map_file(place)
        made, told = read_list(mapped, key, digest, str(path), str(place))
        mapped.let_go()  # all of it was looked at, to hold it against its digest
        with suppress(OSError):
            os.utime(place)
        return Pack(rules=(made,), unusable=(), digest=told)
    return None


def _load_others(
    found: list[Path], placeholders: Mapping[str, tuple[str, ...]] | None, tell: Callable[[str], object]
) -> tuple[Pack, tuple[tuple[str, str], ...]]:
    from comity.findings.pack_cache import key_of, render_cache

    folder = cache_folder("packs")
    if len(found) < WORTH or folder is None:
        loaded = load_rules(found, placeholders)
        return loaded.pack, loaded.unread
    version = engine_version()
    seen = Seen(folder, version, found, placeholders or {})
    key = seen.settled_key()
    if key is not None:
        pack = _read_kept(folder, key)
        if pack is not None:
            return pack, ()
    sources, unread = read_sources(found)
    key = key_of(version, sources, placeholders or {})
    pack = _read_kept(folder, key)
    if pack is None:
        tell(f"compiling {count(len(sources), 'rule file')}, to be kept for the next time")
        # Of the bytes that the key was taken of: a file may change between two readings.
        loaded = link_sources(sources, unread, placeholders)
        pack, unread = loaded.pack, list(loaded.unread)
        texts = {hashlib.sha256(raw).hexdigest(): raw for _, raw in loaded.sources}
        with suppress(ComityError, OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(_place_of(folder, key), render_cache(pack, texts, key))
            keep_latest(folder, "*.json", KEPT)
    if not unread:
        seen.keep(key)
    return pack, tuple(unread)


def _place_of(folder: Path, key: str) -> Path:
    return folder / f"{key[:32]}.json"


def _read_kept(folder: Path, key: str) -> Pack | None:
    from comity.findings.pack_cache import read_cache

    place = _place_of(folder, key)
    collecting = gc.isenabled()
    # Rules hold no cycles, and to look for some while thousands are made takes a quarter of the time.
    gc.disable()
    try:
        pack = read_cache(read_file(place), key, str(place))
    except ComityError:
        return None
    finally:
        if collecting:
            gc.enable()
    with suppress(OSError):
        os.utime(place)
    return pack


def engine_version() -> str:
    """The engine: its semantics, the state of the files that it is made of, and by what it reads sources."""
    import comity.findings

    return f"{comity.findings.SEMANTICS} {files_state(comity.findings)} {sys.version} {readers_state()}"


def readers_state() -> list[tuple[str, int, int]]:
    """What decides besides the engine which sources are rules, nothing of it loaded: name, size and time of
    change of the first file of each package."""
    states = []
    for name in READERS:
        found = find_spec(name)
        if found is not None and found.origin is not None:
            with suppress(OSError):
                told = Path(found.origin).stat()
                states.append((found.origin, told.st_size, told.st_mtime_ns))
    return states
