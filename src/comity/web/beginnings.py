"""Beginning a request from a template: its text in one of its languages, with blanks to be filled.

Pressing the button sends the form and gives it back: what was typed stays, and the template comes after it. A
blank is filled in a field of its own or in the text itself; while one is left open nothing is reviewed.
"""

from __future__ import annotations

from typing import Final

from comity.exchange.request_templates import Template, blanks_in, fill_in, templates
from comity.law.catalogue import catalogue
from comity.web.forms import Choice, Field, Section, line, pick
from comity.web.forms_of_notices import LANGUAGES
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

BLANKS: Final = {
    "assertion": phrase("number of the assertion"),
    "authority": phrase("the authority that asks"),
    "breaks": phrase("what ends it early"),
    "channel": phrase("the channel"),
    "conditions": phrase("the conditions"),
    "custodian": phrase("who holds it, or where it is"),
    "enough": phrase("what would be enough"),
    "facts": phrase("offence and facts, in short"),
    "link": phrase("why it bears on the assertion"),
    "need": phrase("why it is needed"),
    "parties": phrase("whom it covers"),
    "what": phrase("what it is about"),
    "when": phrase("when, or until when"),
    "where": phrase("where it comes from"),
}
"""What each blank of a template asks for."""
PUT_IN: Final = "Put in: “{}” ({}). The words are yours from here on."
FROM: Final = "begun"
"""The hidden field that tells which templates were put in, each as ``id/language``."""


def offer_templates(typed: Typed) -> Section:
    """The choice of a template and of its language, with the button that puts its text in."""
    found = [
        Choice(
            value=t.id,
            words=t.title,
            aside=phrase("follows {}", cited) if (cited := cite_instrument(t)) else "",
        )
        for t in templates().values()
    ]
    return Section(
        title="Begin from a template, if you like",
        legend="Its text goes into your request, to be changed as you wish. An instrument that it follows is "
        "cited; nothing says that it applies.",
        fields=(
            pick(typed, "template", "Template", [Choice(value="", words=phrase("none")), *found]),
            pick(
                typed,
                "spoken",
                "Language of the text",
                [Choice(value=v, words=w) for v, w in LANGUAGES.items()],
                "en",
            ),
        ),
        fill="Put its text into the request",
    )


def cite_instrument(template: Template) -> str:
    """The provision that a template follows, as it is cited; "" where there is none."""
    provision = catalogue().provisions.get(template.instrument)
    return f"{provision.instrument}, {provision.provision}"[:200] if provision else ""


def put_template(typed: Typed) -> Typed:
    """What was typed with the text of the chosen template: in place of one that nobody changed yet, else
    after what is there. Kind and instrument come with it only where it begins the request."""
    check = Checking(typed)
    chosen = check.choice("template", "a template", templates())
    check.choice("spoken", "a language", LANGUAGES)
    check.done()
    template = templates()[chosen]
    text, language = template.text_in(typed.one("spoken"))
    before = typed.one("text")
    fresh = not before or any(before in each.texts.values() for each in templates().values())
    put = typed.with_field("text", text if fresh else f"{before}\n\n{text}")
    if fresh:
        put = put.with_field("type", template.type)
    cited = cite_instrument(template)
    known = {cite_instrument(each) for each in templates().values()}
    if fresh and typed.one("instrument") in known:
        put = put.with_field("instrument", cited)
    mark = f"{template.id}/{language}"
    begun = [each for each in typed.many(FROM) if not fresh and each != mark]
    return Typed((*put.kept(FROM), *((FROM, each) for each in (*begun, mark))))


def tell_template(typed: Typed) -> str:
    """What was put in last, in words; "" where nothing was."""
    name, _, language = (typed.many(FROM) or ("",))[-1].partition("/")
    if name not in templates() or language not in LANGUAGES:
        return ""
    put = phrase(PUT_IN, templates()[name].title, LANGUAGES[language])
    if open_blanks(typed):
        put += phrase(" ") + phrase("Fill in what stands in braces, under the text or in the text itself.")
    return put


def open_blanks(typed: Typed) -> tuple[str, ...]:
    """The blanks of templates that stand in the text, filled or not."""
    begun = (templates().get(each.partition("/")[0]) for each in typed.many(FROM))
    known = {name for template in begun if template for name in template.blanks}
    return tuple(name for name in blanks_in(typed.one("text")) if name in known)


def blank_fields(typed: Typed) -> tuple[Field, ...]:
    """A field for each blank in the text."""
    return tuple(
        line(typed, f"blank-{name}", phrase("{{{}}}: {}", name, BLANKS[name]), required=True)
        for name in open_blanks(typed)
    )


def take_text(check: Checking) -> str:
    """The text of the request with its blanks filled; a mistake for each that is left open."""
    values = {}
    for name in open_blanks(check.typed):
        values[name] = check.text(f"blank-{name}", BLANKS[name], limit=5_000)
        if not values[name]:
            check.refuse(f"blank-{name}", phrase("Fill in {{{}}}, or take it out of the text.", name))
    text = check.text("text", "what you ask for", required=True)
    filled = fill_in(text, values)
    if text and len(filled) > 20_000:
        check.refuse(
            "text",
            phrase("At most 20,000 characters fit here; with what you filled in: {}.", f"{len(filled):,}"),
        )
    return filled
