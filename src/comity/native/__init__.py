"""Loops as machine code, where the interpreter is what takes the time (extra ``fast``)."""
