"""Run benchmarks and print what they measured: ``python3 dev bench [NAME…] [--json] [--runs N] [--write]``.

With ``--write`` a benchmark that draws its figures (a function ``draw``) puts them into ``docs/``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.figure import Figure, Measured, Sample, measure

HERE = Path(__file__).resolve().parent


def list_benchmarks() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def find_line(path: str, key: str) -> str:
    """The value after the first ``key … :`` of a /proc file; empty where there is none."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def describe_machine() -> dict[str, str | int]:
    """What a reader needs to compare these figures with their own machine's."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    release = platform.freedesktop_os_release() if sys.platform == "linux" else {}
    return {
        "cpu": find_line("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 0,
        "memory_gib": round(memory / 2**30),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "os": f"{release.get('PRETTY_NAME', platform.system())}, {platform.release()}",
    }


def load_figures(name: str, scratch: Path) -> Iterator[Figure]:
    found: Iterable[Figure] = importlib.import_module(f"bench.bench_{name}").figures(scratch)
    yield from found


def summarise(sample: Sample) -> dict[str, object]:
    return {
        "name": sample.name,
        "runs": len(sample.values),
        "min": min(sample.values),
        "median": sample.median,
        "max": max(sample.values),
    }


def to_json(bench: str, measured: Measured) -> dict[str, object]:
    ours, *peers = measured.samples
    return {
        "bench": bench,
        "figure": measured.figure.name,
        "unit": measured.figure.unit,
        "note": measured.figure.note,
        "ours": summarise(ours),
        "peers": [{**summarise(peer), "ours_over_peer": measured.ratio(peer)} for peer in peers],
        "absent": [{"name": name, "why": why} for name, why in measured.figure.absent],
    }


def to_text(bench: str, measured: Measured) -> str:
    """One figure: a row for each contender, and how many times the peer we are."""
    figure = measured.figure
    lines = [f"{bench}: {figure.name}, {figure.unit}, {len(measured.samples[0].values)} runs"]
    if figure.note:
        lines.append(f"  {figure.note}")
    lines.append(f"  {'':<28}{'min':>12}{'median':>12}{'max':>12}   ours / peer")
    for place, sample in enumerate(measured.samples):
        low, high = min(sample.values), max(sample.values)
        row = f"  {sample.name:<28}{low:>12,.2f}{sample.median:>12,.2f}{high:>12,.2f}"
        lines.append(row + (f"   {measured.ratio(sample):.3g} ×" if place else ""))
    lines.extend(f"  {name:<28}not measured: {why}" for name, why in figure.absent)
    return "\n".join(lines)


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 dev bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(list_benchmarks())}; all when none")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--runs", type=int, help="runs of each contender, instead of the figure's")
    parser.add_argument("--write", action="store_true", help="put what a benchmark draws into docs/")
    found = parser.parse_args(arguments)
    unknown = sorted(set(found.name) - set(list_benchmarks()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(list_benchmarks())}")
    if found.runs is not None and found.runs < 1:
        parser.error("--runs needs a number from 1")
    return found


def print_machine(machine: Mapping[str, str | int]) -> None:
    print(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB;"
        f" {machine['python']}; {machine['os']}",
        flush=True,
    )


def write_drawings(name: str, measured: Sequence[Measured], machine: Mapping[str, str | int]) -> None:
    """Write what the benchmark draws of its figures, where it draws any and had all it needs."""
    draw = getattr(importlib.import_module(f"bench.bench_{name}"), "draw", None)
    if draw is None or any(each.figure.absent for each in measured):
        return
    told = f"{machine['cpu']}, {machine['python']}"
    for path, text in draw(measured, told).items():
        (HERE.parent / "docs" / path).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = read_arguments(arguments)
    machine = describe_machine()
    if not chosen.json:
        print_machine(machine)
    results: list[dict[str, object]] = []
    for name in chosen.name or list_benchmarks():
        with tempfile.TemporaryDirectory(prefix="comity-bench-") as scratch:
            done: list[Measured] = []
            for figure in load_figures(name, Path(scratch)):
                measured = measure(figure, chosen.runs)
                done.append(measured)
                results.append(to_json(name, measured))
                if not chosen.json:
                    print(f"\n{to_text(name, measured)}", flush=True)
            if chosen.write:
                write_drawings(name, done, machine)
    if chosen.json:
        print(json.dumps({"machine": machine, "figures": results}, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
