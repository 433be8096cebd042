"""The loops of :mod:`comity.ledger.native` as text of LLVM's intermediate language.

Two ways to compress a block (FIPS 180-4 §6.2.2), one set of loops over them:

``sha_loops``
    The SHA instructions of x86-64. One message keeps them waiting for its own last result, so the loops
    work on two messages at a time. The state is kept as the instructions want it, (F, E, B, A) and
    (H, G, D, C), lowest word first.
``called_loops``
    A function at a given address that compresses one block into eight words, as OpenSSL's
    ``SHA256_Transform`` does.

Text, because it is compiled in a tenth of a second, where a compiler of Python takes some. Nothing here
depends on anything but the arguments, and the texts end in no input.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

INITIAL: Final = (
    *(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A),
    *(0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19),
)
"""The first hash value (FIPS 180-4 §5.3.3)."""


def _root_bits(number: int) -> int:
    """The first 32 bits of the fraction of the cube root of a number (FIPS 180-4 §4.2.2)."""
    scaled = number << 96
    root = 1 << 36
    while (nearer := (2 * root + scaled // (root * root)) // 3) < root:
        root = nearer
    return root & 0xFFFFFFFF


def _primes(wanted: int) -> list[int]:
    found: list[int] = []
    for number in count(2):
        if len(found) == wanted:
            break
        if all(number % prime for prime in found):
            found.append(number)
    return found


CONSTANTS: Final = tuple(map(_root_bits, _primes(64)))
"""One for each round: from the cube roots of the first 64 primes."""

_COMMON: Final = """
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

; The padded message (FIPS 180-4 §5.1.1) of 0x00, the salt and a row, at %lane; gives its number of blocks.
define internal i64 @fill(ptr %lane, ptr %salt, i64 %salted, ptr %row, i64 %length) {
  %head = add i64 %salted, 1
  %total = add i64 %head, %length
  %with = add i64 %total, 72
  %blocks = lshr i64 %with, 6
  %last = sub i64 %blocks, 1
  %many = icmp ugt i64 %blocks, 1
  %before = sub i64 %blocks, 2
  %first = select i1 %many, i64 %before, i64 0
  %zero1 = getelementptr [64 x i8], ptr %lane, i64 %first
  store <64 x i8> zeroinitializer, ptr %zero1, align 1
  %zero2 = getelementptr [64 x i8], ptr %lane, i64 %last
  store <64 x i8> zeroinitializer, ptr %zero2, align 1
  store i8 0, ptr %lane
  %behind = getelementptr i8, ptr %lane, i64 1
  %salting = icmp eq i64 %salted, 16
  br i1 %salting, label %salt_it, label %row_it
salt_it:
  %salt_bytes = load <16 x i8>, ptr %salt, align 1
  store <16 x i8> %salt_bytes, ptr %behind, align 1
  br label %row_it
row_it:
  %body = getelementptr i8, ptr %lane, i64 %head
  call void @llvm.memcpy.p0.p0.i64(ptr %body, ptr %row, i64 %length, i1 false)
  %end = getelementptr i8, ptr %lane, i64 %total
  store i8 128, ptr %end
  %bits = shl i64 %total, 3
  %swapped = call i64 @llvm.bswap.i64(i64 %bits)
  %size = getelementptr i8, ptr %zero2, i64 56
  store i64 %swapped, ptr %size, align 1
  ret i64 %blocks
}
declare i64 @llvm.bswap.i64(i64)
declare i64 @llvm.umin.i64(i64, i64)

; Row %n laid out at %lane; no blocks for a row that is not there.
define internal i64 @place(ptr %lane, ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends, i64 %n,
                           i64 %rows) {
  %there = icmp ult i64 %n, %rows
  br i1 %there, label %lay, label %none
lay:
  %start_at = getelementptr i64, ptr %starts, i64 %n
  %start = load i64, ptr %start_at
  %end_at = getelementptr i64, ptr %ends, i64 %n
  %end = load i64, ptr %end_at
  %length = sub i64 %end, %start
  %row = getelementptr i8, ptr %data, i64 %start
  %skipped = mul i64 %n, %salted
  %salt = getelementptr i8, ptr %salts, i64 %skipped
  %blocks = call i64 @fill(ptr %lane, ptr %salt, i64 %salted, ptr %row, i64 %length)
  ret i64 %blocks
none:
  ret i64 0
}

