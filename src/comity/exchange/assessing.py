"""From a file of items, as a person writes it, to the content of an assessment; from offers to such a file.

Nothing is guessed: records and parties are found in the case, and every setting stands in the file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from comity.case.state import State
from comity.errors import ComityError, Malformed, Refused, Unavailable
from comity.exchange import acts
from comity.exchange.node import Node
from comity.records.kinds import Assess
from comity.records.kinds_of_weighing import Confidence, Question
from comity.weighing.items_file import VERSION, ItemsFile, clusters_in, items_in, parameters_in
from comity.weighing.offers import Offer
from comity.weighing.recorded import method_of
from comity.weighing.scaled import check_size, pack
from comity.weighing.sources import Source, state_source

SETTINGS: Final[dict[str, Any]] = {
    "unknown_prior": 0.2,
    "deception_prior": 0.1,
    "planting": 0.3,
    "tempering": 1,
    "name_at": 0.9,
    "withstand": 0.3,
}
"""What a new file begins with; its author reads and changes it before anything is weighed."""


def require_weighing() -> None:
    """Return only where weighing can be computed; else ``Unavailable`` (``weighing.package``)."""
    try:
        import comity.weighing.recompute  # noqa: F401
    except ImportError:
        why = "needs numpy: pip install '.[weigh]' in a copy of the source"
        raise Unavailable("weighing.package", "weighing", why) from None


def assess_written(
    file: ItemsFile,
    source: Source | None,
    node: Node | None = None,
    state: State | None = None,
    *,
    signed: bool = False,
) -> Assess:
    """The content that a file gives, weighed. ``source`` is the knowledge that answers for observed ids.

    Where there is a case, records are found in its ``state`` and parties at the ``node``. What is to be
    ``signed`` and would be no record is refused before the work (``weighing.size``). ``Malformed`` and
    ``Refused`` name the place in the file.
    """
    require_weighing()
    from comity.weighing.recompute import assess

    if file.knowledge_digest and source is not None and source.profiles.digest != file.knowledge_digest:
        at_hand = source.profiles.digest[:16]
        why = f"the file names {file.knowledge_digest[:16]}…; the knowledge at hand is {at_hand}…"
        raise Refused("weighing.knowledge", "knowledge_digest", why)
    clusters = clusters_in(file, source)
    names = [one.id for one in clusters]
    for written in [*file.items, *file.asks]:
        if written.record and state is not None:
            written.record = _find_record(state, written.record, f"items/{written.id}.record")
    items = items_in(file.items, names, source)
    asked = {one.id: one for one in file.asks}
    questions = [
        Question(
            item=item,
            to=node.find_party(asked[item.id].to).id if node and asked[item.id].to else "",
            type=asked[item.id].type,
            levels=tuple(asked[item.id].levels),
        )
        for item in items_in(file.asks, names, source, "asks")
    ]
    if twice := {one.id for one in items} & asked.keys():
        raise Malformed("weighing.twice", f"asks/{min(twice)}", "this id stands among the items too")
    packed = pack(clusters, items, questions)
    if signed:
        check_size(packed)
    # The form of writing decides no figure.
    content = assess(
        file.question,
        method_of(parameters_in(file)),
        clusters,
        items,
        questions,
        state_source(source) if source is not None else None,
    )
    changes: dict[str, Any] = {
        "wording": file.wording,
        "scale": packed.scale,
        "items": packed.items,
        "questions": packed.questions,
    }
    if file.confidence is not None:
        said = file.confidence
        changes["confidence"] = Confidence(scale=said.scale, level=said.level, why=said.why)
    if file.about and state is not None:
        changes["about"] = acts.find_target(state, file.about)
    return msgspec.structs.replace(content, **changes)


def _find_record(state: State, text: str, where: str) -> str:
    try:
        return acts.find_record(state, text)
    except ComityError as error:
        raise Refused(error.code, where, f"{text[:64]}: {error.why}") from None


def begin_file(knowledge: str, question: str) -> dict[str, Any]:
    """A file without items: every setting spelled out, and every actor of the knowledge a hypothesis."""
    return {
        "version": VERSION,
        "question": question,
        **SETTINGS,
        "knowledge": knowledge,
        "hypotheses": "knowledge" if knowledge else [],
        "items": [],
    }


def items_of_offers(
    offers: Sequence[Offer], reliability: object, credibility: object
) -> list[dict[str, Any]]:
    """Offers as items of a file, with the grades that somebody gave them."""
    return [
        {
            "id": one.id,
            "text": f"{one.rule}: {one.rows:,} {'row' if one.rows == 1 else 'rows'}",
            "observed": one.observed,
            "origin": one.origin,
            "reliability": reliability,
            "credibility": credibility,
            "record": one.record,
        }
        for one in offers
    ]


def render_file(file: dict[str, Any]) -> str:
    """A file as a person reads and changes it."""
    return json.dumps(file, indent=1, ensure_ascii=False) + "\n"
