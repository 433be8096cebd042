"""English: word families and constructions."""

from __future__ import annotations

from typing import Final

from comity.statements.english_attribution import ATTRIBUTION
from comity.statements.english_norms import ADVICE, HARM, NORM, VAGUE
from comity.statements.english_wording import BE, BENIGN, PATTERNS, SAY
from comity.statements.grammar import NAME, Grammar, Likelihood, compile_any
from comity.statements.openers import OPENERS

# An office or a body that can be asked, though the sentence does not name the person who spoke for it.
_OFFICE = (
    r"(?:ministry|minister|mayor|bank|company|operator|police|service|agency|office|prosecutor|court|"
    r"spokes\w+|"
    r"hospital|university|museum|council|utility|regulator|vendor|supplier|provider|president|chief|director|"
    r"newspaper|embassy|commission|committee|government|department|laboratory|institute|airline|railway|port|"
    r"manufacturer|authority|parliament|team|union|school|owner|author|ambassador|governor)"
)
_CONDUCT = (
    r"(?:attacked|stolen|hacked|breached|compromised|sabotaged|exfiltrated|leaked|falsified|forged|"
    r"fabricated|tampered with|"
    r"manipulated|destroyed|infiltrated|penetrated|targeted|hijacked|abused|misused|planted|doctored|"
    r"altered|wiped|"
    r"spied on|spied upon|infected|crippled|defaced|extorted|intercepted|eavesdropped on|misled|deceived|"
    r"framed|"
    r"silenced|hidden|concealed|withheld|erased|suppressed|accessed illegally|broken into|violated|"
    r"encrypted by force|harvested|misappropriated|faked|looted|plundered|ransacked|robbed|bugged|wiretapped|"
    r"tapped|blackmailed|interfered with|meddled with|rigged|smeared|vandali[sz]ed|siphoned(?: off)?|"
    r"purloined|"
    r"swapped|phished|trojani[sz]ed|backdoored|brought down|knocked out|taken down|crashed on purpose|"
    r"diverted|"
    r"spoofed|impersonated|counterfeited|set up to look|used to (?:cover|hide|blame|attack|smear|frame))"
)
_REST = r"(?P<rest>[^.;]{0,160})"