; Two rows at a time; while they are hashed the next two are laid out, so that no load waits for a store.
; %scratch has room for four rows of %stride bytes.
define void @leaves(ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends, i64 %rows, ptr %scratch,
                    i64 %stride, ptr %out) {
entry:
  %states = alloca [256 x i8], align 16
  %state2 = getelementptr i8, ptr %states, i64 128
  %half = shl i64 %stride, 1
  %lane1 = getelementptr i8, ptr %scratch, i64 %stride
  %here1 = call i64 @place(ptr %scratch, ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends, i64 0,
                           i64 %rows)
  %here2 = call i64 @place(ptr %lane1, ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends, i64 1,
                           i64 %rows)
  br label %next
next:
  %n = phi i64 [ 0, %entry ], [ %after, %told ]
  %side = phi i64 [ 0, %entry ], [ %other, %told ]
  %blocks1 = phi i64 [ %here1, %entry ], [ %coming1, %told ]
  %blocks2 = phi i64 [ %here2, %entry ], [ %coming2, %told ]
  %done = icmp uge i64 %n, %rows
  br i1 %done, label %end, label %row
row:
  %after = add i64 %n, 2
  %after2 = add i64 %n, 3
  %other = sub i64 %half, %side
  %to1 = getelementptr i8, ptr %scratch, i64 %other
  %to2 = getelementptr i8, ptr %to1, i64 %stride
  %coming1 = call i64 @place(ptr %to1, ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends,
                             i64 %after, i64 %rows)
  %coming2 = call i64 @place(ptr %to2, ptr %salts, i64 %salted, ptr %data, ptr %starts, ptr %ends,
                             i64 %after2, i64 %rows)
  %first = getelementptr i8, ptr %scratch, i64 %side
  %second = getelementptr i8, ptr %first, i64 %stride
  call void @begin(ptr %states)
  call void @begin(ptr %state2)
  %both = call i64 @llvm.umin.i64(i64 %blocks1, i64 %blocks2)
  call void @run2(ptr %states, ptr %state2, ptr %first, ptr %second, i64 %both)
  %rest1 = sub i64 %blocks1, %both
  %from1 = getelementptr [64 x i8], ptr %first, i64 %both
  call void @run1(ptr %states, ptr %from1, i64 %rest1)
  %out1 = getelementptr [32 x i8], ptr %out, i64 %n
  call void @tell(ptr %states, ptr %out1)
  %alone = icmp eq i64 %blocks2, 0
  br i1 %alone, label %told, label %two
two:
  %rest2 = sub i64 %blocks2, %both
  %from2 = getelementptr [64 x i8], ptr %second, i64 %both
  call void @run1(ptr %state2, ptr %from2, i64 %rest2)
  %out2 = getelementptr i8, ptr %out1, i64 32
  call void @tell(ptr %state2, ptr %out2)
  br label %told
told:
  br label %next
end:
  ret void
}

