"""The rules over whole texts: places, ties, Markdown, odd bytes, and quotations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.statements.flags import LANGUAGES, RULES, Flag, Language
from comity.statements.lint import Report, lint_text
from comity.statements.source import decode_text
from comity.statements.ties import Behind, Lent, Standing

RECORD = "7d3e21ab" * 8


def lint(text: str, language: Language | None = None, behind: Behind | None = None) -> Report:
    return lint_text(decode_text(text.encode()), language, behind, ties=True)


def rules(text: str, language: Language | None = None, behind: Behind | None = None) -> list[str]:
    return [flag.rule for flag in lint(text, language, behind).flags]


def standing(n: int = 1, text: str = "Host A was searched.", **more: object) -> Standing:
    return Standing(record=RECORD, n=n, text=text, **{"supports": 1, **more})  # type: ignore[arg-type]


def test_a_flag_says_where_by_line_and_column_of_the_file() -> None:
    text = "# Statement\r\n\r\nHost A was\r\nclearly ours [#1].\r\n"
    (flag,) = lint(text, "en").flags
    assert (flag.line, flag.column, flag.end_line, flag.end_column) == (4, 1, 4, 8)
    assert (flag.text, text[flag.start : flag.end]) == ("clearly", "clearly")
    assert flag.reason
    assert flag.suggestion


def test_a_span_may_run_over_a_line_end() -> None:
    (flag,) = lint("They knew this beyond any\nreasonable doubt [#1].\n", "en").flags
    assert flag.rule == "wording.certainty"
    assert (flag.line, flag.end_line) == (1, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_line_ends_change_no_flag(end: str) -> None:
    text = end.join(["Clearly, it rained [#1].", "", "Experts say it snowed [#2]."])
    assert rules(text if end else text.replace("[#1].", "[#1]. "), "en") == [
        "wording.certainty",
        "source.unnamed",
    ]


def test_each_paragraph_is_read_in_its_own_language() -> None:
    text = "Undoubtedly it rained [#1].\n\nDet regnet utvilsomt den dagen [#1].\n\n那天无疑下了雨[#1]。"
    found = [(f.rule, f.language) for f in lint(text).flags]
    assert found == [("wording.certainty", language) for language in LANGUAGES]


def test_code_links_headings_and_block_quotations_are_not_the_authors_sentences() -> None:
    text = """\
---
title: obviously a title
---
# Findings

```
clearly a log line, never seen
```

    undoubtedly indented

> Osmark is undoubtedly behind the attack.

