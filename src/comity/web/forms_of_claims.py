"""Stating assertions, standing to those of others, and taking back one's own: one form for every side."""

from __future__ import annotations

from functools import partial

import msgspec

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.kinds import Assertion, Named, Position, Target
from comity.web import words
from comity.web.desk import Desk, Said
from comity.web.forms import (
    ActForm,
    Choice,
    Field,
    Form,
    Making,
    Quoted,
    Section,
    checks,
    line,
    options,
    pick,
    radio,
    short,
    sign_by,
)
from comity.web.forms import text as text_field
from comity.web.forms_of_law import law_fields, say_law, take_law
from comity.web.forms_of_supports import say_supports, support_fields, take_supports
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed
from comity.web.wording import word_assertions
from comity.web.words import label

LEVELS = {
    "tactical": phrase("what happened on a system: checkable in logs"),
    "operational": phrase("what was done to whom, in what campaign"),
    "strategic": phrase("who stands behind it, and why"),
}
STANCES = {"claims": phrase("claims"), "denies": phrase("denies"), "counters": phrase("counter-claims")}
CHOICES = {
    "claims": phrase("you claim it"),
    "denies": phrase("you deny another's"),
    "counters": phrase("you counter-claim"),
}
POSITIONS = {
    "accepts": phrase("accept it"),
    "disputes": phrase("dispute it"),
    "disputes-in-part": phrase("dispute it in part"),
    "cannot-confirm": phrase("cannot confirm it"),
    "needs-evidence": phrase("ask for evidence"),
    "mitigated": phrase("say it has been mitigated"),
}
BASES = {
    "own-evidence": (phrase("own evidence"), phrase("name it below")),
    "reviewed": (phrase("you reviewed the evidence of another"), ""),
    "trust": (phrase("trust in its author"), phrase("adds no evidence, and pages say so")),
    "undeclared": (phrase("not declared"), phrase("counts as unknown, never as independent")),
}
MOST = 20
"""Assertions, and supports of each, that one form holds."""


# -- claim.state -----------------------------------------------------------------------------------


def _claim_form(desk: Desk, typed: Typed) -> Form:
    count = typed.number("assertions", 1, MOST)
    against = typed.one("against-1")
    quoted = (_quote(desk, desk.said_as(against)),) if against else ()
    sections = [
        Section(
            title="The claim",
            fields=(
                line(
                    typed,
                    "title",
                    "Your title for it",
                    required=True,
                    hint="Shown as yours, never as the case's.",
                ),
            ),
        )
    ]
    sections += [
        Section(
            title=phrase("Assertion {}", n) if count > 1 else "The assertion",
            legend="One checkable sentence: what, on which system, when." if n == 1 else "",
            fields=assertion_fields(desk, typed, n),
            more=(
                f"supports-{n}",
                typed.number(f"supports-{n}", 1, MOST) + 1,
                "Add another support",
            ),
        )
        for n in range(1, count + 1)
    ]
    sections.append(
        Section(
            title="More to assert",
            legend="Each assertion is answered by itself.",
            fields=(),
            more=("assertions", count + 1, "Add another assertion"),
        )
    )
    return Form(
        title="State a claim",
        lead="A claim, a denial and a counter-claim are made by the same form and shown by the same lines.",
        about=quoted,
        effect=(
            "Whom an assertion names has to be told before you publish, or the reason why not is shown.",
            "What stands behind each assertion is shown beside it; nothing here says that it is true.",
        ),
        sections=tuple(sections),
    )


def assertion_fields(desk: Desk, typed: Typed, n: int) -> tuple[Field, ...]:
    others = [Choice(value="", words=phrase("none: a claim of your own")), *_assertion_choices(desk)]
    fields: list[Field] = [
        text_field(typed, f"text-{n}", "The sentence", required=True, rows=3),
        radio(
            typed,
            f"level-{n}",
            "Level",
            [Choice(value=v, words=phrase(v), aside=a) for v, a in LEVELS.items()],
            "tactical",
            required=True,
        ),
        pick(
            typed,
            f"stance-{n}",
            "Your stance",
            [Choice(value=v, words=w) for v, w in CHOICES.items()],
            "claims",
        ),
        pick(typed, f"against-{n}", "Against which assertion, if it denies or counters one", others),
        checks(typed, f"about-{n}", "Parties of the case that it names", options(desk.others)),
        line(
            typed,
            f"named-{n}",
            "Parties without a key that it names, in words",
            hint="Several are parted by a semicolon.",
        ),
        *law_fields(typed, n),
    ]
    for m in range(1, typed.number(f"supports-{n}", 1, MOST) + 1):
        fields += support_fields(desk, typed, f"{n}-{m}", phrase("Support {}.{}", n, m))
    return tuple(fields)


