"""What a flag says in the language of whoever reads it; English is the authentic text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

from comity.statements.flags import RULES, Flag, Language


def tell_in(flag: Flag, words: Language) -> Flag:
    """The flag with its reason and suggestion in these words.

    What a rule says of one place alone (a name, a number) is told by the rule's own words, with the
    English ones after them, marked ``[en]``: nothing that was said in English is left out.
    """
    if words == "en":
        return flag
    rule, told = RULES[flag.rule], _told(words)[flag.rule]
    reason, suggestion = told["reason"], told["suggestion"]
    if flag.reason != rule.reason:
        reason = f"{reason} ({flag.reason.removeprefix(rule.reason).lstrip(': ')} [en])"
    if flag.suggestion != rule.suggestion:
        suggestion = f"{suggestion} ({flag.suggestion} [en])"
    return replace(flag, reason=reason, suggestion=suggestion)


@cache
def _told(words: Language) -> Mapping[str, Mapping[str, str]]:
    # Part of the program like its modules: read once, the same everywhere.
    return tomllib.loads(files(__package__).joinpath("words", f"{words}.toml").read_text("utf-8"))
