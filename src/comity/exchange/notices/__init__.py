"""Notices to parties without a node: as text, as a page, in several languages, and their signatures."""
