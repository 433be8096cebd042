"""Labels of messages in other languages: each is that of one in English that rules are led to."""

from __future__ import annotations

import pytest

from comity.findings import taxonomy_labels
from comity.findings.export_messages import WORDS
from comity.findings.rows import fold
from comity.findings.taxonomy_labels import in_english, plain

TABLE = taxonomy_labels._table()


def test_every_label_is_one_of_a_message_in_english() -> None:
    # A failed logon shows a status that rules ask for by the name of its data alone.
    assert set(TABLE.values()) - set(WORDS) == {"source workstation", "status"} - set(WORDS)
    assert all(plain(label) == label and ":" not in label for label in TABLE)


def test_no_label_takes_the_place_of_one_in_english() -> None:
    assert {label for label in TABLE if label in WORDS and TABLE[label] != label} == set()


@pytest.mark.parametrize(
    ("label", "english"),
    [
        ("Prozessbefehlszeile", "process command line"),
        ("Konto, für das die Anmeldung fehlgeschlagen ist", "account for which logon failed"),
        ("Konto, das gesperrt wurde", "account that was locked out"),
        ("ID d\u2019ouverture de session", "logon id"),
        ("ID d'ouverture de session", "logon id"),
        ("Línea de comandos del proceso", "process command line"),
        ("Nome do Novo Processo", "new process name"),
        ("New Process Name", "new process name"),
        ("das gesperrt wurde", "das gesperrt wurde"),
        ("Ähnliches", fold("Ähnliches")),
    ],
)
def test_a_label_in_another_language(label: str, english: str) -> None:
    assert in_english(label) == english
