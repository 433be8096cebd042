"""What a run of ``comity find`` came to: findings as they come, then an account of every rule and file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.cli.find_apart import Apart, find_apart, unasked
from comity.cli.find_notes import is_routed, tell_aside, tell_joined, title_of
from comity.cli.find_untold import DECLARE, Waiting, find_waiting
from comity.cli.output import Out, count, ranges_text
from comity.findings import SEMANTICS

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned
    from comity.findings.finding import Parameters
    from comity.findings.notes import Period
    from comity.findings.pack import AnyRule, Pack

SHOWN = 300
"""How many characters of a row stand beside its reasons."""

UNTOLD = f"log source not known: nothing in these rows says what wrote them (declare it: {DECLARE})"


@dataclass(slots=True, kw_only=True)
class Account:
    """What every rule and file came to."""

    pack: Pack
    parameters: Parameters
    unread: list[tuple[str, str]]
    rows: int = 0
    read: int = 0
    findings: int = 0
    matched: dict[str, tuple[int, int]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    refused: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    formats: Counter[str] = field(default_factory=Counter)
    unusable: list[tuple[str, str]] = field(default_factory=list)
    hurt: list[tuple[str, str]] = field(default_factory=list)
    untold: list[tuple[str, str]] = field(default_factory=list)
    rules: dict[str, AnyRule] = field(default_factory=dict)

    periods: dict[str, Period] = field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _waiting: Waiting | None = None
    _apart: Apart | None = None

    def __post_init__(self) -> None:
        self.rules = {rule.digest: rule for rule in self.pack.rules}
        self.periods = dict(self.pack.notes.periods)
        self.joined = dict(self.pack.notes.joined)

    def take(self, out: Out, scanned: Scanned) -> None:
        """Count one file's result, and those of the files inside of it, and say its findings."""
        for each in scanned.each():
            self._take(out, each)

    def _take(self, out: Out, scanned: Scanned) -> None:
        shown = scanned.task.shown
        if scanned.error is not None or scanned.finding is None:
            code, where, why = scanned.error or ("", shown, "no result")
            why = why if where == shown else f"{where}: {why}"
            self.unusable.append((shown, why))
            out.object("file", path=shown, status="unusable", code=code, why=why)
            return
        self.used.add(shown)
        self.formats[scanned.format] += 1
        self.rows += scanned.rows
        self.asked |= set(scanned.counts or ())
        by_rule: dict[str, list[int]] = {}
        for rule, row in scanned.finding.rows:
            by_rule.setdefault(rule, []).append(row)
        for digest, rows in sorted(
            by_rule.items(), key=lambda each: (title_of(self.rules[each[0]]), each[0])
        ):
            self._say(out, scanned, self.rules[digest], rows)
        lost = sum((scanned.unparsed or {}).values())
        self.read += scanned.rows - lost
        for reason, number in sorted((scanned.unparsed or {}).items()):
            self.hurt.append((shown, f"{count(number, 'row')} not read as {scanned.format}: {reason}"))
        for reason, numbers in sorted((scanned.partly or {}).items()):
            self.hurt.append((shown, f"{rows_text(numbers)} not asked whole: {reason}"))
        if scanned.broken:
            told = "; ".join(scanned.problems[:3])
            self.hurt.append((shown, f"{count(scanned.broken, 'part')} damaged{': ' if told else ''}{told}"))
        looks = self._looks_like(scanned)
        self.hurt += [(shown, why) for why in looks]
        for digest, why in sorted((scanned.refused or {}).items()):
            self.refused.setdefault(digest, []).append((shown, why))
        if scanned.untimed:
            rows_of = count(scanned.untimed, "row")
            self.hurt.append((shown, f"{rows_of} without a readable time take part in no correlation"))
        waiting = self._tell_untold(scanned, lost)
        if self._apart is None:
            self._apart = find_apart(self.pack)
        if blind := self._apart.take(scanned):
            self.untold.append((shown, unasked(blind)))
        if scanned.undated:
            self.hurt.append((shown, f"{count(scanned.undated, 'row')} without a readable time left out"))
        out.object(
            "file",
            path=shown,
            item=scanned.finding.item,
            format=scanned.format,
            status="used",
            rows=scanned.rows,
            unparsed=dict(sorted((scanned.unparsed or {}).items())),
            undated=scanned.undated,
            untimed=scanned.untimed,
            refused=dict(sorted((scanned.refused or {}).items())),
            outside=scanned.outside,
            broken=scanned.broken,
            before=scanned.before,
            looks=looks,
            lost=lost,
            partly=list_partly(scanned.partly),
            untold={"rows": scanned.untold_rows, "rules": waiting},
            blind=blind,
        )

    def _tell_untold(self, scanned: Scanned, lost: int) -> int:
        """Say of a file that rows do not tell what they are a log of, as a want of it where most do not; the
        number of rules that were not asked of them."""
        if not scanned.untold_rows:
            return 0
        if self._waiting is None:
            self._waiting = find_waiting(self.pack)
        if told := self._waiting.tell(scanned):
            most = 2 * scanned.untold_rows > scanned.rows - lost
            (self.hurt if most else self.untold).append((scanned.task.shown, told))
        return self._waiting.rules_of(scanned)

    def _looks_like(self, scanned: Scanned) -> list[str]:
        """Why rules by field may have missed something, where nobody said how to read the file."""
        told = []
        if scanned.before:
            told.append(f"{count(scanned.before, 'line')} before the headings of its table not asked")
        if scanned.task.format is None and self.by_field:
            for form, number in sorted((scanned.alike or {}).items()):
                looks, whose = ("looks", "its") if number == 1 else ("look", "their")
                told.append(
                    f"{count(number, 'row')} of this text {looks} like {form}: no rule was asked of {whose}"
                    f" fields (--format {form.partition('/')[0]} reads them)"
                )
            if scanned.doubt and not scanned.alike:
                told.append(f"read as {scanned.format}, but {scanned.doubt}")
        return told

    @property
    def by_field(self) -> bool:
        """Whether a rule asks fields by their names."""
        from comity.findings.indicators import IndicatorList
        from comity.findings.yara import YaraSource

        return any(not isinstance(rule, IndicatorList | YaraSource) for rule in self.pack.rules)

    def _say(self, out: Out, scanned: Scanned, rule: AnyRule, rows: list[int]) -> None:
        from comity.findings.describe import techniques_of
        from comity.records.kinds import ranges_of

        assert scanned.finding is not None
        finding = scanned.finding
        ranges = ranges_of(rows)
        files, total = self.matched.get(rule.digest, (0, 0))
        self.matched[rule.digest] = files + 1, total + len(rows)
        self.findings += 1
        level, author, rule_id = (str(getattr(rule, name, "")) for name in ("level", "author", "rule_id"))
        # Indicator lists have no level at all; a rule that states none says so.
        shown = level or ("no level" if hasattr(rule, "level") else "indicators")
        out.line(f"[{shown}] {title_of(rule)}{f' (by {author})' if author else ''}")
        out.line(f"{scanned.task.shown}: {_place(scanned.format, len(rows), ranges_text(ranges))}", indent=2)
        techniques = techniques_of(rule)
        tagged = f", tagged {', '.join(techniques)}" if techniques else ""
        out.line(f"rule {rule.digest[:16]}, result {finding.result_digest[:16]}{tagged}", indent=2)
        untold = rule.digest in scanned.untold and is_routed(rule)
        if untold:
            out.line(UNTOLD, indent=2)
        period = self.periods.get(rule.digest)
        outside, undated = (scanned.lapsed or {}).get(rule.digest, (0, 0))
        if period is not None and (told := _lapsed(period.text, outside, undated, len(rows))):
            out.line(told, indent=2)
        reasons = [reason for reason in scanned.reasons if reason.rule == rule.digest]
        for reason in reasons:
            out.line(
                f"row {reason.row}: {reason.text[:SHOWN]}{'…' if len(reason.text) > SHOWN else ''}", indent=2
            )
            for line in reason.lines:
                out.line(line, indent=4)
        out.object(
            "finding",
            rule=rule.digest,
            title=title_of(rule),
            author=author,
            level=level,
            id=rule_id,
            techniques=list(techniques),
            source=rule.source_name,
            behind=list(self.joined.get(rule.source_name, ())),
            file=scanned.task.shown,
            item=finding.item,
            format=scanned.format,
            rows=[list(each) for each in ranges],
            count=len(rows),
            inputs=finding.inputs_digest,
            result=finding.result_digest,
            pack=finding.pack,
            semantics=finding.semantics,
            parameters=finding.parameters.to_json(),
            **({"logsource": "not known"} if untold else {}),
            **(
                {"valid": {"period": period.text, "outside": outside, "undated": undated}}
                if period is not None
                else {}
            ),
            why=[{"row": r.row, "text": r.text, "lines": list(r.lines)} for r in reasons],
        )

    def close(self, out: Out) -> int:
        """The account, and the exit code that follows from it."""
        unusable = [(rule.source_name, rule.digest, rule.reason) for rule in self.pack.unusable]
        unusable += [(name, "", why) for name, why in self.unread]
        told = self._tell_rules(out, unusable)
        self._tell_files(out)
        if self._apart is not None:
            self._apart.close(out)
        out.line(
            f"{count(self.findings, 'finding')}; pack {self.pack.digest[:16]}. A match says that a rule fits "
            "these rows, not what happened."
        )
        out.object(
            "summary",
            rules=told,
            files={
                "used": len(self.used),
                "unusable": len(self.unusable),
                "in_part": len({p for p, _ in self.hurt}),
            },
            formats=dict(sorted(self.formats.items())),
            findings=self.findings,
            rows=self.rows,
            pack=self.pack.digest,
            semantics=SEMANTICS,
        )
        return 2 if unusable or self.unusable or self.hurt or self.refused else 0

    def _tell_rules(self, out: Out, unusable: Sequence[tuple[str, str, str]]) -> dict[str, int]:
        """What became of every rule, ``unusable`` ones (source, digest, why) too: how many of each fate."""
        # Where no row was read, nothing is known of log sources either.
        unasked = "not-applicable" if self.read else "nothing-read"
        for digest, rule in self.rules.items():
            files, rows = self.matched.get(digest, (0, 0))
            refused = self.refused.get(digest, [])
            asked = "no-verdict" if refused else "no-match" if digest in self.asked else unasked
            out.object(
                "rule",
                digest=digest,
                title=title_of(rule),
                source=rule.source_name,
                behind=list(self.joined.get(rule.source_name, ())),
                status="matched" if files else asked,
                rows=rows,
                files=files,
                refused=[{"file": file, "why": why} for file, why in refused],
            )
        for name, digest, why in unusable:
            out.object("rule", digest=digest, title="", source=name, status="unusable", why=why)
        silent = len(self.asked - self.matched.keys() - self.refused.keys())
        stopped = sum(digest not in self.matched for digest in self.refused)
        idle = sum(digest not in self.asked for digest in self.rules)
        why_idle = (
            "not applicable (no row of their log source)" if self.read else "not asked (no row was read)"
        )
        out.line()
        out.line(
            f"Rules: {len(self.rules)} ready, {len(self.matched)} matched, "
            f"{silent} asked without a match, "
            f"{f'{stopped} without a verdict, ' if stopped else ''}"
            f"{idle} {why_idle}"
            f", {len(unusable)} unusable."
        )
        for name, _, why in unusable:
            out.line(f"unusable: {name}: {why}", indent=2)
        for digest, told in sorted(self.refused.items()):
            rule = self.rules[digest]
            for file, why in told:
                out.line(f"no verdict: {rule.source_name} on {file}: {why}", indent=2)
        tell_joined(out, self.pack)
        tell_aside(out, self.pack, 2)
        return {
            "ready": len(self.rules),
            "matched": len(self.matched),
            "no_match": silent,
            "no_verdict": stopped,
            "not_applicable": idle,
            "unusable": len(unusable),
        }

    def _tell_files(self, out: Out) -> None:
        """Which files were read as what, and which were not, or not whole."""
        out.line(
            f"Files: {len(self.used)} used ({count(self.rows, 'row')}), {len(self.unusable)} unusable"
            f"{f', {len({p for p, _ in self.hurt})} in part' if self.hurt else ''}."
        )
        if self.formats:
            read = ", ".join(f"{form} {number}" for form, number in sorted(self.formats.items()))
            out.line(f"Read as: {read}.", indent=2)
        for path, why in self.unusable:
            out.line(f"unusable: {path}: {why}", indent=2)
        for path, why in self.hurt:
            out.line(f"in part: {path}: {why}", indent=2)
        for path, why in self.untold:
            out.line(f"not told: {path}: {why}", indent=2)


