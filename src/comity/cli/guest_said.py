"""What a guest says beside positions: requests, answers to requests, more time, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from comity.cli.options import read_instant, read_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.exchange.guests import Answered, Asked, Corrected
    from comity.exchange.notices.reading import NoticeFile
    from comity.records.kinds import Assertion

ASKED = ("evidence", "clarify", "preserve", "assist", "consult")
DISPOSITIONS = ("accepted", "partial", "refused", "clarify", "fulfilled")


def saying_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options of a guest's requests, answers and corrections."""
    for option in reversed(
        (
            click.option(
                "--ask",
                multiple=True,
                metavar="TYPE[#N]=TEXT",
                help=f"Ask the giver ({', '.join(ASKED)}), about assertion N; by --due.",
            ),
            click.option(
                "--answer-request",
                "answers",
                multiple=True,
                metavar="REQUEST=DISPOSITION:TEXT",
                help=f"Answer a request made of you, by its whole id: {', '.join(DISPOSITIONS)}.",
            ),
            click.option(
                "--ground",
                default="",
                metavar="GROUND",
                help="Where --answer-request refuses: on what ground.",
            ),
            click.option(
                "--more-time",
                multiple=True,
                metavar="REQUEST=WHY",
                help="Ask for time until --due for a request made of you.",
            ),
            click.option(
                "--due", default="", metavar="INSTANT", help="For --ask and --more-time: an instant, or 72h."
            ),
            click.option(
                "--withdraw",
                multiple=True,
                metavar="N=WHY",
                help="Withdraw assertion N of your last reply (--after).",
            ),
            click.option(
                "--correct",
                multiple=True,
                metavar="N=NEW WORDS",
                help="Say assertion N of your last reply (--after) in new words; the old ones stay readable.",
            ),
            click.option("--why", default="", metavar="WHY", help="Why --correct corrects."),
        )
    ):
        function = option(function)
    return function


def read_said(
    given: dict[str, Any], notice: NoticeFile, before: tuple[Assertion, ...], now: int
) -> tuple[list[Asked], list[Answered], list[Corrected]]:
    """The options as what they say; ``before``: the assertions of the last reply that had any."""
    from comity.case.judging import assertions_of
    from comity.exchange.guests import Answered, Asked, Corrected

    if (given["ask"] or given["more_time"]) and not given["due"]:
        raise click.UsageError("by when? --due 2026-10-20T12:00:00Z, or --due 72h")
    if given["correct"] and not given["why"]:
        raise click.UsageError("a correction gives its reason: --why WHY")
    due = read_instant(given["due"], now) if given["due"] else ""
    content = notice.claim.value.content
    assert content is not None
    stated = len(assertions_of(content))
    asked = []
    for kind, text in read_pairs(given["ask"], "--ask"):
        name, _, number = kind.partition("#")
        if name not in ASKED:
            raise click.BadParameter(f"--ask {kind}: ask for one of {', '.join(ASKED)}")
        n = _number(number, stated) if number else -1
        asked.append(Asked(type=name, text=text, due=due, n=n))  # type: ignore[arg-type]
    answers = []
    for request, rest in read_pairs(given["answers"], "--answer-request"):
        disposition, _, text = rest.partition(":")
        if disposition not in DISPOSITIONS:
            raise click.BadParameter(f"{request[:12]}={rest!r}: answer one of {', '.join(DISPOSITIONS)}")
        if (disposition == "refused") != bool(given["ground"]):
            raise click.UsageError("a refusal names its ground, and nothing else has one: --ground")
        answers.append(
            Answered(
                request=_record(request),
                text=text.strip(),
                disposition=disposition,  # type: ignore[arg-type]
                ground=given["ground"],
            )
        )
    for request, text in read_pairs(given["more_time"], "--more-time"):
        answers.append(Answered(request=_record(request), text=text, due=due, extend=True))
    return asked, answers, _corrections(given, before, Corrected)


def _corrections(
    given: dict[str, Any], before: tuple[Assertion, ...], corrected: type[Corrected]
) -> list[Corrected]:
    from msgspec.structs import replace

    wanted = [(n, text, True) for n, text in read_pairs(given["correct"], "--correct")]
    wanted += [(n, text, False) for n, text in read_pairs(given["withdraw"], "--withdraw")]
    if wanted and not before:
        raise click.UsageError("which reply is corrected? name your last one, with assertions in it: --after")
    found = []
    for number, text, again in wanted:
        n = _number(number, len(before))
        into = replace(before[n], text=text) if again else None
        found.append(corrected(n=n, reason=given["why"] if again else text, into=into))
    return found


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= most):
        raise click.BadParameter(f"{text!r}: assertions are counted from 1, and there are {most}")
    return int(text) - 1


def _record(text: str) -> str:
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise click.BadParameter(f"{text!r}: a request is named by its whole id of 64 characters")
    return text
