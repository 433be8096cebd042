"""What an act rests on, as fields: a finding, a sealed item or a citation, each with an inference."""

from __future__ import annotations

from comity.records.kinds import Support
from comity.web.desk import Desk
from comity.web.forms import Choice, Field, Section, line, options, pick
from comity.web.forms import text as text_field
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed


def support_fields(desk: Desk, typed: Typed, at: str, what: str) -> list[Field]:
    """Fields for one thing that ``what`` rests on, and why."""
    rests = [Choice(value="", words=phrase("nothing here")), *options(desk.supports)]
    return [
        pick(typed, f"on-{at}", phrase("{} rests on", what), rests, apart=True),
        line(
            typed,
            f"cite-{at}",
            "Or on something outside the case",
            hint="A citation that a reader can follow.",
        ),
        text_field(
            typed,
            f"why-{at}",
            phrase("{}: why it bears on the sentence", what),
            rows=2,
            hint="Your inference, signed with the rest. Re-running a rule never proves this step.",
        ),
    ]


def take_supports(desk: Desk, check: Checking, prefix: str, count: int) -> tuple[Support, ...]:
    """The supports that were filled in, of ``count`` sets of fields."""
    found = []
    for m in range(1, count + 1):
        at = f"{prefix}{m}"
        on = check.choice(f"on-{at}", "what it rests on", [v for v, _, _ in desk.supports], required=False)
        cite = check.text(f"cite-{at}", "the citation")
        why = check.text(f"why-{at}", "why it bears on the sentence", required=bool(on or cite))
        if on and cite:
            check.refuse(f"cite-{at}", "One support rests on one thing: the record, or the citation.")
        elif why and not (on or cite):
            check.refuse(f"on-{at}", "Choose what this inference is drawn from.")
        elif on and why:
            found.append(desk.support(on, why))
        elif cite and why:
            found.append(Support(kind="citation", cite=cite, inference=why))
    return tuple(found)


def say_supports(desk: Desk, supports: tuple[Support, ...]) -> list[tuple[str, str]]:
    """Supports as a review lists them."""
    if not supports:
        return [("resting on", phrase("nothing here; it will read “stated”"))]
    known = {v: f"{w} ({by})" for v, w, by in desk.supports}
    return [
        ("resting on", phrase("{}\nbecause: {}", known.get(s.record) or s.cite, s.inference))
        for s in supports
    ]


def support_section(desk: Desk, typed: Typed, what: str) -> Section:
    """One support, for an act that need not have any."""
    return Section(
        title="What it rests on",
        legend="Without one, it is shown as its author's word.",
        fields=tuple(support_fields(desk, typed, "s-1", what)),
    )


def take_support(desk: Desk, check: Checking) -> tuple[Support, ...]:
    """What :func:`support_section` was filled in with."""
    return take_supports(desk, check, "s-", 1)
