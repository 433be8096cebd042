"""English: an act laid to a named party, or denied for it."""

from __future__ import annotations

from typing import Final

from comity.statements.english_wording import ADVERB
from comity.statements.grammar import NAME, compile_any
from comity.statements.openers import OPENERS

_STATE = (
    r"(?:(?:the )?(?:government|state|republic|kingdom|federation|ministry|army|military|navy|armed "
    r"forces|intelligence|"
    r"security service|secret service|special services?|authorities|regime|leadership|presidency|embassy|"
    r"(?:foreign|hostile|unfriendly|neighbou?ring|rival) (?:state|power|government|country|nation)|"
    r"nation[- ]state)s?)"
)
_ACT = (
    r"(?:attack(?:s|ed)?|hack(?:s|ed)?|breach(?:es|ed)?|infiltrat(?:e|es|ed)|penetrat(?:e|es|ed)|"
    r"compromis(?:e|es|ed)|"
    r"st(?:ole|eal|eals|olen)|exfiltrat(?:e|es|ed)|sabotag(?:e|es|ed)|spied|spies|spy|target(?:s|ed)?|"
    r"intrud(?:e|es|ed)|"
    r"order(?:s|ed)|direct(?:s|ed)|sponsor(?:s|ed)?|orchestrat(?:e|es|ed)|plan(?:s|ned)|commission(?:s|"
    r"ed)|financ(?:es|ed)|"
    r"fund(?:s|ed)|launch(?:es|ed)|conduct(?:s|ed)|carr(?:y|ies|ied) out|perpetrat(?:e|es|ed)|commit(?:s|"
    r"ted)|mount(?:s|ed)|mastermind(?:s|ed)|"
    r"execut(?:e|es|ed)|staged?|stages|fabricat(?:e|es|ed)|forg(?:e|es|ed)|falsif(?:y|ies|ied)|plant(?:s|"
    r"ed)|leak(?:s|ed)|"
    r"control(?:s|led)|operat(?:e|es|ed)|ran|runs|broke into|breaks into|hijack(?:s|ed)?|wip(?:e|es|ed)|"
    r"tamper(?:s|ed))"
)
_DEED = (
    r"(?:attack|operation|campaign|intrusion|breach|hack|raid|incident|theft|leak|sabotage|espionage|"
    r"compromise|"
    r"outage|disruption|break-in|tool|malware|implant|actor|group|hackers?|operators?|outages|server|"
    r"network|mail|"
    r"systems?|infrastructure|activity|logs?|evidence|records?|files?|databases?)s?"
)
_NEGATE = (
    r"(?:(?:did|do|does|was|were|is|are|has|have|had|could|would) ?(?:not|n't) |never |not |no longer )?"
)
_ORG = (
    r"(?:hackers?|agents?|spies|operatives|army|military|navy|(?:\w+ )?services?|government|soldiers|"
    r"officers|people|"
    r"staff|employees|units?|operators|teams?|ministry|ministries|regime|intelligence|general staff|"
    r"leadership|"
    r"authorities|police|state|security|diplomats|contractors?|engineers|leaders|president|minister)"
)
_SUBJECT = (
    rf"(?:(?-i:(?<![\w.'-])(?!{OPENERS})){NAME}(?:'s?(?: [\w-]+){{1,4}}?|(?: [\w-]+){{0,2}}? {_ORG})?|"
    rf"{_STATE} (?:of|in) (?:the )?"
    rf"(?:\w+ )?{NAME}|\b(?:the|a) (?:\w+ ){{0,2}}?(?:{_ORG}|command|agency|bureau) (?:of|in|from) (?:the "
    rf")?{NAME})"
)
_HELP = (
    r"(?:(?:has|have|had|did|does|do|not|never|\w+n't|\w+ly|also|again|still|now|then|since|once|later|"
    r"itself|"
    r"themselves|indeed|in fact|always|tried to|sought to|managed to|continues? to|would|could|will|deny "
    r"that|"
    r"helped(?: to)?) ){0,5}"
)
_BEING = r"(?:(?:is|was|were|are|be|been|has|have|had|not|never|\w+n't|\w+ly|also|now|still|therefore) ){1,5}"
_HOSTILE = (
    r"(?:attack(?:s|ed|ing)?|hack(?:s|ed|ing)?|breach(?:es|ed|ing)?|infiltrat(?:e|es|ed|ing)|penetrat(?:e|es|"
    r"ed)|"
    r"st(?:ole|eal|eals|olen)|exfiltrat(?:e|es|ed)|sabotag(?:e|es|ed)|spied|spies|spy|br(?:oke|eak|eaks|"
    r"oken) in(?:to)?|"
    r"hijack(?:s|ed)?|wip(?:e|es|ed)|tamper(?:s|ed)?|forg(?:e|es|ed)|falsif(?:y|ies|ied)|fabricat(?:e|es|ed)|"
    r"leak(?:s|ed)?|plant(?:s|ed)?|manipulat(?:e|es|ed)|interfer(?:e|es|ed)|meddl(?:e|es|ed)|erase[sd]?|"
    r"intercept(?:s|ed)?|jam(?:s|med)|disrupt(?:s|ed)?|overload(?:s|ed)?|paraly[sz]e[sd]?|silence[sd]?|"
    r"rig(?:s|ged)?|"
    r"cripple[sd]?|disabl(?:e|es|ed)|knock(?:s|ed)? out|put (?:\w+ ){0,4}out of action|took down|took (?:\w+ "
    r"){0,3}offline|shut down|switch(?:es|ed)? off|sow(?:s|ed)? |blackmail(?:s|ed)?|intimidat(?:e|es|ed)|"
    r"threaten(?:s|ed)?|smuggl(?:e|es|ed)|trick(?:s|ed)?|deceiv(?:e|es|ed)|defraud(?:s|ed)?|violat(?:e|es|"
    r"ed)|extort(?:s|ed)?|bug(?:s|ged)|wiretap(?:s|ped)?|eavesdrop(?:s|ped)?|"
    r"destroy(?:s|ed)?|perpetrat(?:e|es|ed)|mastermind(?:s|ed)?|orchestrat(?:e|es|ed)|instigat(?:e|es|ed)|"
    r"compromis(?:e|es|ed)|sow(?:s|ed)? (?:chaos|discord)|turn(?:ed|s)? off (?:the|our)|abus(?:e|es|ed) "
    r"(?:the|our))"
)
_BACKING = (
    r"(?:order(?:s|ed)?|direct(?:s|ed)?|pa(?:y|ys|id)|financ(?:e|es|ed)|fund(?:s|ed)?|help(?:s|ed)?|"
    r"support(?:s|ed)?|"
    r"shelter(?:s|ed)?|arm(?:s|ed)|train(?:s|ed)?|hir(?:e|es|ed)|instruct(?:s|ed)?|control(?:s|led)?|"
    r"r[au]ns?|"
    r"task(?:s|ed)?|commission(?:s|ed)?|sponsor(?:s|ed)?|harbou?r(?:s|ed)?|protect(?:s|ed)?|cut|cuts|sold|"
    r"sells?|"
    r"sever(?:s|ed)?|plan(?:s|ned)?|prepar(?:e|es|ed)|launch(?:es|ed)?|conduct(?:s|ed)?|carr(?:y|ies|ied) "
    r"out|"
    r"commit(?:s|ted)?|mount(?:s|ed)?|execut(?:e|es|ed)|stag(?:e|es|ed)|conceal(?:s|ed)?|hid|hides?|lur(?:e|"
    r"es|ed)|"
    r"approv(?:e|es|ed)|authori[sz](?:e|es|ed)|caus(?:e|es|ed)|creat(?:e|es|ed)|wrote|writes?|buil[dt]s?|"
    r"copied|"
    r"cop(?:y|ies)|took|take|takes|opened|opens?|switched off|shut down|used|uses?|target(?:s|ed)?|"
    r"deliver(?:s|ed)?)"
)
_MEANS = (
    r"(?:operators?|intruders?|attackers?|hackers?|groups?|gangs?|cells?|this|operations?|attacks?|"
    r"campaigns?|"
    r"intrusions?|break-ins?|strikes?|raids?|credentials|cables?|their tracks|passwords?|outages?|"
    r"disruptions?|"
    r"malware|implants?|backdoors?|viruses|virus|spyware|ransomware|leaks?|thefts?|sabotage|espionage|"
    r"breach(?:es)?|"
    r"exploits?|botnets?|power (?:supply|grid)|our (?:\w+ )?(?:network|systems?|data|servers?|grid|citizens|"
    r"voters))"
)

