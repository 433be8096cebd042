"""A case of 25 acts by five parties, a story to read and a state to check: ``python3 dev scenario``.

Alder claims, Birch and Elm are named, Cedar and Doum look on. All that makes a case hard to keep honest
happens in it: a respondent and a claimant who stay silent, a refused request, a wrong address, more time, a
contested finding, two endorsers who share one origin, a withdrawal, an erasure and a correction. Five nodes
run in one process: the real exchange, journal and rules, over a network that is a dictionary.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from comity.case.clocks import clocks, notices
from comity.case.closings import closings
from comity.case.judging import assertions_of
from comity.case.state import State
from comity.case.statements import statements
from comity.case.support import assertions
from comity.dossier.facts import derive_facts
from comity.dossier.verify import Contents, verify
from comity.errors import Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, custody, evidence, findings, handing_over, publishing
from comity.exchange import acts_of_procedure as procedure
from comity.exchange.node import Node
from comity.findings.finding import Parameters
from comity.records import bodies, kinds
from comity.records.kinds import Assertion, Named, Position, Support, Target
from comity.records.kinds_of_procedure import Close
from comity.records.kinds_of_statements import Announce, Correct, Correction, Sentence
from tests.exchange.network import World, lines

NAMES = ["alder", "birch", "cedar", "doum", "elm"]
DAY = 86_400
RULE = b"""title: Night export
logsource: {product: mail}
detection:
  sel: {action: export}
  condition: sel
