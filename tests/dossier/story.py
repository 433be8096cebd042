"""One case with real evidence, for dossiers: a claim, its finding, shown rows, a reply, an endorsement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.case.verified import Attestation, Verified
from comity.dossier import layout
from comity.dossier.build import Draft, build, finish
from comity.dossier.material import KeyChain, Material, plan_proofs, view_ledger
from comity.dossier.rerun import disclosed_rows, run_rules
from comity.evidence.disclose import disclose_rows, render_disclosure
from comity.evidence.rows import split_rows
from comity.evidence.seal import Declared, seal_stream
from comity.findings import SEMANTICS
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.ledger import note
from comity.records import bodies, kinds
from comity.records.bundles import Bundle
from comity.records.envelopes import open_envelope
from tests import world as w
from tests.world import Actor, Case, Said, World

RULE = b"""title: Mail is forwarded outside
logsource:
  category: application
detection:
  selection:
    action: forward-rule
    target|endswith: "@outside.example"
  condition: selection
"""


def log(mark: str = "") -> bytes:
    """A log of 40 rows, two of which forward mail outside."""
    rows = ["time,user,action,target"]
    for n in range(1, 40):
        forwarded = n in (7, 23)
        action, target = ("forward-rule", "x@outside.example") if forwarded else ("login", "-")
        rows.append(f"2031-02-0{1 + n % 9}T10:00:00Z,user{n}{mark},{action},{target}")
    return "\n".join(rows).encode() + b"\n"


@dataclass(kw_only=True)
class Story:
    """A world with one case in it, and the packages of its disclosures."""

    world: World
    case: Case
    a: Actor
    b: Actor
    c: Actor
    g: Actor
    witnesses: list[Actor]
    said: dict[str, Said] = field(default_factory=dict)
    attestations: list[bytes] = field(default_factory=list)
    packages: list[bytes] = field(default_factory=list)
    rotations: dict[str, list[Bundle]] = field(default_factory=dict)

    def say(
        self,
        name: str,
        actor: Actor,
        content: kinds.Content,
        *refs: Said | Verified[Attestation],
        **how: object,
    ) -> Said:
        """One more record, public unless ``audience`` says otherwise."""
        self.world.now += 600
        how.setdefault("audience", (kinds.PUBLIC,))
        self.said[name] = actor.say(content, case=self.case, references=refs, **how)  # type: ignore[arg-type]
        return self.said[name]

    def attest(self, actor: Actor) -> Verified[Attestation]:
        """Every witness sees this actor's ledger now."""
        self.world.now += 60
        found = actor.attest(self.case, self.witnesses)
        self.attestations.append(found.value.raw)
        return found

    def rotate(self, actor: Actor) -> None:
        """This actor takes up a new statement key."""
        self.rotations.setdefault(actor.id, []).append(actor.rotate())

    def held_by(self, reader: Actor) -> tuple[Bundle, ...]:
        """The case's records as a party holds them: closed where nobody gave it the opening."""
        found = []
        for record, bundle in self.world.bundles.items():
            author = self.world.authors[record]
            envelope = open_envelope(bundle.envelope)
            if envelope.sub == kinds.NO_CASE or bundle.opening is None:
                continue
            frame = bodies.parse_frame(bundle.opening.frame)
            if frame.case != self.case.id:
                continue
            readable = {author.id, *frame.audience} & {reader.id, kinds.PUBLIC}
            found.append(bundle if readable else Bundle(envelope=bundle.envelope, receipt=bundle.receipt))
        return tuple(found)

    def material(self, publisher: Actor, **changes: object) -> Material:
        """What a party would make its dossier of."""
        chains = tuple(
            KeyChain(
                card=self.world.bundles[actor.party.card_record.id],
                rotations=tuple(self.rotations.get(actor.id, ())),
            )
            for actor in self.world.actors.values()
        )
        fields: dict[str, object] = {
            "case": self.case.id,
            "publisher": publisher.id,
            "as_of": self.world.now,
            "records": self.held_by(publisher),
            "key_chains": chains,
            "attestations": tuple(self.attestations),
            "disclosures": tuple(self.packages),
        }
        bare = Material(**(fields | changes))  # type: ignore[arg-type]
        ledgers = {}
        for home, needed in plan_proofs(bare).items():
            actor = self.world.by_id(home)
            text = actor.checkpoint()
            lines = [x.cosign(text, self.world.now) for x in self.witnesses if x is not actor]
            ledgers[home] = view_ledger(actor.tree, note.merge_signatures(text, lines), needed)
        return Material(**(fields | {"ledgers": ledgers} | changes))  # type: ignore[arg-type]

    def publish(self, publisher: Actor, without_notice: str = "", **changes: object) -> bytes:
        """A party's dossier of the case as it stands."""
        return self.finish(publisher, build(self.material(publisher, **changes)), without_notice)

    def finish(self, publisher: Actor, draft: Draft, without_notice: str = "") -> bytes:
        """Sign the publication of a draft and close the dossier."""
        content = kinds.Publish(manifest=draft.manifest, without_notice=without_notice)
        said = self.say(f"publish-{publisher.name}", publisher, content)
        return finish(draft, *self.place(publisher, said, draft.files))

    def place(
        self, publisher: Actor, said: Said, files: Mapping[str, bytes]
    ) -> tuple[Bundle, layout.PublishPath, str]:
        """What ``publish/`` holds for this record."""
        home = publisher.ledger
        text = files[layout.checkpoint_name(home.id)].decode()
        before = note.Checkpoint.parse(note.open_note(text)[0]).size
        path = layout.PublishPath(
            leaf=layout.LeafPath(index=said.index, path=tuple(home.tree.inclusion(said.index))),
            checkpoint=tuple(home.tree.consistency(before)),
            receipt=tuple(home.tree.consistency(said.index + 1)),
        )
        return self.world.bundles[said.value.id], path, home.checkpoint()

    def trust(self, names: Mapping[str, str] | None = None) -> str:
        """A trust file that knows every party of the world."""
        known = names or {actor.id: actor.name for actor in self.world.actors.values()}
        return "".join(f"{iss} {name}\n" for iss, name in known.items())


