"""The table ``[quotas]`` of ``comity.toml``: how much others may have this node store."""

from __future__ import annotations

from typing import Annotated

import msgspec

from comity.exchange.quotas import MEGABYTE, Limits

_Megabytes = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Quotas(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What others may have this node store, in 10^6 bytes (``exchange/quotas.py``)."""

    party_mb: _Megabytes = Limits().party // MEGABYTE
    parties_mb: _Megabytes = Limits().parties // MEGABYTE
    guest_mb: _Megabytes = Limits().guest // MEGABYTE
    guests_mb: _Megabytes = Limits().guests // MEGABYTE
    strangers_mb: _Megabytes = Limits().strangers // MEGABYTE

    def limits(self) -> Limits:
        """The same in bytes."""
        return Limits(
            party=self.party_mb * MEGABYTE,
            parties=self.parties_mb * MEGABYTE,
            guest=self.guest_mb * MEGABYTE,
            guests=self.guests_mb * MEGABYTE,
            strangers=self.strangers_mb * MEGABYTE,
        )


def render_quotas(quotas: Quotas) -> str:
    """The table as it is first written."""
    lines = (f"{name} = {value}\n" for name, value in msgspec.structs.asdict(quotas).items())
    return (
        "\n# How much others may have this node store, in megabytes: one other party, and all of them;\n"
        "# one guest, and all of them; whoever brings it into cases in which it has said nothing yet.\n"
        "[quotas]\n" + "".join(lines)
    )