def _assertion_choices(desk: Desk) -> list[Choice]:
    return [
        Choice(value=s.value, words=phrase("{}. {}", s.number, short(s.text)), aside=s.by.name)
        for s in desk.assertions
    ]


def _quote(desk: Desk, said: Said) -> Quoted:
    what = phrase("in assertion {}", said.number)
    if said.withdrawn:
        what = phrase("in assertion {}, which its author has withdrawn", said.number)
    elif said.later:
        later = ", ".join(map(str, said.later))
        what = phrase("in assertion {}, which its author says otherwise since, in {}", said.number, later)
    return Quoted(
        by=said.by,
        what=what,
        text=said.text,
        link=f"/case/{desk.case}#a{said.number}",
    )


def take_assertion(desk: Desk, check: Checking, n: int) -> Assertion | None:
    typed = check.typed
    text = check.text(f"text-{n}", "the sentence", required=True)
    level = check.choice(f"level-{n}", "a level", LEVELS)
    stance = check.choice(f"stance-{n}", "what you do", STANCES)
    against = check.choice(f"against-{n}", "an assertion", [s.value for s in desk.assertions], required=False)
    if stance == "claims" and against:
        check.refuse(
            f"stance-{n}", "A claim is against nothing: choose denies or counter-claims, or clear the other."
        )
    if stance != "claims" and not against:
        check.refuse(f"against-{n}", "Choose the assertion that it is against.")
    about = [desk.named(p) for p in check.several(f"about-{n}", "parties", [v for v, _, _ in desk.others])]
    line_ = check.line(f"named-{n}", "the names", limit=2000)
    about += [Named(name=name.strip()[:200]) for name in line_.split(";") if name.strip()]
    standard, proposition, law = take_law(check, n)
    supports = take_supports(desk, check, f"{n}-", typed.number(f"supports-{n}", 1, MOST))
    if check.wrong:
        return None
    return Assertion(
        text=text,
        level=level,  # type: ignore[arg-type]  # one of the choices
        stance=stance,  # type: ignore[arg-type]
        against=desk.said_as(against).target if against else msgspec.UNSET,
        about=tuple(about),
        supports=supports,
        standard=standard,
        proposition=proposition,
        law=law,
    )


