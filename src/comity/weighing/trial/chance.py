"""Choices that look like chance and are a function of a seed: the same on every machine and in every
version."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt


def number_of(*parts: object) -> int:
    """A number below 2^64 from the parts, by SHA-256."""
    told = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big")


def numbers(seed: int, count: int, below: int) -> npt.NDArray[np.int64]:
    """So many numbers below a bound from a seed: SplitMix64 (Steele, Lea and Flood 2014), taken modulo the
    bound."""
    with np.errstate(over="ignore"):
        state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(below)).astype(np.int64)
