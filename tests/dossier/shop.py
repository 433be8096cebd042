"""Dossiers that must be refused, by name: what a publisher, a courier or a reader might do to one.

Each attack starts from one intact dossier. Those marked *resealed* are by the publisher itself, who signs
a manifest over the altered files: only what the records and ledgers say gives them away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from comity.dossier import container, layout
from comity.dossier.build import build
from comity.dossier.checks import Checker
from comity.dossier.facts import chains_of, derive_facts
from comity.ledger import merkle, note
from comity.records import bodies, canonical, envelopes, kinds
from comity.records.bundles import Bundle, parse_bundle, render_bundle
from tests import world as w
from tests.dossier.story import Story, find_in, seal_log, show_rows
from tests.world import Actor, Said, World

Files = dict[str, bytes]


def tell_short(seed: object = "short", *, rules: int = kinds.RULES) -> Story:
    """The least case that has everything a check looks at."""
    world = World(seed, rules=rules)
    a, b, witness = world.party("Alder Office"), world.party("Birch Office"), world.party("Witness")
    g = world.guest("Guest Office", b)
    case = world.open_case(a, witnesses=[witness], quorum=1)
    story = Story(world=world, case=case, a=a, b=b, c=witness, g=g, witnesses=[witness])
    story.said["open"] = case.opening
    for actor in (b, g):
        story.said[f"invite-{actor.name}"] = world.invite(case, a, actor)
    sealed, data, key = seal_log(story, "seal", a, "", "mail gateway")
    found = story.say("report", a, find_in(sealed, data), sealed)
    stated = story.say("claim", a, w.claim(w.on(found), about=[w.about(b)]), found)
    given = story.say(
        "notice",
        a,
        kinds.Give(to=w.about(b), target=stated.value.id, assertions=(0,), text="You are named."),
        stated,
    )
    story.attest(a)
    story.say("received", b, kinds.Received(record=given.value.id), given)
    story.rotate(b)
    content, package = show_rows(story, sealed, data, key, (8, 9))
    story.packages.append(package)
    story.say("disclose", a, content, sealed)
    positions = (kinds.Position(n=0, position="disputes", reasons="Shared."),)
    reply = kinds.Response(target=stated.value.id, positions=positions)
    story.say("response", b, reply, stated, story.attest(a))
    story.say("endorse", g, kinds.Endorse(target=w.target(stated), basis="reviewed"), stated)
    story.say("ask", b, w.request(a, world.now + w.DAY))
    story.attest(b)
    story.say(
        "answer",
        a,
        kinds.Answer(request=story.said["ask"].value.id, disposition="clarify"),
        story.said["ask"],
    )
    return story


class Workshop:
    """One story, the files of its draft, and the means of the publisher (Alder Office)."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.publisher = story.a
        self.draft = build(story.material(story.a))
        self.files: Files = dict(self.draft.files)
        self.raw = self.close(self.files)

    def id(self, name: str) -> str:
        return self.story.said[name].value.id

    def record(self, name: str) -> str:
        return layout.record_name(self.id(name))

    def close(self, files: Mapping[str, bytes], **how: Any) -> bytes:
        """Publish these files as they are; ``how`` as ``publication`` takes it."""
        return container.pack({**files, **self.publication(files, **how)})

    def publication(
        self,
        files: Mapping[str, bytes],
        *,
        by: Actor | None = None,
        content: kinds.Content | None = None,
        after: Said | None = None,
        **frame: Any,
    ) -> Files:
        """``publish/`` for these files; it follows the newest record and is not remembered."""
        story, actor = self.story, by or self.publisher
        stated = content or kinds.Publish(manifest=layout.digest_of(files[layout.MANIFEST]))
        frame = {"audience": (kinds.PUBLIC,)} | frame
        last = after or actor.chain[story.case.id][-1]
        said = actor.say(stated, case=story.case, after=last, deliver=False, **frame)
        shown = files if actor is self.publisher and honest_note(self, files) else self.draft.files
        bundle, path, text = story.place(actor, said, shown)
        return {
            layout.PUBLISH_RECORD: render_bundle(bundle),
            layout.PUBLISH_PATH: layout.render_publish_path(path),
            layout.PUBLISH_NOTE: text.encode(),
        }

    def manifest(self, files: Files, **changes: object) -> Files:
        """These files under a manifest that lists them."""
        listed = {
            name: layout.digest_of(data)
            for name, data in files.items()
            if name not in (layout.MANIFEST, *layout.PUBLISHED)
        }
        old = layout.parse_manifest(files[layout.MANIFEST])
        new = msgspec.structs.replace(old, files=listed, **changes)
        return {**files, layout.MANIFEST: layout.render_manifest(new)}

    def reseal(self, files: Files, *, refold: bool = True, **how: Any) -> bytes:
        """Sign a manifest over altered files, with state, chains and facts as these give them."""
        files = self.manifest(files)
        if refold:
            checker = Checker(files)
            checker.check()
            state = checker.state
            assert state is not None
            as_of = bodies.parse_time(layout.parse_manifest(files[layout.MANIFEST]).as_of)
            files[layout.FACTS] = derive_facts(state, checker.parties, self.publisher.id, as_of)
            files = self.manifest(files, state=state.digest(), authors=chains_of(state))
        return self.close(files, **how)

    def without(self, *names: str) -> Files:
        """The files but these."""
        return {name: data for name, data in self.files.items() if name not in names}

    def without_record(self, name: str) -> Files:
        """The files but one record and its path."""
        return self.without(self.record(name), layout.path_name(self.id(name)))

    def facts(self, change: Callable[[dict[str, object]], None]) -> Files:
        """The files with facts that somebody rewrote."""
        facts = canonical.parse(self.files[layout.FACTS])
        assert isinstance(facts, dict)
        change(facts)
        return {**self.files, layout.FACTS: canonical.render(facts)}

    def add(self, actor: Actor, raw: bytes, bundle: Bundle) -> Files:
        """The files with one more record of an actor, in its ledger and with proofs in a new checkpoint."""
        files = {**self.files, layout.record_name(envelopes.record_id(raw)): render_bundle(bundle)}
        return self.renew(actor.ledger, files)

    def renew(self, home: Actor, files: Files, tree: merkle.Tree | None = None) -> Files:
        """The files with every proof in one ledger made anew, for its size now."""
        tree = tree or home.tree
        files = dict(files)
        files[layout.checkpoint_name(home.id)] = sign(home, tree).encode()
        ids = [envelopes.record_id(raw) for raw in home.entries]
        for name in list(files):
            if name.startswith(f"proofs/{home.id}."):
                size = int(name.split(".")[1])
                files[name] = layout.render_consistency(tree.consistency(size))
        for index, record in enumerate(ids[: tree.size]):
            name = layout.path_name(record)
            if layout.record_name(record) in files or name in files:
                files[name] = layout.render_path(
                    layout.LeafPath(index=index, path=tuple(tree.inclusion(index)))
                )
        for name in list(files):
            if name.startswith("records/"):
                bundle = parse_bundle(files[name])
                if name.removeprefix("records/").removesuffix(".record") in ids:
                    size = container_size(bundle.receipt)
                    if size < tree.size:
                        proof = layout.render_consistency(tree.consistency(size))
                        files[layout.consistency_name(home.id, size)] = proof
        return files


