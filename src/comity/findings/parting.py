"""Sources that hold several rules which do not need one another, parted so that each stands for itself.

A bundle of indicators and a file of several Sigma rules are one source to whoever compiles them as they are:
one digest, one title, and one document that cannot run makes all of it unusable. Parting comes before linking
(:mod:`comity.findings.link`) and makes a source of each rule, with a digest of its own. What needs its
neighbours (correlations, filters, values, collections) stays together.

STIX 2.1: section 4.7 (indicators: ``pattern_type``, ``valid_from``, ``valid_until``), section 3.2
(``revoked``), section 3.6 (versions of an object: the latest ``modified`` counts).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from comity.findings.feed_json import is_json_lines
from comity.findings.feeds import MORE, read_feed
from comity.findings.notes import Period
from comity.findings.reasons import RuleError
from comity.findings.stix import read_moment

STIX_ENDINGS: Final = (".stix", ".json")
"""Names of files that may hold indicators; what is in them decides."""
LIMIT: Final = 32 << 20
"""The longest bundle of STIX, in bytes; reading one takes about nine times as much memory."""
HEAD: Final = 4096
"""Of so many bytes the beginning of a JSON file is looked at to tell whether it is STIX."""

_LANGUAGES: Final[Mapping[str, str]] = {"sigma": ".yml", "yara": ".yar"}
_TYPED = re.compile(rb'"type"\s*:\s*"(?:bundle|indicator)"|"id"\s*:\s*"(?:bundle|indicator)--')
_OBJECT = re.compile(rb'"spec_version"\s*:\s*"2\.|"id"\s*:\s*"[a-z][a-z0-9-]*--[0-9a-f-]{36}"')
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]')
_OPENED = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_NAMED = re.compile(r"[^0-9A-Za-z_.-]+")
_PARTED = re.compile(rb"^---[ \t]*(?:#[^\n]*)?\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """``sources``, each able to stand alone; ``withdrawn`` indicators that are not to be asked, and why;
    ``periods`` in which indicators are valid, by the digest of their source; ``failed`` sources that are no
    rules though their file is a feed, and why."""

    sources: tuple[tuple[str, bytes], ...]
    withdrawn: tuple[tuple[str, str], ...]
    periods: tuple[tuple[str, Period], ...]
    failed: tuple[tuple[str, str], ...] = ()


def looks_like_stix(head: bytes) -> bool:
    """Whether a JSON file that begins so holds indicators: an object with the ``type``, or an ``id``, of one
    or of a bundle; or the envelope (TAXII 2.1, section 3.7) in which a server gives such objects."""
    if not _OPENED.match(head):
        return False
    if is_json_lines(head):
        return False
    depth, within = 0, False
    for token in _TOKEN.finditer(head[:HEAD]):
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and _TYPED.match(head, token.start()):
            return True
        elif depth == 1 and token[0] == b'"objects"':
            within = True
        elif depth == 3 and within and _OBJECT.match(head, token.start()):
            return True
    return False


def part_sources(sources: Iterable[tuple[str, bytes]]) -> Parted:
    """Part the bundles of STIX and the feeds among ``sources``, and name what of them is not to be asked. A
    source that is neither, or cannot be read, is left as it is: compiling names what is wrong."""
    made: list[tuple[str, bytes]] = []
    withdrawn: list[tuple[str, str]] = []
    periods: dict[str, Period] = {}
    failed: list[tuple[str, str]] = []
    for name, raw in sources:
        heads, more = _indicators(name, raw)
        if more:
            withdrawn.append((f"{name}!more", MORE))
        if not heads and (feed := read_feed(name, raw)) is not None:
            made += feed.sources
            withdrawn += feed.withdrawn
            failed += feed.failed
            continue
        if (
            not heads
            and len(raw) > LIMIT
            and name.lower().endswith(STIX_ENDINGS)
            and looks_like_stix(raw[:HEAD])
        ):
            most = f"more than the {LIMIT} that a bundle of STIX may have"
            failed.append((name, f"{len(raw)} bytes, {most}: part its objects into several bundles"))
        if not heads:
            made.append((name, raw))
            continue
        alone = len(heads) == 1 and name.lower().endswith(".stix") and _is_alone(raw)
        latest = _latest(heads)
        for number, head in enumerate(heads):
            called = name if alone else f"{name}!{_called(head, number)}"
            if (why := _withdrawn(head, latest)) is not None:
                withdrawn.append((called, why))
                continue
            ending, text = _text_of(head)
            if alone and ending == ".stix":
                text = raw
            else:
                called += ending
            made.append((called, text))
            if (period := _period(head)) is not None:
                periods[hashlib.sha256(text).hexdigest()] = period
    return Parted(
        sources=tuple(made),
        withdrawn=tuple(withdrawn),
        periods=tuple(sorted(periods.items(), key=_first)),
        failed=tuple(failed),
    )


def _first(pair: tuple[str, Period]) -> str:
    return pair[0]


def part_documents(raw: bytes, heads: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The texts of the documents ``heads`` of a YAML source, cut where ``---`` stands on a line of its own;
    the source as it is where the cuts would change a document."""
    from comity.findings.yaml_source import read_documents

    cuts = [0, *(found.end() for found in _PARTED.finditer(raw)), len(raw)]
    if not 2 < len(cuts) <= len(heads) + 4:
        return [raw]
    texts: list[bytes] = []
    for begin, end in pairwise(cuts):
        text = _PARTED.sub(b"", raw[begin:end])
        try:
            found = [each for each in read_documents(text) if each is not None]
        except RuleError:
            return [raw]
        if not found:
            continue
        if found != [heads[len(texts)]] if len(texts) < len(heads) else True:
            return [raw]
        texts.append(text)
    return texts if len(texts) == len(heads) else [raw]


