"""``items.json``: hypotheses, evidence and settings as a person writes them (``spec/14-assessments.md`` §5).

Probabilities are written from 0 to 1 with at most six digits, or, for the two grades of an item, as the
customary letters A to F and digits 1 to 6. Whatever is missing, doubled, unknown or out of range is told
with its place; nothing is guessed, and no default decides a figure that the file does not show.
"""

from __future__ import annotations

import codecs
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from comity.errors import Malformed
from comity.records import kinds_of_weighing as told
from comity.weighing import PPM, UNKNOWN
from comity.weighing.cautions import fold_text
from comity.weighing.items_text import refuse_unwritable
from comity.weighing.looks import shape_of
from comity.weighing.sources import Source, quote
from comity.weighing.values import CREDIBILITY, HYPOTHESES_LIMIT, ITEMS_LIMIT, RELIABILITY, Parameters

SIZE_LIMIT: Final = 64 * 1024 * 1024
VERSION: Final = 2
"""What a new file says."""
WITHSTAND: Final = {1: 0, VERSION: Decimal("0.3")}
"""The versions that are read, and what each takes for ``withstand`` where a file does not state it."""
DIGITS_LIMIT: Final = 400
"""No number that means anything here is longer."""
PARAMETERS: Final = {
    "unknown_prior": (1, PPM - 1),
    "deception_prior": (0, PPM - 1),
    "planting": (0, PPM // 2),
    "tempering": (1, PPM),
    "name_at": (PPM // 2 + 1, PPM),
    "withstand": (0, PPM),
}
"""The bounds of each setting (``spec/13-weighing.md`` rule 4), in parts per million."""
FINER: Final = -2
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|-?Infinity|NaN')
RESERVED: Final = {
    UNKNOWN: "is the actor that is none of those named, and always weighed; its prior is unknown_prior",
    "others": "stands for every hypothesis that an item does not judge",
}
"""Labels, however they are written, that no hypothesis of a file has."""


class _Base(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class WrittenCluster(_Base):
    """A hypothesis: its label, a name, its prior weight against the other named ones."""

    id: str
    name: str = ""
    weight: int = 1


class WrittenItem(_Base):
    """One thing observed. ``likelihoods`` maps hypotheses, ``unknown`` among them and ``others`` for the
    rest, to a probability or to [lowest, highest]; without it, the knowledge answers for ``observed``."""

    id: str
    reliability: Any
    credibility: Any
    text: str = ""
    origin: str = ""
    observed: str = ""
    record: str = ""
    cite: str = ""
    likelihoods: dict[str, Any] = {}


class WrittenAsk(WrittenItem):
    """Something that could be asked for: an item not yet seen, whom to ask and how."""

    to: str = ""
    type: Literal["evidence", "clarify", "preserve", "assist", "consult"] = "evidence"
    levels: list[Literal["rows", "whole"]] = []


class WrittenConfidence(_Base):
    """How far the author trusts its own basis, in words of a scale that it names."""

    scale: Literal["ICD 203", "PHIA"]
    level: Literal["low", "moderate", "high"]
    why: str


class ItemsFile(_Base):
    """A whole file. ``hypotheses`` is a list, or ``"knowledge"``: every actor that the knowledge counts."""

    version: int
    question: str
    hypotheses: list[WrittenCluster] | Literal["knowledge"]
    items: list[WrittenItem]
    unknown_prior: Any
    deception_prior: Any
    planting: Any
    name_at: Any
    withstand: Any = msgspec.UNSET
    tempering: Any = 1
    knowledge: str = ""
    knowledge_digest: str = ""
    asks: list[WrittenAsk] = []
    about: str = ""
    confidence: WrittenConfidence | None = None
    wording: Literal["numbers", "ICD 203", "PHIA"] = "numbers"


def parse_items(raw: bytes, where: str) -> ItemsFile:
    """The file as written. ``Malformed``: ``items.form`` for another shape (with the place in it),
    ``items.version`` for another version."""
    if len(raw) > SIZE_LIMIT:
        raise Malformed("items.form", where, f"longer than {SIZE_LIMIT:,} bytes")
    if not raw.strip():
        raise Malformed("items.form", where, "is empty; comity weigh run --help shows a file")
    data: object = None
    try:
        data = json.loads(
            # What some editors put first is no part of the text.
            raw.removeprefix(codecs.BOM_UTF8).decode(),
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_no_number,
            object_pairs_hook=once,
        )
        refuse_unwritable(data, where)
        file = msgspec.convert(data, ItemsFile)
    except UnicodeDecodeError as error:
        why = f"is not UTF-8 text: byte {error.start + 1:,} cannot be read; save it as UTF-8"
        raise Malformed("items.form", where, why) from None
    except RecursionError:
        raise Malformed("items.form", where, "is nested too deeply to be read") from None
    except msgspec.ValidationError as error:
        raise _misshapen(str(error), data, where) from None
    except _NoNumber as error:
        line = _line_of(error.text, raw)
        raise Malformed("items.form", f"{where}: line {line:,}", f"{error.text} is not a number") from None
    except json.JSONDecodeError as error:
        why = f"is not JSON: {error.msg.lower()} at line {error.lineno:,}, column {error.colno:,}"
        raise Malformed("items.form", where, why) from None
    except ValueError as error:
        raise Malformed("items.form", where, str(error)[:300]) from None
    if file.version not in WITHSTAND:
        read = " and ".join(str(one) for one in WITHSTAND)
        raise Malformed("items.version", where, f"version {file.version}; read here are {read}")
    if file.withstand is msgspec.UNSET:
        file.withstand = WITHSTAND[file.version]
    if file.knowledge_digest and not file.knowledge:
        why = "is the digest that knowledge must have, and no knowledge is named"
        raise Malformed("items.knowledge", f"{where}: knowledge_digest", why)
    return file


def _whole(text: str) -> int:
    if len(text) > DIGITS_LIMIT:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)


class _NoNumber(ValueError):
    """A word that some writers of JSON put for a number."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _no_number(text: str) -> object:
    raise _NoNumber(text)


def _line_of(word: str, raw: bytes) -> int:
    """The line where a bare word first stands outside of texts."""
    for found in _TOKEN.finditer(raw):
        if found[0] == word.encode():
            return raw.count(b"\n", 0, found.start()) + 1
    return 1


def _misshapen(error: str, data: object, where: str) -> Malformed:
    """What is wrong in the file's own words: items by their id, or by their number from 1."""
    why, _, path = error[:400].partition(" - at `$")
    place = path.strip("`.")
    if (found := re.match(r"(\w+)\[(\d+)\]", place)) and isinstance(data, dict):
        part, number = data.get(found[1]), int(found[2])
        one = part[number] if isinstance(part, list) else None
        name = one.get("id") if isinstance(one, dict) else None
        told = name[:60] if isinstance(name, str) and name else f"number {number + 1:,}"
        place = f"{found[1]}/{told}{place[found.end() :]}"
    if not place:
        return Malformed("items.form", where, f"its outermost value: {why}")
    return Malformed("items.form", f"{where}: {place}", why)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object; ``ValueError`` for a doubled one: which of both is meant, nobody knows."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def parameters_in(file: ItemsFile) -> Parameters:
    """The settings, as the engine takes them."""
    return Parameters(
        **{
            name: read_probability(getattr(file, name), name, least=low, most=high)
            for name, (low, high) in PARAMETERS.items()
        }
    )


def clusters_in(file: ItemsFile, source: Source | None) -> tuple[told.Cluster, ...]:
    """The hypotheses, sorted, with how many reports of each the source counts."""
    sizes = source.profiles.actors if source else {}
    if file.hypotheses == "knowledge":
        if source is None:
            why = "takes its hypotheses from knowledge, and none is given"
            raise Malformed("items.knowledge", "hypotheses", why)
        listed = [WrittenCluster(id=name, name=source.actors[name]) for name in sizes]
    else:
        listed = file.hypotheses
    if len(listed) > HYPOTHESES_LIMIT:
        why = f"{len(listed):,} hypotheses; at most {HYPOTHESES_LIMIT:,} are weighed"
        raise Malformed("weighing.hypotheses", "hypotheses", why)
    for one in listed:
        if (reserved := shape_of(one.id)) in RESERVED:
            raise Malformed("weighing.unknown", f"hypotheses/{one.id[:60]}", RESERVED[reserved])
        if not 1 <= one.weight <= PPM:
            where = f"hypotheses/{one.id}.weight"
            raise Malformed("items.number", where, f"{one.weight} is not a whole number from 1 to {PPM:,}")
        if len(one.name) > 200:
            raise Malformed("items.text", f"hypotheses/{one.id}.name", "longer than 200 characters")
    names = source.actors if source else {}
    found = [
        told.Cluster(
            id=_text(one.id, "hypotheses"),
            name=one.name or names.get(one.id, "")[:200],
            weight=one.weight,
            reports=sizes.get(one.id, 0),
        )
        for one in listed
    ]
    found.sort(key=lambda one: one.id)
    for before, after in itertools.pairwise(found):
        if before.id == after.id:
            raise Malformed("weighing.twice", f"hypotheses/{after.id}", "this id stands here twice")
    if len(found) < 2:
        why = "fewer than two named hypotheses: an answer that has no rival says nothing"
        raise Malformed("weighing.single", "hypotheses", why)
    return tuple(found)


def items_in(
    written: Sequence[WrittenItem], hypotheses: Sequence[str], source: Source | None, where: str = "items"
) -> tuple[told.Weighed, ...]:
    """The items with their likelihoods written out, sorted by id."""
    if len(written) > ITEMS_LIMIT:
        why = f"{len(written):,} items; an assessment weighs at most {ITEMS_LIMIT:,}"
        raise Malformed("weighing.items", where, why)
    found = [_weighed(one, n, hypotheses, source, where) for n, one in enumerate(written)]
    found.sort(key=lambda one: one.id)
    for before, after in itertools.pairwise(found):
        if before.id == after.id:
            raise Malformed("weighing.twice", f"{where}/{after.id}", "this id stands here twice")
    return tuple(_join_copies(found))


def _join_copies(found: Sequence[told.Weighed]) -> Iterator[told.Weighed]:
    """What one origin says twice in the same words is one thing seen, unless ``observed`` says otherwise: one
    source told five times weighs as once."""
    first: dict[tuple[str, str], str] = {}
    for one in found:
        name = first.setdefault((one.origin, fold_text(one.text)), one.id) if not one.observed else one.id
        yield one if name == one.id else msgspec.structs.replace(one, observed=name)


def _weighed(
    one: WrittenItem, number: int, hypotheses: Sequence[str], source: Source | None, where: str
) -> told.Weighed:
    at = f"{where}/{one.id or number}"
    heard = source.items.get(one.observed, "") if source else ""
    text = one.text or f"{one.observed} {heard}".strip()
    if not text:
        raise Malformed("items.text", at, "says nothing: give text, or observed")
    if one.likelihoods:
        judgements, others = _judged(one, at, hypotheses)
    elif source is None or not one.observed:
        why = (
            "no likelihood is judged, and no knowledge is asked: give likelihoods, or observed and knowledge"
        )
        raise Malformed("weighing.judgement", at, why)
    else:
        try:
            quoted = quote(source, one.observed, hypotheses)
        except Malformed as error:
            raise Malformed(error.code, at, f"{one.observed}: {error.why}") from None
        judgements, others = quoted.judgements, quoted.others
    letters = [str(grade) for grade in (one.reliability, one.credibility) if isinstance(grade, str)]
    return told.Weighed(
        id=_text(one.id, at),
        text=text[:20_000],
        reliability=_grade(one.reliability, RELIABILITY, f"{at}.reliability"),
        credibility=_grade(one.credibility, CREDIBILITY, f"{at}.credibility"),
        by="judgement" if one.likelihoods else "knowledge",
        judgements=judgements,
        others=msgspec.UNSET if others is None else others,
        grades="".join(letters),
        origin=_text(one.origin, f"{at}.origin", empty=True),
        observed=_text(one.observed, f"{at}.observed", empty=True),
        record=one.record,
        cite=one.cite,
    )


def _judged(
    one: WrittenItem, at: str, hypotheses: Sequence[str]
) -> tuple[tuple[told.Judgement, ...], tuple[int, int] | None]:
    others: tuple[int, int] | None = None
    found = []
    known = {*hypotheses, UNKNOWN}
    for name, value in one.likelihoods.items():
        if isinstance(value, list):
            low, high = _interval(value, f"{at}.likelihoods/{name}")
        else:
            low = high = read_probability(value, f"{at}.likelihoods/{name}", least=1)
        if name == "others":
            others = (low, high)
        elif name not in known:
            why = "no such hypothesis is weighed here"
            raise Malformed("weighing.hypothesis", f"{at}.likelihoods/{name}", why)
        else:
            found.append(told.Judgement(hypothesis=name, low=low, high=high))
    if UNKNOWN not in one.likelihoods:
        why = "the unknown actor is not judged: there is nothing to hold the others against"
        raise Malformed("weighing.judgement", at, why)
    return tuple(sorted(found, key=lambda each: each.hypothesis)), others


def _interval(value: list[Any], where: str) -> tuple[int, int]:
    if len(value) != 2:
        raise Malformed("weighing.interval", where, "an interval is [lowest, highest]")
    low, high = (read_probability(end, where, least=1) for end in value)
    if low > high:
        why = f"the interval runs backwards: {value[0]} to {value[1]}"
        raise Malformed("weighing.interval", where, why)
    return low, high


def read_probability(value: object, where: str, *, least: int = 0, most: int = PPM) -> int:
    """A number from 0 to 1 with at most six digits, in parts per million, between two bounds in these;
    ``Malformed`` for anything else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        scaled = _scaled(value)
        if least <= scaled <= most:
            return scaled
        if scaled == FINER:
            raise Malformed("weighing.probability", where, f"{str(value)[:60]} has more than six digits")
    ends = " to ".join(f"{(Decimal(end) / PPM).normalize():f}" for end in (least, most))
    raise Malformed("weighing.probability", where, f"{_said(value)} is not a probability from {ends}")


@lru_cache(maxsize=4096)
def _scaled(value: int | Decimal) -> int:
    """In parts per million; -1 outside of 0 to 1, ``FINER`` for more than six digits."""
    # Bounds first: a number of a million digits is never multiplied out.
    if not 0 <= value <= 1:
        return -1
    scaled = int(Decimal(value) * PPM)
    # A product is rounded to some digits; a comparison is not.
    return scaled if Decimal(scaled) / PPM == value else FINER


def _said(value: object) -> str:
    """A value as it stands in the file, cut short."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)[:60]
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return "null" if value is None else str(value).lower()


def _grade(value: object, letters: Any, where: str) -> int:
    if isinstance(value, str):
        if value not in letters:
            why = f"{value[:60]!r} is no grade: {', '.join(letters)}, or a number from 0 to 1"
            raise Malformed("weighing.grade", where, why)
        return int(letters[value])
    try:
        return read_probability(value, where)
    except Malformed as error:
        if isinstance(value, int) and str(value) in letters:
            why = f'{error.why}; the grade {value} is written as text: "{value}"'
            raise Malformed(error.code, error.where, why) from None
        raise


def _text(value: str, where: str, *, empty: bool = False) -> str:
    if len(value) > 200 or not (value.strip() or (empty and not value)):
        raise Malformed("items.text", where, "not a text of 1 to 200 characters, blanks aside")
    return value
