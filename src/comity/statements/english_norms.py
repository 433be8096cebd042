"""English: quantities that nobody counted, harm, and sentences that say what is to be, not what is."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import compile_any

VAGUE: Final = (
    (
        r"\b(?:tiny|small|minute|negligible|minuscule|disproportionate|surprising) (?:fraction|share|part|"
        r"minority|proportion|"
        r"percentage|number)\b|\bmost of (?:the |our )?\w+"
    ),
    (
        r"\b(?:a great|a good|very|so|quite|far too|too) many\b|\bquite a few\b|\bcountless\b|\b(?:many|most|"
        r"few) (?:people|"
        r"users|customers|systems|machines|computers|companies|families|passengers|patients|victims|citizens|"
        r"servers|sites)\b"
    ),
    (
        r"\b(?:hundreds|thousands|tens|dozens|scores|millions|billions|trillions|myriads?)\b(?! of \d)|\b(?:"
        r"countless|untold|innumerable|numerous|numberless|incalculable|uncounted)\b"
    ),
    (
        r"\b(?:vast|enormous|huge|massive|considerable|substantial|significant|large|staggering|immense|"
        r"great|"
        r"colossal|overwhelming|astronomical|sizeable|good|high|unprecedented|alarming|growing) "
        r"(?:\w+ )?(?:amounts?|numbers?|quantit(?:y|ies)|volumes?|losses|sums?|damage|majority|share|"
        r"portions?|"
        r"proportions?|parts?|costs?|many)\b(?! (?:of course|in (?:table|annex)))"
    ),
    (
        r"\b(?:most|many|few|a few|much|half|some|a handful|only a handful|the majority|a majority|the bulk|"
        r"the "
        r"rest|a third|a quarter|a fraction|plenty|lots|a lot|two[- ]thirds|three[- ]quarters) of (?:the |"
        r"our |"
        r"its |all |their |those |these )?[a-z]\w+|\bhalf (?:the|our|its|a) \w+|\b(?:almost|nearly|hardly|"
        r"practically|virtually) (?:all|any|every|none)\b|\bvast majority\b"
    ),
    (
        r"\b(?:exponential(?:ly)?|skyrocket\w*|soar(?:ed|ing)|explod(?:ed|ing) (?:in|by)|through the roof|"
        r"sky-high)\b"
    ),
)
HARM: Final = compile_any(
    r"\b(?:affect(?:s|ed)?|hit|struck|los(?:t|es?|ing) (?:their|his|her|its|our|all|access|money|data|"
    r"records|files|savings|jobs|\d)|stole|stolen|damag(?:e|es|ed)|destroy(?:s|ed)?|wip(?:e|"
    r"es|ed)|infect(?:s|ed)?|compromis(?:e|es|ed)|breach(?:ed|es)?|leak(?:s|ed)?|exfiltrat\w+|hacked|"
    r"attack(?:s|"
    r"ed)?|victims?|harm(?:s|ed)?|costs?|suffer(?:s|ed)?|concern(?:s|ed)?|disrupt(?:s|ed)?|injur\w+|killed|"
    r"ransom|damages)\b"
)
NORM: Final = compile_any(
    r"\b(?:must|shall|should|ought to|may not|need not|needs? to|ha(?:s|ve) to|(?:is|are) (?:required|"
    r"obliged|"
    r"permitted|allowed|expected|asked|advised|requested|liable|entitled|reserved|welcome) (?:to)?)\b(?! "
    r"have)",
    (
        r"^\W*(?:please |kindly )?(?:never|always|do not|don't|only) (?!(?:before|again|once|in|have|has|had|"
        r"did|"
        r"was|were|will|one|an?|the|two|three|our|their|this|that|we|they|it|he|she)\b)[a-z]+ "
    ),
    (
        r"^\W*(?:\"|“)?[\w -]{1,40}[\"”\ufffc]? means (?:any|all|every)\b|\bunder no circumstances\b(?=\W*$)|"
        r"^\W*(?:anyone|everyone|everybody|any \w+) (?:can|may|who|with)\b|\b(?:may|can) (?:at any time|"
        r"always|"
        r"withdraw)\b|\bneither admits? nor\b|\bhaving no knowledge\b|\ball rights\b"
    ),
    (
        r"^\W*(?:please |first,? |then,? |kindly )?(?:check|verify|compare|ensure|make sure|install|update|"
        r"upgrade|"
        r"disable|enable|restart|run|open|close|remove|delete|back up|ask|contact|call|read|see|use|apply|"
        r"keep|store|set|change|turn|switch|block|allow|report|send|note|follow|visit|download|review|"
        r"monitor|"
        r"rotate|reset|revoke|patch|avoid|hover|click|press|choose|select|enter|type|copy|save|move|add|look|"
        r"search|test|replace|let|consider|remember|do|wait|go|treat|isolate|disconnect|reboot|confirm that|"
        r"limit|restrict|scan|hover|type|repeat|replace|expose|reuse|preserve|collect|make)\b(?! (?:was|were|"
        r"is|are|has|had|"
        r"of)\b)(?![^.;]{0,40}\b(?:shows?|"
        r"showed|proves?)\b)"
    ),
)
"""Commands, advice, duties and definitions: they say what is to be, not what is."""

ADVICE: Final = (
    (
        r"\b(?:is|are) (?:required|prohibited|forbidden|liable|asked|enclosed|attached|adjourned)\b|\b(?:can|"
        r"may) have it\b|\bbears? the (?:costs?|"
        r"burden)\b|\bburden of proof\b|\bfor (?:more|further) (?:information|details)\b|^\W*(?:what|how|why|"
        r"where|who) [^.;!?]{1,60}$|"
        r"\b(?:take|took) note of\b|^\W*(?:photo|source|sources|figure|table|picture|credit)s?:|\bthis "
        r"(?:section|annex|page|report|table) "
        r"(?:is|does|names|covers)\b|\bpassengers? (?:may|can)\b"
    ),
    (
        r"^\W*(?:the |all |any |affected |system |local |network |most )*(?:administrators?|users?|"
        r"operators?|"
        r"customers?|readers?|owners?|anyone|everyone|organi[sz]ations?|companies|employees|staff|members|"
        r"defenders?|analysts?|developers?|vendors?|suppliers?|visitors?|parties|part(?:y|ies)|partners?|you|"
        r"journalists?|whoever|those)(?: (?:of|who|with|in|that|using|at|for|on)\b[^.;]{0,80}?)? (?:can|may|"
        r"could|"
        r"cannot|might|need|needs|do not need|are (?:advised|encouraged|asked|invited|urged|free|welcome)) "
    ),
    (
        r"\b(?:you|one) (?:can|may|might|could|need|do not need|will (?:need|find|see))\b|\bcan be (?:found|"
        r"followed|downloaded|reached|configured|obtained|run|used|installed|checked|verified|read|seen|"
        r"ordered|"
        r"restored|requested|disabled|enabled)\b|\b(?:it is|is) (?:possible|recommended|advisable|enough|"
        r"sufficient|best|necessary|important) to\b"
    ),
    (
        r"^\W*(?:in case of|in the event|before|after|when|once|unless) [^.;,]{1,60}, (?:please |do |do not |"
        r"never "
        r"|always )?(?:check|verify|compare|ensure|install|update|disable|enable|restart|run|open|contact|"
        r"call|"
        r"ask|see|use|apply|keep|change|block|report|send|follow|reset)\b"
    ),
    (
        r"\b(?:has the honou?r|avails? (?:itself|himself|herself)|presents? (?:its|his|her|their) "
        r"compliments|without "
        r"prejudice|i refer the|to ask the|takes no position)\b|\b(?:(?-i:[A-Z])\w+|ministry|delegation|"
        r"government|"
        r"embassy|claimant|plaintiff|respondent|defendant|republic|chair|committee|party|parties|company|"
        r"agency|court|"
        r"undersigned|they|he|she|we|i|it) (?:also |again |further |respectfully |now |therefore |would |"
        r"then )?(?:"
        r"requests?|submits?|asks? (?:that|for|the|to)|prays?|reserves?d? (?:its|all|the|his|her|their)|"
        r"thank(?:s|ed)?|"
        r"welcomes?|regrets?|apologi[sz]es?|proposes?|invites?|accepts? the|expresses|"
        r"endorses?)\b(?![^.;]{0,60}\b(?:"
        r"stole|hacked|attacked)\b)"
    ),
)
"""Sentences that advise, ask or pay respects, and state no fact about the incident."""