def _take_claim(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    title = check.line("title", "a title", required=True)
    made = [take_assertion(desk, check, n) for n in range(1, typed.number("assertions", 1, MOST) + 1)]
    check.done()
    assertions = tuple(a for a in made if a is not None)
    return Making(
        act=partial(_state, desk.case, title, assertions),
        said=(("title", title), *say_assertions(desk, assertions)),
        notes=_untold(assertions),
        wording=word_assertions(assertions),
    )


def say_assertions(desk: Desk, assertions: tuple[Assertion, ...]) -> tuple[tuple[str, str], ...]:
    said: list[tuple[str, str]] = []
    numbered = len(assertions) > 1
    for n, a in enumerate(assertions, 1):
        stance = STANCES[a.stance]
        if isinstance(a.against, Target):
            stance = phrase("{} assertion {}", stance, desk.reading.assertion(a.against).number)
        said.append((phrase("{}. {}", n, stance) if numbered else stance, a.text))
        said.append(("at the level", phrase(label(words.LEVELS, a.level).words)))
        said.append(("naming", ", ".join(p.name for p in a.about) or phrase("no party")))
        said += say_law(a)
        said += say_supports(desk, a.supports)
    return tuple(said)


UNTOLD = "It names {}. Give notice next; publishing before that is shown as such."


def _untold(assertions: tuple[Assertion, ...]) -> tuple[str, ...]:
    named = sorted({p.name for a in assertions for p in a.about})
    if not named:
        return ()
    return (phrase(UNTOLD, ", ".join(named)),)


def _state(case: str, title: str, assertions: tuple[Assertion, ...], node: Node) -> Verified[Record]:
    return acts.state_claim(node, case, title, assertions)


# -- response.make ---------------------------------------------------------------------------------


def _respond_form(desk: Desk, typed: Typed) -> Form:
    stated = desk.said_in(typed.one("target"))
    sections = [
        Section(
            title=phrase("Assertion {}", said.number),
            about=_quote(desk, said),
            fields=(
                pick(
                    typed,
                    f"position-{said.target.n}",
                    "Your position",
                    [Choice(value="", words=phrase("say nothing of it"))]
                    + [Choice(value=v, words=w) for v, w in POSITIONS.items()],
                ),
                text_field(typed, f"reasons-{said.target.n}", "Reasons", rows=3),
                *support_fields(desk, typed, f"r{said.target.n}-1", phrase("What you bring")),
            ),
        )
        for said in stated
    ]
    count = typed.number("assertions", 0, MOST)
    sections += [
        Section(
            title=phrase("Your own assertion {}", n),
            fields=assertion_fields(desk, typed, n),
            more=(
                f"supports-{n}",
                typed.number(f"supports-{n}", 1, MOST) + 1,
                "Add another support",
            ),
        )
        for n in range(1, count + 1)
    ]
    sections.append(
        Section(
            title="What you say instead",
            legend="Deny it, or state what you say instead, as an assertion of your own. "
            "It is shown beside theirs, by the same lines.",
            fields=(),
            more=("assertions", count + 1, "Add an assertion of your own"),
        )
    )
    return Form(
        title="Respond",
        lead="Take a position on each assertion, or on some of them.",
        effect=(
            "Everyone whom the claim reached reads your response; where it is public, so is your response.",
            "A position without reasons or evidence is shown as that. Saying nothing admits nothing.",
        ),
        sections=tuple(sections),
    )


def _take_respond(desk: Desk, typed: Typed) -> Making:
    target = typed.one("target")
    check = Checking(typed)
    positions = []
    said: list[tuple[str, str]] = []
    for stated in desk.said_in(target):
        n = stated.target.n
        chosen = check.choice(f"position-{n}", "a position", POSITIONS, required=False)
        reasons = check.text(f"reasons-{n}", "the reasons")
        brought = take_supports(desk, check, f"r{n}-", 1)
        if (reasons or brought) and not chosen:
            check.refuse(f"position-{n}", "Choose the position that these are reasons for.")
        if chosen:
            positions.append(
                Position(n=n, position=chosen, reasons=reasons, supports=brought)  # type: ignore[arg-type]
            )
            said.append(
                (
                    phrase("of assertion {}", stated.number),
                    phrase("{}: “{}”", phrase(label(words.POSITIONS, chosen).words), short(stated.text)),
                )
            )
            said.append(("reasons", reasons or phrase("none given; it will be shown as that")))
            said += [("bringing", t) for _, t in say_supports(desk, brought)] if brought else []
    count = typed.number("assertions", 0, MOST)
    made = [take_assertion(desk, check, n) for n in range(1, count + 1)]
    if not positions and not count and not check.wrong:
        check.refuse("", "Take a position on an assertion, or state one of your own.")
    check.done()
    assertions = tuple(a for a in made if a is not None)
    return Making(
        act=partial(_respond, desk.case, target, tuple(positions), assertions),
        said=(*said, *say_assertions(desk, assertions)),
        notes=_untold(assertions),
        wording=word_assertions(assertions),
    )


def _respond(
    case: str, target: str, positions: tuple[Position, ...], assertions: tuple[Assertion, ...], node: Node
) -> Verified[Record]:
    return acts.respond(node, case, target, positions, assertions)


# -- endorsement.make ------------------------------------------------------------------------------


def _endorse_form(desk: Desk, typed: Typed) -> Form:
    said = desk.said_as(typed.one("target"))
    count = typed.number("supports", 1, MOST)
    fields: list[Field] = []
    for m in range(1, count + 1):
        fields += support_fields(desk, typed, f"e-{m}", phrase("Support {}", m))
    return Form(
        title="Endorse an assertion",
        lead="Support what another party claims, denies or counter-claims, and say on what basis.",
        about=(_quote(desk, said),),
        effect=("Voices of one declared origin count once; an undeclared origin counts as unknown.",),
        sections=(
            Section(
                title="Basis",
                fields=(
                    radio(
                        typed,
                        "basis",
                        "You rest it on",
                        [Choice(value=v, words=w, aside=a) for v, (w, a) in BASES.items()],
                        "undeclared",
                        required=True,
                    ),
                    line(
                        typed,
                        "origins",
                        "Origins it goes back to",
                        hint="As sources are named in seals; several are parted by a semicolon. "
                        "Shown in your words; only what a seal declares is counted.",
                    ),
                    text_field(typed, "reservation", "What you do not endorse", rows=3),
                ),
            ),
            Section(
                title="Your own evidence",
                fields=tuple(fields),
                more=("supports", count + 1, "Add another support"),
            ),
        ),
    )


def _take_endorse(desk: Desk, typed: Typed) -> Making:
    said = desk.said_as(typed.one("target"))
    check = Checking(typed)
    basis = check.choice("basis", "a basis", BASES)
    origins = check.line("origins", "the origins", limit=2000)
    reservation = check.text("reservation", "the reservation")
    supports = take_supports(desk, check, "e-", typed.number("supports", 1, MOST))
    if basis == "own-evidence" and not supports:
        check.refuse("on-e-1", "Own evidence is named: choose a finding, an item or a citation.")
    check.done()
    content = kinds.Endorse(
        target=said.target,
        basis=basis,  # type: ignore[arg-type]  # one of the choices
        supports=supports,
        origins=tuple(sorted({o.strip()[:200] for o in origins.split(";") if o.strip()})),
        reservation=reservation,
    )
    return Making(
        act=sign_by(acts.endorse, desk.case, content),
        said=(
            ("endorses", phrase("assertion {} by {}: “{}”", said.number, said.by.name, said.text)),
            ("basis", phrase(label(words.BASES, basis).words)),
            ("origins", ", ".join(content.origins) or phrase("not declared")),
            ("reservation", reservation or phrase("none")),
            *(say_supports(desk, supports) if supports else ()),
        ),
    )


# -- claim.withdraw --------------------------------------------------------------------------------


def _withdraw_form(desk: Desk, typed: Typed) -> Form:
    stated = _own_said(desk, typed)
    return Form(
        title="Withdraw",
        lead="Take back assertions of your own.",
        about=tuple(_quote(desk, said) for said in stated),
        effect=(
            "What was said, and that it was withdrawn, both stay visible. It is no mark against anyone.",
        ),
        sections=(
            Section(
                title="What you take back, and why",
                fields=(
                    checks(
                        typed,
                        "numbers",
                        "Assertions",
                        [
                            Choice(value=str(s.target.n), words=phrase("{}. {}", s.number, short(s.text)))
                            for s in stated
                        ],
                    ),
                    text_field(
                        typed,
                        "reason",
                        "Reason",
                        required=True,
                        hint="Everyone whom the assertion reached reads it.",
                    ),
                ),
            ),
        ),
    )


def _own_said(desk: Desk, typed: Typed) -> tuple[Said, ...]:
    record = typed.one("target")
    stated = desk.said_in(record)
    if stated[0].by.id != desk.own:
        raise Refused("withdraw.author", record[:12], "only its author takes an assertion back")
    return tuple(s for s in stated if not s.withdrawn)


def _take_withdraw(desk: Desk, typed: Typed) -> Making:
    stated = _own_said(desk, typed)
    check = Checking(typed)
    chosen = check.several("numbers", "at least one", [str(s.target.n) for s in stated], required=True)
    reason = check.text("reason", "the reason", required=True)
    check.done()
    numbers = sorted(int(n) for n in chosen)
    return Making(
        act=partial(_withdraw, desk.case, typed.one("target"), tuple(numbers), reason),
        said=(
            *(
                ("takes back", phrase("assertion {}: “{}”", s.number, s.text))
                for s in stated
                if s.target.n in numbers
            ),
            ("reason", reason),
        ),
    )


def _withdraw(case: str, target: str, numbers: tuple[int, ...], reason: str, node: Node) -> Verified[Record]:
    return acts.withdraw(node, case, target, numbers, reason)


FORMS: tuple[ActForm, ...] = (
    ActForm(name="claim", lay_out=_claim_form, take=_take_claim),
    ActForm(name="respond", lay_out=_respond_form, take=_take_respond),
    ActForm(name="endorse", lay_out=_endorse_form, take=_take_endorse),
    ActForm(name="withdraw", lay_out=_withdraw_form, take=_take_withdraw),
)