See [the log](https://clearly.example/obviously) and `never`. <!-- clearly -->
"""
    assert rules(text, "en") == []


def test_a_loaded_heading_is_flagged_but_needs_no_tie() -> None:
    assert rules("# Osmark's shameless raid\n", "en") == ["wording.loaded"]


def test_emphasis_hides_nothing() -> None:
    assert rules("It was **clearly** ours and _obviously_ old [#1].", "en") == ["wording.certainty"] * 2


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u2060"])
def test_characters_that_are_not_seen_hide_nothing_and_are_flagged(hidden: str) -> None:
    found = lint(f"It was cle{hidden}arly ours [#1].", "en").flags
    assert [f.rule for f in found] == ["wording.certainty", "text.unseen"]
    assert found[0].text == f"cle{hidden}arly"


def test_controls_of_direction_are_flagged_with_their_names() -> None:
    (flag,) = lint("The file was invoice\u202efdp.exe [#1].", "en").flags
    assert flag.rule == "text.unseen"
    assert "U+202E" in flag.reason
    assert (flag.line, flag.column) == (1, 21)


def test_words_of_others_in_quotation_marks_are_theirs() -> None:
    for text in (
        'Osmark wrote on 4 May: "We never, ever touched it, obviously." [#1]',
        "Osmark skrev 4. mai: «Vi har åpenbart aldri rørt den.» [#1]",
        "东澜公司在5月4日的信中写道：“我方显然从未碰过它。”[#1]",
    ):
        assert rules(text) == [], text


def test_a_quotation_with_nobody_named_is_flagged() -> None:
    assert rules('"They took the whole archive with them that very night." [#1]', "en") == ["source.unnamed"]


def test_quotation_marks_that_cast_doubt_are_flagged() -> None:
    assert rules('Their "evidence" is two pages long [#1].', "en") == ["wording.loaded"]
    assert rules("他们的“证据”只有两页[#1]。", "zh") == ["wording.loaded"]


def test_a_tie_may_follow_the_end_of_its_sentence() -> None:
    report = lint("Host A restarted at noon. [#1] Host B restarted at one. [#2-3]\n", "en")
    assert (report.factual, report.tied, report.flags) == (2, 2, ())


def test_a_definition_says_what_a_number_means_and_others_are_unknown() -> None:
    text = f"Host A restarted [#1]. Host B restarted [#2].\n\n[#1]: {RECORD[:12]}#1\n"
    (flag,) = lint(text, "en").flags
    assert (flag.rule, flag.text) == ("tie.unknown", "[#2]")


def test_ties_are_looked_up_in_the_case() -> None:
    behind = Behind(standings=(standing(), standing(2, withdrawn=True)), whole=True, record=RECORD)
    text = f"Host A restarted [#1]. Host B restarted [#2]. Host C restarted [{RECORD[:8]}#3]."
    found = lint(text, "en", behind).flags
    assert [(f.rule, f.text) for f in found] == [("tie.withdrawn", "[#2]"), ("tie.unknown", "[7d3e21ab#3]")]


def test_a_sentence_that_is_its_assertion_needs_no_tie_and_a_like_one_is_suggested() -> None:
    behind = Behind(
        standings=(standing(text="Host A sent the archive to 198.51.100.7 at 04:12 UTC."),), whole=True
    )
    assert rules("Host A sent the archive to 198.51.100.7 at 04:12 UTC.", "en", behind) == []
    (flag,) = lint("Host A sent an archive to 198.51.100.7 around 04:12 UTC.", "en", behind).flags
    assert flag.rule == "tie.missing"
    assert "[7d3e21ab7d3e#1]" in flag.suggestion


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Host A restarted [#1].", {"supports": 0}),
        ("The log confirms that host A restarted [#1].", {"contests": 1}),
        ("The log confirms that host A restarted [#1].", {"differing": 1}),
        ("This was independently reproduced [#1].", {"agreed": 0}),
        ("Osmark is responsible for the intrusion [#1].", {"level": "tactical"}),
    ],
)
def test_wording_stronger_than_what_stands_behind_it(text: str, more: dict[str, object]) -> None:
    behind = Behind(standings=(standing(1, "Host A was searched.", **more),), whole=True, record=RECORD)
    assert rules(text, "en", behind) == ["strength.support"]
    sober = Behind(standings=(standing(agreed=1, level="strategic"),), whole=True, record=RECORD)
    assert rules(text, "en", sober) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("On ICD 203, host A is likely the first host [#1].", []),
        ("On ICD 203, host A is very likely the first host [#1].", ["strength.probability"]),
        ("On PHIA, host A is likely the first host [#1].", []),
        ("On PHIA, host A is highly likely the first host [#1].", ["strength.probability"]),
        ("Host A is the first host [#1].", ["strength.probability"]),
        ("Host A is, at 60 to 70 %, the first host [#1].", []),
    ],
)
def test_words_are_held_against_the_declared_probability(sentence: str, expected: list[str]) -> None:
    assert rules(f"{sentence}\n\n[#1]: 60–70 %\n", "en") == expected


def test_an_assessment_lends_its_figure_and_the_flag_says_whose_it_is() -> None:
    lent = Lent(cluster="Heron", low=600_000, high=700_000)
    behind = Behind(standings=(standing(lent=lent),), whole=True, record=RECORD)
    (flag,) = lint("Host A is the first host [#1].", "en", behind).flags
    assert flag.rule == "strength.probability"
    assert "the assessment gives cluster “Heron” 60.0 to 70.0 %, by its author's judgements" in flag.reason
    (flag,) = lint("On PHIA, host A is unlikely the first host [#1].", "en", behind).flags
    assert flag.reason.startswith("'unlikely' is 25 to 35 % in PHIA; the assessment gives cluster “Heron”")
    # What the text declares itself comes first, and a sentence about a state is lent nothing.
    assert rules("Host A is, at 60 to 70 %, the first host [#1].\n\n[#1]: 60–70 %\n", "en", behind) == []
    of_a_state = rules("On PHIA, it is unlikely that Norway used host A [#1].", "en", behind)
    assert "strength.probability" not in of_a_state


def test_questions_thanks_plans_and_limits_state_no_fact() -> None:
    for text in (
        "Who held the key? We thank Osmark for its letter. We will publish the rest.",
        "Hvem hadde nøkkelen? Vi takker Osmark for brevet. Vi vil offentliggjøre resten.",
        "密钥由谁保管？感谢东澜公司的来信。我们将公布其余部分。",
    ):
        report = lint(text)
        assert (report.sentences, report.factual, report.flags) == (3, 0, ()), text


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("Clearly, it rained [#1].".encode("utf-16"), "utf-16-le"),
        ("Clearly, it rained [#1].".encode("utf-16-be"), "utf-16-be"),
        ("\ufeffClearly, it rained [#1].".encode(), "utf-8"),
        ("那天显然下了很大的雨，路面全湿了[#1]。".encode("gb18030"), "gb18030"),
        ("Åpenbart regnet det på øya den dagen [#1].".encode("cp1252"), "cp1252"),
    ],
)
def test_other_encodings_are_read(raw: bytes, encoding: str) -> None:
    report = lint_text(decode_text(raw))
    assert report.encoding == encoding
    assert [flag.rule for flag in report.flags] == ["wording.certainty"]


def test_damaged_bytes_are_flagged_where_they_stand_and_the_rest_is_read() -> None:
    report = lint_text(decode_text("Åpenbart regnet det på øya ".encode() + b"\xff den dagen [#1]."), "nb")
    assert [flag.rule for flag in report.flags] == ["wording.certainty", "text.encoding"]


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, *LANGUAGES]))
def test_any_bytes_get_a_report_whose_spans_are_in_the_text(raw: bytes, language: Language | None) -> None:
    decoded = decode_text(raw)
    for flag in lint_text(decoded, language).flags:
        _holds(decoded.text, flag)


_WORDS = (
    "Clearly_ never_ “ ” [#1] [#1]:_60_% ~```~ ` ** 。 显然 从未 Experts_say_ Osmark_ attacked_ the_server "
    "._ å 300 likely_ (30_%)_ ~ ~~ >_ -_ |_a_|_b_| <b> <!-- --> #_ 3._mai_ kl._ bl.a._ [x](y)_ ' https://a.b_"
)
_PIECES = st.sampled_from(
    [word.replace("~", "\n").replace("_", " ") for word in _WORDS.split()]
    + ['"', "\r\n", "\u202e", "\u200b", "a\u030a", "\uff13\uff10"]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from([None, *LANGUAGES]))
def test_any_mixture_gets_a_report_whose_spans_are_in_the_text(text: str, language: Language | None) -> None:
    for flag in lint(text, language).flags:
        _holds(text, flag)


def _holds(text: str, flag: Flag) -> None:
    assert 0 <= flag.start < flag.end <= len(text)
    assert text[flag.start : flag.end] == flag.text
    assert flag.line >= 1
    assert flag.column >= 1
    assert (flag.line, flag.column) < (flag.end_line, flag.end_column)
    assert flag.rule in RULES


def test_milliseconds_end_a_sentence_and_titles_do_not() -> None:
    text = "Clearly it took 3.5 ms. Obviously Ms. Vane saw it."
    assert [f.text for f in lint(text, "en").flags if f.rule == "wording.certainty"] == [
        "Clearly",
        "Obviously",
    ]
    assert lint(text, "en").sentences == 2


def test_advice_and_labels_need_no_tie_in_any_language() -> None:
    for text in (
        "Administrators can check for the file in section 5.",
        "Never expose the management interface to the internet.",
        "Administratorer kan se etter filen i kapittel 5.",
        "管理员可以检查是否存在该文件。",
        "建议用户定期更换密码。",
        "结论摘要",
    ):
        assert rules(text) == [], text


def test_a_party_that_was_attacked_is_not_taken_for_the_one_who_did_it() -> None:
    for text in ("Tarnby Water was hacked on 3 March.", "Tarnby Vann ble hacket 3. mars."):
        assert "source.attribution" not in rules(text), text


def test_a_tie_to_what_its_author_says_otherwise_since_is_told_with_the_later_version() -> None:
    """Whoever amends does not go on saying the stronger sentence on the strength of the old tie."""
    behind = Behind(standings=(standing(later=("ab12cd34ef56#1",)),), whole=True, record=RECORD)
    (flag,) = lint("Host A restarted at noon [#1].", "en", behind).flags
    assert (flag.rule, flag.text) == ("tie.amended", "[#1]")
    assert "[ab12cd34ef56#1]" in flag.suggestion
    withdrawn = Behind(
        standings=(standing(withdrawn=True, later=("ab12cd34ef56#1",)),), whole=True, record=RECORD
    )
    assert [f.rule for f in lint("Host A restarted at noon [#1].", "en", withdrawn).flags] == [
        "tie.withdrawn"
    ]


def test_a_tie_is_looked_at_whatever_its_sentence_states() -> None:
    behind = Behind(standings=(standing(withdrawn=True),), whole=True, record=RECORD)
    assert [f.rule for f in lint("Borel sent it. [#1]", "en", behind).flags] == ["tie.withdrawn"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We withdrew this on 4 May [#1].", "en"),
        ("Vi trakk dette utsagnet 4. mai [#1].", "nb"),
        ("我方已于5月4日撤回该陈述[#1]。", "zh"),
    ],
)
def test_a_sentence_that_tells_of_the_withdrawal_is_right_to_lead_there(
    text: str, language: Language
) -> None:
    behind = Behind(standings=(standing(withdrawn=True),), whole=True, record=RECORD)
    assert not [f for f in lint(text, language, behind).flags if f.rule.startswith("tie.")]
