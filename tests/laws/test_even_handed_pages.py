"""Even-handed pages: exchange the names of two sides, and every page is the same but for the names.

The pages of a generated case and of its mirror are read side by side, line by line and in their order: the
list of cases, the case with every section, the law, each record, finding and assessment; so are the lines of
``comity case show`` and ``case record``, and the verdict on a dossier with its times.

Left out: hashes, keys and signatures, which are chance; and drawings, which say again what a table says.
Numbers of records, of assertions and of leaves, labels, counts and all times stay in.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from comity.cli.main import main
from comity.dossier.render_text import verdict_text
from comity.dossier.render_times import times_text
from comity.exchange.node import Node
from comity.records import envelopes, kinds
from tests.dossier.test_generated import publish
from tests.generated import Generated, generate_case
from tests.web.stage import app_of, enter, node_of
from tests.world import Actor, FullCase, full_case

ORIGINS = re.compile(r"(?<=declared origins \()[^)]*")
SEEDS = (0, 1, 2, 4, 10, 59)
HASH = re.compile(r"\b[0-9a-f]{4}( [0-9a-f]{4})+\b|[0-9a-f]{8,}|[A-Za-z0-9+/]{43,}=*")
UNSEEN = re.compile(r"<(style|script|svg)\b.*?</\1>", re.DOTALL)
BREAK = re.compile(
    r"</?(p|div|li|tr|td|th|h\d|dt|dd|section|article|caption|ul|table|option|label|pre|br)\b[^>]*>"
)

# Lines of a verdict that stand in the order of ids. An id is a hash: it knows neither name nor role, so the
# order is chance, and it is the same for every reader of one dossier. What each line says is compared.
BY_ID = re.compile(
    r"    ((Party \d|Witness)  #|- (Party \d|Witness):? \d|complete to|.* signed two"
    r"|#… (has no effect|[a-z.]+ by|an envelope by))"
)


def lines_of(page: str) -> list[str]:
    """The visible text of a page; hashes masked."""
    text = BREAK.sub("\n", UNSEEN.sub(" ", page))
    plain = (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in text.split("\n"))
    return [HASH.sub("#", html.unescape(line)) for line in plain if line]


def made_of(seed: int, swap: bool) -> Generated:
    """A case of 2 to 5 parties, or its mirror; an odd seed has no hostile records."""
    return generate_case(f"pages {seed}", size=60, parties=2 + seed % 4, honest=seed % 2 == 1, swap=swap)


def staged(made: Generated) -> FullCase:
    """A generated case as one that nodes are staged of."""
    records = {record.value.id: record for record in made.records}
    members = made.members
    return FullCase(
        world=made.world,
        case=made.case,
        claimant=members[0],
        respondent=members[1],
        third=members[-1],
        guest=members[-1],
        records={f"{n}": record for n, record in enumerate(records.values())},
        attestations=made.attestations,
    )


def readers(made: Generated) -> list[str]:
    """Who a case is read by, as roles: each member with a ledger of its own, and a witness that is no member.

    A member that signed two records for one place is no reader: a node's own journal refuses that.
    """
    found = ["witness"]
    for n, actor in enumerate(made.members):
        chain = [envelopes.open_envelope(raw) for raw in actor.entries]
        if not actor.home and len({(e.iss, e.sub, e.seq) for e in chain}) == len(chain):
            found.append(f"{n}")
    return found


def reader_of(made: Generated, role: str) -> Actor:
    if role == "witness":
        return next(a for a in made.world.actors.values() if a.name == "Witness")
    return made.members[int(role)]


def node_for(full: FullCase, reader: Actor) -> Node:
    """A node of a reader; what was not opened in the making of the case is closed here too."""
    return node_of(full, reader, bare=[n for n, r in full.records.items() if r.value.frame is None])


def pages(full: FullCase, node: Node) -> Iterator[tuple[str, list[str]]]:
    """Every page of a case that only shows, with what it is called in both tellings."""
    paths = {"cases": "/", "evidence": "/evidence"}
    paths |= {"case": f"/case/{full.case.id}", "law": f"/case/{full.case.id}/law"}
    for n, record in full.records.items():
        kind = record.value.frame.kind if record.value.frame else "an envelope"
        paths[f"{n} {kind}"] = f"/record/{record.value.id}"
        if kind == "finding.report":
            paths[f"{n} as a finding"] = f"/findings/{record.value.id}"
        if kind == "assessment.make":
            paths[f"{n} as an assessment"] = f"/assessments/{record.value.id}"
    with TestClient(app_of(node)) as client:
        enter(client)
        for name, path in paths.items():
            answer = client.get(path)
            yield name, [f"{answer.status_code}", *lines_of(answer.text)]


def spoken(case: str, node: Node, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command that shows a case says, with every record and the reasons of its times."""
    monkeypatch.setattr("comity.cli.case.open_home", lambda home: SimpleNamespace(node=node))
    said = CliRunner().invoke(main, ["case", "show", "--case", case, "--times"])
    assert said.exit_code == 0, said.output
    return [HASH.sub("#", line) for line in said.output.splitlines()]