ENGLISH: Final = Grammar(
    language="en",
    patterns=PATTERNS,
    benign=BENIGN,
    scope=compile_any(
        r"\b(?:between|from) (?:\w+ ){0,3}?\d[^.;]{0,40}? (?:and|to|until|through) (?:\w+ ){0,2}?\d",
        r"\bin (?:the |our |its |their |these |those |this |that |any of the |all |either |both "
        r")?(?:\w+[\w.-]* ){0,3}(?:logs?|rows?|records?|files?|exports?|data|tables?|captures?|images?|"
        r"copies|copy|hosts?|sample|set|mailbox(?:es)?|archive|register|documents?|material|samples|"
        r"minutes|backups?|dumps?|snapshots?|disks?|traffic|messages?|code|binary|footage|recordings?|lists?|"
        r"report|correspondence|inventory|ledger|annex\w*)\b",
        r"\bin (?:all )?\d+ (?:of \d+ )?(?:runs|tests|trials|samples|cases|attempts|rounds|repetitions)\b",
        r"\b(?:so far|to date|as of|as yet|until \d|up to \d|since \d|during (?:the )?(?:\w+ )?(?:period|"
        r"week|month|days?|window)|on \d{1,2} \w+|in (?-i:January|February|March|April|May|June|July|"
        r"August|September|October|November|December))\b",
        r"\b(?:among|of) the (?:\d[\d,]*|rows|files|hosts|accounts|addresses|two|three|four|five|six|"
        r"seven|eight|nine|ten)\b",
        r"\b(?:that|which) we (?:have )?(?:examined|searched|hold|held|received|read|checked|were shown|"
        r"were given|have)\b|\bwe (?:examined|searched|checked|were (?:shown|given))\b|\bin what we\b",
        r"\b(?:rows?|hosts?) (?:\d|(?-i:[A-Z]\b))",
    ),
    speech=compile_any(
        rf"^(?P<rest>.{{8,600}}?),[\"”\ufffc]* (?:(?:{NAME}|(?:the|its|their|his|her|a|an) (?:\w+(?:'s)? "
        rf"){{0,4}}?{_OFFICE}"
        rf"(?:,? {NAME})?(?:,? (?:of|in|at|for) [^,.;]{{1,40}})?) (?:said|says|told|wrote|writes|added|"
        rf"stated|reported)\b"
        rf"|(?:said|says|added|wrote) (?:{NAME}|(?:the|its|their|a) (?:\w+ ){{0,3}}?{_OFFICE}))",
        rf"(?:(?<!in )(?<!at )(?<!from )(?<!of )(?<!to )(?<!inside )(?<!within )\b(?:the (?:claimant|"
        rf"respondent|ministry|company|court|agency|complainant|other party|"
        rf"letter|notice|spokes\w+|witness|operator|report of {NAME})|their|its (?:\w+ )?(?:letter|reply|"
        rf"notice))|(?-i:\b(?!{OPENERS}|(?:We|I|It|They|Experts?|Sources?|Some|Many|Analysts?|Officials?|"
        rf"Observers?|Researchers?|Reports?|Media|Studies|People|Others|Critics|Insiders|Security|"
        rf"Several|Most|The|This|That|These|There|Leading|Independent)\b)[A-Z])[\w'&-]*(?: "
        rf"(?-i:[A-Z])[\w'&-]*){{0,4}}(?:'s (?:\w+ ){{0,2}}(?:letter|reply|notice|answer|statement|"
        rf"response|lawyer|counsel|spokes\w+|minister|report))?)[^.;]{{0,50}}? {SAY},? (?:\w+ "
        rf"){{0,4}}?(?:that |in (?:its|the|their) [^.;]{{0,40}} that )(?P<rest>.*)",
        rf"\b(?:the )?(?:claim|allegation|assertion|statement|view|answer|reply|denial) (?:of|by) "
        rf"{NAME},? (?:is |was )?that (?P<rest>.*)",
        rf"\b{NAME}'s (?:claim|allegation|assertion|statement|view|answer|reply|denial|account) (?:is |"
        rf"was )?that (?P<rest>.*)",
    ),
    idle=compile_any(
        *ADVICE,
        r"[?][\"'”)\]]*\s*$",
        r"^\W*(?:we|i) (?:\w+ly |therefore |also |now |again |do not |cannot |can |here |only |thus |"
        r"have )*(?:ask|request|invite|call (?:up)?on|thank|regret|welcome|propose|reserve|publish|"
        r"intend|undertake|offer|acknowledge|know who|know why|know what|know where|take note|list|thank|am "
        r"grateful|know whether|know how|know if|know when|"
        r"say (?:who|what|whether|how|if)|take no position|claim that we|express no|recommend|suggest|"
        r"urge|hope|wish|look forward|apologi[sz]e|agree to|draw no|make no|remain|stand ready|are "
        r"(?:grateful|ready|willing|prepared|happy|sorry|open)|would|shall|will|use (?:the )?(?:word|"
        r"term|scale)|mean|state no|name no|rule out|exclude|express|refer to|attach|enclose|repeat our|"
        r"note your|value|appreciate|encourage|suspend|commit|plan|expect|set out|seek|judge nothing)\b",
        r"\b(?:we|it|this|that|these|they|neither|which|the (?:\w+ ){0,3}?\w+) (?:\w+ ){0,2}?(?:does|do|"
        r"did|can|could|would|cannot|will|may) ?(?:not|n't)? ?(?:\w+ )?(?:prove|show|establish|mean|"
        r"imply|tell|demonstrate|settle|exclude|rule out|decide|say (?:who|whether|what|why|how)) ",
        r"\b(?:is|are|remains?|was) (?:still |as yet |so far |therefore )?(?:unknown|unclear|not known|"
        r"undetermined|not clear|an open question|open to us|not established|disputed)\b",
        r"\b(?:shall|should|must|ought)\b(?! have)|^\W*(?:\w+ ){1,5}will (?!have |likely|probably|almost|"
        r"most|presumably|un)",
        r"^\W*(?:please|see|note|if|let|should|whether|kindly|compare|subject to|for (?:questions|"
        r"contact|details)|in summary:?$)\b",
        r"\b(?:means?|defines?|refers? to|stands for|is defined as|are defined (?:as|in)|is short for|is "
        r"used "
        r"(?:as|in) (?:the )?(?:sense|meaning)|has the meaning|denotes)\b",
        r"^\W*in this (?:statement|reply|notice|document|text|answer),? (?:we|\"|“|'|the (?:word|term)s?)",
        r"^\W*(?:yours|sincerely|dear|signed|contact|date|subject|to|from|re|cc|version|draft|annex|"
        r"statement (?:of|by)|reply (?:of|by))\b[^.]{0,60}$",
        r"^\W*(?:this (?:statement|reply|notice|document|text|answer|page) (?:\w+ )?(?:is|was|will|may|"
        r"replaces|corrects|concerns|covers|sets|has|gives|describes|answers|explains|does)|nothing in "
        r"this)\b",
        r"^\W*(?:thank you|many thanks|with respect|without prejudice)\b",
    ),
    likelihood=(
        Likelihood(
            find=compile_any(
                r"\b(?:doubtful|questionable) (?:that|whether|if)\b|\bhardly (?:likely|probable|plausible)\b|"
                r"\bimplausibl[ey]\b|\bprobably (?:not|never)\b|\b(?:likelihood|probability|chances?|odds)"
                r"[^.;]{0,60}? (?:is|are|was|were) (?:\w+ )?(?:low|small|slim|remote|negligible|minimal|"
                r"slight)\b|"
                r"\b(?:very |highly |quite |most |rather |extremely )?(?:unlikely|improbabl[ey])\b|"
                r"\b(?:almost no|remote|slim|little|small|low) (?:chance|likelihood|probability)\b|\bnot "
                r"(?:very |at all )?likely\b"
            ),
            points=-1,
        ),
        Likelihood(
            find=compile_any(
                r"\b(?:roughly|about|even|an) (?:an |almost |roughly )?even chance\b|\brealistic "
                r"possibility\b|\beven "
                r"odds\b|\b(?:fifty-fifty|50[-/]50)\b"
            ),
            points=0,
        ),
        Likelihood(
            find=compile_any(
                r"\bpresumably\b|\b(?:the )?(?:chances|odds) are\b|\bplausibl[ey]\b|\b(?:quite|well|entirely|"
                r"very|perfectly|highly|just|always) possible\b|\b(?:can|may) (?:\w+ly "
                r")?be "
                r"(?:assumed|presumed|inferred)\b|\b(?:likelihood|probability|chances?)[^.;]{0,60}? (?:is|"
                r"are|"
                r"was|were) (?:\w+ )?(?:high|great|good|strong|considerable|substantial)\b|\bin (?:all "
                r"likelihood|all probability)\b|\b(?:much|everything) suggests\b|\bas likely as not\b|"
                r"\b(?:very |highly |quite |most |rather |extremely |more )?(?:likely|probabl[ey])\b(?! "
                r"cause\b)|"
                r"\balmost certain(?:ly)?\b|\bnear(?:ly)?[- ]certain(?:ly|ty)?\b|\bin all (?:likelihood|"
                r"probability)\b|\b(?:high|strong|good|fair|distinct|real|serious) (?:likelihood|"
                r"probability|chance|possibility)\b"
            ),
            points=1,
        ),
    ),
    confidence=compile_any(
        r"\b(?:low|moderate|medium|high|great|some|strong|full|limited|reasonable|utmost|considerable|"
        r"complete|every|increasing|reasonabl[ey]|low-to-moderate|moderate-to-high|very high|very low|"
        r"total)(?:[- "
        r"]level)?(?: degree)?(?: of)?[ -]confidence\b",
        r"\b(?:are|is|am|remain|feel) (?:very |fairly |highly |quite |reasonably |extremely |absolutely |"
        r"fully )?confident\b|\bconfidently\b|\bconfidence (?:is|was|level|remains) (?:\w+ )?(?:low|"
        r"moderate|medium|high)",
    ),
    explained=compile_any(
        r"\bICD[- ]?203\b|\bPHIA\b|\bprobability yardstick\b|\byardstick\b|\bAJP-2|\b(?:scale|words of "
        r"(?:likelihood|estimative probability)|likelihood terms?) (?:\w+ ){0,4}(?:of|in|as|follow|annex|"
        r"means?)\b",
        r"[\"“'](?:\w+ ){0,2}(?:likely|probabl[ey]|unlikely|confidence)[\"”'],? (?:here )?(?:means?|"
        r"refers?|stands|denotes|is used)",
    ),
    reasoned=compile_any(
        r"\b(?:because|since|as (?:the|we|only|it)|based on|rests? on|on the basis of|due to|given "
        r"(?:that|the)|owing to|reflects?|which (?:rests|reflects)|for (?:two|three|these|the following) "
        r"reasons)\b"
    ),
    attribution=ATTRIBUTION,
    basis=compile_any(
        r"\b(?:because|since (?:the|its|their|row|both)|based on|rests? on|bases?|on the basis of|as "
        r"(?:the )?(?:rows?|logs?|annex|finding|report|table|section)|shown (?:by|in)|see (?:annex|"
        r"section|table|row|finding|report)|according to (?-i:[A-Z])|given that|in view of|follows from|"
        r"for (?:two|three|these|the following) reasons|(?:logs?|rows?|records?|certificates?|registr\w+|"
        r"invoices?|contracts?|findings?|headers?|captures?) (?:\d[\d,–-]* )?(?:of [\w .-]{1,40} "
        r")?(?:shows?|names?|records?|lists?|ties?|carr(?:y|ies)|holds?|contains?|links?))\b|"
        r"\((?:[^()]{0,60}\b(?:p\.|pp\.|page|annex|row|report|section|table|finding)[^()]{0,60})\)"
    ),
    passive=compile_any(
        rf"\b(?:passwords?|credentials|data|records|files|documents|secrets|details|names|addresses|source "
        rf"code|lists?) "
        rf"(?P<verb>(?:was|were|has been|have been|had been|has not been|have not been|had not been) (?:not |"
        rf"never |\w+ly |later |then )?(?:sold|dumped|posted|offered|"
        rf"traded|passed on|auctioned|circulated))\b{_REST}",
        rf"(?<!can )(?<!could )(?<!may )(?<!might )(?<!must )(?<!should )(?<!to )(?<!would )\b(?:{BE}|has "
        rf"been|have been|had been) (?:(?:not|never|\w+ly|also|then|later|all) "
        rf"){{0,2}}(?P<verb>{_CONDUCT})\b{_REST}",
        rf"\b(?P<verb>(?:mistakes|errors) were made|(?:pressure|blame|responsibility|guilt|suspicion) (?:has "
        rf"been|"
        rf"have been|was|is|were|had been) (?:\w+ )?(?:put|placed|laid|assigned|applied|exerted|shifted|cast|"
        rf"pinned|attributed)|(?:orders?|instructions?|approval|permission|the go-ahead) (?:was|were|had "
        rf"been|has "
        rf"been|have been) (?:given|issued)|(?:trails?|traces?|traps?|bait|evidence) (?:was|were|has been|"
        rf"had been) "
        rf"(?:\w+ )?(?:laid|planted|set|placed))\b{_REST}",
    ),
    judged=compile_any(
        rf"\b(?:has been|have been|had been|is|are|was|were|being|be) (?:(?:not|now|also|since|then|"
        rf"already|widely|\w+ly) ){{0,3}}(?P<verb>attributed to|linked (?:to|with)|connected (?:to|with)|"
        rf"tied to|blamed (?:on|for)|ascribed to|associated with (?:the )?(?:group|state|government|"
        rf"{NAME})|accused of|implicated in|identified as (?:the|a|an|being) (?:\w+ )?(?:attacker|"
        rf"culprit|source|perpetrator|author|operator|actor|origin)s?|found (?:to (?:have|be)|guilty|"
        rf"responsible)|deemed|held responsible|considered (?:to|responsible|the)|judged (?:to|"
        rf"responsible)|assessed (?:to|as)|suspected of|cleared of|exonerated|shown to (?:have|be)|"
        rf"proven to|confirmed (?:as|to (?:have|be))){_REST}",
        r"\b(?:it|this) (?:has been|is|was|had been) (?:(?:not|now|also|since|then|already|\w+ly) "
        r"){0,2}(?P<verb>determined|established|concluded|confirmed|decided|assessed|judged|"
        r"ascertained|verified|demonstrated|shown|discovered|recogni[sz]ed|found|agreed|proven|noted|"
        r"felt|considered) that\b(?P<rest>[^.;]{0,160})",
    ),
    agent=compile_any(
        r"\b(?:automatically|by itself|on schedule|routinely|by default)\b",
        r"\bby (?!(?:then|now|mistake|accident|means|chance|default|hand|night|day|way of|force|the "
        r"(?:time|end|hour|morning)|\d|(?-i:January|February|March|April|May|June|July|August|September|"
        r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)\b)\w",
        r"\b(?:from|via|through|using|with the (?:password|account|key|credentials|address|process|"
        r"tool)) (?:the |an? |our |its )?(?:\w+ ){0,2}(?:\d|(?-i:[A-Z])|account|address|network|host|"
        r"session|process|server|script|tool|password|key|credentials|user|command)",
    ),
    judge=compile_any(
        r"\bin (?:annex|section|the (?:report|judgment|award)|its|a (?:report|judgment))\b|\bby (?!(?:then|"
        r"now|mistake|accident|means|chance|the (?:time|end|press|media|public))\b)\w+"
    ),
    unknown=compile_any(
        r"\b(?:unknown|unidentified|not known|do(?:es)? not know|cannot say|undetermined|no(?:t| one "
        r"has) identified|have not (?:established|determined|identified)|someone|somebody|whoever|whom "
        r"we)\b"
    ),
    number=compile_any(
        r"(?<![\w.#:/-])(?:(?:more|fewer|less|at least|up to|over|nearly|almost|about|around|some|"
        r"approximately) (?:than )?)?(?:[$€£] ?)?\d[\d,. ]*(?:\.\d+)?(?: (?:million|billion|thousand|"
        r"hundred))?(?: ?%| per ?cent\b| (?!(?:UTC|GMT|CET|AM|PM|and|or|to|of|the|in|on|at|is|was|"
        r"were)\b)[a-z][\w-]*)",
    ),
    vague=compile_any(*VAGUE),
    harm=HARM,
    norm=NORM,
    unnumbered=compile_any(
        r"\b\d{1,2}(?:st|nd|rd|th)?(?: (?:and|to|or|–|-) \d{1,2})? (?:(?:of )?(?:january|february|march|"
        r"april|may|june|july|august|september|october|november|december)|jan|feb|mar|apr|jun|jul|aug|"
        r"sept?|oct|nov|dec)\b(?: \d{4})?",
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december) "
        r"\d{1,2}(?:, \d{4})?|\b(?:in|of|since|during|until|by|from|year) (?:19|20)\d\d\b|\b(?:19|"
        r"20)\d\d-\d\d(?:-\d\d)?",
        r"\b\d{1,2}:\d\d(?::\d\d)?(?: ?(?:UTC|GMT|CET|am|pm|Z))?|\b\d{1,2}\.\d\d (?:UTC|am|pm)",
        r"\b(?:rows?|hosts?|annex|section|sections|page|pages|pp?\.|no\.|nos\.|number|table|figure|"
        r"diagram|article|art\.|paragraph|para\.|clause|norm|rule|item|port|version|v|chapter|step|part|"
        r"appendix|assertion|request|notice|finding|report|record|case|phase|stage|layer|tcp|udp|event|"
        r"id|line|lines|column|volume|level|day|week|windows|server|tape|room|batch|build|release|patch|"
        r"question|point|ICD|option|group|unit|exhibit|claim) ?(?:id )?#?\d[\d.,–-]*(?:(?:,? (?:and|to|"
        r"or|–) )\d[\d.,–-]*)*",
        r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|\bCVE-\d+-\d+|\b\d+(?:\.\d+){2,}|\bT\d{4}(?:\.\d+)?|"
        r"\b[0-9a-f]{6,64}\b",
    ),
    sourced=compile_any(
        r"\b(?:logs?|rows?|records?|tables?|reports?|annex|captures?|headers?|registers?|certificates?|"
        r"tickets?|invoices?|exports?|files?|list|diagram|figure|counter|statement|notice|letter|minutes|"
        r"survey|audit|scan|inventory|journal|finding) (?:[\w.-]+ ){0,5}?(?:shows?|records?|lists?|"
        r"holds?|contains?|names?|gives?|counts?|has|have|says?|states?|puts?|carr(?:y|ies)|reports?|"
        r"notes?|covers?)\b",
        r"\baccording to (?:the |our |its )?(?:(?-i:[A-Z])|\w+ (?:log|report|table|register|audit|"
        r"ticket))|\b(?:in|from|by) (?:annex|table|row|section|report|figure) ?[\dA-Z]|"
        r"\((?:[^()]{0,60}\b(?:p\.|pp\.|page|annex|row|report|section|table|finding|"
        r"source)[^()]{0,60})\)|\[\^?\w{1,20}\]|\bwe counted\b|\bour count\b|\](?=\ufffc)",
    ),
    strong=compile_any(
        r"\b(?:prov(?:e|es|ed|en|ing)|demonstrat(?:e|es|ed)|establish(?:es|ed)?|confirm(?:s|ed)?|"
        r"show(?:s|ed|n)? (?:that|conclusively|beyond)|verif(?:y|ies|ied)|revealed?|reveals|conclusively|"
        r"determined that|ascertained)\b"
    ),
    confirmed=compile_any(
        r"\bindependent(?:ly)? (?:\w+ )?(?:confirm\w*|reproduc\w+|verif\w+|replicat\w+|corroborat\w+|"
        r"established)|\b(?:reproduced|replicated|re-run|corroborated|confirmed) (?:\w+ ){0,2}(?:by "
        r"(?:others|several|independent|two|three)|independently)"
    ),
    scare=compile_any(
        r"^(?:(?:independent|so|hard|new|own|free|fresh|key|expert) )?(?:evidence|proof|proofs|experts?|"
        r"investigation|inquiry|findings?|reports?|analysis|research|researchers|facts?|security|"
        r"victims?|democracy|journalists?|independent|partners?|peaceful|friends?|truth|science|"
        r"discover(?:y|ies)|scandal)$"
    ),
    saying=compile_any(
        rf"\b{SAY}\b|\baccording to\b|\bin (?:the )?words of\b|\b(?:reads?|calls?|called|term(?:s|ed)|"
        rf"quot\w+|word(?:s|ing)?|label\w*|titled|entitled|named|known as|meant|means?)\b"
    ),
)