def container_size(receipt: bytes) -> int:
    """The tree size that a receipt signs."""
    import cbor2

    protected = cbor2.loads(cbor2.loads(receipt).value[0])
    size: int = protected[-70002]
    return size


def sign(home: Actor, tree: merkle.Tree) -> str:
    """A checkpoint of a tree by a ledger's key."""
    origin = note.Vkey.parse(home.party.card.checkpoint).name
    return note.sign_checkpoint(
        note.Checkpoint(origin=origin, size=tree.size, root=tree.root()), home.key("checkpoint")
    )


def honest_note(shop: Workshop, files: Mapping[str, bytes]) -> bool:
    """Whether the publisher's checkpoint in these files is one that its ledger really had."""
    a = shop.publisher
    text = files.get(layout.checkpoint_name(a.id), b"").decode()
    if not text.startswith(note.Vkey.parse(a.party.card.checkpoint).name):
        return False
    head = note.Checkpoint.parse(note.open_note(text)[0])
    return head.size <= a.tree.size and head.root == a.tree.root(head.size)


def bare(bundle: Bundle) -> Bundle:
    return Bundle(envelope=bundle.envelope, receipt=bundle.receipt)


def flip(data: bytes, at: int = -1) -> bytes:
    """One bit changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def members(raw: bytes) -> list[bytes]:
    """A container cut into its members, header and padding included; the closing blocks are left out."""
    parts, at = [], 0
    while any(raw[at : at + 512]):
        size = int(raw[at + 124 : at + 135], 8)
        end = at + 512 + size + -size % 512
        parts.append(raw[at:end])
        at = end
    return parts


def reheader(member: bytes, **fields: bytes) -> bytes:
    """A member with header fields changed, and the checksum made to fit."""
    places = {
        "name": (0, 100),
        "size": (124, 136),
        "mtime": (136, 148),
        "type": (156, 157),
        "link": (157, 257),
    }
    head = bytearray(member[:512])
    for name, value in fields.items():
        start, end = places[name]
        head[start:end] = value.ljust(end - start, b"\0")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + member[512:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One way to spoil a dossier, and the code of the check that it fails."""

    name: str
    code: str
    make: Callable[[Workshop], bytes]


ENTERED: list[Attack] = []


def attack(code: str) -> Callable[[Callable[[Workshop], bytes]], Callable[[Workshop], bytes]]:
    """Enter a function into the corpus under its own name."""

    def enter(make: Callable[[Workshop], bytes]) -> Callable[[Workshop], bytes]:
        ENTERED.append(Attack(name=make.__name__.replace("_", "-"), code=code, make=make))
        return make

    return enter


END = bytes(1024)


def checkpoint(shop: Workshop, home: Actor) -> note.Checkpoint:
    """The head that a dossier shows of a ledger."""
    text = shop.files[layout.checkpoint_name(home.id)].decode()
    return note.Checkpoint.parse(note.open_note(text)[0])
