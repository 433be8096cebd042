"""Who takes part in the story, and what each of them says.

Every sentence is written once, for a role; a party enters it only through a placeholder.
So the same story can be told with claimant and respondent exchanged, and nothing else changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

Role = Literal["claimant", "respondent", "third", "fourth"]
Level = Literal["tactical", "operational", "strategic"]
Stance = Literal["claim", "denial", "counter-claim", "position", "notice", "request", "answer", "endorsement"]

ROLES: Final[tuple[Role, ...]] = ("claimant", "respondent", "third", "fourth")

_LABEL = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .'-]{1,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An invented organisation.

    `label` is one DNS label; `name` is what sentences call the country, region or firm;
    `office` is the office that signs.
    """

    label: str
    name: str
    office: str

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.label):
            raise ValueError(f"label {self.label!r}: want 3 to 32 of a-z, 0-9 and '-'")
        for part, text in (("name", self.name), ("office", self.office)):
            if not _PLAIN.fullmatch(text):
                raise ValueError(f"{part} {text!r}: want plain letters, digits and spaces")

    @property
    def domain(self) -> str:
        """The party's domain, in the name space that RFC 2606 reserves for examples."""
        return f"{self.label}.example"


VELDMARK: Final = Party(label="veldmark", name="Veldmark", office="National CERT of Veldmark")
OSTRIA: Final = Party(label="ostria", name="Ostria", office="Ostria Network Coordination Centre")
LUMEN: Final = Party(label="lumen-institute", name="Lumen Institute", office="Lumen Institute")
QUAY: Final = Party(label="quay-hosting", name="Quay Hosting", office="Quay Hosting abuse desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Which party plays which role. `fourth` has no node."""

    claimant: Party
    respondent: Party
    third: Party
    fourth: Party

    def __post_init__(self) -> None:
        parties = [self.of(role) for role in ROLES]
        for what, values in (
            ("label", {p.label for p in parties}),
            ("name", {p.name for p in parties}),
            ("office", {p.office for p in parties}),
        ):
            if len(values) != len(parties):
                raise ValueError(f"two parties of the cast share one {what}")

    def of(self, role: Role) -> Party:
        """The party that plays `role`."""
        party: Party = getattr(self, role)
        return party

    def swapped(self) -> Cast:
        """The same cast with claimant and respondent exchanged."""
        return replace(self, claimant=self.respondent, respondent=self.claimant)


FORWARD: Final = Cast(claimant=VELDMARK, respondent=OSTRIA, third=LUMEN, fourth=QUAY)
SWAPPED: Final = FORWARD.swapped()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing a party says.

    `text` holds placeholders: a role gives the name, a role with `_office` its office and with
    `_domain` its domain. `about` is the role it names. `answers` is the key of the sentence it
    replies to. `rules` are the rule files whose findings its author gives in support; none means
    that it is only stated. `law` names provisions of the catalogue with the element that its author says it
    bears on, `standard` the standard of proof that its author declares for it.
    """

    key: str
    by: Role
    about: Role
    stance: Stance
    text: str
    level: Level | None = None
    answers: str | None = None
    rules: tuple[str, ...] = ()
    law: tuple[tuple[str, str], ...] = ()
    standard: str = ""
    basis: Literal["own evidence", "reviewed", "trust"] | None = None


ASSERTIONS: Final = (
    Sentence(
        key="A1",
        by="claimant",
        about="respondent",
        stance="claim",
        level="tactical",
        text=(
            "The mail gateway of the parliament of {claimant} was sprayed with passwords from "
            "addresses in 203.0.113.0/24, a network of {respondent}, between 1 and 3 October 2026."
        ),
        rules=("password_spray.yml", "spray_logon.yml"),
    ),
    Sentence(
        key="A2",
        by="claimant",
        about="respondent",
        stance="claim",
        level="operational",
        text=(
            "On the evening of 3 October 2026 a web shell was installed on the webmail server of "
            "the parliament of {claimant} and commands were run through it, requested from "
            "addresses in a network of {respondent}."
        ),
        rules=("web_shell_process.yml", "web_shell_requests.yml"),
        law=(("budapest-2", "access"), ("budapest-2", "system")),
        standard="clear and convincing",
    ),
    Sentence(
        key="A3",
        by="claimant",
        about="respondent",
        stance="claim",
        level="operational",
        text=(
            "The intrusion was run from mnt-ops-04, the maintenance host of the Ministry of "
            "Communications of {respondent}."
        ),
        rules=("maintenance_host_logon.yml", "maintenance_build_path.yml"),
    ),
    Sentence(
        key="A4",
        by="claimant",
        about="respondent",
        stance="claim",
        level="tactical",
        text=(
            "Mailboxes of members of a committee of the parliament of {claimant} were exported "
            "between 22:00 UTC on 3 October and 04:00 UTC on 4 October 2026, and the exports left "
            "through infrastructure in a network of {respondent} and beyond."
        ),
        rules=("mailbox_export.yml", "indicators.txt"),
    ),
    Sentence(
        key="A5",
        by="claimant",
        about="respondent",
        stance="claim",
        level="strategic",
        text=(
            "The purpose of the intrusion, which used a network of {respondent}, was to obtain the "
            "correspondence of one committee of the parliament of {claimant}."
        ),
        law=(("budapest-2", "data-intent"),),
        standard="balance of probabilities",
    ),
    Sentence(
        key="D1",
        by="respondent",
        about="claimant",
        stance="denial",
        level="operational",
        answers="A3",
        text=(
            "The intrusion was not run from mnt-ops-04. That host had been switched off since "
            "18 September 2026, and its former address 203.0.113.77 was at the time leased to a "
            "customer of {fourth}."
        ),
        rules=("address_reassigned.yml", "maintenance_host_off.yml"),
        law=(("un-norm-13b", "technical"),),
        standard="balance of probabilities",
    ),
    Sentence(
        key="D2",
        by="respondent",
        about="fourth",
        stance="counter-claim",
        level="tactical",
        text=(
            "On 1 October 2026 address 203.0.113.77 was assigned to a customer of {fourth} and "
            "stayed assigned until 6 October 2026."
        ),
        rules=("address_reassigned.yml",),
    ),
)
"""Checkable sentences, each of which carries a notice to the party it is about."""

WITHDRAWN: Final = "A3"
"""The assertion that rests on the planted clue and is given up."""

KEPT: Final = "A1"
"""An assertion that stands beside it, and is endorsed."""

WITHDRAWAL: Final = (
    "Withdrawn. The rows are sealed and unchanged and the rules match them again, but address "
    "203.0.113.77 was not the ministry's at the time, and a host name or a build path is written "
    "by whoever writes it. We keep A1, A2 and A4, which do not rest on these rows."
)

POSITIONS: Final = (
    Sentence(
        key="P1",
        by="respondent",
        about="claimant",
        stance="position",
        answers="A1",
        text=(
            "Accepted in part. The attempts passed our border, and our flow records show them. The "
            "addresses are those of a public access pool; who used them is not shown."
        ),
        rules=("border_spray.yml",),
    ),
    Sentence(
        key="P2",
        by="respondent",
        about="claimant",
        stance="position",
        answers="A2",
        text="Neither accepted nor denied. We hold no evidence of the server itself.",
    ),
    Sentence(
        key="P4",
        by="respondent",
        about="claimant",
        stance="position",
        answers="A4",
        text=(
            "Re-run with a different result. The audit export holds local times and is declared as "
            "UTC: the same sessions stand in the gateway log two hours earlier. With +02:00 the "
            "window holds other rows."
        ),
    ),
    Sentence(
        key="P5",
        by="respondent",
        about="claimant",
        stance="position",
        answers="A5",
        text="Not accepted. A purpose is inferred; nothing disclosed shows it.",
    ),
)

REQUESTS: Final = (
    Sentence(
        key="R1",
        by="respondent",
        about="claimant",
        stance="request",
        answers="A3",
        text="Please disclose the gateway and process rows on which A3 rests, with their proofs.",
    ),
    Sentence(
        key="R2",
        by="respondent",
        about="claimant",
        stance="request",
        answers="A4",
        text="Please disclose the whole mailbox audit export, so that we can run the rule again.",
    ),
)

ANSWERS: Final = (
    Sentence(
        key="S3",
        by="fourth",
        about="respondent",
        stance="answer",
        answers="D2",
        text=(
            "The address was in use by our customer 4471 from 1 October 2026, 08:12 UTC. The order "
            "was prepaid and the contact details are unconfirmed. We keep the order for our "
            "authorities and disclose no more."
        ),
    ),
)

ENDORSEMENTS: Final = (
    Sentence(
        key="E1",
        by="third",
        about="claimant",
        stance="endorsement",
        answers="A2",
        basis="own evidence",
        text=(
            "Our resolvers answered for the host that the web shell called, with an address in the "
            "network of {respondent}, in the same hours."
        ),
        rules=("resolver_callback.yml",),
    ),
    Sentence(
        key="E2",
        by="fourth",
        about="respondent",
        stance="endorsement",
        answers="D1",
        basis="own evidence",
        text=(
            "Our order book, sealed with this reply, holds the lease of 203.0.113.77 to one of our "
            "customers. What that customer did with it we cannot see."
        ),
    ),
)

INFERENCES: Final = {
    "password_spray.yml": (
        "Each row is one refused logon by the same program, which our people do not use, from that network."
    ),
    "spray_logon.yml": "Each row is a logon by that program, from that network, that was let in.",
    "web_shell_process.yml": "A web server does not start a command shell by itself: each row is one that it did start.",
    "web_shell_requests.yml": (
        "That folder holds style files and no pages: each row is a page in it that took orders and answered."
    ),
    "maintenance_host_logon.yml": "The client of each of these logons gave the name of that maintenance host.",
    "maintenance_build_path.yml": "The command line of each row names a build share on that maintenance host.",
    "mailbox_export.yml": "Each row is one export of a mailbox by somebody other than its owner, within those hours.",
    "indicators.txt": "Each row shows one of the addresses that took part.",
    "address_reassigned.yml": "Each row has that address among those of hosting customers, at the time in question.",
    "maintenance_host_off.yml": "Each row has the port of that host without a link; a host that is on has one.",
    "border_spray.yml": "Each row is a flow from our network to that gateway, too short for mail to be read.",
    "resolver_callback.yml": "Each row is our answer to a question for the host that the shell called.",
}
"""Why the rows of a finding bear on a sentence, as its author puts it, by the file of the rules."""

SENTENCES: Final = (*ASSERTIONS, *POSITIONS, *REQUESTS, *ANSWERS, *ENDORSEMENTS)


def speak(text: str, cast: Cast) -> str:
    """Fill the placeholders of `text` from `cast`. An unknown placeholder raises `KeyError`."""
    words: dict[str, str] = {}
    for role in ROLES:
        party = cast.of(role)
        words[role] = party.name
        words[f"{role}_office"] = party.office
        words[f"{role}_domain"] = party.domain
    return text.format_map(words)


def sentence(key: str) -> Sentence:
    """The sentence with this key; `KeyError` names a key that no one says."""
    for one in SENTENCES:
        if one.key == key:
            return one
    raise KeyError(key)
