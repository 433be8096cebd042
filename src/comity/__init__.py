"""Comity: an evidence exchange for cyber-incident claims."""

__version__ = "0.1.0"