def _read_json(raw: bytes) -> Any:
    if len(raw) > LIMIT:
        return None
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _is_alone(raw: bytes) -> bool:
    body = _read_json(raw)
    return isinstance(body, dict) and body.get("type") == "indicator"


def _indicators(name: str, raw: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The indicators of a source, and whether a server says that it has more than it gave here."""
    ending = name.lower()
    if not ending.endswith(STIX_ENDINGS) or not (ending.endswith(".stix") or looks_like_stix(raw[:HEAD])):
        return [], False
    body = _read_json(raw)
    if not isinstance(body, dict):
        return [], False
    enveloped = "type" not in body and isinstance(body.get("objects"), list)
    objects = body.get("objects") if body.get("type") == "bundle" or enveloped else [body]
    found = [each for each in objects if isinstance(each, dict)] if isinstance(objects, list) else []
    more = enveloped and body.get("more") is True
    return [each for each in found if each.get("type") == "indicator"], more


def _called(head: Mapping[str, Any], number: int) -> str:
    told = head.get("id")
    return _NAMED.sub("_", told)[:120] if isinstance(told, str) and told else f"indicator {number + 1}"


def _modified(head: Mapping[str, Any]) -> str:
    told = head.get("modified", head.get("created"))
    return told if isinstance(told, str) else ""


def _latest(heads: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """When each indicator that has an id was modified last."""
    found: dict[str, int] = {}
    for head in heads:
        if isinstance(told := head.get("id"), str):
            found[told] = max(found.get(told, -1), _moment(_modified(head)))
    return found


def _withdrawn(head: Mapping[str, Any], latest: Mapping[str, int]) -> str | None:
    told = head.get("id")
    modified = _modified(head)
    # Equal times of several versions, or none, leave open which of them counts: all are asked.
    if isinstance(told, str) and 0 <= _moment(modified) < latest[told]:
        return "its maker has published a later version of it"
    if head.get("revoked") is True:
        return f"revoked by its maker{f' ({modified})' if modified else ''}"
    return None


def _text_of(head: Mapping[str, Any]) -> tuple[str, bytes]:
    """The source that an indicator is, with the ending of its language."""
    kind, pattern = head.get("pattern_type"), head.get("pattern")
    ending = _LANGUAGES.get(kind) if isinstance(kind, str) else None
    if ending is not None and isinstance(pattern, str):
        return ending, pattern.encode("utf-8", "surrogatepass")
    return ".stix", json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _moment(text: Any) -> int:
    try:
        return read_moment(text) if isinstance(text, str) else -1
    except RuleError:
        return -1


def _period(head: Mapping[str, Any]) -> Period | None:
    since, until = (_moment(head.get(name)) for name in ("valid_from", "valid_until"))
    if since < 0 and until < 0:
        return None
    said = [f"from {_day(since)}"] if since >= 0 else []
    said += [f"until {_day(until)}"] if until >= 0 else []
    return Period(
        since=since if since >= 0 else None, until=until if until >= 0 else None, text=" ".join(said)
    )


def _day(moment: int) -> str:
    at = datetime.fromtimestamp(moment // 1_000_000, tz=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
