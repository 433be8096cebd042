"""``comity claim``, ``notify``, ``withdraw``: what this party asserts, tells, and takes back."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.lint import warn_of_wording
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    marking_option,
    open_home,
    to_option,
)
from comity.cli.output import Out, plain, speaks
from comity.cli.record_told import tell_record
from comity.cli.spoken import (
    EXAMPLE,
    find_numbers,
    make_assertions,
    name_parties,
    one_assertion,
    read_spoken,
)
from comity.errors import Refused

LEVELS = click.Choice(["tactical", "operational", "strategic"])
PROPOSITIONS = click.Choice(["event", "conduct", "infrastructure", "person", "state-link", "breach"])
STANCES = click.Choice(["claims", "denies", "counters"])


@click.command(name="claim", epilog=EXAMPLE)
@click.option("--title", default="", help="Your title for the claim.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Several assertions, from a file.")
@click.option("--text", default="", help="One assertion: the sentence.")
@click.option("--level", type=LEVELS, default="tactical", help="How much it says (default tactical).")
@click.option("--stance", type=STANCES, default="claims", help="Default: claims.")
@click.option("--against", default="", metavar="RECORD#N", help="The assertion denied or countered.")
@click.option("--about", multiple=True, metavar="PARTY", help="A known party that it names; repeatable.")
@click.option("--about-named", multiple=True, metavar="NAME", help="A party without a key, in words.")
@click.option("--standard", default="", help="The standard of proof you declare (comity law list).")
@click.option(
    "--proposition",
    type=PROPOSITIONS,
    help="What kind of thing it states; the standard is declared for that.",
)
@click.option(
    "--law",
    multiple=True,
    metavar="PROVISION:ELEMENT",
    help="An element that you say it bears on (comity law list); repeatable.",
)
@click.option(
    "--support", multiple=True, metavar="RECORD=INFERENCE", help="A finding or item, and why it bears on it."
)
@click.option("--cite", multiple=True, metavar="CITATION=INFERENCE", help="Something outside, and why.")
@case_option
@home_option
@marking_option
@to_option
@speaks("record (kind, id, case, assertions).")
def claim_command(
    out: Out,
    title: str,
    path: Path | None,
    text: str,
    level: str,
    stance: str,
    against: str,
    about: tuple[str, ...],
    about_named: tuple[str, ...],
    standard: str,
    proposition: str | None,
    law: tuple[str, ...],
    support: tuple[str, ...],
    cite: tuple[str, ...],
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """State assertions. Each is one checkable sentence, claimed, denied or
    counter-claimed, with what supports it and the inference that links the two.
    A party that an assertion names is told of it by comity notify.
    """
    from comity.exchange import acts

    if (path is None) == (not text):
        raise click.UsageError("either --text for one assertion, or --file for several")
    spoken = (
        read_spoken(path)
        if path is not None
        else one_assertion(
            text, level, stance, against, about, about_named, standard, support, cite, law, proposition or ""
        )
    )
    if not spoken.assertions or spoken.positions:
        raise click.UsageError("a claim has assertions and no positions (see respond)")
    node = open_home(home).node
    case = choose_case(node, case_text)
    assertions = make_assertions(node, node.state(case), spoken)
    title = title or spoken.title or assertions[0].text[:200]
    warn_of_wording(out, [(f"assertion {n}", a.text) for n, a in enumerate(assertions, 1)])
    record = acts.state_claim(node, case, title, assertions, to=find_parties(node, to))
    tell_record(out, node, case, record.value.id, assertions=len(assertions))
    return 0


@click.command(name="notify")
@click.argument("target", metavar="RECORD[#N,…]")
@click.option("--party", "about", default="", help="The known party to tell.")
@click.option("--named", default="", metavar="NAME", help="A party without a key, as the assertion names it.")
@click.option("--text", required=True, help="What you tell it.")
@click.option("--language", default="en", metavar="LL", help="The language of the text (default en).")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case).")
def notify_command(
    out: Out,
    target: str,
    about: str,
    named: str,
    text: str,
    language: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Tell a party of your assertions that name it, before anything is published. A
    party with a node gets the notice there; one without a key gets a file
    (comity notice write).
    """
    from comity.exchange import acts

    if bool(about) == bool(named):
        raise click.UsageError("whom to tell: --party for a known one, --named for one without a key")
    node = open_home(home).node
    case = choose_case(node, case_text)
    record, numbers = find_numbers(node.state(case), target)
    (to,) = name_parties(node, [about] if about else [], [named] if named else [])
    if not target.partition("#")[2]:
        from comity.case.judging import assertions_of

        stated = assertions_of(node.state(case).accepted[record].content)
        numbers = [n for n in numbers if to in stated[n].about]
        if not numbers:
            raise Refused("notice.unnamed", target, f"no assertion of this record names {to.name}")
    given = acts.give_notice(node, case, record, numbers, to, text, language)
    tell_record(out, node, case, given.value.id)
    if not to.party:
        short = given.value.id[:12]
        out.line(f"{plain(to.name)} has no key here. Hand it over as a file or a link:")
        out.line(f"comity notice write {short} --out notice.txt", 2)
        out.line(f"comity notice link {short}", 2)
    return 0


@click.command(name="withdraw")
@click.argument("target", metavar="RECORD[#N,…]")
@click.option("--reason", required=True, help="Why; everyone whom the record reached reads it.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case).")
def withdraw_command(out: Out, target: str, reason: str, case_text: str, home: Path | None) -> int:
    """Take back assertions of your own (all of the record, or those numbered), a request
    that you made, or an endorsement. What was said, and that it was withdrawn, both stay.
    """
    from comity.exchange import acts, acts_of_procedure

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    if "#" not in target:
        record = acts.find_record(state, target)
        taken = {
            "request.make": acts_of_procedure.withdraw_request,
            "endorsement.make": acts_of_procedure.withdraw_endorsement,
        }.get(state.accepted[record].frame.kind)
        if taken is not None:
            tell_record(out, node, case, taken(node, case, record, reason).value.id)
            return 0
    record, numbers = find_numbers(state, target)
    tell_record(out, node, case, acts.withdraw(node, case, record, numbers, reason).value.id)
    return 0
