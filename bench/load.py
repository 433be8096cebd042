"""A load over HTTP from a process of its own: ``python -m bench.load HOST PORT PATH FILE``.

FILE has one line for each client: the bodies it posts one after another over one connection, in hex, between
spaces. Prints JSON: seconds for all, the time of each answer in milliseconds, and the statuses that came.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path


async def post_all(
    host: str, port: int, path: str, bodies: list[bytes], took: list[float], seen: Counter[int]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for body in bodies:
        began = time.perf_counter()
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")),
            0,
        )
        await reader.readexactly(length)
        took.append((time.perf_counter() - began) * 1e3)
        seen[int(answer[9:12])] += 1
    writer.close()


async def run(host: str, port: int, path: str, clients: list[list[bytes]]) -> dict[str, object]:
    took: list[float] = []
    seen: Counter[int] = Counter()
    began = time.perf_counter()
    await asyncio.gather(*(post_all(host, port, path, bodies, took, seen) for bodies in clients))
    return {"seconds": time.perf_counter() - began, "took": took, "statuses": dict(seen)}


def main() -> None:
    host, port, path, file = sys.argv[1:]
    clients = [[bytes.fromhex(one) for one in line.split()] for line in Path(file).read_text().splitlines()]
    print(json.dumps(asyncio.run(run(host, int(port), path, clients))))


if __name__ == "__main__":
    main()
