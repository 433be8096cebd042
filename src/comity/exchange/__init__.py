"""The verbs of a party and the ports they need; no adapter is known here."""
