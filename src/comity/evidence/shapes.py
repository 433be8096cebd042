"""JSON lines by their shape: what stands between the values of a row, compared and never read again.

A *shape* is a row's bytes without its *leaves*: its texts, numbers and words, and lists of these alone. Rows
of one shape are read alike (:func:`comity.evidence.parse.fields_of`): each field is one leaf, or the same for
all of them. So a shape is read once, with marks in place of the leaves, and a row of it is a walk along known
bytes (:mod:`.shape_kernel`, extra ``fast``). A leaf that somebody asks for becomes a *code*: equal codes are
equal bytes under one name of field. Codes are given anew once so many are out.

What a walk does not know, or does not take for JSON, it leaves to the exact reading: a row that it tells of
has just the fields that the exact reading gives, which the tests hold it to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.evidence.bulk import fast_loads
from comity.evidence.formats import FormatName
from comity.evidence.parse import Value, fields_of
from comity.evidence.shape_kernel import BEHIND, END, KNOWN, LIST, NODE, NULL, SCALAR, SCRATCH, walk
from comity.native.loops import address_of, compile_loop

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.int32]

LEAVES: Final = 500
SLOTS: Final = 64
"""A shape with more leaves, or with more that somebody asks for, is read otherwise."""
SHAPES: Final = 1024
NODES: Final = 1 << 15
_BYTES: Final = 2 << 20
CODES: Final = 1 << 17
_ARENA: Final = 16 << 20
PATIENCE: Final = 200
SHARE: Final = 16
LONE: Final = 4
ALONE: Final = 12
"""So many shapes are learned from one batch (of a large one, a shape for each so many rows), and no more: one
that is a single row's counts for four, a row that cannot be walked for twelve."""
WINDOW: Final = 128

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_MARK: Final = "\ue000{}\ue001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape that is walked: the ``names`` of its fields in their order; of those asked for, ``slots`` says
    at which place of a row's codes each stands, and ``constants`` what the others are in every row."""

    names: tuple[str, ...]
    slots: Mapping[str, int]
    constants: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Rows of a batch, by their ``places`` in it: the number of the shape of each (below zero: to be read
    otherwise), and the codes of what is asked for. ``escaped`` are the places of all rows so far whose leaves
    have escapes by number. ``text`` is the whole batch, with a row's end at each of ``ends``."""

    places: Numbers
    shapes: Numbers
    codes: Codes
    escaped: Numbers
    text: bytes
    ends: Numbers


Walk: TypeAlias = Callable[..., int]
"""Takes the arrays that :func:`comity.evidence.shape_kernel.walk` is told of, without their lengths."""


@cache
def load_walk() -> Walk | None:
    """The compiled walk, or None where it cannot be had."""
    try:
        import numpy as np

        loop = compile_loop(walk)
    except (ImportError, OSError, RuntimeError, ValueError):
        return None

    def walk_arrays(*told: Any) -> int:
        # One for each call: several threads may walk at once.
        scratch = np.empty(SCRATCH, np.int64)
        return loop(*map(_argument, with_lengths(told, scratch)))

    return walk_arrays


def with_lengths(told: Sequence[Any], scratch: Any) -> Sequence[Any]:
    """The arrays of a walk as its loop takes them, each with the length that it asks for behind it."""
    *rows, asked, tree, blob, first, wanted, shapes, escaped, codes, slots, known, arena, state = told
    return (
        *(*rows, asked, len(asked), tree, blob, first, wanted, shapes, escaped, codes, codes.shape[1]),
        *(slots, len(slots) - 1, known, len(known), arena, len(arena) - BEHIND, state, scratch),
    )


def _argument(told: Any) -> int:
    return told if isinstance(told, int) else address_of(told)


