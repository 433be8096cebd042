"""English: words that are capitals only because a sentence begins with them."""

from __future__ import annotations

from typing import Final

# A word that opens a sentence is no name for its capital: articles, numerals, plurals of those who do.
OPENERS: Final = (
    r"(?:The|This|These|That|Those|It|We|Our|They|Their|He|She|His|Her|Its|You|Your|My|I|Rows?|Hosts?|Each|"
    r"Every|"
    r"No|Not|One|An|A|In|On|At|By|For|From|After|Before|When|While|Where|If|As|Since|Once|Both|Somebody|"
    r"Someone|"
    r"Another|Who|Which|What|How|Why|UTC|Nobody|Everyone|Some|Several|Many|Most|All|Any|Two|Three|Four|Five|"
    r"Six|"
    r"Seven|Eight|Nine|Ten|Neither|Nothing|Having|Using|Because|But|And|Or|So|Then|Thus|There|Here|To|Of|"
    r"With|"
    r"Without|Those|Persons|Employees|Staff|Informed|Credible|Former|Senior|Western|Foreign|Anonymous|"
    r"Unnamed|"
    r"Under|Over|Between|Police|People|Malware|Analysis|Whoever|Yes|Never|Only|Other|Such|Do|Did|"
    r"Does|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday|[A-Z][a-z]+(?:ly|erts|ysts|ians|ives|ers|ors|ists|als|ents|"
    r"ants|ees|ions|ments|"
    r"ves))\b"
)
