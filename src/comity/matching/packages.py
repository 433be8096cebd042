"""What travels beside the records of a matching: a list's tokens, and elements asked and answered.

A token is the first 16 bytes of ``F(k, indicator)``. A list is its tokens, ascending, each once, with random
ones among them where its holder hides how many there are. Both packages are deterministic CBOR, and a record
commits to each by (count, root): the RFC 6962 tree over the parts in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.errors import Malformed, NotVerified
from comity.ledger.merkle import leaf_hash, root_of
from comity.matching.voprf import ELEMENT_BYTES, OUTPUT_BYTES
from comity.records import cbor

LIST_KIND: Final = "comity/1/match-list"
ELEMENTS_KIND: Final = "comity/1/match-elements"
TOKEN_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Tokens or elements, and what a record says of them."""

    parts: tuple[bytes, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.parts)

    @property
    def root(self) -> str:
        """The root over them, in hex."""
        return root_of([leaf_hash(part) for part in self.parts]).hex()


def token_of(output: bytes) -> bytes:
    """The token of an output of the function."""
    if len(output) != OUTPUT_BYTES:
        raise ValueError("an output has 64 bytes")
    return output[:TOKEN_BYTES]


def make_list(tokens: Iterable[bytes], decoys: Iterable[bytes] = ()) -> Parts:
    """The list of these tokens, with random ones among them."""
    return Parts(parts=tuple(sorted({*tokens, *decoys})))


def render_list(tokens: Parts) -> bytes:
    """``[kind, tokens joined]``."""
    return cbor.encode([LIST_KIND, b"".join(tokens.parts)])


def render_elements(elements: Parts) -> bytes:
    """``[kind, elements joined]``."""
    return cbor.encode([ELEMENTS_KIND, b"".join(elements.parts)])


def open_list(raw: bytes, count: int, root: str, where: str = "") -> Parts:
    """The tokens that a record commits to. ``Malformed`` (``match.package``) for another form,
    ``NotVerified`` (``match.root``) for other tokens."""
    found = _open(raw, LIST_KIND, TOKEN_BYTES, count, root, where)
    if any(a >= b for a, b in zip(found.parts, found.parts[1:], strict=False)):
        raise Malformed("match.package", where, "tokens do not ascend, or one stands twice")
    return found


def open_elements(raw: bytes, count: int, root: str, where: str = "") -> Parts:
    """The elements that a record commits to; errors as :func:`open_list`. That each is an element of the
    group is for ``voprf`` to say."""
    return _open(raw, ELEMENTS_KIND, ELEMENT_BYTES, count, root, where)


def _open(raw: bytes, kind: str, width: int, count: int, root: str, where: str) -> Parts:
    match cbor.decode(raw, where, code="match.package"):
        case [str() as named, bytes() as joined] if named == kind and joined and len(joined) % width == 0:
            pass
        case _:
            raise Malformed("match.package", where, f"this is not {kind}")
    found = Parts(parts=tuple(joined[at : at + width] for at in range(0, len(joined), width)))
    if (found.count, found.root) != (count, root):
        raise NotVerified("match.root", where, "these are not the parts that the record commits to")
    return found


def positions_of(tokens: Parts, wanted: Sequence[bytes]) -> list[int | None]:
    """Where each wanted token stands in a list; None for one that is not there."""
    at = {token: n for n, token in enumerate(tokens.parts)}
    return [at.get(token) for token in wanted]
