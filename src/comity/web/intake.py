"""Files on their way into the node: taken in by the page, waiting to be declared, being sealed.

A file goes from the browser into the node's own store as it comes, encrypted, in the memory of a few chunks:
its plain bytes never lie on a disk. Nothing is said of it to anyone until its seal is signed. What waits is
noted, so that after a restart it waits here still; what was being sealed then waits to be sealed anew.
"""

from __future__ import annotations

import asyncio
import queue
import re
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from comity.errors import ComityError, Malformed, Refused, Unavailable
from comity.evidence.detecting import Detected, explain_format
from comity.evidence.formats import HEAD_BYTES
from comity.evidence.seal import Declared
from comity.exchange import evidence
from comity.exchange.erasing import needed_blobs
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.records import cbor

FILES = 200
"""Files that wait or are being sealed at once, and sealed ones that are listed beside them."""
FIELDS = 20
FIELD_LIMIT = 100_000
LARGEST = 1 << 40
"""Bytes of one file: far above what the room check lets through on most machines."""
_CHUNKS = 16
WAITS = "intake/"
"""Notes of files that wait to be sealed: name and id."""
_LABEL = re.compile(r"[\x00-\x1f\x7f/\\]")

Check = Callable[[dict[str, str]], None]
Stage = Literal["waiting", "sealing", "sealed", "failed"]


@dataclass(slots=True, kw_only=True)
class Taken:
    """One file. ``done`` counts bytes sealed so far; ``why`` says what went wrong, if it did."""

    id: str
    case: str
    name: str
    blob: str
    size: int
    head: bytes
    stage: Stage = "waiting"
    done: int = 0
    root: str = ""
    why: str = ""
    stopped: bool = False

    @property
    def detected(self) -> Detected:
        return explain_format(self.name, self.head)

    @property
    def percent(self) -> int:
        return 100 if self.stage == "sealed" else 100 * self.done // max(self.size, 1)


