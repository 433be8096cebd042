"""Every attack of the corpus fails, by its own check; and nothing that was not attacked does."""

from __future__ import annotations

import pytest

from comity.dossier.verify import NOT_INTACT, verify
from tests.dossier.corpus import ATTACKS, Attack, Workshop, tell_short


@pytest.fixture(scope="module")
def shop() -> Workshop:
    return Workshop(tell_short())


def test_the_dossier_that_is_attacked_is_intact(shop: Workshop) -> None:
    assert verify(shop.raw).failures == ()


def test_resealing_alone_changes_nothing(shop: Workshop) -> None:
    assert verify(shop.reseal(dict(shop.files))).failures == ()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(shop: Workshop, attack: Attack) -> None:
    verdict = verify(attack.make(shop))
    assert attack.code in [failure.code for failure in verdict.failures]
    assert all(failure.where and failure.why for failure in verdict.failures)
    assert verdict.exit_code == NOT_INTACT
    assert verdict.contents is None
