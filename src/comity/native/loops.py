"""Plain loops of Python as machine code: a compiler for the small part of the language that they need.

Importing a compiler of Python takes two seconds of processor, more than most runs take; what is compiled here
is there in a fifth of one (extra ``fast``: llvmlite alone). The functions stay functions: what they compute
may be asked of the interpreter, and tests do so.

Every number is one of 64 bits: ``+ - * & | ^ << >>``, ``~`` and ``-`` wrap, ``>>`` brings zeros, and
comparisons take numbers as signed, so a function means the same to the interpreter where it keeps to numbers
below 2^63, or masks to 64 bits and asks :func:`below`. An argument is a number (``int``) or a place in
memory: ``Bytes`` (of 8 bits, read as 0 to 255), ``Ints`` (of 32, with a sign), ``Places`` and ``Words`` (of
64); nothing checks the places asked for. Statements: assignments to one name or element, ``if``, ``while``,
``break``, ``continue``, ``return`` of one number; calls of functions of the same kind and of the ones below.
Anything else is a ``ValueError`` when it is compiled.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import sys
import textwrap
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Final

from comity.native.code import compile_functions

ALL: Final = 2**64 - 1
SMALL: Final = 40
"""Functions of so many steps may stand in the place of their calls."""

_ELEMENTS: Final = {"Bytes": "i8", "Ints": "i32", "Places": "i64", "Words": "i64"}
_OPERATORS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "lshr",
}
_COMPARISONS: Final[dict[type[ast.AST], str]] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "slt",
    ast.LtE: "sle",
    ast.Gt: "sgt",
    ast.GtE: "sge",
}


def load8(data: Sequence[int], at: int) -> int:
    """Eight bytes from a place on as one number, the first byte lowest."""
    return int.from_bytes(bytes(data[at : at + 8]), "little")


def lowest(word: int) -> int:
    """The place of the lowest bit that is set; one must be."""
    return (word & -word).bit_length() - 1


def leading(word: int) -> int:
    """How many bits of 64 stand above the highest one that is set; one must be."""
    return 64 - word.bit_length()


def ones(word: int) -> int:
    """How many of 64 bits are set."""
    return word.bit_count()


def below(one: int, other: int) -> bool:
    """Whether a number of 64 bits without a sign is less than another."""
    return one < other


def equal64(data: Sequence[int], at: int, byte: int) -> int:
    """A bit for each of 64 bytes from a place on: whether it is just this one."""
    return sum(1 << n for n in range(64) if data[at + n] == byte)


def range64(data: Sequence[int], at: int, first: int, count: int) -> int:
    """A bit for each of 64 bytes from a place on: whether it is one of so many from the first on."""
    return sum(1 << n for n in range(64) if first <= data[at + n] < first + count)


def word64(data: Sequence[int], at: int) -> int:
    """A bit for each of 64 bytes from a place on: whether it is a letter or digit, ``_``, or beyond ASCII."""
    return sum(1 << n for n, byte in enumerate(data[at : at + 64]) if byte >= 128 or _of_word(byte))


def equal32(data: Sequence[int], at: int, other: Sequence[int], base: int) -> int:
    """A bit for each of 32 bytes from a place on: whether it is the one at the same place of the other."""
    return sum(1 << n for n in range(32) if data[at + n] == other[base + n])


def text32(data: Sequence[int], at: int) -> int:
    """A bit for each of 32 bytes from a place on: whether a text of JSON ends or stops there: a quote, a
    backslash, a control character."""
    return sum(1 << n for n in range(32) if data[at + n] in (34, 92) or data[at + n] < 32)


def _of_word(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or byte == 95 or 97 <= byte <= 122


_GIVEN: Final[dict[object, str]] = {
    given: given.__name__
    for given in (load8, lowest, leading, ones, below, equal64, range64, word64, equal32, text32)
}

_PRELUDE: Final = """
declare i64 @llvm.cttz.i64(i64, i1)
declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.ctpop.i64(i64)