; Groups of %width hashes each fold into their own first hash; no node passes into the next group.
define void @fold(ptr %hashes, i64 %groups, i64 %width) {
entry:
  br label %next_group
next_group:
  %group = phi i64 [ 0, %entry ], [ %group_after, %group_done ]
  %finished = icmp uge i64 %group, %groups
  br i1 %finished, label %end, label %levels
levels:
  %skipped = mul i64 %group, %width
  %base = getelementptr [32 x i8], ptr %hashes, i64 %skipped
  br label %next_level
next_level:
  %count = phi i64 [ %width, %levels ], [ %above, %level_done ]
  %root = icmp ule i64 %count, 1
  br i1 %root, label %group_done, label %level
level:
  %pairs = lshr i64 %count, 1
  %twos = and i64 %pairs, -2
  br label %next_two
next_two:
  %pair = phi i64 [ 0, %level ], [ %pair_after, %two ]
  %no_two = icmp uge i64 %pair, %twos
  br i1 %no_two, label %last_pair, label %two
two:
  %from = getelementptr [64 x i8], ptr %base, i64 %pair
  %to = getelementptr [32 x i8], ptr %base, i64 %pair
  call void @node2(ptr %from, ptr %to)
  %pair_after = add i64 %pair, 2
  br label %next_two
last_pair:
  %has_pair = icmp ult i64 %twos, %pairs
  br i1 %has_pair, label %one, label %odd
one:
  %from1 = getelementptr [64 x i8], ptr %base, i64 %twos
  %to1 = getelementptr [32 x i8], ptr %base, i64 %twos
  call void @node1(ptr %from1, ptr %to1)
  br label %odd
odd:
  %is_odd = and i64 %count, 1
  %carried = icmp ne i64 %is_odd, 0
  br i1 %carried, label %carry, label %level_done
carry:
  %last = getelementptr [64 x i8], ptr %base, i64 %pairs
  %up = getelementptr [32 x i8], ptr %base, i64 %pairs
  %hash = load <32 x i8>, ptr %last, align 1
  store <32 x i8> %hash, ptr %up, align 1
  br label %level_done
level_done:
  %above = add i64 %pairs, %is_odd
  br label %next_level
group_done:
  %group_after = add i64 %group, 1
  br label %next_group
end:
  ret void
}
"""

_SHA_DECLARED: Final = """
declare <4 x i32> @llvm.x86.sha256rnds2(<4 x i32>, <4 x i32>, <4 x i32>)
declare <4 x i32> @llvm.x86.sha256msg1(<4 x i32>, <4 x i32>)
declare <4 x i32> @llvm.x86.sha256msg2(<4 x i32>, <4 x i32>)
declare <4 x i32> @llvm.bswap.v4i32(<4 x i32>)
"""

_V: Final = "<4 x i32>"


def _vector(words: Sequence[int]) -> str:
    return "<" + ", ".join(f"i32 {word - (word >> 31 << 32)}" for word in words) + ">"


_FEBA: Final = _vector([INITIAL[n] for n in (5, 4, 1, 0)])
_HGDC: Final = _vector([INITIAL[n] for n in (7, 6, 3, 2)])


class _Body:
    """Lines of a function, with a new name for each value."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names = count()

    def set(self, value: str) -> str:
        """A new name for a value."""
        name = f"%v{next(self._names)}"
        self.lines.append(f"  {name} = {value}")
        return name

    def do(self, line: str) -> None:
        """A line that gives no value."""
        self.lines.append(f"  {line}")

    def load(self, base: str, offset: int, kind: str = _V) -> str:
        """What stands ``offset`` bytes behind a pointer."""
        at = self.set(f"getelementptr i8, ptr {base}, i64 {offset}")
        return self.set(f"load {kind}, ptr {at}, align 1")

    def store(self, value: str, base: str, offset: int) -> None:
        """Put four words ``offset`` bytes behind a pointer."""
        at = self.set(f"getelementptr i8, ptr {base}, i64 {offset}")
        self.do(f"store {_V} {value}, ptr {at}, align 1")

    def swap(self, value: str) -> str:
        """Four words from big-endian bytes, or back."""
        return self.set(f"call {_V} @llvm.bswap.v4i32({_V} {value})")

    def pick(self, a: str, b: str, lanes: Sequence[int]) -> str:
        """Some of the eight words of two vectors."""
        mask = ", ".join(f"i32 {lane}" for lane in lanes)
        return self.set(f"shufflevector {_V} {a}, {_V} {b}, {_V} <{mask}>")

    def compress(self, states: list[tuple[str, str]], messages: list[list[str]]) -> list[tuple[str, str]]:
        """The states after one block each; a message is its sixteen words as four vectors. The messages
        take turns at every fourth round, so that none waits for itself alone."""
        now = list(states)
        for turn in range(16):
            constants = _vector(CONSTANTS[4 * turn : 4 * turn + 4])
            for lane, words in enumerate(messages):
                if turn >= 4:
                    mixed = self.set(f"call {_V} @llvm.x86.sha256msg1({_V} {words[0]}, {_V} {words[1]})")
                    across = self.pick(words[2], words[3], (1, 2, 3, 4))
                    mixed = self.set(f"add {_V} {mixed}, {across}")
                    mixed = self.set(f"call {_V} @llvm.x86.sha256msg2({_V} {mixed}, {_V} {words[3]})")
                    words[:] = [*words[1:], mixed]
                    word = mixed
                else:
                    word = words[turn]
                keyed = self.set(f"add {_V} {word}, {constants}")
                feba, hgdc = now[lane]
                rounds = "@llvm.x86.sha256rnds2"
                middle = self.set(f"call {_V} {rounds}({_V} {hgdc}, {_V} {feba}, {_V} {keyed})")
                keyed = self.pick(keyed, keyed, (2, 3, 0, 0))
                after = self.set(f"call {_V} {rounds}({_V} {feba}, {_V} {middle}, {_V} {keyed})")
                now[lane] = (after, middle)
        return [
            (self.set(f"add {_V} {a}, {was[0]}"), self.set(f"add {_V} {b}, {was[1]}"))
            for (a, b), was in zip(now, states, strict=True)
        ]

    def tell(self, state: tuple[str, str], out: str) -> None:
        """The hash as 32 bytes."""
        # From (F, E, B, A) and (H, G, D, C) to A B C D and E F G H.
        for offset, lanes in ((0, (3, 2, 7, 6)), (16, (1, 0, 5, 4))):
            self.store(self.swap(self.pick(*state, lanes)), out, offset)


