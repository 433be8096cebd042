"""Sealing to others with age (age-encryption.org/v1). Says nothing about who sealed: envelopes do."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from comity.errors import Malformed, NotVerified, Unavailable


def load_age() -> ModuleType:
    """The age library, loaded where it is first needed; ``Unavailable`` where the installation lost it."""
    try:
        import pyrage
    except ImportError:
        raise Unavailable(
            "extra.age", "age", "sealing to others needs the package pyrage, which is missing here"
        ) from None
    found: ModuleType = pyrage
    return found


class AgeBoxes:
    """``exchange.ports.Boxes`` for native X25519 recipients (``age1…``)."""

    def seal_to(self, recipients: Sequence[str], data: bytes) -> bytes:
        """An age file; ``Malformed`` for no recipient at all or one that is not an X25519 recipient."""
        age = load_age()
        if not recipients:
            raise Malformed("age.recipient", "recipients", "nobody to seal to")
        keys = []
        for place, text in enumerate(recipients):
            try:
                keys.append(age.x25519.Recipient.from_str(text))
            except age.RecipientError:
                raise Malformed("age.recipient", f"recipients[{place}]", "not an age recipient") from None
        sealed: bytes = age.encrypt(data, keys)
        return sealed


def open_box(identities: Sequence[str], sealed: bytes) -> bytes:
    """What an age file holds for one of these ``AGE-SECRET-KEY-…``; ``NotVerified`` if it is for none of
    them, or was changed."""
    age = load_age()
    try:
        opened: bytes = age.decrypt(sealed, [age.x25519.Identity.from_str(one) for one in identities])
    except age.IdentityError:
        raise Malformed("key.form", "age", "not an age identity") from None
    except age.DecryptError:
        raise NotVerified("age.open", "sealed", "not sealed to this node, or changed since") from None
    return opened
