"""Measured figures: every number that `README.md` and `docs/measured.md` quote, beside its peers."""
