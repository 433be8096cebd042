"""Sentences and quotations, by the conventions of each language.

English and Norwegian end a sentence with a full stop, question or exclamation mark that is no part of an
abbreviation, number, initial or (Norwegian) ordinal; Chinese with its own stops and the closing marks after
them. A clause after a Chinese semicolon is a sentence of its own: it states something of its own.
"""

from __future__ import annotations

import re
from typing import Final

from comity.statements.blocks import MASK
from comity.statements.flags import Language
from comity.statements.source import Span

_CLOSERS: Final = "\"'”’»)]』」》)】*_"
_TIE_AFTER = re.compile(r"\s*(?:[\[【]\s*[0-9a-f]{0,64}#[^\[\]【】\n]{1,200}[\]】]\s*)+")
_END = re.compile(rf"(?:[.!?]+|…+|\.\.\.)[{re.escape(_CLOSERS)}]*")
_END_ZH = re.compile(rf"(?:[。!?;]+|…+|\.(?=[\s{re.escape(_CLOSERS)}]|$))[{re.escape(_CLOSERS)}]*")

# Lower-case; without their last full stop.
_EN_SHORT: Final = (
    "mr mrs ms dr prof sr jr st e.g i.e etc vs viz cf al approx ca no nos p pp para paras sec secs art "
    "arts ch fig figs vol ed eds inc ltd corp co dept gov gen col lt sgt maj rep sen hon rev est min "
    "max resp incl jan feb mar apr jun jul aug sept sep oct nov dec a.m p.m u.s u.k u.n e.u ph.d b.c "
    "a.d op ibid tel ext "
)
_NB_SHORT: Final = (
    "bl.a f.eks kl nr dvs osv mv m.m m.fl ca jf jfr pst ev evt pga p.g.a ift i.f.t mht m.h.t s ss kap "
    "art avd adr tlf f.o.m t.o.m fom tom mill mrd kr dr prof hhv hr fr o.l e.l iht i.h.t vedr inkl "
    "ekskl maks min sml if o.a etc red bd b.i p.t pr tilsv ang innb stk st sst d.d d.y d.e f.kr e.kr "
    "jan feb mar apr jun jul aug sep sept okt nov des tab fig ref jr ndf nåv opprinn overs utg vol "
)
_ABBREVIATIONS: Final[dict[Language, frozenset[str]]] = {
    "en": frozenset(_EN_SHORT.split()),
    "nb": frozenset(_NB_SHORT.split()),
    "zh": frozenset({"no", "vol", "e.g", "i.e", "etc", "vs", "p", "pp", "fig", "inc", "ltd", "co"}),
}
_TITLES: Final = frozenset({"ms", "mr", "mrs", "sen", "hon", "rep", "rev"})
LONGEST: Final = 2_000
"""What is longer is no sentence, and is read in parts of this many characters."""
_WORD_BEFORE = re.compile(r"[^\s()\[\]\"'«“„/,;:]+$")


def split_sentences(text: str, language: Language) -> list[Span]:
    """The sentences of one paragraph, in order, without the spaces around them; ties that follow the end
    of a sentence belong to it."""
    found: list[Span] = []
    start = 0
    end_of = _END_ZH if language == "zh" else _END
    at = 0
    while mark := end_of.search(text, at):
        at = mark.end()
        if language != "zh" and not _ends(text, mark, language):
            continue
        if language == "zh" and _inside_quote(text, start, mark):
            continue
        if tie := _TIE_AFTER.match(text, at):
            at = tie.end()
            # A full stop may also follow the tie.
            if rest := re.compile(r"[.。;!?]").match(text, at):
                at = rest.end()
        _add(found, text, start, at)
        start = at
    _add(found, text, start, len(text))
    return found


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        found.append(Span(start=start, end=cut))
        start = cut + (text[cut] == " ")
    if start < end and any(c.isalnum() for c in text[start:end]):
        found.append(Span(start=start, end=end))
    elif start < end and found:
        # Marks alone belong to the sentence before them.
        found[-1] = Span(start=found[-1].start, end=end)