def seal_log(story: Story, name: str, actor: Actor, mark: str, origin: str) -> tuple[Said, bytes, bytes]:
    """Seal a log; the record, the file and the item's key."""
    data, key = log(mark), w.derive("item key", story.world.seed, name)
    item = seal_stream([data], f"{name}.csv", "csv/1", key, Declared())
    content = kinds.Seal(
        item=kinds.Item(root=item.root.hex(), size=item.size),
        splitter="csv/1",
        bytes=len(data),
        origin=origin,
        name=f"{name}.csv",
    )
    return story.say(name, actor, content), data, key


def find_in(sealed: Said, data: bytes, rule: bytes = RULE) -> kinds.Report:
    """The finding of one rule over a sealed log."""
    seal = sealed.value.content
    assert isinstance(seal, kinds.Seal)
    pack = compile_pack([("forward.yml", rule)])
    rows = dict(enumerate((r for batch in split_rows("csv/1", [data]) for r in batch), 1))
    item = f"rows:{seal.item.size}:{seal.item.root}"
    run = run_rules(Scanner(pack), pack, item, "csv/1", disclosed_rows("csv/1", rows), Parameters())
    hits = sorted({row for _, row in run.finding.rows})
    digest = pack.rules[0].digest
    return kinds.Report(
        item=seal.item,
        rules=(kinds.Rule(digest=digest, name="forward.yml", source=rule.decode()),),
        pack=pack.digest,
        semantics=SEMANTICS,
        inputs=run.finding.inputs_digest,
        matches=(kinds.Match(rule=digest, rows=kinds.ranges_of(hits)),) if hits else (),
        result=run.finding.result_digest,
        engine="comity 0.1",
    )