"""
WORDS = {
    "refused": "refused, with its ground",
    "lapsed": "lapsed: the time was agreed, and has passed",
    "no-answer-by-time-asked": "no answer recorded by the time asked; nobody agreed to that time",
}


@dataclass(kw_only=True)
class Story:
    """The case as it stands at the end; ``ids`` names its records by what they are in the story."""

    world: World
    case: str = ""
    acts: int = 0
    began: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    wrong_address: Refused | None = None
    written_by_it: int = 0
    dossier: bytes = b""

    @property
    def states(self) -> list[State]:
        return [node.state(self.case) for node in self.world.nodes]

    @property
    def late(self) -> int:
        """An instant after every time that was asked or agreed."""
        return self.began + 30 * DAY


class Teller:
    """Says each act as it happens, and lets all five nodes hold it before the next."""

    def __init__(self, story: Story, say: Callable[[str], None]) -> None:
        self.story = story
        self.say = say

    def act(self, name: str, who: Node, what: str, made: Any) -> str:
        """One act: its record, kept under ``name``, once every node holds it."""
        story = self.story
        story.acts += 1
        story.world.settle()
        story.ids[name] = str(made if isinstance(made, str) else made.value.id)
        self.say(f"{story.acts:>3}. {who.party.card.name}: {what}")
        return story.ids[name]


def tell(folder: Path, say: Callable[[str], None] = lambda _: None) -> Story:
    """Play the whole case on five nodes whose files are in ``folder``, and publish it."""
    story = Story(world=World(folder, NAMES))
    teller = Teller(story, say)
    _open(story)
    _claim(story, teller)
    _ask(story, teller)
    _contest(story, teller)
    _take_back(story, teller)
    story.world.settle()
    # Each opens to the public what it said itself; then the last of them carries it all.
    for node in story.world.nodes[1:]:
        publishing.publish(node, story.case, without_notice="ongoing operation")
        story.world.settle()
    _, story.dossier = publishing.publish(
        story.world.nodes[0], story.case, without_notice="ongoing operation"
    )
    story.world.settle()
    return story


def _open(story: Story) -> None:
    alder, *others = story.world.nodes
    witnesses = tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in story.world.nodes)
    case = acts.open_case(alder, "2026-10-05", kinds.Policy(quorum=2, witnesses=witnesses), "Mail system")
    for other in others:
        acts.invite(alder, case, other.party.id)
    # Whoever came later may read how the others were brought in: then all five hold one and the same.
    held = alder.state(case)
    everyone = [node.party.id for node in others]
    earlier = [r.id for r in held.ordered if r.author == alder.party.id and r.frame.kind != "case.open"]
    acts.grant(alder, case, [r for r in earlier if not set(everyone) <= held.audiences[r]], everyone)
    story.world.settle()
    story.case, story.began = case, alder.effects.now()


def _log(name: str) -> Any:
    rows = [f"2026-10-03T0{n}:00:00,{name},{'export' if n % 3 == 0 else 'read'}" for n in range(9)]
    return lines(["time,user,action", *rows])


def _seal(node: Node, case: str, name: str, origin: str) -> str:
    told = Declared(zone="+00:00", origin=origin)
    made, _ = evidence.seal_item(node, case, _log(name), f"{name}.csv", "csv/1", told)
    return str(made.value.id)


def _claim(story: Story, teller: Teller) -> None:
    alder, birch, cedar, _, elm = story.world.nodes
    case, act = story.case, teller.act
    item = act("item", alder, "seals its mail log", _seal(alder, case, "gateway", "mail gateway"))
    told = Parameters(zone="+00:00", logsource=(("product", "mail"),))
    found, _ = findings.report(alder, case, item, [("night.yml", RULE)], told)
    finding = act("finding", alder, "reports what a rule finds in it", found)
    birch_named = Named(name="Birch", party=birch.party.id)
    elm_named = Named(name="Elm", party=elm.party.id)
    exported = Assertion(
        text="Mail was exported through Birch.",
        level="tactical",
        about=(birch_named,),
        proposition="conduct",
        standard="balance of probabilities",
        supports=(Support(kind="finding", record=finding, inference="Each row is one export."),),
    )
    leased = Assertion(text="Elm leased the host.", level="operational", about=(elm_named,))
    stated = acts.state_claim(alder, case, "Night export", [exported, leased])
    claim = act("claim", alder, "claims that Birch exported mail (1) and Elm leased the host (2)", stated)
    told_birch = acts.give_notice(alder, case, claim, [0], birch_named, "You are named.")
    act("notice to Birch", alder, "gives Birch notice; Birch never answers anything", told_birch)
    told_elm = acts.give_notice(alder, case, claim, [1], elm_named, "You are named.")
    act("notice to Elm", alder, "gives Elm notice", told_elm)
    before = alder.journal.size()
    try:
        acts.give_notice(alder, case, claim, [0], Named(name="Cedar", party=cedar.party.id), "You are named.")
    except Refused as wrong:
        story.wrong_address = wrong
        teller.say(f"     Alder tries a notice to Cedar, whom no assertion names: refused ({wrong.why})")
    story.written_by_it = alder.journal.size() - before


def _ask(story: Story, teller: Teller) -> None:
    alder, birch, _, doum, elm = story.world.nodes
    case, act, ids = story.case, teller.act, story.ids
    now = alder.effects.now()
    due, longer = bodies.time_text(now + 5 * DAY), bodies.time_text(now + 7 * DAY)

    def ask(name: str, by: Node, of: Node, what: str, **more: Any) -> str:
        request = kinds.Request(to=of.party.id, due=due, **more)
        return act(name, by, what, acts.request(by, case, request))

    refused = ask("refused", elm, alder, "asks Alder for all it has", type="evidence", text="All.")
    no = kinds.Answer(request=refused, disposition="refused", ground="ongoing-operation")
    act("refusal", alder, "refuses, on the ground of an ongoing operation", acts.answer(alder, case, no))
    about = Target(record=ids["claim"], n=0)
    asked = ask("agreed", elm, alder, "asks for rows instead", type="evidence", text="Rows.", about=about)
    yes = kinds.Answer(request=asked, disposition="accepted", agrees=due)
    act("agreement", alder, "agrees to the time asked", acts.answer(alder, case, yes))
    more = act(
        "proposal",
        alder,
        "asks for two days more",
        procedure.propose_time(alder, case, asked, longer, "A holiday."),
    )
    act(
        "extension",
        elm,
        "accepts; Alder never sends them",
        procedure.answer_time(elm, case, more, accept=True),
    )
    ask(
        "silent respondent",
        alder,
        birch,
        "asks Birch whose host it is; no answer",
        type="clarify",
        text="Yours?",
    )
    ask(
        "silent claimant", doum, alder, "asks Alder which zone; no answer", type="clarify", text="Which zone?"
    )


def _contest(story: Story, teller: Teller) -> None:
    alder, _, cedar, doum, elm = story.world.nodes
    case, act, ids = story.case, teller.act, story.ids
    whole = handing_over.disclose_whole(
        alder, case, ids["item"], to=[cedar.party.id], use="defence", basis="our law"
    )
    handing_over.open_package(cedar, case, act("disclosure", alder, "discloses the log to Cedar", whole))
    run, _ = findings.replicate(cedar, case, ids["finding"])
    act("re-run", cedar, "runs the finding again: the same", run)
    bare = acts.respond(doum, case, ids["claim"], [Position(n=0, position="disputes", support=0)])
    act("bare contest", doum, "disputes the finding, without reasons", bare)
    denied = Assertion(
        text="Elm did not lease the host.",
        level="operational",
        stance="denies",
        against=Target(record=ids["claim"], n=1),
        about=(Named(name="Alder", party=alder.party.id),),
    )
    reasons = Position(n=1, position="disputes", reasons="The lease ended in September.")
    denial = act(
        "denial",
        elm,
        "disputes (2) with reasons, and denies it",
        acts.respond(elm, case, ids["claim"], [reasons], [denied]),
    )
    for node in (cedar, doum):
        mine = _seal(node, case, "registry", "lease registry")
        content = kinds.Endorse(
            target=Target(record=denial, n=0),
            basis="own-evidence",
            supports=(Support(kind="item", record=mine, inference="The lease is not in it."),),
        )
        name = node.party.card.name
        act(
            f"endorsement by {name}",
            node,
            "endorses the denial, on its copy of the lease registry",
            acts.endorse(node, case, content),
        )


def _take_back(story: Story, teller: Teller) -> None:
    alder, _, cedar, _, elm = story.world.nodes
    case, act, ids = story.case, teller.act, story.ids
    act(
        "withdrawal",
        alder,
        "withdraws (2)",
        acts.withdraw(alder, case, ids["claim"], [1], "The lease had ended."),
    )
    first = _assertion(alder.state(case), ids["claim"])
    again = msgspec.structs.replace(first, text="Mail was exported through a host at Birch.")
    amended = procedure.amend(alder, case, ids["claim"], [(0, again)], "A host, not the office.")
    newer = act("amendment", alder, "amends (1): a host, not the office", amended)
    said = Announce(
        title="On the export",
        status="final",
        sentences=(Sentence(text="Birch exported mail.", assertions=(Target(record=newer, n=0),)),),
        without_notice="ongoing operation",
    )
    text = act(
        "statement",
        alder,
        "publishes a statement, and says why without notice",
        procedure.announce(alder, case, said),
    )
    right = Correct(
        statement=text,
        corrections=(Correction(n=0, text="Mail went through a host at Birch."),),
        reason="The office did nothing that we show.",
    )
    act("correction", alder, "corrects the statement", procedure.correct(alder, case, right))
    slip = acts.state_claim(
        cedar, case, "A name", [Assertion(text="The clerk was on duty.", level="tactical")]
    )
    ids["slip"] = slip.value.id
    story.world.settle()
    erased, _ = custody.erase_record(cedar, case, ids["slip"], "Names a natural person; no legal basis.")
    act("erasure", cedar, "says too much of a person, and erases it", erased)
    act(
        "closing",
        elm,
        "closes its side: settled",
        procedure.close_case(elm, case, Close(outcome="settled", text="The lease is cleared up.")),
    )


def _assertion(state: State, record: str) -> Assertion:
    content = state.accepted[record].content
    assert isinstance(content, kinds.State)
    return content.assertions[0]


def contents(story: Story) -> Contents:
    """What whoever verifies the dossier computes from it; ``AssertionError`` where it does not verify."""
    verdict = verify(story.dossier)
    assert not verdict.failures, verdict.failures
    assert verdict.contents is not None
    return verdict.contents


def end_lines(story: Story) -> list[str]:
    """How the case stands at the end, in words: the same on every node."""
    node = story.world.nodes[0]
    state, called = node.state(story.case), node.name_of
    out = ["What was asked"]
    for clock in clocks(state, story.late):
        words = WORDS.get(clock.status, clock.status)
        out.append(f"  {called(clock.asked_by)} of {called(clock.asked_of)}: {clock.text!r}: {words}")
    out.append("What stands behind each sentence")
    for f in assertions(state):
        marks = f" [{', '.join(f.marks)}]" if f.marks else ""
        out.append(f"  {called(f.author)} {f.assertion.stance}: {f.assertion.text!r}{marks}")
        out += [f"    rests on a {s.support.kind}: {s.access}, re-run: {s.rerun}" for s in f.supports]
        for c in f.contests:
            how = "with reasons" if c.reasons else "without reasons"
            out.append(
                f"    {called(c.by)} {c.position}, {how}, {'with' if c.evidence else 'without'} evidence"
            )
        if f.endorsements:
            origins = f"{len(f.origins)} declared origin, {f.undeclared} undeclared"
            out.append(f"    {len(f.endorsements)} endorsements, {origins}")
    out.append("Who was told")
    for n in notices(state, node.parties()):
        told = "told of by no notice" if n.state == "none" else f"notice {n.state}"
        text = assertions_of(state.accepted[n.target.record].content)[n.target.n].text
        out.append(f"  {n.to.name}, named in {text!r}: {told}")
        for _, how, why in n.published:
            if how == "none":
                out.append(f"    published without notice; the reason stated: {why!r}")
    out.append("What was published and corrected")
    for statement in statements(state):
        for sentence in statement.sentences:
            said = [f"then corrected to {c.text!r}" for c in sentence.corrections]
            out.append(f"  {sentence.text!r} {'; '.join(said)}".rstrip())
    out += [f"  {called(c.by)} closed its side: {c.outcome}" for c in closings(state)]
    out.append(f"  erased: {story.ids['slip'][:12]}, of which the place in its chain is left")
    return out


def facts_of(story: Story) -> list[bytes]:
    """Every computed fact of the case as each node computes it: the bytes that a dossier carries."""
    alder = story.world.nodes[0]
    return [derive_facts(state, alder.parties(), alder.party.id, story.late) for state in story.states]


def main() -> int:
    """Play it, and say how it ended; with a folder, keep the dossier there."""
    with tempfile.TemporaryDirectory() as folder:
        story = tell(Path(folder), print)
        print()
        print("\n".join(end_lines(story)))
        print()
        same = len(set(facts_of(story))) == 1 and len({s.canonical() for s in story.states}) == 1
        print(f"Five nodes, one state: {'yes' if same else 'NO'}")
        apart = differences(story, contents(story).state)
        print(f"The dossier verifies, and gives the same: {'NO' if apart else 'yes'}")
        for kept in sys.argv[1:2]:
            path = Path(kept) / "five-parties.tar"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(story.dossier)
            print(f"{path}: the dossier (comity verify {path})")
        return 0 if same and not apart else 1


def differences(story: Story, shown: State) -> dict[str, tuple[Any, Any]]:
    """Computed facts that the dossier's state gives otherwise than the nodes': (theirs, the dossier's).

    Left out is what says how much a publisher shows: how many records are opened, who released them, and when
    the last ones were attested.
    """
    alder = story.world.nodes[0]
    here = json.loads(facts_of(story)[0])
    there = json.loads(derive_facts(shown, alder.parties(), alder.party.id, story.late))
    about = {"complete", "records", "released", "times"}
    return {k: (here.get(k), there.get(k)) for k in {*here, *there} - about if here.get(k) != there.get(k)}


if __name__ == "__main__":
    sys.exit(main())
