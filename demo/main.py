"""``python3 dev demo``: three parties, one incident, from a folder of logs to dossiers that a stranger checks."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARTS = {"claimant": "claims", "respondent": "responds", "third": "watches"}
FIRST_LINE = "Comity: three invented parties, one incident, and nothing that you have to believe."


class Stopped(BaseException):
    """Somebody stopped the demo: by Ctrl-C, by closing the terminal, or by SIGTERM."""

    def __init__(self, number: int) -> None:
        self.number = number


def main() -> int:
    """Tell the story; 0 when it went through, 1 when something that should hold did not, 2 for a command
    that cannot be carried out, 128 and the signal's number when it was stopped."""
    print(FIRST_LINE, flush=True)
    options = _options()
    if options.tour:
        from demo.tour import TOUR

        print(TOUR)
        return 0
    # Imported after the first line, so that it stands at once.
    from comity.errors import ComityError
    from demo.stage import StageError

    for number in STOPS:
        signal.signal(number, _stop)
    folder = Path(options.folder or ".").absolute()
    try:
        if not options.folder:
            folder = Path(tempfile.mkdtemp(prefix="comity-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            print(f"demo: {folder} is not empty; name an empty folder or a new one", file=sys.stderr)
            return 2
    except OSError as error:
        print(f"demo: {folder}: {error.strerror}", file=sys.stderr)
        return 2
    try:
        return _run(options, folder)
    except Stopped as stopped:
        with suppress(OSError):  # the terminal may be what went away
            print("\nStopped. What was written so far is in", folder, flush=True)
        return 128 + stopped.number
    except BrokenPipeError:
        # Nobody listens any more; what Python flushes at its end must not complain of that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except (ComityError, StageError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        print(f"demo: homes and logs are in {folder}", file=sys.stderr)
        return 1


def _stop(number: int, _: object) -> None:
    # Only the first counts; the nodes are then given the time to end.
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _pace(text: str) -> float:
    pace = float(text)
    if not 0 <= pace <= 100:
        raise ValueError(text)
    return pace


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 dev demo", description="The whole story, in about 90 seconds."
    )
    parser.add_argument(
        "--once", action="store_true", help="tell it without pauses, leave, print the dossier's path last"
    )
    parser.add_argument(
        "--swap", action="store_true", help="exchange names and roles of claimant and respondent"
    )
    parser.add_argument(
        "--tour", action="store_true", help="say what each of the four people would click, and leave"
    )
    parser.add_argument("--pace", type=_pace, default=1.0, help="1 is reading speed, 0 tells without waiting")
    parser.add_argument(
        "--folder", help="where homes, evidence and dossiers go (default: a new temporary folder)"
    )
    parser.add_argument("--seed", type=int, default=7, help="seed of the generated evidence")
    return parser.parse_args()


def _run(options: argparse.Namespace, folder: Path) -> int:
    from comity.web.story import make_story_app
    from demo.cast import FORWARD, SWAPPED
    from demo.cheats import Cheats
    from demo.evidence import generate
    from demo.feed import Feed, listen_for_pause
    from demo.stage import Stage
    from demo.story import Story
    from demo.verifying import verify_both

    cast = SWAPPED if options.swap else FORWARD
    feed = Feed(pace=0.0 if options.once else options.pace)
    with Stage(folder, cast) as stage:
        stage.build()
        stage.start()
        stage.introduce()
        if options.swap:
            print(f"Names and roles exchanged: {cast.claimant.name} claims, {cast.respondent.name} responds.")
        app = make_story_app(feed, [(s.name, s.pages) for s in stage])
        address = _serve_story(app)
        print(f"\n  The story in a browser:  {address}/story", flush=True)
        for seat in stage:
            print(f"  {f'{seat.name} ({PARTS[seat.role]}):':<47} {seat.pages}", flush=True)
        print(f"  {cast.fourth.office + ':':<47} no node, no account", flush=True)
        if not options.once:
            print("  Enter holds the story and lets it go on.", flush=True)
            listen_for_pause(feed)
            time.sleep(2)
        feed.chapter("0. What happened, as our own generator writes it")
        feed.say(
            "An intrusion into a parliament's mail system, as the logs of three parties tell it. They are written now, "
            f"and are the same for the same seed ({options.seed})."
        )
        manifest = generate(folder / "evidence", cast, options.seed)
        rows = sum(f.rows for f in manifest.files)
        feed.say(
            f"{rows:,} rows in {len(manifest.files)} logs, mostly ordinary traffic. One clue in them is planted."
        )
        story = Story(stage, feed, manifest, folder / "evidence")
        told = story.tell()
        held = verify_both(feed, told)
        held &= Cheats(stage, feed, told, folder / "cheats").try_all()
        feed.chapter("The end")
        feed.say("Intact and reproduced is not the same as true.")
        if not options.once:
            print(
                f"\n  The nodes keep running: look around at {address}/story . Ctrl-C stops them.", flush=True
            )
            print(f"  Everything is in {folder}", flush=True)
            while True:
                stage.check()
                time.sleep(0.5)
        print(told.dossiers[0], flush=True)
        return 0 if held else 1


def _serve_story(app: object) -> str:
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))  # type: ignore[arg-type]
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


if __name__ == "__main__":
    sys.exit(main())
