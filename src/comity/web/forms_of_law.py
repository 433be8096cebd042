"""What an assertion's author declares of law in a form: the kind of its proposition, the standard of proof
for that, and elements of provisions. Declared, never computed."""

from __future__ import annotations

from comity.law.naming import find_element, name_standard, write_element
from comity.records.assertions import Assertion, LegalElement, Proposition
from comity.web.forms import Choice, Field, line, pick
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

LIST = "/law"
PROPOSITIONS = {
    "event": phrase("that something happened"),
    "conduct": phrase("that something was done"),
    "infrastructure": phrase("by way of which infrastructure"),
    "person": phrase("by which person or group"),
    "state-link": phrase("that a State stands behind it"),
    "breach": phrase("that an obligation was broken"),
}


def law_fields(typed: Typed, n: int) -> list[Field]:
    """The fields for assertion ``n`` of a form."""
    unsaid = Choice(value="", words=phrase("not said"))
    return [
        pick(
            typed,
            f"proposition-{n}",
            "What kind of thing it states",
            [unsaid, *(Choice(value=v, words=w) for v, w in PROPOSITIONS.items())],
        ),
        line(
            typed,
            f"standard-{n}",
            "Standard of proof that you declare",
            hint="Your own words, for example: balance of probabilities. It is never computed.",
        ),
        line(
            typed,
            f"law-{n}",
            "Elements of law that you say it bears on",
            hint="PROVISION:ELEMENT as the list names them, parted by a semicolon; a provision that is not "
            "there is other:WORDS:ELEMENT. That a provision is named implies nothing.",
            link=(LIST, phrase("The list, in a page of its own")),
        ),
    ]


def take_law(check: Checking, n: int) -> tuple[str, Proposition, tuple[LegalElement, ...]]:
    """Standard, proposition and elements of assertion ``n``, with what is wrong told at its field."""
    standard = name_standard(check.line(f"standard-{n}", "the standard"))
    chosen = check.choice(f"proposition-{n}", "what it states", PROPOSITIONS, required=False)
    proposition: Proposition = chosen  # type: ignore[assignment]  # one of the choices
    found = []
    for part in check.line(f"law-{n}", "the elements", limit=2000).split(";"):
        if part.strip():
            element = find_element(part.strip())
            if element is None:
                check.refuse(f"law-{n}", phrase("No provision and element of this name: {}", part.strip()))
            else:
                found.append(element)
    return standard, proposition, tuple(found)


def write_law(assertion: Assertion) -> str:
    """The elements of an assertion as the form takes them."""
    return "; ".join(map(write_element, assertion.law))


def say_law(assertion: Assertion) -> list[tuple[str, str]]:
    """The lines of a review, before signing."""
    said: list[tuple[str, str]] = []
    if assertion.proposition:
        said.append(("stating", PROPOSITIONS[assertion.proposition]))
    if assertion.standard:
        said.append(("standard of proof", assertion.standard))
    said += [("bearing on", f"{x.provision}: {x.element}") for x in assertion.law]
    return said
