"""How people write what they declare of law: ``un-7:access``, and a standard of proof by its id."""

from __future__ import annotations

from comity.law.catalogue import catalogue
from comity.records.kinds import LegalElement

_LIMIT = 200


def find_element(text: str) -> LegalElement | None:
    """``PROVISION:ELEMENT`` as the catalogue has them, or ``other:WORDS:ELEMENT`` for a provision that is not
    there; None where there is no such, or a name is empty or over 200 characters."""
    name, _, element = text.strip().partition(":")
    if name == "other":
        name, _, element = element.rpartition(":")
    elif not _known(name, element):
        return None
    if not (0 < len(name) <= _LIMIT and 0 < len(element) <= _LIMIT):
        return None
    return LegalElement(provision=name, element=element)


def write_element(law: LegalElement) -> str:
    """An element so that ``find_element`` gives it back."""
    known = _known(law.provision, law.element)
    return f"{'' if known else 'other:'}{law.provision}:{law.element}"


def tell_element(law: LegalElement) -> str:
    """An element in the words of the catalogue, with its provision and where that stands; one that is not in
    it, as its author writes it."""
    known = catalogue().provisions.get(law.provision)
    text = next((e.text for e in known.elements if e.id == law.element), "") if known else ""
    if known is None or not text:
        return f"{law.provision}: {law.element}"
    return f"{known.title} ({known.instrument}, {known.provision}): {text}"


def name_standard(text: str) -> str:
    """A standard of proof in its author's words; an id of the list (``balance``) stands for its name."""
    return next((each.name for each in catalogue().standards if each.id == text), text)


def _known(name: str, element: str) -> bool:
    provision = catalogue().provisions.get(name)
    return provision is not None and any(each.id == element for each in provision.elements)
