"""A case's time policy and its text form: what fits goes there and back, the rest is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Refused
from comity.exchange.policies import case_policy, policy_text
from comity.ledger.policy import parse_policy
from comity.records import kinds
from tests.ledger.test_policy import EXAMPLE, LOG, W

A, B = f"witness a {W[1]}\n", f"witness b {W[2]} https://b.example/\n"


def test_a_policy_of_parties_and_others() -> None:
    text = parse_policy((A + B + "group g all a b\nquorum g\n").encode())
    quorum, witnesses = case_policy(text, {W[1]: "1" * 64})
    assert quorum == 2
    assert witnesses == (
        kinds.Witness(vkey=W[1], party="1" * 64),
        kinds.Witness(vkey=W[2], url="https://b.example/"),
    )
    assert case_policy(parse_policy((A + "quorum a\n").encode()), {})[0] == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (EXAMPLE, "policy.log"),
        (EXAMPLE.replace(f"log {LOG}\n", ""), "policy.nested"),
        ("quorum none\n", "policy.none"),
        (A + B + "quorum a\n", "policy.unused"),
        (A + B + "group g all a\nquorum g\n", "policy.unused"),
        (A + B + "group g all a\ngroup h all b\nquorum g\n", "policy.unused"),
    ],
)
def test_what_a_case_cannot_hold(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        case_policy(parse_policy(text.encode()), {})
    assert caught.value.code == code


@given(st.lists(st.sampled_from(W), min_size=1, unique=True), st.data())
def test_there_and_back(vkeys: list[str], data: st.DataObject) -> None:
    policy = kinds.Policy(
        quorum=data.draw(st.integers(1, len(vkeys))),
        witnesses=tuple(
            kinds.Witness(vkey=v, url=data.draw(st.sampled_from(["", "http://w/"]))) for v in vkeys
        ),
    )
    assert case_policy(parse_policy(policy_text(policy).encode()), {}) == (policy.quorum, policy.witnesses)


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (
            kinds.Policy(
                quorum=1, witnesses=(), authorities=(kinds.Authority(certificate="0" * 64, name="Invented"),)
            ),
            "policy.authorities",
        ),
        (kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey="nobody"),)), "policy.form"),
        (kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=W[1], url="a b"),)), "policy.form"),
    ],
)
def test_what_text_cannot_say(policy: kinds.Policy, code: str) -> None:
    with pytest.raises(Refused) as caught:
        policy_text(policy)
    assert caught.value.code == code


def test_witnesses_of_one_name_are_told_apart() -> None:
    from comity.ledger.note import COSIGNATURE, vkey_of
    from tests.ledger.test_policy import KEYS

    vkeys = [str(vkey_of("one/name", key, COSIGNATURE)) for key in KEYS[:2]]
    policy = kinds.Policy(quorum=1, witnesses=tuple(kinds.Witness(vkey=v) for v in vkeys))
    assert case_policy(parse_policy(policy_text(policy).encode()), {}) == (1, policy.witnesses)