def _run(lanes: int) -> str:
    """Compress a number of blocks, which may be none, of each of some messages."""
    body = _Body()
    numbers = range(lanes)
    begun = [(body.load(f"%state{n}", 0), body.load(f"%state{n}", 16)) for n in numbers]
    states = ", ".join(f"ptr %state{n}" for n in numbers)
    blocks = ", ".join(f"ptr %block{n}" for n in numbers)
    head = [f"define internal void @run{lanes}({states}, {blocks}, i64 %blocks) {{", "entry:", *body.lines]
    head += ["  br label %next", "next:", "  %n = phi i64 [ 0, %entry ], [ %after, %block ]"]
    body.lines = []
    held = [(f"%feba{n}", f"%hgdc{n}") for n in numbers]
    body_of = [
        [body.swap(body.load(body_at, offset)) for offset in (0, 16, 32, 48)]
        for body_at in [body.set(f"getelementptr [64 x i8], ptr %block{n}, i64 %n") for n in numbers]
    ]
    after = body.compress(held, body_of)
    for n in numbers:
        for which in (0, 1):
            come = f"[ {begun[n][which]}, %entry ], [ {after[n][which]}, %block ]"
            head.append(f"  {held[n][which]} = phi {_V} {come}")
    head += ["  %done = icmp uge i64 %n, %blocks", "  br i1 %done, label %end, label %block", "block:"]
    tail = ["  %after = add i64 %n, 1", "  br label %next", "end:"]
    for n in numbers:
        tail += [
            f"  store {_V} %feba{n}, ptr %state{n}, align 1",
            f"  %second{n} = getelementptr i8, ptr %state{n}, i64 16",
            f"  store {_V} %hgdc{n}, ptr %second{n}, align 1",
        ]
    return "\n".join([*head, *body.lines, *tail, "  ret void", "}"])


def _node(lanes: int) -> str:
    """The node SHA-256(0x01 ‖ left ‖ right) over each of some pairs that stand one behind another."""
    body = _Body()
    firsts, seconds = [], []
    for lane in range(lanes):
        base = 64 * lane
        begin = body.load("%from", base, "<16 x i8>")
        mask = ", ".join(f"i32 {n}" for n in (16, *range(15)))
        one = "<16 x i8> <" + ", ".join(["i8 1"] * 16) + ">"
        shifted = body.set(f"shufflevector <16 x i8> {begin}, {one}, <16 x i32> <{mask}>")
        words = [body.set(f"bitcast <16 x i8> {shifted} to {_V}")]
        words += [body.load("%from", base + offset) for offset in (15, 31, 47)]
        firsts.append([body.swap(word) for word in words])
        # The second block: the last byte, the bit of the padding, and the length of 520 bits.
        last = body.set(f"zext i8 {body.load('%from', base + 63, 'i8')} to i32")
        high = body.set(f"shl i32 {last}, 24")
        word = body.set(f"or i32 {high}, {0x800000}")
        seconds.append(
            [
                body.set(f"insertelement {_V} zeroinitializer, i32 {word}, i32 0"),
                "zeroinitializer",
                "zeroinitializer",
                _vector((0, 0, 0, 520)),
            ]
        )
    states = body.compress([(_FEBA, _HGDC)] * lanes, firsts)
    for lane, state in enumerate(body.compress(states, seconds)):
        at = body.set(f"getelementptr i8, ptr %to, i64 {32 * lane}")
        body.tell(state, at)
    head = f"define internal void @node{lanes}(ptr %from, ptr %to) {{"
    return "\n".join([head, *body.lines, "  ret void", "}"])


