"""Every attack on a dossier, gathered from the modules that hold them."""

from __future__ import annotations

from tests.dossier import attacks_case, attacks_form, attacks_ledgers
from tests.dossier.shop import ENTERED, Attack, Workshop, tell_short

# Each module enters its attacks when it is read.
GATHERED_FROM = (attacks_form, attacks_ledgers, attacks_case)
ATTACKS: tuple[Attack, ...] = tuple(ENTERED)

__all__ = ["ATTACKS", "Attack", "Workshop", "tell_short"]
