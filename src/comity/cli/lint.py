"""``comity lint``: what a statement says, beside what stands behind it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import list_files, read_file
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.errors import Malformed
from comity.statements.flags import LANGUAGES, RULES, Language

if TYPE_CHECKING:
    from comity.statements.lint import Report
    from comity.statements.ties import Behind


@click.command(name="lint")
@click.argument("paths", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language (default: each paragraph's own).")
@click.option(
    "--words",
    type=click.Choice(LANGUAGES),
    help="The language of reasons and suggestions (default: that of --lang, else English).",
)
@click.option(
    "--record",
    default="",
    metavar="RECORD",
    help="The claim that [#N] means (default: your newest in the case).",
)
@click.option("--rule", "only", multiple=True, metavar="RULE", help="These rules only; repeatable.")
@click.option("--rules", "tell_rules", is_flag=True, help="List the rules instead.")
@click.option(
    "--corpus", "as_corpus", is_flag=True, help="FILE is a corpus, …_LANG.txt: tell how the rules do."
)
@click.option(
    "--ties",
    is_flag=True,
    help="Flag each factual sentence without a tie, also in a text that has none (with --home always).",
)
@case_option
@home_option
@speaks(
    "flag (file, rule, line, column, end_line, end_column, start, end, text, reason, suggestion, language); "
    "lint (file, flags, sentences, factual, tied, ties, untied, language, encoding); rule (id, about); "
    "uncomputed (assessments); uncounted (reruns); "
    "score (rule, language, right, extra, missed, precision, recall), corpus (sentences, sober, "
    "sober_flagged, sides, pairs, wrong)."
)
def lint_command(
    out: Out,
    paths: tuple[Path, ...],
    lang: Language | None,
    words: Language | None,
    record: str,
    only: tuple[str, ...],
    tell_rules: bool,
    as_corpus: bool,
    ties: bool,
    case_text: str,
    home: Path | None,
) -> int:
    """Flag sentences of a statement that no assertion stands behind, and wording that
    outruns its basis, in English, Norwegian and Chinese. Advice only: it
    blocks nothing, and the exit code is 0 with flags and without.

    A sentence is tied to an assertion by [#2] (assertion 2 of the claim that the
    statement goes with) or [RECORD#2], in it or right after it. With --home (and --case)
    ties are looked up in the case, and the wording is held against what stands
    behind each assertion there; a text in which nothing is tied is told so once,
    unless --ties asks for each sentence. FILE is text or Markdown; - reads standard input.
    """
    unknown = [rule for rule in only if rule not in RULES]
    if unknown:
        raise click.BadParameter(f"no rule is called {unknown[0]!r}; see comity lint --rules")
    if tell_rules:
        out.table([(rule.id, rule.about) for rule in RULES.values()])
        for rule in RULES.values():
            out.object("rule", id=rule.id, about=rule.about)
        return 0
    if not paths:
        raise click.UsageError("which FILE? (- reads standard input)")
    if as_corpus:
        return _tell_corpus(out, paths)
    behind = _look_up(home, case_text, record)
    if behind is not None and behind.uncomputed:
        told = count(behind.uncomputed, "assessment")
        out.line(f"not computed again here, and so held against no wording: {told}")
        out.object("uncomputed", assessments=behind.uncomputed)
    if behind is not None and behind.false_reruns:
        out.line(f"not counted, as run here it does NOT hold: {count(behind.false_reruns, 're-run')}")
        out.object("uncounted", reruns=behind.false_reruns)
    for path in paths:
        report = lint_file(path, lang, behind, ties=ties or "tie.missing" in only or None)
        tell_report(out, str(path), report, only, words or lang or "en")
    return 0


def lint_file(
    path: Path, lang: Language | None, behind: Behind | None, *, ties: bool | None = None
) -> Report:
    """The report on one file, or on standard input for ``-``."""
    from comity.statements.lint import lint_text
    from comity.statements.source import LIMIT, decode_text

    raw = sys.stdin.buffer.read(LIMIT + 1) if str(path) == "-" else read_file(path, LIMIT)
    return lint_text(decode_text(raw, str(path)), lang, behind, ties=ties)


def _look_up(home: Path | None, case_text: str, record: str) -> Behind | None:
    if home is None:
        if case_text or record:
            raise click.UsageError("--case and --record look into a node: name it with --home DIR")
        return None
    from comity.exchange.acts import find_record
    from comity.exchange.rerun_checks import false_here
    from comity.statements.standing import gather_standings, newest_claim

    node = open_home(home).node
    if not case_text and not node.cases():
        return None
    state = node.state(choose_case(node, case_text))
    own = find_record(state, record) if record else newest_claim(state, node.party.id)
    members = [node.name_of(party) for party in state.members]
    return gather_standings(state, own, parties=members, false=false_here(node, state))


def tell_report(
    out: Out,
    name: str,
    report: Report,
    only: tuple[str, ...] = (),
    words: Language = "en",
) -> None:
    """Every flag, in these words, and one line of what was read. Where ties were not asked for, the sentences
    without one are told together."""
    from comity.statements.told import tell_in

    flags = [tell_in(flag, words) for flag in report.flags if not only or flag.rule in only]
    for flag in flags:
        out.line(f"{name}:{flag.line}:{flag.column}-{flag.end_column}: {flag.rule}: {shorten(flag.text)}")
        out.line(flag.reason, indent=4)
        out.line(f"→ {flag.suggestion}", indent=4)
        out.object("flag", file=name, **asdict(flag))
    if report.untied and not report.ties:
        out.line(
            f"{name}: not one of its factual sentences is tied to an assertion ({_lines(report.untied)});"
        )
        out.line("so a reader cannot see what stands behind them; --ties flags each", indent=4)
    untied = report.factual - report.tied
    read = f"{count(report.sentences, 'sentence')}, {report.factual} of them factual"
    if report.factual:
        read += f", {untied} of those tied to no assertion"
    out.line(f"{name}: {count(len(flags), 'flag')}; {read} ({report.language}, {report.encoding})")
    out.object(
        "lint",
        file=name,
        flags=len(flags),
        sentences=report.sentences,
        factual=report.factual,
        tied=report.tied,
        ties=report.ties,
        untied=list(dict.fromkeys(report.untied)),
        language=report.language,
        encoding=report.encoding,
    )


def _lines(lines: Sequence[int]) -> str:
    places = ", ".join(str(line) for line in dict.fromkeys(lines))
    return f"line{'s' if ',' in places else ''} {places if len(places) <= 100 else places[:100] + ' …'}"


def warn_of_wording(out: Out, texts: Sequence[tuple[str, str]], language: str = "") -> None:
    """Say on standard error what the rules of wording flag in sentences about to be signed, each with its
    name. Nothing is stopped."""
    from comity.statements.lint import lint_sentences

    for name, flag in lint_sentences(texts, language):
        out.warn(f"{name}: {flag.rule}: {shorten(flag.text)!r}: {flag.reason}; {flag.suggestion}")


def shorten(text: str, most: int = 100) -> str:
    """A flagged stretch on one line, cut in its middle."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most // 2]} … {flat[-most // 3 :]}"


def _tell_corpus(out: Out, paths: tuple[Path, ...]) -> int:
    from comity.statements.corpus import Sample, read_corpus, score_corpus

    samples: list[Sample] = []
    for path in list_files(paths).files:
        language = path.stem.rpartition("_")[2]
        if path.suffix != ".txt" or language not in LANGUAGES:
            raise Malformed("statement.corpus", str(path), "a corpus is named …_en.txt, …_nb.txt or …_zh.txt")
        samples += read_corpus(read_file(path).decode("utf-8", "replace"), language, str(path))
    if not samples:
        raise Malformed("statement.corpus", ", ".join(map(str, paths))[:300], "no sentence is here")
    scored = score_corpus(samples)
    rows = [("rule", "language", "right", "extra", "missed", "precision", "recall")]
    for s in scored.scores:
        rows.append(
            (
                s.rule,
                s.language,
                str(s.right),
                str(s.extra),
                str(s.missed),
                _share(s.precision),
                _share(s.recall),
            )
        )
        out.object("score", **asdict(s), precision=s.precision, recall=s.recall)
    out.table(rows)
    for sample, got in scored.wrong:
        out.line(f"{sample.language} {sample.side}: {sample.text}")
        wanted, have = (", ".join(sorted(rules)) or "none" for rules in (sample.expected, got))
        out.line(f"expected {wanted}; got {have}", indent=4)
    sides = ", ".join(
        f"{'claims' if side == 'C' else 'denials'} {flagged} of {of}" for side, flagged, of in scored.sides
    )
    out.line(
        f"{count(scored.sentences, 'sentence')}; flagged: {sides}; "
        f"sober and flagged: {scored.sober_flagged} of {scored.sober}"
    )
    if scored.pairs[0]:
        out.line(
            f"{count(scored.pairs[0], 'mirrored pair')}; flagged: claims {scored.pairs[1]}, "
            f"denials {scored.pairs[2]}"
        )
    out.object(
        "corpus",
        sentences=scored.sentences,
        sober=scored.sober,
        sober_flagged=scored.sober_flagged,
        sides=[{"side": side, "flagged": flagged, "sentences": of} for side, flagged, of in scored.sides],
        pairs=dict(zip(("pairs", "claims", "denials"), scored.pairs, strict=True)),
        wrong=len(scored.wrong),
    )
    return 0


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
