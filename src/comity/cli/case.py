"""``comity case``: open, invite, list, and read what the records say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.asserted import Rechecked, tell_assertion
from comity.cli.closing import close_command, reopen_command
from comity.cli.docket import tell_policy, tell_records
from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.procedure import tell_procedure, tell_versions
from comity.cli.record import record_command
from comity.cli.record_told import tell_record
from comity.cli.status import tell_clock
from comity.errors import Malformed, Refused

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.exchange.node import Node
    from comity.records.kinds import Policy, Witness


@click.group(name="case", cls=Listing)
def case_command() -> None:
    """Open a case, invite into it, list and read cases."""


case_command.add_command(record_command)


@case_command.command(name="open")
@click.option(
    "--date", default="", metavar="YYYY-MM-DD", help="The date in the neutral name (default: today, UTC)."
)
@click.option("--title", default="", help="Your own title for it, shown as yours.")
@click.option("--witness", multiple=True, metavar="PARTY", help="Whose cosignatures prove time; repeatable.")
@click.option(
    "--authority",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="CERT.pem",
    help="Certificate that the tokens of a timestamp authority lead to; repeatable.",
)
@click.option(
    "--quorum", type=click.IntRange(1, 64), default=1, help="How many of them are needed (default 1)."
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The same as text (C2SP tlog-policy): k of n witnesses, parties or not.",
)
@click.option(
    "--courier", multiple=True, metavar="PARTY", help="Whose attempts to deliver notices count; repeatable."
)
@click.option(
    "--approvals", type=click.IntRange(0, 8), default=0, help="How many approvals each disclosure bears."
)
@home_option
@speaks("case (id, name, date, record, witnesses, authorities, quorum).")
def open_command(
    out: Out,
    date: str,
    title: str,
    witness: tuple[str, ...],
    authority: tuple[Path, ...],
    quorum: int,
    policy_file: Path | None,
    courier: tuple[str, ...],
    approvals: int,
    home: Path | None,
) -> int:
    """Open a case. Its time policy is fixed for good: which witnesses and timestamp
    authorities prove when a record existed, and how many. A party's own cosignature
    never counts for it, so name more than the quorum; without any, no time is ever
    proven. Each node asks the authorities at the addresses in its settings (tsa).
    """
    from comity.case.party_keys import witness_keys
    from comity.exchange import acts
    from comity.exchange.stamping import keep_certificate
    from comity.records.bodies import time_text
    from comity.records.kinds import Authority, Policy, Witness

    node = open_home(home).node
    date = date or time_text(node.effects.now())[:10]
    try:
        datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{date!r} is no date like 2026-10-04") from None
    if policy_file is not None and (witness or quorum != 1):
        raise click.UsageError("--policy says witnesses and quorum itself: no --witness, no --quorum")
    written = _read_policy(node, policy_file) if policy_file is not None else None
    parties = [node.find_party(name) for name in dict.fromkeys(witness)]
    for party in parties:
        if party.guest:
            raise Refused("witness.guest", party.card.name, "a guest keeps no ledger and cannot be a witness")
    certificates = dict(map(_read_certificate, authority))
    if max(len(parties) + len(certificates), 1) < quorum:
        raise click.BadParameter(f"a quorum of {quorum} needs at least as many --witness and --authority")
    # A policy names somebody; one's own cosignature never counts.
    nobody = [] if certificates else [node.party]
    named = tuple(Witness(vkey=witness_keys(p)[-1], party=p.id) for p in parties or nobody)
    quorum, named = written or (quorum, named)
    policy = Policy(
        quorum=quorum,
        witnesses=named,
        authorities=tuple(
            Authority(certificate=keep_certificate(node, raw), name=name)
            for raw, name in certificates.items()
        ),
        couriers=tuple(sorted({node.find_party(name).id for name in courier})),
        approvals=approvals,
    )
    case = acts.open_case(node, date, policy, title)
    state = node.state(case)
    assert state.opening is not None
    out.line(f"{acts.neutral_title(state)} is open (case {case[:16]}).")
    if not parties and not certificates and written is None:
        out.line("Without witnesses no time in it can be proven.")
    elif sum(w.party != node.party.id for w in named) + len(certificates) < quorum:
        out.warn("your own witness counts for no record of yours: no time of these can be proven")
    _warn_unreachable(out, policy)
    out.object(
        "case",
        id=case,
        name=acts.neutral_title(state),
        date=date,
        record=state.opening.id,
        witnesses=[w.party or w.vkey for w in named] if parties or written else [],
        authorities=[a.certificate for a in policy.authorities],
        quorum=quorum,
    )
    return 0


def _read_policy(node: Node, path: Path) -> tuple[int, tuple[Witness, ...]]:
    from comity.case.party_keys import witness_keys
    from comity.exchange.policies import case_policy
    from comity.ledger.policy import POLICY_LIMIT, parse_policy

    known = {vkey: p.id for p in node.parties().values() for vkey in witness_keys(p)}
    return case_policy(parse_policy(read_file(path, POLICY_LIMIT), str(path)), known, str(path))


def _warn_unreachable(out: Out, policy: Policy) -> None:
    for named in policy.witnesses:
        if not named.party and not named.url:
            out.warn(f"nobody will ask {named.vkey.partition('+')[0]}: its line gives no address")


def _read_certificate(path: Path) -> tuple[bytes, str]:
    """The DER of the one certificate in a file (PEM or DER), and what it calls itself."""
    from comity.exchange.stamping import read_certificates

    found = read_certificates(read_file(path, 1 << 20), str(path))
    if len(found) != 1:
        raise Malformed("case.authority", str(path), "not one certificate, in PEM or DER")
    (raw, name), *_ = found
    return raw, name or path.stem


@case_command.command(name="invite")
@click.argument("parties", nargs=-1, required=True)
@click.option("--share/--no-share", default=True, help="Let it read what all members can (default).")
@case_option
@home_option
@speaks("record (kind, id, case, not_shared) for each invitation.")
def invite_command(out: Out, parties: tuple[str, ...], share: bool, case_text: str, home: Path | None) -> int:
    """Bring known parties into a case; the case key travels sealed to each of them.
    What you marked TLP:RED is not shared with them, nor what builds on it: it is named.
    """
    from comity.exchange import acts

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    without = acts.not_shared(node, case) if share else ()
    for record in without:
        frame = state.accepted[record].frame
        why = "marked TLP:RED by you" if frame.marking == "TLP:RED" else "goes with, or builds on, what is"
        out.warn(f"not shared with whoever is invited: {record[:12]} ({frame.kind}), {why}")
    for name in parties:
        party = node.find_party(name)
        if party.id in node.state(case).members:
            raise Refused("case.member", party.card.name, "is a member of this case already")
        tell_record(
            out, node, case, acts.invite(node, case, party.id, share=share).value.id, not_shared=without
        )
    return 0


@case_command.command(name="prove-fork")
@click.argument("party")
@case_option
@home_option
@speaks("record (kind, id, case, party, of) for each proof.")
def prove_fork_command(out: Out, party: str, case_text: str, home: Path | None) -> int:
    """Sign what proves that PARTY signed two histories: two records at one place of
    its chain, or two heads of its ledger that exclude each other. Both stand in the
    record, so that anyone can check it; comity status lists what is held here.
    """
    from comity.exchange.exposing import prove_fork
    from comity.records import kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    for proven in prove_fork(node, case, node.find_party(party).id):
        content = proven.value.content
        assert isinstance(content, kinds.Prove)
        tell_record(out, node, case, proven.value.id, party=content.party, of=content.of)
    return 0


case_command.add_command(close_command)
case_command.add_command(reopen_command)


@case_command.command(name="list")
@home_option
@speaks("case (id, name, date, titles, members, records, open_requests).")
def list_command(out: Out, home: Path | None) -> int:
    """List the cases of this node by their neutral names, every party's title as its own."""
    from comity.case.clocks import clocks
    from comity.exchange import acts
    from comity.records import kinds

    node = open_home(home).node
    if not node.cases():
        out.line(
            "No case yet. comity case open opens one; one that another party opens comes with its invitation."
        )
    for case in node.cases():
        state = node.state(case)
        content = state.opening.content if state.opening else None
        opened = content if isinstance(content, kinds.Open) else None
        titles = [[state.opening.author, opened.title]] if state.opening and opened and opened.title else []
        waiting = [c for c in clocks(state, node.effects.now()) if c.status == "open"]
        out.line(
            f"{acts.neutral_title(state)}  {count(len(state.members), 'member')}, "
            f"{count(len(state.accepted), 'record')}, {count(len(waiting), 'open request')}"
        )
        for author, title in titles:
            out.line(f"“{title}” (title by {node.name_of(author)})", 2)
        out.object(
            "case",
            id=case,
            name=acts.neutral_title(state),
            date=opened.date if opened else "",
            titles=[{"party": a, "title": t} for a, t in titles],
            members=list(state.members),
            records=len(state.accepted),
            open_requests=len(waiting),
        )
    return 0


