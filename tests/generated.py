"""Random cases, the same for the same seed: records of every kind, and attacks between them.

An honest record is one that the rules accept; a hostile one breaks a rule, forks, uses an old key, or
waits for what nobody has. The generator says which is which, so that a law can speak of either.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from comity.case.fold import Fact
from comity.case.state import State
from comity.case.verified import Attestation, Verified
from comity.records import kinds
from comity.records.kinds import Support
from tests import generated_acts
from tests import world as w
from tests.world import DAY, HOUR, Actor, Case, Said, World, fold_case


@dataclass(kw_only=True)
class Generated:
    """A generated case; ``hostile`` maps the id of a record that is not honest to what was done."""

    world: World
    case: Case
    members: list[Actor]
    records: list[Said] = field(default_factory=list)
    attestations: list[Verified[Attestation]] = field(default_factory=list)
    hostile: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> list[Fact]:
        """Every fact, in the order in which it came to be."""
        return [*self.records, *self.attestations]

    @property
    def state(self) -> State:
        return fold_case(self.case, self.facts)


def generate_case(
    seed: object,
    size: int = 40,
    parties: int = 4,
    *,
    honest: bool = False,
    swap: bool = False,
    later: bool = True,
) -> Generated:
    """A case of about ``size`` records by ``parties`` parties, the last of three or more a guest.

    ``honest`` leaves out every attack; ``swap`` exchanges the first two parties and nothing else; without
    ``later`` there are no kinds of later rules than the first.
    """
    generator = Generator(seed, size, parties, honest, swap)
    made = generator.run()
    if later:
        generator.go_on()
    return made


def lessen(generated: Generated, rng: random.Random, share: float = 0.3) -> list[Fact]:
    """The facts with some records bare and some without their content."""
    made: list[Fact] = list(generated.attestations)
    for record in generated.records:
        chance = rng.random()
        if record.value.content is None:
            made.append(record)
        elif chance < share / 2:
            made.append(generated.world.bare(record))
        elif chance < share:
            made.append(generated.world.framed(record))
        else:
            made.append(record)
    return made


class Generator:
    """Makes one case; what each actor holds so far is in ``held``."""

    def __init__(self, seed: object, size: int, parties: int, honest: bool, swap: bool) -> None:
        self.rng = random.Random(f"{seed}")
        self.size = size
        self.honest = honest
        self.world = World(f"generated/{seed}")
        names = [f"Party {n}" for n in range(parties)]
        if swap:
            names[:2] = names[1::-1]
        self.actors = [self.world.party(n) for n in names[: parties - (parties > 2)]]
        if parties > 2:
            self.actors.append(self.world.guest(names[-1], self.rng.choice(self.actors)))
        self.witnesses = [*self.actors[:2], self.world.party("Witness")]
        case = self.world.open_case(self.actors[0], witnesses=self.witnesses, quorum=self.rng.randint(1, 2))
        self.made = Generated(world=self.world, case=case, members=self.actors)
        self.made.records.append(case.opening)
        # Who may be referenced: honest records that an actor was given.
        self.held: dict[str, list[Said]] = {a.id: [] for a in self.actors}
        self.undelivered: list[tuple[Actor, Said]] = []

    @property
    def case(self) -> Case:
        return self.made.case

    def run(self) -> Generated:
        for actor in self.actors[1:]:
            record = self.world.invite(self.case, self.actors[0], actor)
            self.made.records.append(record)
        honest = [self.seal] * 4 + [self.report] * 3 + [self.claim] * 4 + [self.respond] * 3
        honest += [self.notice, self.receive, self.acknowledge, self.ask, self.reply, self.disclose] * 2
        honest += [self.rerun, self.withdraw, self.endorse, self.derive, self.publish, self.grant]
        hostile: list[Callable[[Actor], object]] = [
            self.break_reference, self.break_closure, self.break_number, self.break_seen, self.break_case,
            self.wait_for_ever, self.build_on_refused, self.equivocate, self.use_old_key, self.log_twice,
            self.use_other_alias, self.skip_a_record,
        ]  # fmt: skip
        tries = 0
        while len(self.made.records) < self.size and tries < self.size * 20:
            tries += 1
            self.world.now += self.rng.randint(1, 12) * HOUR
            actor = self.rng.choice(self.actors)
            if not self.honest and self.rng.random() < 0.12:
                self.rng.choice(hostile)(actor)
            else:
                self.rng.choice(honest)(actor)
            if self.rng.random() < 0.25:
                self.attest()
            self.deliver(0.6)
        self.attest()
        return self.made

    def go_on(self) -> None:
        """Kinds of later rules, after everything else, so that what comes before stays as it was."""
        for actor in self.actors:
            self.world.now += HOUR
            self.assess(actor)
            self.deliver(0.6)
        generated_acts.go_on(self, self.size // 2)

    # -- saying and hearing ---------------------------------------------------------------------

    def say(
        self, actor: Actor, content: kinds.Content, audience: frozenset[str], *references: Said, **how: Any
    ) -> Said:
        refs: list[Said | Verified[Attestation] | str] = list(references)
        if self.made.attestations and self.rng.random() < 0.3:
            refs.append(self.rng.choice(self.made.attestations))
        how.setdefault("at", self.world.now + self.rng.choice([0, 0, 0, -400 * DAY, 400 * DAY]))
        record = actor.say(
            content, case=self.case, audience=sorted(audience), references=refs, deliver=False, **how
        )
        self.made.records.append(record)
        return record

    def tell(self, actor: Actor, record: Said) -> None:
        """An honest record: its author can build on it at once, its readers when they get it."""
        self.held[actor.id].append(record)
        frame = record.value.frame
        assert frame is not None
        for other in self.actors:
            if other is not actor and (other.id in frame.audience or kinds.PUBLIC in frame.audience):
                self.undelivered.append((other, record))

    def honestly(
        self, actor: Actor, content: kinds.Content, audience: frozenset[str], *references: Said
    ) -> Said:
        record = self.say(actor, content, audience, *references)
        self.tell(actor, record)
        return record

    def deliver(self, share: float) -> None:
        late = []
        for reader, record in self.undelivered:
            if self.rng.random() < share:
                reader.hear(record, self.case)
                self.held[reader.id].append(record)
            else:
                late.append((reader, record))
        self.undelivered = late

    def some_audience(self, actor: Actor) -> frozenset[str]:
        others = [a.id for a in self.actors if a is not actor]
        chance = self.rng.random()
        if chance < 0.15:
            return frozenset({kinds.PUBLIC})
        if chance < 0.7:
            return frozenset(others)
        return frozenset(self.rng.sample(others, self.rng.randint(1, len(others))))

    def reach(self, actor: Actor, record: Said) -> frozenset[str]:
        """The readers that an answer to this record must have."""
        frame = record.value.frame
        assert frame is not None
        if kinds.PUBLIC in frame.audience:
            return frozenset({kinds.PUBLIC})
        return (frozenset(frame.audience) | {frame.author}) - {actor.id}

    def find(self, actor: Actor, audience: frozenset[str], *kind: str, own: bool | None = None) -> list[Said]:
        """Records of these kinds that the actor holds and that all of the audience may read."""
        found = []
        for record in self.held[actor.id]:
            frame = record.value.frame
            assert frame is not None
            readers = {*frame.audience, frame.author}
            if (
                frame.kind in kind
                and (kinds.PUBLIC in readers or audience <= readers)
                and (own is None or own == (frame.author == actor.id))
            ):
                found.append(record)
        return found

    def pick(self, found: list[Said]) -> Said | None:
        return self.rng.choice(found) if found else None

    def supports(self, actor: Actor, audience: frozenset[str]) -> tuple[tuple[Support, ...], list[Said]]:
        found = self.find(actor, audience, "evidence.seal", "finding.report")
        used = self.rng.sample(found, min(len(found), self.rng.randint(0, 2)))
        supports = [w.on(r) for r in used]
        if not supports or self.rng.random() < 0.3:
            supports.append(w.cite())
        return tuple(supports), used

    # -- honest records -------------------------------------------------------------------------

    def seal(self, actor: Actor) -> None:
        origin = self.rng.choice(["", "origin 1", "origin 2", f"origin of {actor.name}"])
        content = w.seal(w.item(self.world.seed, len(self.made.records)), origin=origin)
        self.honestly(actor, content, self.some_audience(actor))

    def derive(self, actor: Actor) -> None:
        audience = self.some_audience(actor)
        own = self.find(actor, audience, "evidence.seal", own=True)
        if len(own) < 2:
            return
        one, two = self.rng.sample(own, 2)
        content = kinds.Derive(source=_item(one), result=_item(two), tool="lines", version="1")
        self.honestly(actor, content, audience, one, two)

    def report(self, actor: Actor) -> None:
        audience = self.some_audience(actor)
        sealed = self.pick(self.find(actor, audience, "evidence.seal"))
        if sealed is not None:
            rows = self.rng.sample(range(1, 100), self.rng.randint(0, 5))
            self.honestly(actor, w.report(_item(sealed), rows), audience, sealed)

    def claim(self, actor: Actor) -> None:
        audience = self.some_audience(actor)
        supports, used = self.supports(actor, audience)
        named = [w.about(a) for a in self.actors if a is not actor and self.rng.random() < 0.4]
        against = self.pick(self.find(actor, audience, "claim.state", own=False))
        if against is None or self.rng.random() < 0.5:
            self.honestly(actor, w.claim(*supports, about=named), audience, *used)
        else:
            stance = self.rng.choice(["denies", "counters"])
            content = w.claim(*supports, about=named, stance=stance, against=w.target(against))
            self.honestly(actor, content, audience, *used, against)

    def notice(self, actor: Actor) -> None:
        stated = self.pick(self.find(actor, frozenset(), "claim.state", own=True))
        if stated is None:
            return
        assert isinstance(stated.value.content, kinds.State)
        for named in stated.value.content.assertions[0].about:
            if named.party in self.reach(actor, stated):
                content = kinds.Give(to=named, target=stated.value.id, assertions=(0,), text="You are named.")
                self.honestly(actor, content, frozenset({named.party}), stated)
                return

    def receive(self, actor: Actor) -> None:
        record = self.pick(self.find(actor, frozenset(), "notice.give", "claim.state", own=False))
        if record is not None:
            content = kinds.Received(record=record.value.id)
            self.honestly(actor, content, frozenset({_author(record)}), record)

    def acknowledge(self, actor: Actor) -> None:
        notice = self.pick(self.find(actor, frozenset(), "notice.give", own=False))
        if notice is None or not isinstance(given := notice.value.content, kinds.Give):
            return
        if given.to.party == actor.id:
            content = kinds.Acknowledge(notice=notice.value.id)
            self.honestly(actor, content, frozenset({_author(notice)}), notice)

    def ask(self, actor: Actor) -> None:
        to = self.rng.choice([a for a in self.actors if a is not actor])
        items = self.find(actor, frozenset({to.id}), "evidence.seal", "finding.report")[:1]
        due = self.world.now + self.rng.randint(-2, 6) * DAY
        self.honestly(actor, w.request(to, due, items=items), frozenset({to.id}), *items)

    def reply(self, actor: Actor) -> None:
        request = self.pick(self.find(actor, frozenset(), "request.make", own=False))
        if request is None or not isinstance(asked := request.value.content, kinds.Request):
            return
        if asked.to != actor.id:
            return
        answer = self.rng.choice(["agree", "propose", "refuse", "fulfil"])
        content = {
            "agree": kinds.Answer(request=request.value.id, disposition="accepted", agrees=asked.due),
            "propose": kinds.Answer(
                request=request.value.id, disposition="accepted", due="2031-09-01T00:00:00Z"
            ),
            "refuse": kinds.Answer(request=request.value.id, disposition="refused", ground="law"),
            "fulfil": kinds.Answer(request=request.value.id, disposition="fulfilled"),
        }[answer]
        self.honestly(actor, content, frozenset({_author(request)}), request)

    def disclose(self, actor: Actor) -> None:
        audience = self.some_audience(actor)
        sealed = self.pick(self.find(actor, audience, "evidence.seal", own=True))
        if sealed is not None:
            rows = self.rng.choice([[], [1, 2], [3, 9]])
            everyone = kinds.PUBLIC in audience
            to = self.rng.choice([a.id for a in self.actors if everyone or a.id in audience] or [actor.id])
            self.honestly(actor, w.disclose(sealed, to, rows), audience, sealed)

    def rerun(self, actor: Actor) -> None:
        finding = self.pick(self.find(actor, frozenset(), "finding.report"))
        if finding is not None:
            verdict = self.rng.choice(["same", "shown-rows-match", "different", "not-possible"])
            self.honestly(actor, w.rerun(finding, verdict), self.reach(actor, finding), finding)

    def withdraw(self, actor: Actor) -> None:
        stated = self.pick(self.find(actor, frozenset(), "claim.state", own=True))
        if stated is not None:
            content = kinds.Withdraw(target=stated.value.id, assertions=(0,), reason="No longer held.")
            self.honestly(actor, content, self.reach(actor, stated), stated)

    def respond(self, actor: Actor) -> None:
        stated = self.pick(self.find(actor, frozenset(), "claim.state", own=False))
        if stated is None:
            return
        audience = self.reach(actor, stated)
        supports, used = self.supports(actor, audience)
        position: Literal["accepts", "disputes", "disputes-in-part", "cannot-confirm", "mitigated"]
        position = self.rng.choice(["accepts", "disputes", "disputes-in-part", "cannot-confirm", "mitigated"])
        content = kinds.Response(
            target=stated.value.id,
            positions=(kinds.Position(n=0, position=position, supports=supports),),
            assertions=(w.assertion(*supports, stance="denies", against=w.target(stated)),),
        )
        self.honestly(actor, content, audience, *used, stated)

    def endorse(self, actor: Actor) -> None:
        stated = self.pick(self.find(actor, frozenset(), "claim.state", own=False))
        if stated is None:
            return
        audience = self.reach(actor, stated)
        own = self.find(actor, audience, "evidence.seal", own=True)[:1]
        content = kinds.Endorse(
            target=w.target(stated),
            basis="own-evidence" if own else self.rng.choice(["reviewed", "trust", "undeclared"]),
            supports=tuple(w.on(r) for r in own),
        )
        self.honestly(actor, content, audience, stated, *own)

    def grant(self, actor: Actor) -> None:
        sealed = self.pick(self.find(actor, frozenset(), "evidence.seal", own=True))
        if sealed is not None and actor.chain[self.case.id][0] is not sealed:
            to = self.rng.choice([a.id for a in self.actors if a is not actor])
            self.honestly(actor, kinds.Grant(to=(to,)), frozenset({to}), sealed)

    def publish(self, actor: Actor) -> None:
        content = kinds.Publish(manifest=w.digest("dossier", len(self.made.records)))
        self.honestly(actor, content, frozenset({kinds.PUBLIC}))

    def assess(self, actor: Actor) -> None:
        audience = self.some_audience(actor)
        sealed = self.pick(self.find(actor, audience, "evidence.seal", "finding.report"))
        stated = self.pick(self.find(actor, audience, "claim.state"))
        content = w.assessment(on_item=sealed, on_claim=stated)
        self.honestly(actor, content, audience, *(r for r in (sealed, stated) if r), self.case.opening)

    # -- attacks --------------------------------------------------------------------------------

    def mark(self, record: Said, attack: str) -> None:
        self.made.hostile[record.value.id] = attack

    def break_reference(self, actor: Actor) -> None:
        content = kinds.Acknowledge(notice=w.digest("no such notice"))
        self.mark(self.say(actor, content, self.some_audience(actor)), "reference")

    def break_closure(self, actor: Actor) -> None:
        for record in self.held[actor.id]:
            readers = record.value.frame.audience if record.value.frame else ()
            if kinds.PUBLIC not in readers:
                content = kinds.Publish(manifest=w.digest("closure"))
                self.mark(self.say(actor, content, frozenset({kinds.PUBLIC}), record), "closure")
                return

    def break_number(self, actor: Actor) -> None:
        stated = self.pick(self.find(actor, frozenset(), "claim.state"))
        if stated is not None:
            content = kinds.Withdraw(target=stated.value.id, assertions=(7,), reason="None such.")
            self.mark(self.say(actor, content, self.reach(actor, stated), stated), "number")

    def break_seen(self, actor: Actor) -> None:
        content = kinds.Publish(manifest=w.digest("seen"))
        record = self.say(actor, content, self.some_audience(actor), seen=())
        self.mark(record, "seen")

    def break_case(self, actor: Actor) -> None:
        content = kinds.Publish(manifest=w.digest("case"))
        record = self.say(actor, content, self.some_audience(actor), frame={"case": w.digest("another case")})
        self.mark(record, "case")

    def wait_for_ever(self, actor: Actor) -> None:
        content = kinds.Publish(manifest=w.digest("waiting"))
        missing = w.digest("nobody has", len(self.made.records))
        audience = sorted(self.some_audience(actor))
        record = actor.say(content, case=self.case, audience=audience, references=[missing], deliver=False)
        self.made.records.append(record)
        self.mark(record, "waiting")
        # What stands behind it would wait too, so the chain goes on before it: a fork.
        actor.chain[self.case.id].remove(record)

    def build_on_refused(self, actor: Actor) -> None:
        bad = [r for r in self.made.records if self.made.hostile.get(r.value.id) in ("reference", "number")]
        if bad:
            content = kinds.Publish(manifest=w.digest("builds on refused"))
            record = self.say(actor, content, self.some_audience(actor), self.rng.choice(bad))
            self.mark(record, "builds-on-refused")

    def equivocate(self, actor: Actor) -> None:
        chain = actor.chain.get(self.case.id, [])
        if len(chain) > 1:
            seq = self.rng.randrange(1, len(chain))
            content = kinds.Publish(manifest=w.digest("fork", len(self.made.records)))
            record = actor.fork(
                content, case=self.case, seq=seq, audience=sorted(self.some_audience(actor)), deliver=False
            )
            self.made.records.append(record)
            self.mark(record, "fork")

    def use_old_key(self, actor: Actor) -> None:
        actor.rotate()
        content = kinds.Publish(manifest=w.digest("old key", len(self.made.records)))
        record = self.say(actor, content, self.some_audience(actor), signed_with=0)
        self.mark(record, "old-key")

    def log_twice(self, actor: Actor) -> None:
        own = [r for r in self.made.records if r.value.envelope.iss == actor.id]
        if own:
            bundle = self.world.bundles[self.rng.choice(own).value.id]
            self.made.records.append(actor.admit(bundle.envelope, bundle.opening))

    def use_other_alias(self, actor: Actor) -> None:
        """An envelope of another case of this author, brought here as it stands."""
        if len(self.world.cases) < 2:
            self.world.open_case(self.actors[0], witnesses=self.witnesses)
        other = self.world.cases[1]
        content = kinds.Publish(manifest=w.digest("other case", len(self.made.records)))
        record = actor.say(content, case=other, audience=(kinds.PUBLIC,), deliver=False)
        self.made.records.append(record if self.rng.random() < 0.5 else self.world.bare(record))
        self.mark(record, "other-case")

    def skip_a_record(self, actor: Actor) -> None:
        chain = actor.chain.get(self.case.id, [])
        if len(chain) > 1:
            content = kinds.Publish(manifest=w.digest("skip", len(self.made.records)))
            record = actor.say(
                content, case=self.case, audience=(kinds.PUBLIC,), deliver=False, after=chain[-1], seq=2**40
            )
            self.made.records.append(record)
            self.mark(record, "skip")

    # -- witnesses ------------------------------------------------------------------------------

    def attest(self) -> None:
        ledger = self.rng.choice([a for a in self.actors if not a.home])
        count = self.rng.randint(1, len(self.witnesses))
        lies = [0] * 8 if self.honest else [0] * 8 + [-400 * DAY, 400 * DAY]
        times = {x: self.world.now + self.rng.choice(lies) for x in self.rng.sample(self.witnesses, count)}
        size = self.rng.randint(1, ledger.tree.size)
        self.made.attestations.append(ledger.attest(self.case, times, size=size))


def _item(record: Said) -> kinds.Item:
    assert isinstance(record.value.content, kinds.Seal)
    return record.value.content.item


def _author(record: Said) -> str:
    return record.value.envelope.iss
