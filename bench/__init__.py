"""Measured figures: every number that the README quotes, beside its peers."""