@case_command.command(name="show")
@case_option
@home_option
@click.option(
    "--as-of", default="", metavar="INSTANT", help="Compute clocks for this instant (default: now)."
)
@click.option("--records", is_flag=True, help="List the time policy and every record too.")
@click.option(
    "--times", is_flag=True, help="List every record with its proven interval, and who proves each bound."
)
@speaks(
    "case (id, name, members, forks, splits, as_of); "
    "policy (quorum, of, text); assertion (record, n, author, stance, against, level, text, about, "
    "standard, proposition, law, marks, withdrawn, origins, undeclared, supports with access, rerun and "
    "origin, contests, endorsements, "
    "could_add); assessment (record, author, question, answer, figures); request; "
    "extension; statement; action; "
    "initiative; closing; item (case, record, root, name, rows, format, by, erased, shown); "
    "found (case, record, item, by, rules, rows); "
    "awaited (case, record, what, party, from, mine); notice (record, n, author, to, "
    "state, by_name, attempts, published); record (id, kind, author, seq, at, not_before, not_after), with "
    "--times also why_not_before and why_not_after (as the bounds of comity case record)."
)
def show_command(out: Out, case_text: str, home: Path | None, as_of: str, records: bool, times: bool) -> int:
    """Read a case as this node holds it: assertions with the three facts of each
    support (who can see it, who ran it again, what it traces to), evidence and to
    whom it was shown, requests with clocks, how far notices came, and what else has
    no answer on record, by whichever side. --times says of every record when it was
    made, as far as others prove it, and who they are.
    """
    from comity.case.clocks import clocks, notices
    from comity.case.support import assertions
    from comity.cli.awaiting import tell_awaited, tell_evidence
    from comity.cli.match import tell_matchings
    from comity.cli.options import read_instant
    from comity.exchange import acts
    from comity.exchange.confirming import authentication
    from comity.records import bodies, kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    now = node.effects.now()
    instant = bodies.parse_time(read_instant(as_of, now)) if as_of else now
    out.line(f"{acts.neutral_title(state)}  case {case}")
    out.line(f"As {node.party.card.name} holds it, {bodies.time_text(instant)}. Members:")
    for member in state.members:
        out.line(f"{node.name_of(member)}  {member[:16]}", 2)
    for party, seq in sorted(state.forks.items()):
        out.line(f"FORK   {node.name_of(party)} signed two histories, from its record {seq} on")
    for party, proof in sorted(state.splits.items()):
        out.line(f"SPLIT  the ledger of {node.name_of(party)} signed two histories ({proof[:12]} proves it)")
    out.object(
        "case",
        id=case,
        name=acts.neutral_title(state),
        members=list(state.members),
        forks=dict(state.forks),
        splits=dict(state.splits),
        as_of=bodies.time_text(instant),
    )
    if state.policy is not None and (records or times or out.as_json):
        tell_policy(out, state.policy)
    found = assertions(state)
    rechecked = Rechecked(node, state)
    for facts in found:
        tell_assertion(out, node, facts, rechecked)
        tell_versions(out, state, facts)
        taken_back = state.accepted.get(facts.withdrawn)
        if taken_back and isinstance(taken_back.content, kinds.Withdraw):
            out.text(f"withdrawn by its author: {taken_back.content.reason}", 4)
    _tell_assessments(out, node, state)
    tell_evidence(out, node, state)
    tell_matchings(out, node, state)
    requests = clocks(state, instant)
    if requests:
        out.line()
        out.line("Requests")
        for clock in requests:
            tell_clock(out, node, case, clock)
    told = notices(state, node.parties())
    if told:
        out.line()
        out.line("Notices")
    for notice in told:
        published = [{"record": r, "notice_before": b, "reason": w} for r, b, w in notice.published]
        before = ", ".join(b for _, b, _ in notice.published)
        teller = state.accepted.get(notice.acknowledged or notice.received)
        known = teller is not None and authentication(node, teller.author).confirmed is not None
        unsure = ", sender not authenticated" if notice.by_name and not known else ""
        tail = f"; published, notice before: {before}" if before else ""
        place = f"{notice.target.record[:12]}#{notice.target.n + 1}"
        out.line(f"{place}  to {notice.to.name}: {notice.state}{unsure}{tail}", 2)
        out.object(
            "notice",
            record=notice.notice,
            target=notice.target.record,
            n=notice.target.n + 1,
            author=notice.author,
            to={"name": notice.to.name, "party": notice.to.party},
            state=notice.state,
            by_name=notice.by_name,
            attempts=list(notice.attempts),
            published=published,
        )
    tell_procedure(out, node, state)
    tell_awaited(out, node, state, requests, mine=False)
    if records or times:
        tell_records(out, node, state, times)
    out.line()
    out.line("Intact and reproduced is not the same as true.")
    return 0


def _tell_assessments(out: Out, node: Node, state: State) -> None:
    """Who weighed what, and whether a cluster is named, by figures that follow from their inputs or are said
    not to; they stand with their limits elsewhere."""
    from comity.records.kinds import Assess
    from comity.weighing.checked import answer_in_short, check_figures
    from comity.weighing.effort import SHOWN, effort_of

    made = [(r, r.content) for r in state.of("assessment.make") if isinstance(r.content, Assess)]
    if made:
        out.line()
        out.line("Assessments (comity weigh show RECORD)")
    left = SHOWN // 4
    for record, content in made:
        checked = check_figures(content, left)
        left -= min(effort_of(content), left) if checked.cause != "size" else 0
        told = answer_in_short(content, checked)
        out.line(f"{record.id[:12]}  {node.name_of(record.author)}: {told}", 2)
        out.text(content.question, 4)
        out.object(
            "assessment",
            record=record.id,
            author=record.author,
            question=content.question,
            answer=content.result.answer,
            figures=checked.result,
        )