def list_partly(partly: Mapping[str, Sequence[int]] | None) -> list[dict[str, object]]:
    """The rows of which not all was asked, with the reason."""
    from comity.records.kinds import ranges_of

    return [
        {"why": why, "rows": [list(each) for each in ranges_of(tuple(numbers))]}
        for why, numbers in sorted((partly or {}).items())
    ]


def rows_text(numbers: Sequence[int]) -> str:
    """How many rows, and which."""
    from comity.records.kinds import ranges_of

    return f"{count(len(numbers), 'row')} ({ranges_text(ranges_of(tuple(numbers)))})"


def _lapsed(period: str, outside: int, undated: int, rows: int) -> str:
    """What is said of an indicator's rows and the time in which it is valid; nothing where all lie in it."""
    said = []
    if outside:
        said.append(f"{outside} of {count(rows, 'row')} {'lie' if outside > 1 else 'lies'} outside of that")
    if undated:
        said.append(f"{undated} of {count(rows, 'row')} without a readable time")
    return f"valid {period}: {', '.join(said)}" if said else ""


def _place(form: str, number: int, ranges: str) -> str:
    """Where a file matches: the whole of it, or rows."""
    if form == "opaque/1":
        return "the file as it is"
    return f"{'row' if number == 1 else 'rows'} {ranges}"
