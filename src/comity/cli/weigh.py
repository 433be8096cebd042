"""``comity weigh``: which explanation the evidence separates, how far, and what to ask next."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.options import find_parties, home_option, marking_option, open_home, to_option
from comity.cli.output import Out, count, speaks
from comity.errors import Malformed, Refused, Unavailable

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.exchange.node import Node
    from comity.records.kinds import Assess
    from comity.weighing.likelihood_words import Wording
    from comity.weighing.offers import Offer
    from comity.weighing.sources import Source

WORDS: Final[dict[str, Wording]] = {"numbers": "numbers", "icd203": "ICD 203", "phia": "PHIA"}
BESIDE: Final = (
    ("show", "weigh_records"),
    ("check", "weigh_records"),
    ("compare", "weigh_records"),
    ("fit", "weigh_fit"),
    ("bench", "weigh_bench"),
)
"""Commands below ``weigh``, and the modules that hold them."""

EXAMPLE = """\b
items.json (probabilities from 0 to 1; grades also A to F and 1 to 6):
  {"version": 2, "question": "Which cluster was behind the entry?",
   "unknown_prior": 0.2, "deception_prior": 0.1, "planting": 0.3,
   "name_at": 0.9, "withstand": 0.3, "knowledge": "attack",
   "hypotheses": [{"id": "Heron"}, {"id": "Otter", "weight": 2}],
   "items": [
     {"id": "spray", "text": "passwords sprayed from one network",
      "origin": "mail gateway", "reliability": "B", "credibility": "2",
      "record": "RECORD",
      "likelihoods": {"Heron": [0.3, 0.5], "others": 0.1, "unknown": 0.1}},
     {"id": "tool", "observed": "S0002", "cite": "Report 7, page 3",
      "reliability": 0.7, "credibility": 0.6}],
   "asks": [{"id": "lease", "text": "Was the address leased that day?",
      "to": "PARTY", "reliability": "A", "credibility": "2",
      "likelihoods": {"Heron": 0.8, "unknown": 0.2}}]}
