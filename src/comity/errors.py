"""The errors of Comity, drawn once.

    ComityError
    ├── Malformed     these bytes are not what they say they are (form)
    ├── NotVerified   well-formed, but a signature, hash, proof or chain does not hold (attack or damage)
    ├── Refused       a verb declines to act: a rule of the case, or the state of this node, forbids it
    └── Unavailable   a file, port, disk, peer or key that is needed is not there

Every one carries ``code`` (stable, dotted, listed in ``spec/09-errors.md``), ``where`` (a path such as
``records/3f…/frame.seen[2]``, a file name with a line, an address) and ``why`` (one plain sentence).
A caller's mistake in Python is a ``TypeError`` or ``ValueError`` and is never caught as data.
HTTP codes exist only in the web face, exit codes only in the command line.
"""

from __future__ import annotations


class ComityError(Exception):
    """Base of every error that a person is shown."""

    def __init__(self, code: str, where: str, why: str) -> None:
        super().__init__(code, where, why)
        self.code = code
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"{self.where}: {self.why} [{self.code}]" if self.where else f"{self.why} [{self.code}]"

    def under(self, prefix: str) -> ComityError:
        """The same error, seen from one level further out (``prefix/where``)."""
        where = f"{prefix}/{self.where}" if self.where else prefix
        return type(self)(self.code, where, self.why)


class Malformed(ComityError):
    """Bytes that are not in the one form the specification allows."""


class NotVerified(ComityError):
    """A signature, hash, proof, chain or commitment that does not hold."""


class Refused(ComityError):
    """An act that this node declines; nothing was written."""


class Unavailable(ComityError):
    """Something outside that is needed is missing, full, locked or unreachable."""
