"""What a process sends back of a file is what it found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.cli.scan_packed import Packer
from comity.cli.scan_reasons import Because
from comity.cli.scan_sent import Shorthand
from comity.cli.scan_task import Scanned, Task
from comity.findings.finding import Parameters, make_finding
from comity.findings.pack import compile_pack

PACK = compile_pack(
    (f"{n}.yml", b"logsource: {product: test}\ndetection: {a: {f: %d}, condition: a}\n" % n) for n in range(4)
)
TASK = Task(path="/a", shown="a", parameters=Parameters())
rules = st.sampled_from(PACK.rule_digests)


def make(hits: list[tuple[str, int]], asked: list[str], counted: bool, members: list[Scanned]) -> Scanned:
    counts = {rule: sum(rule == hit for hit, _ in hits) for rule in PACK.rule_digests if rule in asked}
    return Scanned(
        task=TASK,
        format="jsonl/1",
        rows=9,
        finding=make_finding(PACK.rule_digests, PACK.digest, "file:sha256:00", TASK.parameters, hits),
        counts=counts if counted else None,
        not_asked=tuple(rule for rule in PACK.rule_digests if rule not in asked),
        members=tuple(members),
        hits=tuple(sorted(hits)),
        refused=dict.fromkeys(asked, "too long"),
        lapsed={rule: (row, 0) for rule, row in hits},
        reasons=tuple(Because(rule=rule, row=row, text="evil", lines=("a", "b")) for rule, row in hits),
    )


results = st.recursive(
    st.builds(
        make, st.lists(st.tuples(rules, st.integers(1, 9))), st.lists(rules), st.booleans(), st.just([])
    ),
    lambda inner: st.builds(
        make, st.lists(st.tuples(rules, st.integers(1, 9))), st.lists(rules), st.booleans(), st.lists(inner)
    ),
    max_leaves=3,
)


@given(st.lists(results, max_size=4))
def test_a_result_arrives_as_it_was(sent: list[Scanned]) -> None:
    ours, theirs = Shorthand(PACK), Shorthand(PACK)
    for each in sent:
        got = theirs.read(ours.write(each))
        assert got == each
        assert list(got.counts or ()) == list(each.counts or ())


@given(results)
def test_a_result_is_kept_as_it_was(kept: Scanned) -> None:
    """What one run writes down another reads."""
    got = Packer(PACK).unpack(Packer(PACK).pack(kept), TASK)
    assert got == kept
    assert list(got.counts or ()) == list(kept.counts or ())


def test_an_error_arrives_as_it_was() -> None:
    told = Scanned(task=TASK, error=("file.worker", "a", "it died"))
    assert Shorthand(PACK).read(Shorthand(PACK).write(told)) == told
    assert Packer(PACK).unpack(Packer(PACK).pack(told), TASK) == told
