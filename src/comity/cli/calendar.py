"""``comity calendar`` and ``reminders``: open requests and their clocks, across all cases."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.errors import Refused

DUE = 8
"""The exit code of ``comity reminders`` where something is due."""


@click.command(name="calendar")
@click.option(
    "--out", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file (.ics)."
)
@click.option("--url", "wants_url", is_flag=True, help="Give the address of the feed that the node serves.")
@click.option("--mine", is_flag=True, help="Only what this party was asked for.")
@home_option
@speaks("calendar (events, file, url, text).")
def calendar_command(out: Out, target: Path | None, wants_url: bool, mine: bool, home: Path | None) -> int:
    """Give the open requests of all cases, at their due instants in UTC, as a calendar
    (iCalendar, RFC 5545). Each entry says whether its time was asked for, agreed, or
    said to follow from an instrument; no answer is never an admission.

    With --url, the address under which a serving node gives the same to a calendar
    program. Whoever has it reads your deadlines: it changes with the node's token.
    """
    from comity.adapters.atomic import write_new
    from comity.cli.serve import keep_token
    from comity.exchange.due import list_due, render_calendar

    opened = open_home(home)
    node = opened.node
    if wants_url:
        from comity.web.calendar import feed_path

        if not opened.settings.url:
            raise Refused("link.address", str(opened.folder), "this node has no address to serve it at")
        url = opened.settings.url.rstrip("/") + feed_path(keep_token(opened.folder))
        out.line(url)
        out.object("calendar", events=0, file="", url=url, text="")
        return 0
    now = node.effects.now()
    found = [d for d in list_due(node, now) if d.mine or not mine]
    raw = render_calendar(found, f"Comity: {node.party.card.name}", now)
    if target is not None:
        write_new(target, raw, 0o600)
        out.line(f"{target}: {count(len(found), 'open request')}")
    else:
        out.text(raw.decode())
    out.object("calendar", events=len(found), file=str(target or ""), url="", text=raw.decode())
    return 0


@click.command(name="reminders")
@click.option("--within", default="72h", metavar="TIME", help="How far ahead: 48h, 7d (default 72h).")
@click.option("--all", "everything", is_flag=True, help="Also what others owe each other.")
@home_option
@speaks(
    "due (case, record, what, asked_by, asked_of, due, basis, instrument, status, mine); reminders (due)."
)
def reminders_command(out: Out, within: str, everything: bool, home: Path | None) -> int:
    """Tell what is due soon or overdue, for you or to you. Exit code 8 where something
    is, 0 where nothing is: for a timer that sends mail.
    """
    from comity.cli.options import read_instant
    from comity.exchange.due import due_within, list_due
    from comity.records import bodies

    node = open_home(home).node
    now = node.effects.now()
    ahead = bodies.parse_time(read_instant(within, now)) - now
    found = [d for d in due_within(list_due(node, now), now, ahead) if everything or d.mine or d.own]
    for due in found:
        clock = due.clock
        told = f"{clock.basis}: {clock.instrument}" if clock.instrument else clock.basis
        left = f"in {_span(clock.due - now)}" if clock.due >= now else f"{_span(now - clock.due)} ago"
        who = f"{due.asked_by} asks {due.asked_of}"
        out.line(f"{bodies.time_text(clock.due)}  {left}  {due.title}  {who}: {clock.type} ({told})")
        out.text(clock.text, 4)
        out.object(
            "due",
            case=due.case,
            record=clock.request,
            what=clock.type,
            asked_by=clock.asked_by,
            asked_of=clock.asked_of,
            due=bodies.time_text(clock.due),
            basis=clock.basis,
            instrument=clock.instrument,
            status=clock.status,
            mine=due.mine,
        )
    if found:
        out.line("Only a time that both sides agreed to lapses. No answer is never an admission.")
    else:
        out.line("Nothing is due.")
    out.object("reminders", due=len(found))
    return DUE if found else 0


def _span(seconds: int) -> str:
    if seconds >= 172_800:
        return f"{seconds // 86_400} days"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
