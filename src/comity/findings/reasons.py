"""Why a rule cannot be run."""

from __future__ import annotations


class RuleError(ValueError):
    """A part of a rule that cannot be run; its text is the reason shown to people.

    It never leaves the readers of rules: they turn it into an ``Unusable``, which is data, so that
    one bad rule does not stop the others and is never passed over in silence.
    """
