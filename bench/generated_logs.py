"""Generated logs and indicators: process events that repeat or never do, lines of a web server; and a large
event log of the chunks of small ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from struct import pack_into
from zlib import crc32

from comity.evidence.evtx import CHUNK_BYTES, HEADER_BYTES

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PROGRAMS = (
    "svchost conhost cmd powershell taskhostw dllhost wmiprvse net sc reg whoami rundll32 explorer lsass"
)


def process_events(count: int, *, unique: bool) -> Iterator[dict[str, object]]:
    """Process creations as Sysmon tells them; ``unique`` gives every command line, folder and hash once."""
    chance = random.Random(1)
    images = [rf"C:\Windows\System32\{name}.exe" for name in PROGRAMS.split()]
    images += [rf"C:\Program Files\Vendor{n}\app{n}.exe" for n in range(40)]
    words = ["".join(chance.choices(LETTERS, k=chance.randint(3, 10))) for _ in range(3000)]

    def command() -> str:
        options = (chance.choice("-/") + word for word in chance.sample(words, chance.randint(2, 10)))
        tail = f" {chance.getrandbits(64):x}" if unique else ""
        return f'"{chance.choice(images)}" {" ".join(options)}{tail}'

    lines = [command() for _ in range(300)]
    for number in range(count):
        image = chance.choice(images)
        yield {
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "EventID": 1,
            "Computer": f"ws{chance.randint(0, 200)}.example",
            "RecordNumber": number,
            "UtcTime": f"2026-01-{1 + number % 28:02d} 10:{number % 60:02d}:00.{number % 1000:03d}",
            "ProcessId": chance.randint(100, 9999),
            "Image": image,
            "FileVersion": "10.0.19041.1",
            "Description": "A program",
            "Product": "An operating system",
            "Company": "A vendor",
            "OriginalFileName": image.rpartition("\\")[2],
            "CommandLine": command() if unique else chance.choice(lines),
            "CurrentDirectory": f"C:\\Users\\{chance.getrandbits(32):x}\\" if unique else "C:\\Windows\\",
            "User": f"HOUSE\\user{chance.randint(0, 50)}",
            "IntegrityLevel": chance.choice(["High", "Medium", "System"]),
            "Hashes": f"SHA1={chance.getrandbits(160) if unique else number % 50:040x}",
            "ParentImage": chance.choice(images),
            "ParentCommandLine": command() if unique else chance.choice(lines),
        }


def write_events(place: Path, count: int, *, unique: bool) -> None:
    """Those events as JSON lines."""
    with place.open("w") as file:
        file.writelines(json.dumps(event) + "\n" for event in process_events(count, unique=unique))


def write_web_log(place: Path, megabytes: int) -> None:
    """Lines of a web server in the combined form."""
    chance = random.Random(3)
    size = 0
    with place.open("w") as file:
        while size < megabytes * 1_000_000:
            address = ".".join(str(chance.randint(1, 254)) for _ in range(4))
            line = (
                f"{address} - - [01/Oct/2026:10:00:{size % 60:02d} +0000]"
                f' "GET /{chance.getrandbits(32):x}?id={chance.getrandbits(32):x} HTTP/1.1" 200 {size % 9999}'
                f' "https://www.site{chance.randint(0, 9999)}.example/" "Agent/5.0 (rv:1{size % 50}.0)"\n'
            )
            size += len(line)
            file.write(line)


def write_indicators(place: Path, count: int) -> None:
    """Addresses, names, hashes and locations, four to three to two to one."""
    chance = random.Random(5)
    with place.open("w") as file:
        for number in range(count):
            if number % 10 < 4:
                told = ".".join(str(chance.randint(1, 254)) for _ in range(4))
            elif number % 10 < 7:
                told = f"{''.join(chance.choices(LETTERS, k=10))}.bad{number % 1000}.example"
            elif number % 10 < 9:
                told = f"{chance.getrandbits(256):064x}"
            else:
                told = f"http://h{chance.getrandbits(40):x}.example/{chance.getrandbits(30):x}"
            file.write(told + "\n")


def write_event_log(place: Path, logs: Sequence[Path], megabytes: int) -> None:
    """The chunks of these logs, each of which stands for itself, again and again behind one header."""
    chunks, header = [], bytearray()
    for log in logs:
        raw = log.read_bytes()
        header = header or bytearray(raw[:HEADER_BYTES])
        every = (raw[at : at + CHUNK_BYTES] for at in range(HEADER_BYTES, len(raw), CHUNK_BYTES))
        chunks += [chunk for chunk in every if chunk.startswith(b"ElfChnk\0") and len(chunk) == CHUNK_BYTES]
    count = megabytes * 1_000_000 // CHUNK_BYTES
    pack_into("<3Q", header, 8, 0, count - 1, 1)  # the first and last chunk, and the next record
    pack_into("<H", header, 42, count)
    pack_into("<I", header, 124, crc32(header[:120]))
    with place.open("wb") as out:
        out.write(header)
        out.writelines(islice(cycle(chunks), count))
