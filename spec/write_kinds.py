"""Writes the table of kinds and fields in ``03-kinds.md``: ``python spec/write_kinds.py``."""

from __future__ import annotations

import types
import typing
from pathlib import Path

import msgspec
from msgspec import Meta, Struct

from comity.records import kinds

PAGE = Path(__file__).resolve().parent / "03-kinds.md"
HEAD = """# 03 Kinds

Written from `src/comity/records/kinds.py` by `python spec/write_kinds.py`. A field marked *optional* is
absent where it has nothing to say; every other field must stand. A type in `code` with a table of its
own is an object of those fields.

1. `id`: 64 lower-case hex digits (ids, digests, Ed25519 keys). `member`: an id or `public`. `reference`:
   a record id, or `t:` and the id of an attestation.
2. `time`: `YYYY-MM-DDThh:mm:ssZ` (02 §4.3). `text n–m`: from n to m characters. `integer n…`: from n,
   below 2^53 unless another limit stands.
3. Texts are plain text for people. No reader may interpret them.
"""

NAMES = {
    kinds.Id: "id",
    kinds.Time: "time",
    kinds.Member: "member",
    kinds.Reference: "reference",
    kinds.Zone: "offset like `+02:00`",
    kinds.Ranges: "list of ranges (02 §4.4)",
    kinds.Name: "text 1–200",
    kinds.Text: "text 1–20000",
    kinds.Count: "integer 0…",
}


def type_text(type_: object) -> str:
    """A field's type in words."""
    for known, name in NAMES.items():
        if type_ == known:
            return name
    origin, inner = typing.get_origin(type_), typing.get_args(type_)
    if origin is typing.Annotated:
        return _bounded(inner[0], inner[1])
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return f"list of {type_text(inner[0])}"
        return f"[{', '.join(map(type_text, inner))}]"
    if origin is typing.Literal:
        return " \\| ".join(f"`{value}`" if value else "(absent)" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return type_text(next(t for t in inner if t is not msgspec.UnsetType))
    if isinstance(type_, type) and issubclass(type_, Struct):
        return f"`{type_.__name__}`"
    return {str: "text", int: "integer", bool: "boolean"}[type_]  # type: ignore[index]


def _bounded(type_: object, meta: Meta) -> str:
    if type_ is int:
        limit = "" if meta.lt == 2**53 or meta.le is None else f"{meta.le}"
        return f"integer {meta.ge}…{limit}"
    if type_ is str and meta.pattern is not None:
        return f"text like `{meta.pattern[2:-2]}`".replace("|", "\\|")
    low, high = meta.min_length or 0, meta.max_length
    if type_ is str:
        return f"text {low}–{high}"
    return f"{type_text(type_)}, {low}–{high or ''}".rstrip("–") + ("" if high else " or more")


def structs_below(type_: object) -> list[type[Struct]]:
    """The object types that a type mentions, outermost first."""
    found: list[type[Struct]] = []
    if isinstance(type_, type) and issubclass(type_, Struct):
        if type_ is not msgspec.UnsetType:
            found.append(type_)
        return found
    for inner in typing.get_args(type_):
        found += structs_below(inner)
    return found


def table_of(struct: type[Struct]) -> str:
    """The fields of one object, in the order of the source."""
    hints = typing.get_type_hints(struct, include_extras=True)
    rows = ["| Field | Type |", "|---|---|"]
    for field in msgspec.structs.fields(struct):
        said = type_text(hints[field.name])
        rows.append(f"| `{field.name}` | {said}{'' if field.required else ', optional'} |")
    return "\n".join(rows) + "\n"


def render_page() -> str:
    """The whole page."""
    parts = [HEAD, "## Frame\n", table_of(kinds.Frame)]
    parts.append(
        "\n`rules` is at least the version that the kind came with: 1 where nothing else is said. `author` is"
        " an id or `self`. `at` is the author's own clock and decides nothing.\n"
    )
    shared: dict[type[Struct], None] = {}
    for name, kind in kinds.KINDS.items():
        said = (kind.__doc__ or "").split(": ", 1)[1].strip().split("\n\n")[0]
        since = f" (Rules {kind.introduced}.)" if kind.introduced > 1 else ""
        parts.append(f"\n## `{name}`\n\n{_sentence(said)}{since}\n")
        parts.append(table_of(kind))
        todo = [kind]
        while todo:
            for hint in typing.get_type_hints(todo.pop(), include_extras=True).values():
                for inner in structs_below(hint):
                    if inner not in shared:
                        shared[inner] = None
                        todo.append(inner)
    parts.append("\n## Objects inside them\n")
    for struct in sorted(shared, key=lambda s: s.__name__):
        said = (struct.__doc__ or "").strip().split("\n\n")[0]
        parts.append(f"\n### `{struct.__name__}`\n\n{_sentence(said)}\n")
        parts.append(table_of(struct))
    return "\n\n".join(p.strip("\n") for p in parts) + "\n"


def _sentence(text: str) -> str:
    joined = " ".join(text.replace("``", "`").split())
    return joined[0].upper() + joined[1:] if not joined.startswith("`") else joined


if __name__ == "__main__":
    PAGE.write_text(render_page(), "utf-8")