def _ends(text: str, mark: re.Match[str], language: Language) -> bool:
    after = text[mark.end() : mark.end() + 80]
    if after and not after[0].isspace() and not re.match(r"[\[【]\s*[0-9a-f]*#", after):
        return False
    follows = re.sub(rf"^[\s\"'“‘«„(\[*_{MASK}]+", "", re.sub(r"^\s*(?:\[[^\]]{1,100}\]\s*)+", " ", after))
    if not mark[0].startswith("."):
        # "?" or "!" within a sentence is followed by a small letter.
        return not follows[:1].islower()
    if not follows:
        return True
    before = _WORD_BEFORE.search(text[max(mark.start() - 40, 0) : mark.start()])
    word = before[0].lower() if before else ""
    if follows[0].islower():
        # An address or a command may begin a sentence, a word does not.
        return False
    if mark[0].startswith("..") or len(mark[0].rstrip(_CLOSERS)) > 1:
        return True
    if before and word in _TITLES and before[0].islower():
        return True  # "3.5 ms." is no title
    if word in _ABBREVIATIONS[language]:
        # What is written after a unit-like abbreviation begins with a figure or a name: "no. 4", "Dr. Lien".
        return word in {
            "etc",
            "al",
            "osv",
            "mv",
            "m.m",
            "m.fl",
            "inc",
            "ltd",
            "corp",
            "co",
            "a.m",
            "p.m",
        } and (follows[0].isupper())
    if len(word) == 1 and word.isalpha() and text[mark.start() - 1].isupper():
        return False  # an initial
    if language == "nb" and word.isdigit() and len(word) <= 2:
        # "den 3. Vi": an ordinal at the end of a sentence is rare; before a name it is an ordinal.
        return not re.match(
            r"(?:[A-ZÆØÅ]\w+ )?(?:januar|februar|mars|april|mai|juni|juli|august|"
            r"september|oktober|november|desember|\d)",
            follows,
            re.IGNORECASE,
        )
    return True


_QUOTES: Final = (("“", "”"), ("«", "»"), ("„", "“"), ("「", "」"), ("『", "』"), ("‘", "’"))


def _inside_quote(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether a Chinese sentence end stands inside a quotation that goes on after it."""
    piece = text[start : mark.end()]
    for opening, closing in _QUOTES[:1] + _QUOTES[3:5]:
        if piece.count(opening) > piece.count(closing) and closing in text[mark.end() : mark.end() + 600]:
            return True
    return False


_QUOTATION = re.compile(
    "“[^“”]{1,2000}”|„[^„“”]{1,2000}[“”]|«[^«»]{1,2000}»|「[^「」]{1,2000}」|『[^『』]{1,2000}』"
    '|(?<![\\w"])"[^"]{1,2000}"(?!\\w)|(?<!\\w)\'[^\']{2,400}\'(?!\\w)'
)


def find_quotations(text: str) -> list[Span]:
    """Quotations of a paragraph with their marks, over sentences where they run on."""
    return [Span(start=m.start(), end=m.end()) for m in _QUOTATION.finditer(text)]


_HAN = re.compile("[\u3400-\u9fff]")
_LETTERS = re.compile("[A-Za-zÀ-ɏ]+")
_NB_COMMON: Final = (
    "og i det er som på at en et av ikke for den til å vi ble har med de var fra om kan vil seg hos "
    "eller etter men ved dette skal ingen noen mot over vår våre dere hva hvem når mellom blitt være "
    "enn også "
)
_NB: Final = frozenset(_NB_COMMON.split())
_EN_COMMON: Final = (
    "the of and to in is that a was it for on by not this with are from be an as we our at has have had "
    "which were or no but its who what when between been than also they their did does "
)
_EN: Final = frozenset(_EN_COMMON.split())


def guess_language(text: str, otherwise: Language) -> Language:
    """The language of a paragraph by its script and commonest words; ``otherwise`` where neither tells."""
    sample = text[:4000]
    han = len(_HAN.findall(sample))
    words = [w.lower() for w in _LETTERS.findall(sample)]
    if han and han * 2 >= len(words):
        return "zh"
    english = sum(w in _EN for w in words)
    norwegian = sum(w in _NB for w in words) + sum(any(c in "æøå" for c in w) for w in words)
    if english == norwegian:
        return otherwise if otherwise != "zh" or han else "en" if words else otherwise
    return "en" if english > norwegian else "nb"
