"""The time policy of a case, and policies as text (C2SP tlog-policy).

A case counts k of n, over witnesses and timestamp authorities alike, so that neither bound of a time moves
by fewer than k liars (``case/time.py``). Text can say less of that (it knows no authorities) and more
(groups of groups). What does not fit is refused by name, never rounded (ADR 0013).
"""

from __future__ import annotations

from collections.abc import Mapping

from comity.errors import ComityError, Refused
from comity.ledger.note import Vkey
from comity.ledger.policy import NONE, PolicyGroup, PolicyWitness, TextPolicy
from comity.records import kinds

GROUP = "time"
"""What the group of a case's witnesses is called where a case's policy is written as text."""


def case_policy(
    text: TextPolicy, parties: Mapping[str, str], where: str = "policy"
) -> tuple[int, tuple[kinds.Witness, ...]]:
    """The quorum and witnesses of a policy as a case can hold them; ``parties`` gives the party of a vkey.

    ``Refused``: ``policy.log`` (a case takes the ledgers of its parties' cards), ``policy.none``,
    ``policy.nested`` (groups in groups), ``policy.unused`` (a witness outside the quorum, or a group),
    ``policy.many`` (a quorum beyond 64).
    """
    if text.logs:
        raise Refused(
            "policy.log", where, "a case's ledgers are those of its parties' cards; leave out log lines"
        )
    if text.quorum == NONE:
        raise Refused("policy.none", where, "a quorum of none proves no time; a case asks for one at least")
    groups = {group.name: group for group in text.groups}
    group = groups.get(text.quorum) or PolicyGroup(name=text.quorum, k=1, members=(text.quorum,))
    if any(member in groups for member in group.members):
        raise Refused("policy.nested", where, "a case counts k of n witnesses; groups in groups do not fit")
    if len(groups) > (text.quorum in groups) or len(text.witnesses) != len(group.members):
        raise Refused("policy.unused", where, "names a witness or group that its quorum does not count")
    if group.k > 64:
        raise Refused("policy.many", where, "a case asks for 64 witnesses at most")
    return group.k, tuple(
        kinds.Witness(vkey=str(w.vkey), party=parties.get(str(w.vkey), ""), url=w.url) for w in text.witnesses
    )


def policy_text(policy: kinds.Policy) -> str:
    """The time policy of a case as text, named by the names of its keys.

    ``Refused`` (``policy.authorities``) where it counts timestamp authorities too, for which the text form
    has no line; (``policy.form``) where a witness or its address cannot stand in a line.
    """
    if policy.authorities:
        raise Refused(
            "policy.authorities",
            "policy",
            "counts timestamp authorities too; a policy as text has no line for them",
        )
    try:
        vkeys = [Vkey.parse(w.vkey) for w in policy.witnesses]
    except ComityError as error:
        raise Refused("policy.form", "policy", error.why) from None
    names = [vkey.name for vkey in vkeys]
    if len(set(names)) != len(names) or {NONE, GROUP} & set(names):
        names = [f"w{n}" for n in range(1, len(names) + 1)]
    if any(set(w.url) & set(" \t\n") for w in policy.witnesses):
        raise Refused("policy.form", "policy", "an address with white space")
    text = TextPolicy(
        witnesses=tuple(
            PolicyWitness(name=name, vkey=vkey, url=w.url)
            for name, vkey, w in zip(names, vkeys, policy.witnesses, strict=True)
        ),
        groups=(PolicyGroup(name=GROUP, k=policy.quorum, members=tuple(names)),),
        quorum=GROUP,
    )
    return text.render().decode()
