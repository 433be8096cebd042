"""Statements and initiatives as people write them, in TOML or JSON files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from comity.cli.inputs import read_file
from comity.errors import Malformed

STATEMENT_EXAMPLE = """\b
The FILE is TOML, or JSON of the same shape:
  title = "On the mail gateway"
  language = "en"
  [[sentences]]
  text = "Our gateway was entered on 3 October."
  assertions = ["RECORD#1"]     # what stands behind the sentence
  [[sentences]]
  text = "We regret the delay."
"""

INITIATIVE_EXAMPLE = """\b
The FILE is TOML, or JSON of the same shape:
  title = "Answering each other"
  language = "en"
  text = "Why we put this forward."
  [[clauses]]
  id = "1"                      # stays for as long as the text lives
  heading = "Contacts"
  text = "Each party names one point of contact."
"""


class WrittenSentence(msgspec.Struct, forbid_unknown_fields=True):
    """A sentence and the assertions that it rests on, as ``RECORD#N``."""

    text: str
    assertions: list[str] = []


class WrittenStatement(msgspec.Struct, forbid_unknown_fields=True):
    """A statement, sentence by sentence."""

    title: str
    sentences: list[WrittenSentence]
    language: str = "en"


class WrittenClause(msgspec.Struct, forbid_unknown_fields=True):
    """One clause under its lasting id."""

    id: str
    text: str
    heading: str = ""


class WrittenInitiative(msgspec.Struct, forbid_unknown_fields=True):
    """A text in clauses."""

    clauses: list[WrittenClause]
    title: str = ""
    language: str = "en"
    text: str = ""


Written = TypeVar("Written", WrittenStatement, WrittenInitiative)


def read_written(path: Path, into: type[Written]) -> Written:
    """The file; ``Malformed`` (``statement.file``) saying where it is wrong."""
    raw = read_file(path, 4 * 1024 * 1024)
    try:
        text = raw.decode()
        data: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return msgspec.convert(data, into)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise Malformed("statement.file", str(path), str(error)[:300]) from None