ATTRIBUTION: Final = compile_any(
    rf"(?:{NAME}(?:'s?)? (?:\w+ )?(?:spies|agents?|operatives|hackers|saboteurs)|\b(?:agents|spies|"
    rf"operatives|hackers|saboteurs) "
    rf"(?:of|from|for) (?:the )?{NAME}) {_HELP}(?:[a-z]+ed|stole|broke|sent|put|took|got|did|wrote|ran|cut|"
    rf"opened)\b",
    rf"{_SUBJECT} {_HELP}{_HOSTILE}\b(?! by\b)",
    rf"{_SUBJECT} {_HELP}{_BACKING} (?:\w+ ){{0,6}}?{_MEANS}\b",
    rf"{_SUBJECT} (?:(?:do(?:es)? not |did not |never )?(?:stands? |stood ))?(?:{_BEING})?(?:behind|"
    rf"responsible for|to blame|guilty|involved in|"
    rf"complicit in|implicated in|the hand in|"
    rf"the "
    rf"(?:\w+ )?(?:author|source|perpetrator|culprit|instigator|architect|attacker|aggressor|sponsor|"
    rf"mastermind)s?)\b",
    rf"{_SUBJECT} (?:had|has|have) (?:\w+ )?(?:nothing to do with|no (?:part|hand|role|involvement|share) in|"
    rf"(?:a|its) "
    rf"hand in|played (?:a|no) (?:part|role) in)",
    rf"{_SUBJECT} {_HELP}(?:play(?:s|ed)? (?:no|a|any|its|an? \w+) (?:role|part) in|g[ai]ve (?:the |its |\w+ "
    rf"){{0,3}}(?:\w+ )?(?:hackers|operators|attackers|group|gang|orders?|instructions?|green light|"
    rf"go-ahead))\b",
    rf"{_SUBJECT} {_HELP}(?:bears?|carr(?:y|ies)|shares?|takes?) (?:\w+ )?(?:responsibility|blame|guilt)\b",
    rf"{_SUBJECT} (?:did|has done|had done|does|did not do|has not done|never did) (?:this|it|so|that)\b",
    rf"\b(?:agents?|hackers?|officers?|operatives|members|soldiers|spies|units?|people|contractors?|servants|"
    rf"criminals|someone|a (?:ship|unit|team|branch|section|member)) (?:of|from|for|in the (?:pay|service) "
    rf"of|acting "
    rf"for|working for|linked to) (?:the )?(?:\w+ )?{NAME}(?:'s?)?(?: (?:\w+ ){{0,2}}?{_ORG})? "
    rf"{_HELP}(?:{_HOSTILE}\b|"
    rf"{_BACKING} (?:\w+ ){{0,6}}?{_MEANS}\b)",
    rf"\b(?:it|this|that) (?:was|is|were|wasn't|isn't) (?:\w+ ){{0,2}}?(?:the )?{NAME}(?:'s?)?(?: (?:\w+ "
    rf"){{0,2}}?{_ORG})?"
    rf"(?:,? period\b|,? full stop\b|(?: and nobody else)?[.!](?=\W*$)| (?:that|who|which) "
    rf"{_HELP}(?:{_HOSTILE}|{_BACKING})\b)",
    rf"\bbehind (?:the|this|these|that|all) (?:\w+ ){{0,4}}?(?:does not |did not |do not )?(?:stands?|stood|"
    rf"is|was|"
    rf"lies|lay|are|were) (?:not )?(?:the )?(?:{_STATE}|(?:\w+ ){{0,3}}?{NAME})",
    rf"\b(?:responsibility|blame|fault|guilt)(?: for [^.;,]{{1,60}})? (?:does not |did not |cannot "
    rf")?(?:lies?|rests?|"
    rf"falls?|sits?) (?:not |squarely |solely |entirely |fully )?(?:with|on|upon) (?:the )?(?:{_STATE}|"
    rf"(?:\w+ ){{0,2}}?{NAME})",
    rf"\b(?:hold|holds|held|holding) (?:the )?(?:{_STATE}(?: of {NAME})?|{NAME}(?:'s?)?(?: (?:\w+ "
    rf"){{0,2}}?{_ORG})?) "
    rf"(?:\w+ )?(?:responsible|accountable|liable|to account|to blame)\b",
    rf"\b(?:authors?|instigators?|masterminds?|perpetrators?|culprits?|party responsible|sponsors?|"
    rf"architects?|"
    rf"attackers?|offenders?|guilty party)(?: (?:of|behind|for) [^.;,]{{1,60}}?)? (?:is|was|are|were) (?:not "
    rf"|n't |"
    rf"\w+ly )?(?:the )?(?:{_STATE}|(?:\w+ )?{NAME})",
    rf"\b(?:hackers?|operators?|attackers?|intruders?|groups?|gangs?|units?|men|actors?|they|perpetrators) "
    rf"(?:do not |"
    rf"does not |did not )?(?:work|works|worked|act|acts|acted|operate|operates|operated|report|reports|"
    rf"answer|"
    rf"answers|belong|belongs) (?:\w+ly )?(?:for|under|with|on behalf of|to) (?:the )?(?:\w+ "
    rf"){{0,3}}?(?:{_STATE}|{NAME})",
    rf"\b(?:cut|severed|shut down|stopped|halted|disabled|encrypted|deleted|erased|switched off|disrupted|"
    rf"intercepted|knocked out|paraly[sz]ed|staged|sold|crippled|infected|stolen|hacked|attacked|sabotaged|"
    rf"wiped|leaked|forged|planted|broken into|breached|"
    rf"bugged|"
    rf"rigged|taken down|manipulated|destroyed|caused|written|built|opened|paid|hired|trained|armed|"
    rf"protected|"
    rf"sheltered|instructed) by (?:(?:an?|the|\w+) ){{0,3}}?(?:(?:of|from|in|for|to) (?:the )?)?{NAME}",
    rf"(?-i:(?<![.!?] )\b(?!(?:The|This|These|That|It|We|Our|They|He|She|Row|Host|Each|No|One|An|A|In|On|"
    rf"Both|Somebody|Someone|Another|Who|Which|Its|Their|UTC|Nobody|Everyone|Some)\b)){NAME}(?:'s? "
    rf"(?:\w+ )?(?:hackers?|agents?|spies|operatives|army|military|services?|government|soldiers|"
    rf"officers|people|staff|employees|units?|operators|teams?))? (?:(?:has|have|had|did|does|do|is|was|"
    rf"were|not|never|\w+n't|\w+ly|also|again|still|now|then|since|once|been) ){{0,4}}{_ACT} (?:\w+ "
    rf"){{0,3}}?(?:us\b|our\b|{_DEED}\b)",
    rf"\b(?<!-)(?:carried out|conducted|ordered|sponsored|directed|backed|funded|supported|controlled|run|"
    rf"planned|launched) by an? {_STATE}",
    rf"{NAME} (?:is|was|are) (?:\w+ ){{0,2}}?the (?:real|true|actual) (?:\w+)",
    rf"\b(?:{_STATE}(?: (?:of|in) {NAME})?|{NAME}(?:'s)?(?: {_STATE})?) {ADVERB}(?:is|are|was|were|"
    rf"stood|stands?|has been|have been) {ADVERB}(?:behind|responsible for|to blame for|the (?:author|"
    rf"source|perpetrator|culprit|instigator|origin|architect|organi[sz]er|attacker|aggressor)s?\b|"
    rf"complicit in|involved in|guilty of)",
    rf"\b{_STATE}(?: (?:of|in) {NAME})? (?:\w+ly )?{_NEGATE}{_ACT} (?:\w+ ){{0,3}}{_DEED}\b",
    rf"(?-i:(?<![.!?] )\b(?!(?:The|This|These|That|It|We|Our|They|He|She|Row|Host|Each|No|One|An|A|In|On|"
    rf"Our|Both|Somebody|Someone|Another|Who|Which|Its|Their|UTC)\b)){NAME} (?:\w+ly )?{_NEGATE}{_ACT} "
    rf"(?:\w+ ){{0,3}}{_DEED}\b",
    rf"\b(?:we|i) (?:\w+ly )?(?:attribut\w+|ascrib\w+|lay|trac\w+|link\w*|tie|pin) "
    rf"(?:\w+ ){{0,6}}?(?:to|at the door of|on) (?:{_STATE}|{NAME})",
    rf"\bwe (?:\w+ly )?(?:blame|accuse|hold) (?:{_STATE}|{NAME})",
    rf"\b(?<!-)(?:carried out|conducted|ordered|sponsored|directed|backed|funded|controlled|"
    rf"orchestrated|perpetrated|commissioned|run|committed|planned|executed|launched|tasked|masterminded|"
    rf"instigated|mounted|staged) by (?:(?:hackers?|operators?|agents?|officers?|people|members|units?|"
    rf"the) (?:(?:of|from|in|working for|linked to|acting for) )?)?(?:the )?(?:{_STATE}|{NAME})",
    rf"\b(?:on behalf of|at the (?:behest|direction|instigation|request) of|on (?:the )?(?:orders?|"
    rf"instructions?) (?:of|from)|in the (?:service|pay) of|(?:acting|working|works|worked|acted) "
    rf"(?:directly )?(?:for|under)) (?:the )?(?:{_STATE}|{NAME})",
    r"\b(?:state|government|military|kremlin|nation)[- ](?:sponsored|backed|linked|directed|supported|"
    r"funded|affiliated|aligned|run|controlled|owned hackers)\b",
    rf"\b(?:the )?(?:work|handiwork|fingerprints|hallmarks?|signature) of (?:the )?(?:{_STATE}|{NAME})",
    r"\bnation[- ]state (?:actor|hacker|group|attack|operation)s?\b",
    rf"\b(?:attack|operation|campaign|intrusion|breach|hack|theft|leak|incident)s? (?:\w+ly "
    rf")?{_NEGATE}(?:was |were |has |have |had )?(?:not |n't |never )?(?:came|come|originat\w+|start\w*|"
    rf"emanat\w+|stem\w*|launched) (?:directly )?(?:from|in|with) (?:the )?(?:{_STATE}|{NAME})",
)