define internal i64 @load8(ptr %data, i64 %at) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %word = load i64, ptr %place, align 1
  ret i64 %word
}
define internal i64 @lowest(i64 %word) alwaysinline {
  %place = call i64 @llvm.cttz.i64(i64 %word, i1 true)
  ret i64 %place
}
define internal i64 @leading(i64 %word) alwaysinline {
  %count = call i64 @llvm.ctlz.i64(i64 %word, i1 true)
  ret i64 %count
}
define internal i64 @ones(i64 %word) alwaysinline {
  %count = call i64 @llvm.ctpop.i64(i64 %word)
  ret i64 %count
}
define internal i64 @below(i64 %one, i64 %other) alwaysinline {
  %less = icmp ult i64 %one, %other
  %told = zext i1 %less to i64
  ret i64 %told
}
define internal <64 x i8> @all64(i8 %byte) alwaysinline {
  %one = insertelement <64 x i8> poison, i8 %byte, i32 0
  %all = shufflevector <64 x i8> %one, <64 x i8> poison, <64 x i32> zeroinitializer
  ret <64 x i8> %all
}
define internal i64 @equal64(ptr %data, i64 %at, i64 %byte) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %bytes = load <64 x i8>, ptr %place, align 1
  %wanted = trunc i64 %byte to i8
  %all = call <64 x i8> @all64(i8 %wanted)
  %same = icmp eq <64 x i8> %bytes, %all
  %told = bitcast <64 x i1> %same to i64
  ret i64 %told
}
define internal i64 @range64(ptr %data, i64 %at, i64 %first, i64 %count) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %bytes = load <64 x i8>, ptr %place, align 1
  %lowest = trunc i64 %first to i8
  %many = trunc i64 %count to i8
  %all_lowest = call <64 x i8> @all64(i8 %lowest)
  %all_many = call <64 x i8> @all64(i8 %many)
  %from_lowest = sub <64 x i8> %bytes, %all_lowest
  %same = icmp ult <64 x i8> %from_lowest, %all_many
  %told = bitcast <64 x i1> %same to i64
  ret i64 %told
}
define internal i64 @word64(ptr %data, i64 %at) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %bytes = load <64 x i8>, ptr %place, align 1
  %case = call <64 x i8> @all64(i8 32)
  %a = call <64 x i8> @all64(i8 97)
  %letters = call <64 x i8> @all64(i8 26)
  %nought = call <64 x i8> @all64(i8 48)
  %digits = call <64 x i8> @all64(i8 10)
  %line = call <64 x i8> @all64(i8 95)
  %lower = or <64 x i8> %bytes, %case
  %from_a = sub <64 x i8> %lower, %a
  %is_letter = icmp ult <64 x i8> %from_a, %letters
  %from_nought = sub <64 x i8> %bytes, %nought
  %is_digit = icmp ult <64 x i8> %from_nought, %digits
  %is_line = icmp eq <64 x i8> %bytes, %line
  %is_beyond = icmp slt <64 x i8> %bytes, zeroinitializer
  %one = or <64 x i1> %is_letter, %is_digit
  %two = or <64 x i1> %is_line, %is_beyond
  %any = or <64 x i1> %one, %two
  %told = bitcast <64 x i1> %any to i64
  ret i64 %told
}
define internal <32 x i8> @all32(i8 %byte) alwaysinline {
  %one = insertelement <32 x i8> poison, i8 %byte, i32 0
  %all = shufflevector <32 x i8> %one, <32 x i8> poison, <32 x i32> zeroinitializer
  ret <32 x i8> %all
}
define internal i64 @equal32(ptr %data, i64 %at, ptr %other, i64 %base) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %bytes = load <32 x i8>, ptr %place, align 1
  %other_place = getelementptr i8, ptr %other, i64 %base
  %others = load <32 x i8>, ptr %other_place, align 1
  %same = icmp eq <32 x i8> %bytes, %others
  %bits = bitcast <32 x i1> %same to i32
  %told = zext i32 %bits to i64
  ret i64 %told
}
define internal i64 @text32(ptr %data, i64 %at) alwaysinline {
  %place = getelementptr i8, ptr %data, i64 %at
  %bytes = load <32 x i8>, ptr %place, align 1
  %quote = call <32 x i8> @all32(i8 34)
  %back = call <32 x i8> @all32(i8 92)
  %space = call <32 x i8> @all32(i8 32)
  %is_quote = icmp eq <32 x i8> %bytes, %quote
  %is_back = icmp eq <32 x i8> %bytes, %back
  %is_control = icmp ult <32 x i8> %bytes, %space
  %either = or <32 x i1> %is_quote, %is_back
  %any = or <32 x i1> %either, %is_control
  %bits = bitcast <32 x i1> %any to i32
  %told = zext i32 %bits to i64
  ret i64 %told
}
"""


def compile_loop(function: Callable[..., int]) -> Callable[..., int]:
    """The function as machine code, with those that it calls; places in memory are given by address. Raises
    ``ImportError`` without llvmlite, ``ValueError`` for what is not of the language."""
    assert isinstance(function, FunctionType)
    if sys.byteorder != "little":
        raise ImportError("the language takes the lowest byte first")
    kinds = _kinds_of(function)
    given = [ctypes.c_int64 if kind == "int" else ctypes.c_void_p for kind in kinds.values()]
    takes = {"main": (ctypes.c_int64, given)}
    return compile_functions(lambda: write_loops(function), takes, decided_by=told_of(function))["main"]


def told_of(function: Callable[..., int]) -> str:
    """All that decides what is written of a function: its source and that of those that it calls, the numbers
    that they name, and how they are written. Writing them takes longer than all else, once code is kept."""
    waiting, done = [function], set[Callable[..., int]]()
    names, numbers = {__name__, compile_functions.__module__}, set[tuple[str, str, int]]()
    while waiting:
        one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        assert isinstance(one, FunctionType)
        names.add(one.__module__)
        for name in one.__code__.co_names:
            known = one.__globals__.get(name)
            if isinstance(known, int):
                numbers.add((one.__module__, name, known))
            elif isinstance(known, FunctionType) and known not in _GIVEN:
                waiting.append(known)
    sources = [inspect.getsource(sys.modules[name]) for name in sorted(names)]
    return "\0".join([function.__name__, repr(sorted(numbers)), *sources])


def write_loops(function: Callable[..., int]) -> str:
    """The function and those that it calls in LLVM's language, itself as ``main``."""
    waiting, done = [function], dict[Callable[..., int], _Function]()
    while waiting:
        one = waiting.pop()
        if one not in done:
            done[one] = _Function(one, "main" if one is function else f"f.{one.__name__}")
            waiting += done[one].called
    return "\n".join([_PRELUDE, *(made.text() for made in done.values())])