def sha_loops() -> str:
    """The loops over the SHA instructions of x86-64 (LLVM's features ``sha``, ``ssse3``)."""
    begin = _Body()
    begin.store(_FEBA, "%state", 0)
    begin.store(_HGDC, "%state", 16)
    tell = _Body()
    tell.tell((tell.load("%state", 0), tell.load("%state", 16)), "%out")
    small = [
        "\n".join(["define internal void @begin(ptr %state) {", *begin.lines, "  ret void", "}"]),
        "\n".join(["define internal void @tell(ptr %state, ptr %out) {", *tell.lines, "  ret void", "}"]),
    ]
    return "\n".join([_SHA_DECLARED, *small, _run(1), _run(2), _node(1), _node(2), _COMMON])


_CALLED: Final = """
declare <8 x i32> @llvm.bswap.v8i32(<8 x i32>)

define internal void @begin(ptr %state) {
  store <8 x i32> INITIAL, ptr %state, align 1
  ret void
}
define internal void @tell(ptr %state, ptr %out) {
  %words = load <8 x i32>, ptr %state, align 1
  %bytes = call <8 x i32> @llvm.bswap.v8i32(<8 x i32> %words)
  store <8 x i32> %bytes, ptr %out, align 1
  ret void
}
define internal void @run1(ptr %state, ptr %block, i64 %blocks) {
entry:
  br label %next
next:
  %n = phi i64 [ 0, %entry ], [ %after, %one ]
  %done = icmp uge i64 %n, %blocks
  br i1 %done, label %end, label %one
one:
  %at = getelementptr [64 x i8], ptr %block, i64 %n
  %act = inttoptr i64 ADDRESS to ptr
  call void %act(ptr %state, ptr %at)
  %after = add i64 %n, 1
  br label %next
end:
  ret void
}
define internal void @run2(ptr %state0, ptr %state1, ptr %block0, ptr %block1, i64 %blocks) {
  call void @run1(ptr %state0, ptr %block0, i64 %blocks)
  call void @run1(ptr %state1, ptr %block1, i64 %blocks)
  ret void
}
; The padded message of 0x01 and two hashes: 65 bytes, so 520 bits.
define internal void @node1(ptr %from, ptr %to) {
  %state = alloca [128 x i8], align 16
  %message = alloca [128 x i8], align 16
  store <128 x i8> zeroinitializer, ptr %message, align 16
  store i8 1, ptr %message
  %body = getelementptr i8, ptr %message, i64 1
  %hashes = load <64 x i8>, ptr %from, align 1
  store <64 x i8> %hashes, ptr %body, align 1
  %end = getelementptr i8, ptr %message, i64 65
  store i8 128, ptr %end
  %high = getelementptr i8, ptr %message, i64 126
  store i8 2, ptr %high
  %low = getelementptr i8, ptr %message, i64 127
  store i8 8, ptr %low
  call void @begin(ptr %state)
  call void @run1(ptr %state, ptr %message, i64 2)
  call void @tell(ptr %state, ptr %to)
  ret void
}
define internal void @node2(ptr %from, ptr %to) {
  call void @node1(ptr %from, ptr %to)
  %from2 = getelementptr i8, ptr %from, i64 64
  %to2 = getelementptr i8, ptr %to, i64 32
  call void @node1(ptr %from2, ptr %to2)
  ret void
}
"""


def called_loops(address: int) -> str:
    """The loops over a function that compresses one block, of a state of eight words, at ``address``."""
    initial = _vector(INITIAL)
    return _CALLED.replace("INITIAL", initial).replace("ADDRESS", str(address)) + _COMMON