def verdict_of(made: Generated, seed: int) -> list[str]:
    """The verdict on a dossier that the opener of the case publishes, and the times it proves."""
    verdict = publish(made, made.members[0], random.Random(seed))
    assert verdict.intact
    assert verdict.contents is not None
    said = verdict_text(verdict, "dossier") + times_text(verdict.contents)
    # Ledgers in a line, in the order of their ids too, as lines of their own.
    said = re.sub(
        r"(these ledger sizes:) (.*)\.$",
        lambda found: found[1] + "".join(f"\n    - {x}" for x in sorted(found[2].split(", "))),
        said,
        flags=re.MULTILINE,
    )
    return [HASH.sub("#", line) for line in said.splitlines()]


def exchanged(lines: list[str], one: str, other: str) -> list[str]:
    """The lines with two names exchanged, both at once. Origins stand by the alphabet, whosever they are, and
    so they do after the exchange."""
    names = {one: other, other: one}
    lines = [re.sub(f"{one}|{other}", lambda found: names[found[0]], line) for line in lines]
    return [ORIGINS.sub(lambda found: ", ".join(sorted(found[0].split(", "))), line) for line in lines]


def by_text(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    """The lines, where neighbours that match (with the deeper lines below them) stand in order of text."""
    blocks: list[list[str]] = []
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if blocks and depth > len(blocks[-1][0]) - len(blocks[-1][0].lstrip()) and depth > 4:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    sorted_: list[list[str]] = []
    run: list[list[str]] = []
    for block in [*blocks, [""]]:
        if pattern.match(block[0]):
            run.append(block)
        else:
            sorted_ += [*sorted(run), block]
            run = []
    return [line for block in sorted_[:-1] for line in block]


def mirrored(seed: int) -> None:
    """One reader of the case of a seed and the same reader of its mirror see the same pages."""
    made, mirror = made_of(seed, False), made_of(seed, True)
    assert readers(made) == readers(mirror)
    role = readers(made)[seed % len(readers(made))]
    told = [(full, node_for(full, reader_of(m, role))) for m in (made, mirror) for full in [staged(m)]]
    for (name, there), (same, here) in zip(pages(*told[0]), pages(*told[1]), strict=True):
        assert name == same
        assert there[0] == "200", name
        assert exchanged(there, "Party 0", "Party 1") == here, f"{name}, read by {role}"


@pytest.mark.parametrize("seed", [*SEEDS, 116])
def test_the_pages_of_a_generated_case_have_a_mirror(seed: int) -> None:
    mirrored(seed)


@pytest.mark.slow
def test_the_pages_of_many_generated_cases_have_a_mirror() -> None:
    for seed in range(20, 60):
        mirrored(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_commands_say_of_a_generated_case_has_a_mirror(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for swap in (False, True):
        made = made_of(seed, swap)
        said.append(spoken(made.case.id, node_for(staged(made), reader_of(made, "witness")), monkeypatch))
    assert exchanged(said[0], "Party 0", "Party 1") == said[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_on_a_dossier_of_a_generated_case_has_a_mirror(seed: int) -> None:
    there, here = (verdict_of(made_of(seed, swap), seed) for swap in (False, True))
    assert by_text(exchanged(there, "Party 0", "Party 1"), BY_ID) == by_text(here, BY_ID)


def test_the_pages_of_the_whole_story_have_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    there = full_case("mirror")
    here = full_case("mirror", claimant="Birch", respondent="Alder")
    for role in ("claimant", "respondent"):
        nodes = [(full, node_of(full, getattr(full, role))) for full in (there, here)]
        for (name, forward), (same, mirrored) in zip(pages(*nodes[0]), pages(*nodes[1]), strict=True):
            assert name == same
            assert exchanged(forward, "Alder", "Birch") == mirrored, f"{name}, read by the {role}"
        said = [spoken(full.case.id, node, monkeypatch) for full, node in nodes]
        assert exchanged(said[0], "Alder", "Birch") == said[1]


def test_every_kind_of_a_case_is_on_these_pages() -> None:
    """Kinds of a party's own chain stand in no case; its keys are on every page of a case that has it."""
    records = [r for seed in SEEDS for r in made_of(seed, False).records]
    records += full_case("mirror").records.values()
    shown = {r.value.frame.kind for r in records if r.value.frame}
    assert shown >= {kind for kind in kinds.KINDS if not kind.startswith("party.")}
