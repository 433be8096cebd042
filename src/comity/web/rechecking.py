"""Assessments computed again for pages, once for as long as the node runs: a record's id decides its
content, and so what computing it again gives."""

from __future__ import annotations

from typing import Final

from comity.records.kinds import Assess
from comity.weighing.checked import Checked, check_figures
from comity.weighing.effort import SHOWN, effort_of

KEPT_LIMIT: Final = 500
TOGETHER: Final = SHOWN // 4
"""The most that is computed for the assessments of one list, all together: about a second."""
_KEPT: Final[dict[str, Checked]] = {}


def check_once(record: str, content: Assess) -> Checked:
    """What computing it again gives, within what somebody waits for."""
    # Another page may empty it at any time.
    if (kept := _KEPT.get(record)) is not None:
        return kept
    found = check_figures(content, SHOWN)
    if found.cause in ("", "refused"):
        # That it cannot be done may have taken as long to find.
        if len(_KEPT) >= KEPT_LIMIT:
            _KEPT.clear()
        _KEPT[record] = found
    return found


class Rechecking:
    """The assessments of one list: computed again as long as all together stay within ``TOGETHER``."""

    def __init__(self) -> None:
        self._left = TOGETHER

    def check(self, record: str, content: Assess) -> Checked:
        """What is known of one, or computed of it now."""
        if (kept := _KEPT.get(record)) is not None:
            return kept
        takes = effort_of(content)
        if takes > self._left:
            return Checked(result="not computed", cause="size")
        self._left -= takes
        return check_once(record, content)
