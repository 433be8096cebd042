"""``comity verify``: what a stranger does with a dossier."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.notice import is_notice, verify_notice
from comity.cli.output import Out, speaks
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.dossier.verify import Verdict
    from comity.records.kinds import Bind


@click.command(name="verify")
@click.argument("dossiers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--trust",
    "trust_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Fingerprints you have by another way, OpenPGP ones too: lines of FINGERPRINT NAME.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The witnesses that you ask for, as C2SP tlog-policy; groups of groups too.",
)
@click.option("--weigh-all", is_flag=True, help="Compute large assessments again too, however long it takes.")
@click.option(
    "--rerun-all", is_flag=True, help="Run every finding again and check every re-run, however long it takes."
)
@click.option("--times", is_flag=True, help="Say of every record when it was made, and who proves that.")
@speaks(
    "verdict (dossier, integrity, identity, exit, failures, identities, findings, assessments, not_checked, "
    "not_shown, facts, disclosures, reruns, publication, last_word; times with --times; "
    "witnesses (result, ledgers, case_policy) with --policy) for each; "
    "for a notice: notice, assertion, identity (party, name, result, openpgp); comparison (case, left_out, "
    "equivocations, ledgers, divided) where two or more are of one case; verified (exit)."
)
def verify_command(
    out: Out,
    dossiers: tuple[Path, ...],
    trust_path: Path | None,
    policy_path: Path | None,
    weigh_all: bool,
    rerun_all: bool,
    times: bool,
) -> int:
    """Check dossiers, offline, with nothing but the files: every signature, chain,
    receipt, proof and disclosed row, and every fact derived from them, computed
    again. A notice is checked too: as text, as a page, or signed in the clear. Two
    or more dossiers of one case are also compared: what each leaves out.

    Integrity and identity are two results. 0: intact, every identity confirmed by
    --trust. 1: something does not hold. 3: intact, identities not confirmed (there is
    no trust file, or it does not know everyone). 4: intact, but the trust file
    contradicts a name or key. 5: each intact, but together they prove that a
    party signed two histories.

    --policy is a third result, beside what the case's own time policy says: which of
    your witnesses cosigned each ledger, and whether that is your quorum for every
    record of the case. 7: intact, but it is not. Of 1, 5, 4, 7, 3 the first that
    applies is the exit code.
    """
    from comity.adapters.openpgp import check_binding
    from comity.adapters.system import System
    from comity.dossier import render_text, render_times
    from comity.dossier.compare import compare, exit_code
    from comity.dossier.container import TOTAL_LIMIT
    from comity.dossier.identity import parse_trust
    from comity.dossier.verify import verify
    from comity.errors import Malformed
    from comity.ledger.policy import POLICY_LIMIT, parse_policy

    trust = None
    if trust_path is not None:
        try:
            told = read_file(trust_path, 1 << 20).decode()
        except UnicodeDecodeError as error:
            raise Malformed("trust.line", str(trust_path), f"not UTF-8 text, at byte {error.start}") from None
        trust = parse_trust(told, str(trust_path))
    policy = None
    if policy_path is not None:
        policy = parse_policy(read_file(policy_path, POLICY_LIMIT), str(policy_path))
    now = System().now()

    def check(text: str, binding: Bind) -> None:
        check_binding(text, binding, now)

    verdicts: dict[str, Verdict] = {}
    noticed: list[int] = []
    for path in dossiers:
        name = str(path)
        if name in verdicts:
            continue
        out.progress(f"checking {name}")
        raw = read_file(path, TOTAL_LIMIT)
        if is_notice(raw):
            noticed.append(verify_notice(out, raw, name, trust, check))
            continue
        if raw.startswith(b"COMITY REPLY"):
            why = "a reply to a notice: who gave the notice takes it in (comity reply take)"
            raise Refused("verify.reply", name, why)
        verdict = verify(raw, trust, check, policy, weigh_all, rerun_all, now=int(time.time()))
        verdicts[name] = verdict
        _lines(out, render_text.verdict_text(verdict, name))
        shown = render_text.verdict_json(verdict, name)
        if times and verdict.contents is not None:
            _lines(out, render_times.times_text(verdict.contents))
            shown["times"] = render_times.times_json(verdict.contents)
        out.object("verdict", **shown)
    divided = None
    for case in sorted({v.contents.manifest.case for v in verdicts.values() if v.contents}):
        of_case = {n: v for n, v in verdicts.items() if v.contents and v.contents.manifest.case == case}
        if len(of_case) > 1:
            comparison = compare(of_case)
            divided = comparison if comparison.divided or divided is None else divided
            _lines(out, render_text.comparison_text(comparison, of_case))
            out.object("comparison", **render_text.comparison_json(comparison))
    found = {*noticed, exit_code(verdicts, divided)} if verdicts else {*noticed}
    code = next((each for each in (1, 5, 4, 7, 3) if each in found), 0)
    out.object("verified", exit=code)
    return code


def _lines(out: Out, text: str) -> None:
    for line in text.splitlines():
        out.line(line)
