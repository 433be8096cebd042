"""Nynorsk beside bokmål: the rules of Norwegian are written in bokmål, and read both."""

from __future__ import annotations

import re
from typing import Final

from comity.statements.grammar import compile_any

_NYNORSK: Final = tuple(
    (re.compile(rf"(?:(?<![\wæøå\\])|(?<=\\b)){bokmaal}(?![\wæøå])"), both)
    for bokmaal, both in (
        ("ikke", "(?:ikke|ikkje)"),
        ("ble", "(?:ble|blei|vart)"),
        ("blir", "(?:blir|vert)"),
        ("blitt", "(?:blitt|vorte)"),
        ("noe", "(?:noe|noko)"),
        ("noen", "(?:noen|nokon|nokre)"),
        ("noensinne", "(?:noensinne|nokosinne)"),
        ("hva", "(?:hva|kva)"),
        ("hvem", "(?:hvem|kven)"),
        ("hver", "(?:hver|kvar)"),
        ("hvert", "(?:hvert|kvart)"),
        ("enhver", "(?:enhver|einkvar)"),
        ("eneste", "(?:eneste|einaste)"),
        ("fra", "(?:fra|frå)"),
        ("mye", "(?:mye|mykje)"),
        ("mer", "(?:mer|meir)"),
        ("de", "(?:de|dei)"),
        ("vet", "(?:vet|veit)"),
        ("en", "(?:en|ein)"),
        ("et", "(?:et|eit)"),
        ("sier", "(?:sier|seier)"),
        ("ingenting", "(?:ingenting|inkje)"),
        ("sannsynlig", "sannsynle?i?g"),
        ("usannsynlig", "usannsynle?i?g"),
        ("trolig", "(?:trolig|truleg)"),
        ("antakelig", "(?:antakelig|antakeleg|truleg)"),
        ("utvilsomt", "(?:utvilsomt|utan tvil|utvilsamt)"),
        ("selvsagt", "(?:selvsagt|sjølvsagt)"),
        ("selvfølgelig", "(?:selvfølgelig|sjølvsagt)"),
        ("åpenbart", "(?:åpenbart|openbert|opplagt)"),
        ("hevet", "(?:hevet|heva)"),
        ("uten", "(?:uten|utan)"),
        ("sto", "(?:sto|stod)"),
        ("hele", "(?:hele|heile)"),
        ("angivelig", "(?:angivelig|etter seiande|visstnok)"),
        ("ryktet", "(?:ryktet|ryktet vil)"),
        ("kilder", "(?:kilder|kjelder)"),
        ("stjålet", "(?:stjålet|stole|stolne)"),
        ("plyndret", "(?:plyndret|plyndra)"),
        ("lekket", "(?:lekket|lekka|lekt)"),
        ("slettet", "(?:slettet|sletta)"),
        ("ødelagt", "(?:ødelagt|øydelagt)"),
        ("fiendtlig", "fiendtle?i?g"),
        ("rent", "(?:rent|reint)"),
        ("ren", "(?:ren|rein)"),
        ("beviset", "(?:beviset|provet)"),
        ("beviser", "(?:beviser|provar)"),
    )
)


def in_both(*parts: str) -> re.Pattern[str]:
    """One pattern of several, each word of bokmål that nynorsk spells otherwise in both spellings."""
    told = []
    for part in parts:
        for find, both in _NYNORSK:
            part = find.sub(both, part)
        told.append(part)
    return compile_any(*told)