def _kinds_of(function: FunctionType) -> dict[str, str]:
    """The kind of each argument: what is written behind its name."""
    code = function.__code__
    return {name: str(function.__annotations__.get(name)) for name in code.co_varnames[: code.co_argcount]}


class _Function:
    """One function, statement by statement."""

    def __init__(self, function: Callable[..., int], name: str) -> None:
        assert isinstance(function, FunctionType)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        # A source that was changed after it was loaded may give the text of another function.
        if (tree.name, [one.arg for one in tree.args.args]) != (function.__name__, [*_kinds_of(function)]):
            raise OSError(f"the source of {function.__name__} is not what was loaded")
        self.name = name
        self.called: list[Callable[..., int]] = []
        self.kinds = _kinds_of(function)
        self._globals = function.__globals__
        self._lines: list[str] = []
        self._names = 0
        self._locals: dict[str, None] = {}
        self._loops: list[tuple[str, str]] = []
        self._statements(tree.body)
        self._do("ret i64 0")

    def text(self) -> str:
        """The function in LLVM's language."""
        linkage = "" if self.name == "main" else "internal "
        shown = {name: "i64" if kind == "int" else "ptr noalias" for name, kind in self.kinds.items()}
        head = ", ".join(f"{kind} %{name}" for name, kind in shown.items())
        begin = [f"  %v.{name} = alloca i64" for name in self._locals]
        numbers = [name for name, kind in self.kinds.items() if kind == "int"]
        begin += [f"  %v.{name} = alloca i64" for name in numbers if name not in self._locals]
        begin += [f"  store i64 %{name}, ptr %v.{name}" for name in numbers]
        lines = "\n".join(["entry:", *begin, *self._lines])
        # Copies of long functions in one another take longer to compile than their calls ever take.
        apart = " noinline" if linkage and len(self._lines) > SMALL else ""
        return f"define {linkage}i64 @{self.name}({head}){apart} {{\n{lines}\n}}"

    def _do(self, line: str) -> None:
        self._lines.append(f"  {line}")

    def _set(self, value: str) -> str:
        self._names += 1
        self._do(f"%t{self._names} = {value}")
        return f"%t{self._names}"

    def _label(self) -> str:
        self._names += 1
        return f"b{self._names}"

    def _go(self, label: str) -> None:
        self._do(f"br label %{label}")

    def _here(self, label: str) -> None:
        self._lines.append(f"{label}:")

    def _leave(self, line: str) -> None:
        """End a block; what follows it in the text is never come to."""
        self._do(line)
        self._here(self._label())

    def _statements(self, body: Sequence[ast.stmt]) -> None:
        for one in body:
            self._statement(one)

    def _statement(self, one: ast.stmt) -> None:
        match one:
            case ast.Assign(targets=[target], value=value):
                self._store(target, self._value(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._store(target, self._value(value))
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                now = self._value(ast.BinOp(ast.Name(target.id), op, value))
                self._store(target, now)
            case ast.If(test=test, body=body, orelse=other):
                yes, no, end = self._label(), self._label(), self._label()
                self._branch(test, yes, no)
                for label, part in ((yes, body), (no, other)):
                    self._here(label)
                    self._statements(part)
                    self._go(end)
                self._here(end)
            case ast.While(test=test, body=body, orelse=[]):
                again, inside, end = self._label(), self._label(), self._label()
                self._go(again)
                self._here(again)
                self._branch(test, inside, end)
                self._here(inside)
                self._loops.append((again, end))
                self._statements(body)
                self._loops.pop()
                self._go(again)
                self._here(end)
            case ast.Break():
                self._leave(f"br label %{self._loops[-1][1]}")
            case ast.Continue():
                self._leave(f"br label %{self._loops[-1][0]}")
            case ast.Return(value=ast.expr() as value):
                self._leave(f"ret i64 {self._value(value)}")
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                raise ValueError(f"not of the language: {ast.unparse(one)}")

    def _store(self, target: ast.expr, value: str) -> None:
        match target:
            case ast.Name(id=name) if self.kinds.get(name, "int") == "int":
                if name not in self.kinds:
                    self._locals[name] = None
                self._do(f"store i64 {value}, ptr %v.{name}")
            case ast.Subscript(value=ast.Name(id=name), slice=place):
                kind, at = self._element(name, place)
                if kind != "i64":
                    value = self._set(f"trunc i64 {value} to {kind}")
                self._do(f"store {kind} {value}, ptr {at}")
            case _:
                raise ValueError(f"not of the language: {ast.unparse(target)}")

    def _element(self, name: str, place: ast.expr) -> tuple[str, str]:
        kind = _ELEMENTS[self.kinds[name]]
        return kind, self._set(f"getelementptr {kind}, ptr %{name}, i64 {self._value(place)}")

    def _value(self, one: ast.expr) -> str:
        match one:
            case ast.Constant(value=bool() | int() as number):
                return _number(int(number))
            case ast.Name(id=name):
                if name in self._locals or self.kinds.get(name) == "int":
                    return self._set(f"load i64, ptr %v.{name}")
                if name in self.kinds:
                    return f"%{name}"
                known = self._globals.get(name)
                if not isinstance(known, int):
                    raise ValueError(f"neither set nor a number: {name}")
                return _number(known)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                a, b = self._value(left), self._value(right)
                return self._set(f"{_OPERATORS[type(op)]} i64 {a}, {b}")
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return self._set(f"sub i64 0, {self._value(part)}")
            case ast.UnaryOp(op=ast.Invert(), operand=part):
                return self._set(f"xor i64 -1, {self._value(part)}")
            case ast.Subscript(value=ast.Name(id=name), slice=place):
                kind, at = self._element(name, place)
                found = self._set(f"load {kind}, ptr {at}")
                wider = {"i8": "zext", "i32": "sext"}.get(kind)
                return found if wider is None else self._set(f"{wider} {kind} {found} to i64")
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                told = self._set(
                    f"icmp {_COMPARISONS[type(op)]} i64 {self._value(left)}, {self._value(right)}"
                )
                return self._set(f"zext i1 {told} to i64")
            case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
                return self._call(self._globals.get(name), given, name)
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self._truth(one)
        raise ValueError(f"not of the language: {ast.unparse(one)}")

    def _call(self, function: object, given: Sequence[ast.expr], name: str) -> str:
        told = []
        for each in given:
            by_place = isinstance(each, ast.Name) and self.kinds.get(each.id, "int") != "int"
            told.append(f"{'ptr' if by_place else 'i64'} {self._value(each)}")
        known = _GIVEN.get(function)
        if known is None:
            if not isinstance(function, FunctionType):
                raise ValueError(f"not a function that can be compiled: {name}")
            self.called.append(function)
            known = f"f.{name}"
        return self._set(f"call i64 @{known}({', '.join(told)})")

    def _truth(self, one: ast.expr) -> str:
        self._names += 1
        name = f"truth.{self._names}"
        self._locals[name] = None
        yes, no, end = self._label(), self._label(), self._label()
        self._branch(one, yes, no)
        for label, number in ((yes, 1), (no, 0)):
            self._here(label)
            self._do(f"store i64 {number}, ptr %v.{name}")
            self._go(end)
        self._here(end)
        return self._set(f"load i64, ptr %v.{name}")

    def _branch(self, test: ast.expr, yes: str, no: str) -> None:
        """Go one way or the other; the right side of ``and`` and ``or`` is asked only where it decides."""
        match test:
            case ast.BoolOp(op=op, values=[*parts, last]):
                for part in parts:
                    following = self._label()
                    if isinstance(op, ast.And):
                        self._branch(part, following, no)
                    else:
                        self._branch(part, yes, following)
                    self._here(following)
                self._branch(last, yes, no)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                self._branch(part, no, yes)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                told = self._set(
                    f"icmp {_COMPARISONS[type(op)]} i64 {self._value(left)}, {self._value(right)}"
                )
                self._do(f"br i1 {told}, label %{yes}, label %{no}")
            case _:
                told = self._set(f"icmp ne i64 {self._value(test)}, 0")
                self._do(f"br i1 {told}, label %{yes}, label %{no}")


def _number(number: int) -> str:
    if not -(2**63) <= number <= ALL:
        raise ValueError(f"more than 64 bits: {number}")
    return str(number - 2**64 if number >= 2**63 else number)


def address_of(array: Any) -> int:
    """Where the elements of an array of numpy begin."""
    address: int = array.ctypes.data
    return address
