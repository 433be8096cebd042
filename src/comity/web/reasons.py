"""Why something was refused, in the words of the reader's language where the catalogue has them.

Reasons that errors state are English sentences without a capital or a full stop; those of the rules of a case
speak of the record that breaks one.
"""

from __future__ import annotations

import re
from typing import Final

from comity.web.phrases import LANGUAGES, Phrase, messages_in, phrase, sentence

_RULE: Final = re.compile(r"rule\.([0-9]+)")
"""The code of an error that says which rule of a case refuses a record."""


def reason(why: str) -> str:
    """Why a rule refuses a record, said in other languages where the catalogue has it."""
    if isinstance(why, Phrase) or why not in messages_in(LANGUAGES[1]):
        return why
    return phrase(why)


def explain(code: str, why: str) -> str:
    """Why something was refused, as one sentence: a rule of a case by its number, or as errors state it."""
    if (rule := _RULE.fullmatch(code)) is not None:
        return phrase("Rule {} of the case does not allow it: {}.", rule[1], reason(why))
    return sentence(why)