def show_rows(
    story: Story,
    sealed: Said,
    data: bytes,
    key: bytes,
    rows: Iterable[int],
    to: tuple[str, ...] = (kinds.PUBLIC,),
) -> tuple[kinds.Disclose, bytes]:
    """What discloses some rows of a sealed log: the content and the package."""
    seal = sealed.value.content
    assert isinstance(seal, kinds.Seal)
    item = seal_stream([data], seal.name, "csv/1", key, Declared())
    numbers = list(rows)
    package = render_disclosure(disclose_rows(item.tree, key, item.metadata, "csv/1", [data], numbers))
    content = kinds.Disclose(
        item=seal.item,
        level="rows",
        to=to,
        package=layout.digest_of(package),
        bytes=len(package),
        use="proceedings",
        basis="agreed",
        onward="yes",
        rows=kinds.ranges_of(numbers),
    )
    return content, package


def tell(seed: object = 0, *, recovery: bool = False) -> Story:
    """A claims against B, with notice; B answers with evidence of its own; C and a guest endorse."""
    world = World(seed, recovery=recovery)
    a, b, c = (world.party(name) for name in ("Alder Office", "Birch Office", "Cedar Team"))
    witnesses = [world.party(f"Witness {n}") for n in (1, 2, 3)]
    g = world.guest("Guest Office", c)
    case = world.open_case(a, witnesses=witnesses, quorum=2)
    story = Story(world=world, case=case, a=a, b=b, c=c, g=g, witnesses=witnesses)
    story.said["open"] = case.opening
    for actor in (b, c, g):
        story.said[f"invite-{actor.name}"] = world.invite(case, a, actor)
    sealed, data, key = seal_log(story, "seal", a, "", "mail gateway")
    found = story.say("report", a, find_in(sealed, data), sealed)
    stated = story.say(
        "claim",
        a,
        kinds.State(
            title="What the gateway saw",
            assertions=(
                w.assertion(w.on(found), about=[w.about(b)]),
                w.assertion(w.cite(), about=[w.about(b)], text="On order.", level="strategic"),
            ),
        ),
        found,
    )
    story.attest(a)
    given = story.say(
        "notice",
        a,
        kinds.Give(to=w.about(b), target=stated.value.id, assertions=(0, 1), text="You are named."),
        stated,
    )
    story.say("received", b, kinds.Received(record=given.value.id), given)
    due = world.now + 5 * w.DAY
    asked = story.say("request", b, w.request(a, due, items=[found]), found)
    agrees = kinds.Answer(request=asked.value.id, disposition="accepted", agrees=bodies.time_text(due))
    story.say("agree", a, agrees, asked)
    content, package = show_rows(story, sealed, data, key, (8, 9, 24))
    story.packages.append(package)
    rows = story.say("disclose", a, content, sealed)
    fulfils = kinds.Answer(request=asked.value.id, disposition="fulfilled", fulfils=(rows.value.id,))
    story.say("fulfil", a, fulfils, asked, rows)
    story.attest(a)
    story.say("private", a, w.request(b, due), audience=(b,))
    story.rotate(b)
    story.say("rerun", b, w.rerun(found, "shown-rows-match"), found)
    own, _, _ = seal_log(story, "seal-b", b, "b", "border proxy")
    response = story.say(
        "response",
        b,
        kinds.Response(
            target=stated.value.id,
            positions=(kinds.Position(n=0, position="disputes", reasons="Shared.", supports=(w.on(own),)),),
            assertions=(
                w.assertion(
                    w.on(own), about=[w.about(a)], text="Not ours.", stance="denies", against=w.target(stated)
                ),
            ),
        ),
        stated,
        own,
    )
    story.attest(b)
    story.say("withdraw", a, kinds.Withdraw(target=stated.value.id, assertions=(1,), reason="Gone."), stated)
    story.say("endorse-c", c, kinds.Endorse(target=w.target(stated), basis="reviewed"), stated)
    story.say("endorse-g", g, kinds.Endorse(target=w.target(response), basis="trust"), response)
    story.attest(c)
    return story