"hypotheses": "knowledge" takes every actor that the knowledge counts. The actor
that is none of those named is always weighed, as unknown."""


class Weigh(Listing):
    """A group whose first word may also be a file or a case: then it is weighed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """What stands beside weighing itself."""
        return ["run", *(name for name, _ in BESIDE)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name == "run":
            return run_command
        for name, module in BESIDE:
            if name == cmd_name:
                found = getattr(importlib.import_module(f"comity.cli.{module}"), f"{name}_command")
                assert isinstance(found, click.Command)
                return found
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """``comity weigh X`` is ``comity weigh run X`` where X is no command."""
        if args and self.get_command(ctx, args[0]) is None:
            return "run", run_command, args
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options before the first word belong to ``run``."""
        if args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(name="weigh", cls=Weigh)
def weigh_command() -> None:
    """Weigh explanations by the evidence: how likely each is, how sure that is, what
    it hangs on, and what to ask next; or that the evidence is not enough.

    comity weigh items.json weighs a file; comity weigh CASE lists what a case's
    findings offer; show, check and compare read signed assessments; fit says how your
    own reports are best read; bench puts the method on trial.
    """


def knowledge_option(function: Any) -> Any:
    """``--knowledge``: who answers for observed ids."""
    return click.option(
        "--knowledge",
        default="",
        metavar="attack|galaxies|FILE",
        help="Reports that answer for observed ids: an installed package, or your own observations.jsonl; "
        "'NAME (floor 0.85, doubt 4)' reads them so.",
    )(function)


def words_option(function: Any) -> Any:
    """``--words``: the scale in which likelihoods are also said."""
    return click.option(
        "--words",
        type=click.Choice(list(WORDS)),
        default=None,
        help="Also say likelihoods in this scale (default: as the author chose). Read from the figures.",
    )(function)


@click.command(name="run", epilog=EXAMPLE)
@click.argument("target", metavar="ITEMS.json|CASE")
@click.option("--items", type=click.Path(path_type=Path), help="Weigh this file for the CASE.")
@click.option("--offer", is_flag=True, help="List what the CASE's findings offer (default for a CASE).")
@click.option("--take", multiple=True, metavar="ID", help="Take an offer as an item; repeatable.")
@click.option("--reliability", default="", metavar="A-F|0-1", help="Your grade of the taken items' source.")
@click.option("--credibility", default="", metavar="1-6|0-1", help="Your grade of the taken items.")
@click.option("--out", "path", type=click.Path(path_type=Path), help="Write the taken items as items.json.")
@click.option("--sign", is_flag=True, help="Sign it as a record of the case (assessment.make).")
@click.option(
    "--suggest",
    default=3,
    show_default=True,
    type=click.IntRange(0, 100),
    help="So many things that the knowledge suggests to ask beside the file's own asks.",
)
@knowledge_option
@words_option
@home_option
@marking_option
@to_option
@speaks(
    "offer (id, observed, name, rule, record, origin, rows, heard); written (file, items); assessment "
    "(record, question, answer, headline, why, leader, standings, deception, drivers, planted, framings, "
    "hangs, beside, warnings, limits, method, settings, weights, inputs, knowledge, confidence; "
    "probabilities in parts per million); "
    "short (believed, sure, why, change, missing); matrix (item, text, cells: symbol, "
    "words, range, zero); ask (question, text, command, asked, microbits, …); suggestion (as ask, with "
    "observed; no part of the record); record (kind, id, case)."
)
def run_command(
    out: Out,
    target: str,
    items: Path | None,
    offer: bool,
    take: tuple[str, ...],
    reliability: str,
    credibility: str,
    path: Path | None,
    sign: bool,
    suggest: int,
    knowledge: str,
    words: str | None,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Weigh a file, or a case with a file. Without a file, list what the case offers;
    --take writes chosen offers, with your grades, into a file. Nothing is taken
    by itself, and no default decides a figure that the file does not show.
    """
    wording = WORDS[words] if words else None
    file = Path(target)
    if items is None and (file.suffix == ".json" or file.is_file()):
        if sign or take or offer or path:
            raise click.UsageError("name the case: comity weigh CASE --items FILE")
        content, source = weigh_file(file, knowledge)
        tell(out, content, wording)
        _suggest(out, content, source, suggest)
        return 0
    node = open_home(home).node
    case = node.find_case(target)
    state = node.state(case)
    if items is None:
        if sign:
            raise click.UsageError("what to sign: --items FILE")
        _offer(out, node, state, knowledge, take, reliability, credibility, path)
        return 0
    if take or offer or path:
        raise click.UsageError("either --items, or --take and --out")
    content, source = weigh_file(items, knowledge, node, state, sign=sign)
    if not sign:
        tell(out, content, wording, node, case)
        _suggest(out, content, source, suggest, case)
        return 0
    from comity.cli.record_told import tell_record
    from comity.exchange import acts

    signed = acts.assess(node, case, content, to=find_parties(node, to))
    tell(out, content, wording, node, case, signed.value.id)
    _suggest(out, content, source, suggest, case)
    tell_record(out, node, case, signed.value.id)
    return 0


def member_names(node: Node, case: str) -> tuple[str, ...]:
    """What the members of a case are called."""
    return tuple(node.name_of(party) for party in node.state(case).members)


def tell(
    out: Out,
    content: Assess,
    wording: Wording | None,
    node: Node | None = None,
    case: str = "",
    record: str = "",
) -> None:
    """Say an assessment that was computed just now, of a case of a node where it is of one."""
    from comity.cli.weigh_told import tell_assessment
    from comity.weighing.as_one import take_as_one
    from comity.weighing.asked_already import tell_asked
    from comity.weighing.in_the_case import call_by_id, place_in_case
    from comity.weighing.shown import show

    shown = show(content, wording, member_names(node, case) if node else ())
    if node is None:
        tell_assessment(out, content, shown=take_as_one(shown, content))
        return
    shown = place_in_case(shown, content, node.state(case), node.party.id, call_by_id, record)
    asked = partial(tell_asked, node.state(case), call=call_by_id)
    tell_assessment(out, content, case=case, record=record, shown=shown, asked=asked)


def _suggest(out: Out, content: Assess, source: Source | None, most: int, case: str = "") -> None:
    """What the knowledge suggests to ask next."""
    if source is not None and most:
        from comity.cli.weigh_told import tell_suggestions
        from comity.weighing.suggesting import suggest

        tell_suggestions(out, content, suggest(content, source, most), case)


def load_knowledge(name: str, beside: Path | None = None) -> Source | None:
    """The source of that name: ``attack``, ``galaxies``, or a file (beside the items file, where it is not
    found from here), read with the smoothing that the name states; none for ""."""
    _need_numpy()
    if not name:
        return None
    from comity.weighing.readings import split_name
    from comity.weighing.sources import smooth_source

    plain, smoothing = split_name(name)
    source = _load_plain(plain, beside)
    return source if smoothing is None else smooth_source(source, smoothing)


def _load_plain(name: str, beside: Path | None) -> Source:
    if name == "attack":
        from comity.adapters.knowledge_attack import load_attack

        return load_attack()
    if name == "galaxies":
        from comity.adapters.knowledge_galaxies import load_galaxies

        return load_galaxies()
    from comity.adapters.knowledge_file import load_observations

    path = Path(name)
    if beside is not None and not path.exists() and not path.is_absolute():
        path = beside.parent / path
    return load_observations(path)


def installed_knowledge(name: str) -> Source:
    """The source that an installed package holds; ``Refused`` (``weighing.knowledge``) for any other name."""
    if name not in ("attack", "galaxies"):
        raise Refused("weighing.knowledge", name, "is no installed knowledge: attack, galaxies")
    source = load_knowledge(name)
    assert source is not None
    return source


def _need_numpy() -> None:
    try:
        import numpy  # noqa: F401
    except ImportError:
        why = "needs numpy: pip install '.[weigh]' in a copy of the source"
        raise Unavailable("weighing.package", "comity weigh", why) from None


def assess_file(path: Path, knowledge: str) -> Assess:
    """The content that a file gives, weighed."""
    return weigh_file(path, knowledge)[0]


def weigh_file(
    path: Path, knowledge: str, node: Node | None = None, state: State | None = None, *, sign: bool = False
) -> tuple[Assess, Source | None]:
    """The content that a file gives, weighed, and the knowledge that answered; records and parties are found
    in the case, where there is one. What is to be signed and would be no record is refused before the work.

    Errors name the file and the place in it.
    """
    _need_numpy()
    from comity.exchange.assessing import assess_written
    from comity.weighing.items_file import SIZE_LIMIT, parse_items

    file = parse_items(read_file(path, SIZE_LIMIT), str(path))
    source = load_knowledge(knowledge or file.knowledge, None if knowledge else path)
    try:
        return assess_written(file, source, node, state, signed=sign), source
    except (Malformed, Refused) as error:
        raise type(error)(error.code, f"{path}: {error.where}", error.why) from None


def _offer(
    out: Out,
    node: Node,
    state: State,
    knowledge: str,
    take: tuple[str, ...],
    reliability: str,
    credibility: str,
    path: Path | None,
) -> None:
    from comity.weighing.offers import offers_of

    offers = offers_of(state)
    if take or path is not None:
        if not (take and path and reliability and credibility):
            why = "--take needs --out FILE, and --reliability and --credibility: your grades, not ours"
            raise click.UsageError(why)
        _write(out, path, _taken(offers, take), reliability, credibility, knowledge)
        return
    source = load_knowledge(knowledge) if knowledge else None
    out.line(f"{count(len(offers), 'offer')} from findings of this case. None is an item until you take it.")
    for one in offers:
        heard = "" if source is None else source.items.get(one.observed)
        told = f" {heard}" if heard else ""
        unheard = "; no report in this knowledge mentions it" if heard is None else ""
        out.line(f"{one.id}{told}", 2)
        out.line(
            f"rule {one.rule}, {count(one.rows, 'row')}, by {node.name_of(one.author)}, "
            f"origin {one.origin or 'not declared'}{unheard}",
            6,
        )
        out.object(
            "offer",
            id=one.id,
            observed=one.observed,
            name=heard or "",
            rule=one.rule,
            record=one.record,
            origin=one.origin,
            rows=one.rows,
            heard=heard is not None if source is not None else None,
        )
    made = state.of("assessment.make")
    if made:
        out.line(f"{count(len(made), 'assessment')} in this case (comity weigh show RECORD):")
    for record in made:
        out.line(f"{record.id[:12]} by {node.name_of(record.author)}", 2)
        out.object("signed", record=record.id, author=record.author)


def _taken(offers: Sequence[Offer], take: Sequence[str]) -> list[Offer]:
    by_id = {one.id: one for one in offers}
    for name in take:
        if name not in by_id:
            raise Refused("weighing.offer", name, "no finding of this case offers it (comity weigh CASE)")
    return [by_id[name] for name in sorted(set(take))]


def _write(
    out: Out, path: Path, taken: Sequence[Offer], reliability: str, credibility: str, knowledge: str
) -> None:
    """A file that shows every setting; its author reads and changes it before it is weighed."""
    from comity.adapters.atomic import explain
    from comity.exchange.assessing import begin_file, items_of_offers, render_file

    def grade(text: str) -> object:
        try:
            return float(text)
        except ValueError:
            return text

    # A digit alone is a grade of the second scale, never a certainty.
    credible = credibility if credibility.isdigit() else grade(credibility)
    file = begin_file(knowledge or "attack", "Which cluster do these findings point at?")
    file["items"] = items_of_offers(taken, grade(reliability), credible)
    try:
        with path.open("x", encoding="utf-8") as written:
            written.write(render_file(file))
    except OSError as error:
        raise explain(error, path) from None
    out.line(f"{path}: {count(len(taken), 'item')}, with every setting spelled out. Read it, then: ")
    out.line(f"comity weigh CASE --items {path}", 2)
    out.object("written", file=str(path), items=len(taken))
