"""What rows leave possible, told from codes by tables.

A code of a field has a *class*, which says what rules its value leaves possible; of classes there are few. A
row goes from *state* to state, a column at a time: a state is what all columns so far leave possible. What a
state and a class have in common is worked out when they first meet, so that most rows cost the same however
many rules there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.findings.rows import Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from comity.findings.sieve import Field

ROOM: Final = 1 << 22
"""So many codes stand in arrays, over all tables; the rest are looked up one by one."""
STATES: Final = 1 << 15
"""So many states are remembered of rows of a kind."""
CELLS: Final = 1 << 20
"""So many steps between them, for a column."""

Codes: TypeAlias = "npt.NDArray[np.int32]"


def _distinct(numbers: Any) -> Any:
    """The different ones of some numbers, in their order."""
    import numpy as np

    # numpy's own way loads modules first, for some ten milliseconds.
    ordered = np.sort(numbers)
    first = np.empty(len(ordered), np.bool_)
    first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Table:
    """What each code of a field leaves possible: a code has a *class*, of which there are few, and a class
    has bits. ``room`` is how many codes may still stand in arrays, over all tables."""

    def __init__(self, field: Field, room: list[int]) -> None:
        self.field = field
        self._room = room
        self._class_of: dict[int, int] = {}
        self._classes: dict[int, int] = {field.nothing: 0}
        self._array: npt.NDArray[np.int32] | None = None
        self.bits = [field.nothing]

    def look_up(self, codes: Codes, values: Callable[[Sequence[int]], Sequence[Value]]) -> Codes:
        """The class of each code."""
        import numpy as np

        array = self._make_room(int(codes.max()) + 1)
        if array is None:
            told, listed = self._class_of, codes.tolist()
            if fresh := set(listed).difference(told):
                self._learn(sorted(fresh), values)
            return np.fromiter(map(told.__getitem__, listed), np.int32, len(listed))
        found = array[codes]
        missing = found < 0
        if missing.any():
            self._learn(_distinct(codes[missing]).tolist(), values)
            found = array[codes]
        return found

    def look_up_few(
        self, codes: Sequence[int], values: Callable[[Sequence[int]], Sequence[Value]]
    ) -> Sequence[int]:
        """What each code leaves possible, as bits: for a few rows arrays would cost more."""
        told, bits = self._class_of, self.bits
        try:
            return [bits[told[code]] for code in codes]
        except KeyError:
            self._learn(sorted(set(codes).difference(told)), values)
        return [bits[told[code]] for code in codes]

    def _make_room(self, size: int) -> npt.NDArray[np.int32] | None:
        import numpy as np

        array = self._array
        held = 0 if array is None else len(array)
        if size > held:
            size = max(1024, 1 << (size - 1).bit_length())
            if self._room[0] < size - held:
                self._room[0] += held
                self._array = None
                return None
            self._room[0] -= size - held
            longer = np.full(size, -1, np.int32)
            for code, number in self._class_of.items():
                if code < size:
                    longer[code] = number
            self._array = array = longer
        return array

    def _learn(self, fresh: Sequence[int], values: Callable[[Sequence[int]], Sequence[Value]]) -> None:
        """Look at what codes, in their order, stand for."""
        said = values(fresh)
        texts = [str(value) if type(value) is int else value for value in said]
        plain = {text for text in texts if type(text) is str}
        number_of = self._number_of
        telling = {text: number_of(bits) for text, bits in self.field.work_out(list(plain)).items()}
        told = [
            telling.get(text, 0) if type(text) is str else number_of(self.field.bits_of(value))
            for value, text in zip(said, texts, strict=True)
        ]
        self._class_of.update(zip(fresh, told, strict=True))
        if self._array is not None and fresh[-1] < len(self._array):
            self._array[fresh] = told

    def _number_of(self, bits: int) -> int:
        number = self._classes.setdefault(bits, len(self.bits))
        if number == len(self.bits):
            self.bits.append(bits)
        return number

    def _put(self, code: int, bits: int) -> None:
        number = self._class_of[code] = self._number_of(bits)
        if self._array is not None and code < len(self._array):
            self._array[code] = number

    def bits_of(self, code: int) -> int:
        """The rules that a code leaves possible, of those looked up before."""
        return self.bits[self._class_of[code]]

    def teach(self, code: int, refused: int) -> None:
        """Some of these rules are false wherever the code stands."""
        self._put(code, self.bits_of(code) & ~refused)


class _Step:
    """From states to states by the classes of one column. States are known by numbers of their own here, so
    that what is remembered stays small."""

    def __init__(self) -> None:
        import numpy as np

        self.rows: Codes = np.full(64, -1, np.int32)
        self.count = 0
        self.cells: Codes | None = np.full((0, 0), -1, np.int32)

    def rows_of(self, at: Codes, states: int) -> Codes:
        """The numbers here of states."""
        import numpy as np

        if len(self.rows) < states:
            longer = np.full(2 * states, -1, np.int32)
            longer[: len(self.rows)] = self.rows
            self.rows = longer
        rows = self.rows[at]
        missing = rows < 0
        if missing.any():
            fresh = _distinct(at[missing])
            self.rows[fresh] = np.arange(self.count, self.count + len(fresh), dtype=np.int32)
            self.count += len(fresh)
            rows = self.rows[at]
        return rows

    def widen(self, classes: int) -> Codes | None:
        """Room for all steps there can be; None where that would be too much."""
        import numpy as np

        if self.cells is None:
            return None
        height, width = self.cells.shape
        if height < self.count or width < classes:
            grown = (
                height if height >= self.count else 2 * self.count,
                width if width >= classes else 2 * classes,
            )
            if grown[0] * grown[1] > CELLS:
                self.cells = None
                return None
            longer = np.full(grown, -1, np.int32)
            longer[:height, :width] = self.cells
            self.cells = longer
        return self.cells


class States:
    """The states of rows of one kind, and the steps between them. ``base`` is the state before any column, in
    bits as those of a :class:`~comity.findings.sieve.Field` of ``size`` rules."""

    def __init__(self, base: int, size: int, columns: int) -> None:
        self._size = size
        self._rules = (1 << size) - 1
        self._base = base
        self._columns = columns
        self._feasible = 0
        self._forget()

    def _tidy(self, bits: int) -> int:
        """Bits in which of rules that are not possible nothing else is said."""
        rules = self._rules
        return bits & (rules | (bits & rules) << self._size)

    def _forget(self) -> None:
        self._bits: list[int] = []
        self._numbers: dict[int, int] = {}
        self._steps = [_Step() for _ in range(self._columns)]

    def _number_of(self, bits: int) -> int:
        number = self._numbers.setdefault(bits, len(self._bits))
        if number == len(self._bits):
            self._bits.append(bits)
        return number

    def take(self, columns: Sequence[tuple[Codes, Sequence[int]]], count: int) -> tuple[Codes, Sequence[int]]:
        """The state of each of ``count`` rows, and what states stand for, until the next are taken; of each
        column the class of each row, and what classes stand for."""
        import numpy as np

        base = feasible = self._base
        varying: list[tuple[int, Codes, Sequence[int]]] = []
        for place, (classes, bits) in enumerate(columns):
            first = classes[0]
            if (classes == first).all():
                base &= bits[int(first)]
                continue
            varying.append((place, classes, bits))
            some = 0
            for number in np.bincount(classes).nonzero()[0].tolist():
                some |= bits[number]
            feasible &= some
        # A rule that no row can satisfy, as some column has no value for it, need not tell states apart.
        feasible = self._tidy(feasible & base)
        if feasible & ~self._feasible:
            self._feasible |= feasible
            self._forget()
        base &= self._feasible
        at = np.full(count, self._number_of(base), np.int32)
        # Columns of few classes go first: so there are few states until most rows are in that of no rule.
        for place, classes, bits in sorted(varying, key=lambda each: len(each[2])):
            if len(self._bits) > STATES:
                at = self._renew(at)
            at = self._go(self._steps[place], at, classes, bits)
        return at, self._bits

    def _renew(self, at: Codes) -> Codes:
        """Forget all states but those that rows are in."""
        import numpy as np

        used, places = np.unique(at, return_inverse=True)
        held = [self._bits[number] for number in used.tolist()]
        self._forget()
        for bits in held:
            self._number_of(bits)
        return places.astype(np.int32)

    def _go(self, step: _Step, at: Codes, classes: Codes, bits: Sequence[int]) -> Codes:
        import numpy as np

        rows = step.rows_of(at, len(self._bits))
        cells = step.widen(len(bits))
        if cells is None:
            pairs, places = np.unique(at.astype(np.int64) << 32 | classes, return_inverse=True)
            return self._meet(pairs >> 32, pairs & 0xFFFFFFFF, bits)[places]
        found: Codes = cells[rows, classes]
        missing = found < 0
        if missing.any():
            pairs = _distinct(at[missing].astype(np.int64) << 32 | classes[missing])
            before, between = pairs >> 32, pairs & 0xFFFFFFFF
            cells[step.rows[before], between] = self._meet(before, between, bits)
            found = cells[rows, classes]
        return found

    def _meet(
        self, before: npt.NDArray[np.int64], between: npt.NDArray[np.int64], bits: Sequence[int]
    ) -> Codes:
        import numpy as np

        states, numbers, rules, size = self._bits, self._numbers, self._rules, self._size
        told = []
        for one, other in zip(before.tolist(), between.tolist(), strict=True):
            # As :meth:`_tidy` and :meth:`_number_of` have it.
            met = states[one] & bits[other]
            met &= rules | (met & rules) << size
            number = numbers.get(met)
            if number is None:
                number = numbers[met] = len(states)
                states.append(met)
            told.append(number)
        return np.array(told, np.int32)