class Intake:
    """The files of one node. One is sealed at a time; the others wait for their turn."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._held: dict[str, Taken] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._ended = threading.Event()
        for name, note in node.journal.notes(WAITS).items():
            try:
                told = cbor.decode(note, name, code="intake.note")
            except Malformed:
                continue  # it stays: nothing else names the bytes that wait
            match told:
                case [str() as case, str() as called, str() as blob, int() as size] if node.blobs.has(blob):
                    known = name.removeprefix(WAITS)
                    self._held[known] = Taken(
                        id=known, case=case, name=called, blob=blob, size=size, head=_head_of(node, blob)
                    )
                case _:
                    node.journal.forget(name)  # its bytes are gone: nothing waits

    def of(self, case: str) -> tuple[Taken, ...]:
        """The files of a case, newest first."""
        with self._lock:
            return tuple(t for t in reversed(self._held.values()) if t.case == case)

    def at(self, case: str, name: str) -> Taken:
        """One file; ``Refused`` (``intake.unknown``) if it is not here."""
        with self._lock:
            found = self._held.get(name)
        if found is None or found.case != case:
            raise Refused(
                "intake.unknown", name[:12], "no such file waits here; it may be in the list of evidence"
            )
        return found

    def drop(self, case: str, name: str) -> None:
        """Take a file off the list, and its bytes out of the store where no item is made of them; ``Refused``
        (``intake.busy``) while it is being sealed."""
        taken = self.at(case, name)
        with self._lock:
            if taken.stage == "sealing":
                raise Refused("intake.busy", name[:12], "this file is being sealed; stop that first")
            self._held.pop(name, None)
            self._node.journal.forget(WAITS + name)
            # The same bytes may wait twice, or be an item or a package by now.
            used = {t.blob for t in self._held.values()} | needed_blobs(self._node)
            if taken.blob not in used:
                self._node.blobs.erase(taken.blob)

    def stop(self, case: str, name: str) -> None:
        """Stop sealing a file, which then waits as before; no error where it is not being sealed."""
        self.at(case, name).stopped = True

    def seal(self, case: str, name: str, format_name: str, declared: Declared) -> None:
        """Begin to seal a file, once the others before it are done."""
        taken = self.at(case, name)
        with self._lock:
            if taken.stage in ("sealing", "sealed"):
                return
            taken.stage, taken.done, taken.why, taken.stopped = "sealing", 0, "", False
        work = threading.Thread(
            target=self._seal, args=(taken, format_name, declared), name="comity sealing", daemon=True
        )
        work.start()

    def _seal(self, taken: Taken, format_name: str, declared: Declared) -> None:
        def progress(done: int) -> None:
            taken.done = done
            if self._ended.is_set():
                raise Refused("intake.ended", taken.name[:80], "the node stopped before it was sealed")
            if taken.stopped:
                raise Refused("intake.stopped", taken.name[:80], "it was stopped before it was sealed")

        with self._turn:
            try:
                progress(0)
                sealed = evidence.keep_sealed(
                    self._node, taken.blob, taken.name, format_name, declared, taken.size, progress
                )
            except ComityError as error:
                taken.stage, taken.why = "waiting" if taken.stopped else "failed", str(error)
            except Exception as error:
                # The list has to say that it failed, whatever did.
                taken.stage, taken.why = "failed", f"{type(error).__name__}: {error}"
            else:
                # Nothing of its bytes stays here, where no erasure would find them.
                taken.root, taken.head = sealed.item, b""
                with suppress(
                    Unavailable
                ):  # forgotten it is; only an old copy may stand in the journal's log
                    self._node.journal.forget(WAITS + taken.id)
                taken.stage = "sealed"
                self._let_go_of_sealed()

    def _let_go_of_sealed(self) -> None:
        """Keep in the list no more sealed files than may wait: they are in the list of evidence."""
        with self._lock:
            sealed = [name for name, taken in self._held.items() if taken.stage == "sealed"]
            for name in sealed[: max(0, len(sealed) - FILES)]:
                del self._held[name]

    def close(self) -> None:
        """Stop what is being sealed; nothing half done is kept."""
        self._ended.set()

    def require_space(self) -> None:
        """Return only if another file can be taken in; ``Refused`` or ``Unavailable`` otherwise."""
        with self._lock:
            if sum(taken.stage != "sealed" for taken in self._held.values()) >= FILES:
                raise Refused("intake.full", "", f"{FILES} files wait here; seal or drop some first")

    def take(self, case: str, name: str, chunks: Iterator[bytes]) -> Taken:
        """Store one file as it comes. Blocks; what ``chunks`` raises passes through, and nothing is kept."""
        head = bytearray()
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise Refused(
                        "intake.size", name[:80], f"a file of at most {LARGEST:,} bytes is taken in here"
                    )
                if len(head) < HEAD_BYTES:
                    head.extend(chunk[: HEAD_BYTES - len(head)])
                yield chunk

        blob = self._node.blobs.put_stream(counted())
        taken = Taken(id=secrets.token_hex(16), case=case, name=name, blob=blob, size=size, head=bytes(head))
        note = cbor.encode([case, name, blob, size])
        self._node.journal.write(Write(notes={WAITS + taken.id: note}))
        with self._lock:
            self._held[taken.id] = taken
        return taken


def _head_of(node: Node, blob: str) -> bytes:
    head = bytearray()
    for chunk in node.blobs.open_stream(blob):
        head.extend(chunk[: HEAD_BYTES - len(head)])
        if len(head) == HEAD_BYTES:
            break
    return bytes(head)


def file_name(given: str | None) -> str:
    """The last part of a name that a browser gave, as a label: no folders, no control characters."""
    last = re.split(r"[/\\]", given or "")[-1]
    return _LABEL.sub("", last)[:200].strip() or "file"


class _Cut(Exception):
    pass


class _Pipe:
    """Chunks from the event loop to the thread that stores them; a few at most lie in between."""

    def __init__(self) -> None:
        self._chunks: queue.Queue[bytes | Exception | None] = queue.Queue(maxsize=_CHUNKS)

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._chunks.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def put(self, chunk: bytes | Exception | None, storing: asyncio.Future[Taken]) -> None:
        while True:
            try:
                self._chunks.put_nowait(chunk)
                return
            except queue.Full:
                if storing.done():
                    return  # it failed, and says why where it is awaited
                await asyncio.sleep(0.005)


class Upload:
    """One multipart form (RFC 7578): small fields first, then files."""

    def __init__(self, intake: Intake, case: str) -> None:
        self._intake = intake
        self.case = case
        self.fields: dict[str, str] = {}
        self.taken: list[Taken] = []

    async def read(self, content_type: str, stream: AsyncIterator[bytes], check: Check) -> None:
        """Read all of it; ``Malformed`` (``page.form``) where it is no such form or ends early.

        ``check`` sees the fields before the first byte of a file is taken, and may raise."""
        kind, options = parse_options_header(content_type)
        if kind != "multipart/form-data" or not options.get("boundary"):
            raise Malformed("page.form", "form", "not a form with files")
        parser = PushMultipartParser(options["boundary"], max_segment_count=FILES + FIELDS)
        segment: MultipartSegment | None = None
        small = bytearray()
        pipe: _Pipe | None = None
        storing: asyncio.Future[Taken] | None = None
        checked = False
        loop = asyncio.get_running_loop()
        try:
            with parser:
                async for chunk in stream:
                    for event in parser.parse(chunk):
                        if isinstance(event, MultipartSegment):
                            segment, pipe = event, None
                            small.clear()
                            if segment.filename is not None and not checked:
                                check(self.fields)
                                checked = True
                            if segment.filename:
                                self._intake.require_space()
                                pipe = _Pipe()
                                storing = loop.run_in_executor(
                                    None,
                                    self._intake.take,
                                    self.case,
                                    file_name(segment.filename),
                                    iter(pipe),
                                )
                        elif event is None:
                            assert segment is not None
                            if pipe is not None and storing is not None:
                                await pipe.put(None, storing)
                                self.taken.append(await storing)
                                pipe = storing = None
                            elif segment.filename is None:
                                self.fields[segment.name or ""] = small.decode("utf-8", "replace")
                        elif pipe is not None and storing is not None:
                            if storing.done():
                                await storing  # raises why
                            await pipe.put(bytes(event), storing)
                        elif len(small) + len(event) > FIELD_LIMIT:
                            raise Malformed("page.form", "form", "a field is too long")
                        else:
                            small += event
        except MultipartError as error:
            raise Malformed("page.form", "form", f"not a whole form with files: {error}") from None
        finally:
            if pipe is not None and storing is not None and not storing.done():
                await pipe.put(_Cut(), storing)
                await asyncio.gather(storing, return_exceptions=True)
        if not checked:
            check(self.fields)