def is_utf8(text: bytes) -> bool:
    """Whether bytes are UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def find_leaves(raw: bytes) -> list[tuple[int, int, int]] | None:
    """Where the leaves of a row of JSON stand, and of what kind each is; None where it has a list of more
    than leaves."""
    leaves: list[tuple[int, int, int]] = []
    listed = -1
    named = False
    for token in _TOKEN.finditer(raw):
        start, first = token.start(), raw[token.start()]
        if listed >= 0:
            if first == 0x5D:
                leaves.append((listed, token.end(), LIST))
                listed = -1
            elif first in b"[{":
                return None
        elif first == 0x5B:
            listed, named = start, False
        elif first == 0x3A:
            named = True
        elif first in b"{},":
            named = False
        elif named:
            leaves.append((start, token.end(), NULL if first == 0x6E else SCALAR))
            named = False
    return leaves


class ShapeReader:
    """Walks the rows of items of one format. ``choose`` is told the names of the fields of a shape, and says
    which of them matter, or None where such rows are to be read otherwise; they are told as of no shape."""

    def __init__(
        self,
        format_name: FormatName,
        choose: Callable[[tuple[str, ...]], Collection[str] | None],
        walk: Walk,
    ) -> None:
        import numpy as np

        self._np = np
        self._format: FormatName = format_name
        self._choose = choose
        self._walk = walk
        self.shapes: list[Shape] = []
        self._tree = np.full((NODES, NODE), -1, np.int32)
        self._nodes = 1
        self._blob = np.zeros(_BYTES + BEHIND, np.uint8)
        self._held = 0
        self._children: dict[tuple[int, bytes, int], int] = {}
        self._first = np.zeros(SHAPES + 1, np.int64)
        self._wanted = np.zeros((SHAPES * SLOTS, 2), np.int32)
        self._otherwise = np.zeros(SHAPES, np.bool_)
        self._columns: dict[str, int] = {}
        self._slots = np.full(4 * CODES, -1, np.int32)
        self._told = np.zeros((CODES, KNOWN), np.int64)
        self._arena = np.zeros(_ARENA + BEHIND, np.uint8)
        self._state = np.zeros(2, np.int64)
        self._values: list[Value] = []
        self.turn = 0
        """How often codes were given anew."""

    def read(self, raws: Sequence[bytes]) -> Iterator[Walked]:
        """The rows of a batch, in parts. Codes hold until the next part is asked for, if :attr:`turn` is then
        another."""
        np = self._np
        joined = b"\n".join((*raws, bytes(BEHIND)))
        shapes = np.full(len(raws), -1, np.int64)
        codes = np.empty((len(raws), SLOTS), np.int32)
        noted = np.zeros(len(raws), np.uint8)

        def tell(told: Numbers) -> Walked:
            return Walked(
                places=told,
                shapes=self._mark(shapes[told]),
                codes=codes[told],
                escaped=noted.nonzero()[0],
                text=joined,
                ends=ends,
            )

        waiting = np.arange(len(raws))
        odd = () if joined.isascii() else [raw for raw in raws if not raw.isascii()]
        asked = waiting if is_utf8(b"\n".join(odd)) else waiting[:0]
        lengths = np.fromiter(map(len, raws), np.int64, len(raws))
        ends = np.cumsum(lengths + 1) - 1
        starts = ends - lengths
        data = np.frombuffer(joined, np.uint8)
        patience = max(PATIENCE, len(raws) // SHARE)
        # First all rows are walked. Then shapes are learned from those unknown, a window of them at a time,
        # as each shape is followed by a walk over the window.
        window = asked
        rest: Numbers | None = None
        learned = False
        while len(asked):
            done = self._walk(
                *(data, starts, ends, asked, self._tree, self._blob, self._first, self._wanted),
                *(shapes, noted, codes, self._slots, self._told, self._arena, self._state),
            )
            if done < len(asked):
                # No room for another value: what has codes is told of, and codes are given anew.
                asked = asked[done:]
                told = waiting[(shapes[waiting] >= 0) & (waiting != asked[0])]
                yield tell(told)
                waiting = waiting[~np.isin(waiting, told)]
                self._forget()
                continue
            unknown = window[shapes[window] == -1]
            if rest is None:
                unknown, rest = unknown[:WINDOW], unknown[WINDOW:]
            elif learned:
                patience -= 1 if len(window) - len(unknown) > 1 else LONE
            learned = False
            while len(unknown) and len(unknown) + len(rest) > 2 and patience > 0 and not learned:
                # The first is of a shape unknown, as others may be.
                learned = self._learn(raws[int(unknown[0])])
                if not learned:
                    shapes[unknown[0]] = -2
                    unknown = unknown[1:]
                    patience -= ALONE
            if not learned:
                at = WINDOW if patience > 0 else len(rest)
                unknown, rest = rest[:at], rest[at:]
            asked = window = unknown
        yield tell(waiting)

    def _mark(self, shapes: Numbers) -> Numbers:
        """The numbers of shapes, of those below zero that are to be read otherwise."""
        shapes[(shapes >= 0) & self._otherwise[shapes]] = -1
        return shapes

    def values(self, codes: Iterable[int]) -> list[Value]:
        """What codes stand for."""
        values = self._values
        known, given = len(values), int(self._state[0])
        if known < given:
            # All new ones at once, and those that readers of JSON read unlike each other once more by itself.
            told = self._told[known:given]
            view = self._arena.data
            values += loads_all(bytes(view[int(told[0, 0]) : int(self._state[1]) - 1]))
            for n in (told[:, 3] == 0).nonzero()[0].tolist():
                at, length = told[n, :2].tolist()
                values[known + n] = _value_of(bytes(view[at : at + length]))
        return [values[code] for code in codes]

    def _forget(self) -> None:
        self._slots[:] = -1
        self._state[:] = 0
        self._values.clear()
        self.turn += 1

    def _learn(self, raw: bytes) -> bool:
        """Learn the shape of a row; False where it cannot be walked."""
        if len(self.shapes) >= SHAPES or not raw.lstrip().startswith(b"{"):
            return False
        fields = fields_of(self._format, raw, None)
        leaves = find_leaves(raw) if type(fields) is dict else None
        if leaves is None or not fields or len(leaves) > LEAVES:
            return False
        assert type(fields) is dict
        known = self._read_marked(raw, leaves)
        if known is None or tuple(known) != tuple(fields):
            return False
        wanted = self._choose(tuple(known))
        # Known all the same, or each such row would be looked at anew.
        otherwise = wanted is None
        slots: dict[str, int] = {}
        constants: dict[str, Value] = {}
        chosen: list[tuple[int, int]] = []
        for name, (leaf, constant) in known.items():
            if wanted is None or name not in wanted:
                continue
            if leaf is None:
                if constant != fields[name]:
                    return False
                constants[name] = constant
                continue
            start, end, _ = leaves[leaf]
            if leaf < 0 or _value_of(raw[start:end]) != fields[name]:
                return False
            slots[name] = len(chosen)
            chosen.append((leaf, self._columns.setdefault(name, len(self._columns))))
        if len(chosen) > SLOTS or not self._plant(raw, leaves):
            return False
        number = len(self.shapes)
        self.shapes.append(Shape(names=tuple(known), slots=slots, constants=constants))
        self._otherwise[number] = otherwise
        begins = int(self._first[number])
        if chosen:
            self._wanted[begins : begins + len(chosen)] = chosen
        self._first[number + 1 :] = begins + len(chosen)
        return True

    def _read_marked(
        self, raw: bytes, leaves: Sequence[tuple[int, int, int]]
    ) -> dict[str, tuple[int | None, Value]] | None:
        """For each field the leaf that it is, -1 where it is made of several, None and its value where it is
        none."""
        parts: list[bytes] = []
        marks: dict[str, int] = {}
        at = 0
        for n, (start, end, kind) in enumerate(leaves):
            mark = _MARK.format(n)
            marks[mark] = n
            written = b'"' + mark.encode() + b'"'
            parts.append(raw[at:start])
            parts.append(b"null" if kind == NULL else b"[" + written + b"]" if kind == LIST else written)
            at = end
        fields = fields_of(self._format, b"".join(parts) + raw[at:], None)
        if type(fields) is not dict:
            return None
        known: dict[str, tuple[int | None, Value]] = {}
        for name, value in fields.items():
            if isinstance(value, str):
                known[name] = marks.get(value, -1), None
            elif type(value) is list and value:
                leaf = marks.get(value[0], -1) if len(value) == 1 else -1
                known[name] = leaf if leaf >= 0 and leaves[leaf][2] == LIST else -1, None
            else:
                known[name] = None, value
        return known

    def _plant(self, raw: bytes, leaves: Sequence[tuple[int, int, int]]) -> bool:
        """File the bytes between the leaves of a row; False where there is no room."""
        if self._nodes + len(leaves) + 1 > NODES or self._held + len(raw) > _BYTES:
            return False
        node = at = 0
        tree, blob = self._tree.data, self._blob.data
        for start, end, kind in (*leaves, (len(raw), len(raw), END)):
            between = raw[at:start]
            key = node, between, kind
            child = self._children.get(key)
            if child is None:
                child = self._children[key] = self._nodes
                self._nodes += 1
                blob[self._held : self._held + len(between)] = between
                told = (-1, tree[node, 0], self._held, len(between), kind)
                for n, number in enumerate((*told, len(self.shapes) if kind == END else -1)):
                    tree[child, n] = number
                tree[node, 0] = child
                self._held += len(between)
            elif kind == END:
                return False
            node, at = child, end
        return True


def loads_all(leaves: bytes) -> list[Value]:
    """Leaves with commas between them as a reader of JSON has them, ``orjson`` where it is there."""
    listed = b"[" + leaves + b"]"
    found: list[Value]
    loads = fast_loads()
    try:
        found = json.loads(listed) if loads is None else loads(listed)
    except ValueError:  # half of a surrogate pair
        found = json.loads(listed)
    return found


def _value_of(token: bytes) -> Value:
    fields = fields_of("jsonl/1", b'{"v":' + token + b"}", None)
    assert type(fields) is dict
    value: Value = fields["v"]
    return value
