"""English: wording that says more than can be shown, and sources that nobody can ask."""

from __future__ import annotations

from typing import Final

from comity.statements.english_constructions import BOUNDED, CERTAIN, HEARSAY, LOADED, UNIVERSAL, UNNAMED
from comity.statements.grammar import NAME, Pattern, compile_any, words

ADVERB: Final = r"(?:(?:\w+ly|now|also|since|later|then|already|even|long|been|not|never) ){0,3}"
BE: Final = r"(?:is|are|was|were|be|been|being|gets?|got)"
SAY: Final = (
    r"(?:sa(?:y|ys|id)|stat(?:e|es|ed)|report(?:s|ed)?|claim(?:s|ed)?|alleg(?:e|es|ed)|assert(?:s|ed)?|"
    r"argu(?:e|es|ed)|"
    r"writ(?:e|es)|wrote|maintain(?:s|ed)?|den(?:y|ies|ied)|hold|holds|held|not(?:e|es|ed)|add(?:s|ed)?|"
    r"answer(?:s|ed)?|repl(?:y|ies|ied)|announc(?:e|es|ed)|insist(?:s|ed)?|contend(?:s|ed)?|suggest(?:s|ed)?|"
    r"declar(?:e|es|ed)|explain(?:s|ed)?|believ(?:e|es|ed)|conclud(?:e|es|ed)|told us|informed us)"
)
_OPINE = (
    r"(?:sa(?:y|ys|id)|agree[sd]?|believ(?:e|es|ed)|think|thinks|thought|conclude[sd]?|suggest(?:s|ed)?|"
    r"warn(?:s|ed)?|"
    r"claim(?:s|ed)?|argue[sd]?|note[sd]?|point(?:s|ed)? (?:out|to)|confirm(?:s|ed)?|consider(?:s|ed)?|"
    r"suspect(?:s|ed)?|"
    r"report(?:s|ed)?|assess(?:es|ed)?|maintain(?:s|ed)?|tell|told|insist(?:s|ed)?|see|doubt(?:s|ed)?|"
    r"know|knew|"
    r"recogni[sz]e[sd]?|accept(?:s|ed)?|observe[sd]?|reveal(?:s|ed)?|indicate[sd]?|find|found|attribute[sd]?|"
    r"link(?:s|ed)?|blame[sd]?|identif(?:y|ies|ied)|share|have (?:\w+ )?(?:said|concluded|confirmed|"
    r"found|noted|"
    r"agreed|warned|suggested|linked|attributed|identified|established|shown|long known|seen|told))"
)
_PEOPLE = (
    r"(?:experts?|analysts?|specialists?|observers?|researchers?|insiders?|commentators?|critics|"
    r"scholars?|academics?|"
    r"pundits|professionals|practitioners|officials?|diplomats?|sources?|engineers elsewhere|vendors|"
    r"industry figures?|the (?:security |cyber |international |research )?(?:community|industry))"
)
_MODIFIER = (
    r"(?:(?:many|several|some|most|all|numerous|various|leading|independent|respected|senior|foreign|western|"
    r"international|anonymous|unnamed|multiple|other|certain|cyber(?:security)?|security|industry|technical|"
    r"intelligence|government|diplomatic|media|well-placed|reliable|credible|informed|outside|legal|forensic|"
    r"threat|public|open|a number of|a|an|one|two|three|few|countless|top|prominent|well-known|"
    r"knowledgeable) ){0,4}"
)
# What follows a group noun and names it after all.
_NAMED = (
    rf"(?! (?:at|of|from|in|with|for|named|listed|appointed|whom|identified) (?:the )?(?:annex|{NAME}|"
    rf"both sides|the court))(?! {NAME})(?!, {NAME})"
)

_CERTAIN = words(
    "clearly obviously undoubtedly unquestionably indisputably indubitably undeniabl- certainly "
    "evidently plainly "
    "definitely surely categorically emphatically unequivocally irrefutabl- incontrovertibl- incontestabl- "
    "indisputable unquestionable unmistakabl- manifestly patently ironclad watertight doubtless inescapabl- "
    "positively demonstrably assuredly"
)
_LOADED = words(
    "shameless- brazen- despicabl- outrageous- egregious- nefarious- notorious- cowardl- cynical "
    "cynically blatant- "
    "flagrant- barbar- vicious- insidious- disgrace- appalling- ridiculous- absurd- ludicrous- laughabl- "
    "preposterous- baseless- groundless- unfounded hysteri- desperate regime regimes puppet puppets "
    "henchm- cron- "
    "lackey- thug- gangster- mastermind- onslaught rampag- havoc cyberterror- cyberwar- weaponi- "
    "witch_hunt- smear- "
    "slander- concoct- hoax- liar- farc- scapegoat- hypocri- bully bullies bullying hegemon- propagand- "
    "disinform- "
    "fake_news evil evildo- sinister malevolen- malign maligned heinous- atroci- ruthless- unscrupulous- "
    "perfid- treacher- deceitful- dishonest- mendaci- villain- crook- scoundrel- pathetic- sordid vile- "
    "monstrous- scandalous- outlandish- far-fetched bogus sham charade fairy_tale- fantas- unprovoked "
    "unwarranted so-called self-styled self-proclaimed reckless- irresponsibl- arrogan- insolen- audacious- "
    "sneak- underhand- dirty nonsense- rubbish paranoi- fearmonger- scaremonger- warmonger- grotesque- "
    "aggressor- predator- parasit- cesspool stooge- minion- goon- mouthpiece- spurious- malicious_rumou- "
    "defamatory "
    "infamous- wicked- dastard- hateful- loathsome- pernicious- diabolic- devious- ploy ruse stunt "
    "whitewash- "
    "cover-up collusion complicit- rogue_state rogue_regime rogue_government spy_den cyber_army cyber_militia"
)
BENIGN: Final = compile_any(
    r"\b(?:list|table|count|record|copy|copies|overview|summary) of (?:all|every|each)\b[^.;,]*",
    r"\b(?:unless|if|whether) (?:\w+ ){1,4}?(?:plainly|clearly|manifestly|obviously|evidently|certainly|"
    r"definitely|patently)\b",
    r"\b(?:nearly|almost|virtually|practically|not) (?:every|all)\b[^.;,]*",
    r"\bnothing (?:(?:left|more|further|else|new) to|to (?:add|say|declare|report))\b|\bha(?:s|ve|d) always "
    r"(?:lived|resided|worked|been "
    r"(?:called|registered|"
    r"based|open|public))\b|\bas always\b",
    r"\b(?:should|shall|must|may|to) (?:not )?(?:knowingly|deliberately|wilfully)\b",
    r"\brogue (?:access points?|certificates?|devices?|process\w*|dhcp|servers?)\b|\bpuppet (?:server|master|"
    r"agent|"
    r"module)s?\b|\b(?:cache|dns|arp) poisoning\b|\bhostile witness\b|\bmade[- ]up of\b|\bnon-?malicious\b",
    r"\b(?:certainly|clearly|evidently) not (?:the|a) (?:same|complete)\b|\bprobable cause\b",
    r"\b(?:beyond|without) reasonable doubt(?=[^.;]*\bstandard\b)|\bstandard (?:here )?(?:is|of) "
    r"[^.;]{0,40}doubt\b",
    r"\bdeliberately (?:vulnerable|small|left|simple|slow|limited|excluded|omitted|kept)",
    r"\bnothing in (?:this|the present)\b|\bof course,? (?:welcome|ready|willing|happy|answer|open|free)|"
    r"\b(?:would|will|shall),? of course\b",
    r"\bclearly (?:marked|visible|labell?ed|legible|separated|defined|documented|readable|distinct|"
    r"identified|signed|"
    r"stated|separate|recorded|distinguish\w*)",
    r"\b(?:not|un|less|more|whether it is|if it is) ?(?:clear(?:ly)?|certain(?:ly)?|obvious(?:ly)?|"
    r"evident(?:ly)?)",
    r"\b(?:not|nor|cannot be|can not be|neither|hardly|no longer) (?:\w+ )?"
    r"(?:conclusive|conclusively|definitely|definitive|irrefutabl[ey]|proven?|certain|established)",
    r"\balmost certainly",
    r"\bdirty (?:page|bit|block|cache|buffer|flag|read|write|cow|pipe|sock)s?",
    r"\bsham(?:e)? copy|\bfantastic",
    r"\brubbish (?:bin|folder)",
    r"\bruse\b (?:v|version)",
    r"\bsneakernet|\bcronjobs?|\bcronta\w*|\bcron\b|\bcrony?d\b|\bcrond\b",
    r"\bpositively (?:charged|identified|skewed|correlated)",
    r"\bdesperate to\b",
    r"\babsolutely (?:convergent|positioned)|\babsolute(?:ly)? (?:path|address|time|value)s?",
    r"\bproof (?:of (?:inclusion|work|delivery|receipt|posting|service|identity|possession|concept)|"
    r"obligations?)",
    r"\b(?:standard|burden|inclusion|consistency|merkle|degree|level|onus|tamper|bullet) ?-?(?:of )?proof",
    r"\b(?:neither|not|nor|cannot|never|without|whether|if|to|can|could|would|may|might|until|unless)"
    r" (?:\w+ ){0,2}(?:prov(?:e|es|ed|en|ing)|proof)\b",
    r"\bunfounded (?:until|unless)",
    r"\bfor ever\b|\bnever mind\b|\bnever-ending\b",
    r"\b(?:not|n't) (?:all|always|every\w*)\b|\bnot any ?more\b",
    r"\ball (?:the )?(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|of (?:the )?\d+)\b",
    r"\bno connections? (?:to|from|with) (?:port|host|address|server|\d|that (?:port|host|address)|the "
    r"(?:port|host|address|server|network|internet))",
    r"\b(?:none|all|each|every one) of (?:the|our|these|those|its) (?:\d[\d,.]*|two|three|four|five|six|"
    r"seven|eight|nine|ten)\b",
)
_CERTAINTY = (
    _CERTAIN,
    (
        r"\b(?:evidence|proof|case|facts) (?:\w+ ){0,3}?(?:is|are|was|were|remains?) (?:\w+ "
        r"){0,2}?(?:overwhelming|damning|crushing|complete|beyond|airtight|unanswerable|solid)\b"
    ),
    r"\b(?:have|has|had|hold|holds|possess|possesses|there is|with) (?!no )(?:\w+ )?proof\b",
    r"\b(?:can|could) only (?:be|have|come|mean)\b",
    (
        r"\b(?:without|beyond|no|hardly any|scarcely any) (?:\w+ ){0,4}(?:doubt|question|dispute)\b(?! "
        r"(?:was|were|arose|about the scope))"
    ),
    r"\b(?:can|could) be no (?:\w+ )?(?:doubt|question|dispute|other explanation)",
    r"\bno (?:other|alternative) (?:possible |plausible |conceivable )?explanation\b",
    r"\bleaves? no (?:room for )?(?:doubt|question)",
    (
        r"\b(?:it|that) (?:is|was|has been|becomes?) (?:\w+ ){0,2}(?:clear|obvious|evident|plain|certain|"
        r"self-evident|undeniable|indisputable|an established fact|a fact|common knowledge|apparent) (?:that|"
        r"to)\b"
    ),
    (
        r"\bneedless to say|\bgoes without saying|\bof course\b|\bas (?:everyone|everybody|we all|all) "
        r"knows?\b|\bas is well known\b"
    ),
    r"\b(?:it is|is) (?:a )?(?:well[- ]known|matter of record|common knowledge)\b",
    (
        r"\bsmoking gun\b|\bcaught red-handed\b|\bopen and shut\b|\bcast-iron\b|\brock[- ]solid\b|\bhundred "
        r"per ?cent (?:sure|certain)\b|\b100 ?(?:%|per ?cent) (?:sure|certain)\b"
    ),
    (
        r"\b(?:conclusive|definitive|overwhelming|hard|incontestable|indisputable|absolute|ultimate|full) "
        r"(?:proof|evidence)\b"
    ),
    r"\bconclusively\b|\bdefinitively\b",
    r"\bprov(?:e|es|ed|en|ing) (?:that|beyond|how|who|what|the|our|its|their|\w+'s|conclusively|once)\b",
    (
        r"\b(?:is|was|are|were|stands?|as|has been) proof (?:that|of|enough)\b|\bproof (?:that|enough)\b|"
        r"\bproven fact\b"
    ),
    (
        r"\bno (?:reasonable|serious|sane|honest) (?:person|observer|reader|analyst)\b|\banyone (?:honest|"
        r"with eyes|can see)\b|\bmake no mistake\b"
    ),
    (
        r"\bthe (?:simple |plain |undeniable )?(?:fact|truth) (?:is|remains|of the matter)\b|\bin truth\b|"
        r"\bwe (?:simply )?know that\b(?! (?:the log|row))"
    ),
    (
        r"\b(?:firmly|flatly|utterly|strongly|totally|completely|resolutely|vehemently|strenuously|entirely|"
        r"wholly|outright) (?:den(?:y|ies|ied)|reject(?:s|ed)?|refut\w+|dismiss\w*|repudiat\w+|false|untrue|"
        r"wrong|fabricated|invented|to blame|responsible|convinced|certain|proven|condemn\w*|innocent|guilty)"
    ),
    (
        r"\bcannot (?:possibly )?be (?:denied|disputed|doubted|questioned|a coincidence)\b|\bis no "
        r"coincidence\b|\bbeyond dispute\b|\bonly (?:possible|conceivable|plausible|one) (?:conclusion|"
        r"explanation|party)\b|\bspeaks? for (?:itself|themselves)\b"
    ),
)
_UNIVERSAL = (
    (
        r"\bno other (?:actor|state|party|group|country|power|organi[sz]ation|company|government|entity)\b|"
        r"\bthe (?:whole|entire) world\b|\ball (?:forms|kinds|manner) of (?:hacking|attacks?|espionage|"
        r"cyber\w*)\b"
    ),
    (
        r"\b(?:no|without(?: any)?|not(?: \w+){0,2}? (?:any|a shred of|a single piece of|one piece of|the "
        r"slightest|an iota of)|zero|never any|nor any|lack of any) "
        r"(?:\w+ ){0,2}?(?:evidence|proof|indication|sign|trace|basis|hint|link|connection|grounds?)s? "
        r"(?:\w+ )?(?:whatsoever|whatever|at all|of any kind|of any sort)\b"
    ),
    (
        r"(?<!doubt )\bwhatsoever\b|\bnot (?:a single|one single|one iota|a shred|the slightest|the least)\b|"
        r"\bnot the "
        r"(?:slightest|faintest|least)\b"
    ),
    r"\b(?:a|one|any) (?:shred|scintilla|scrap|iota|ounce|jot) of\b",
    (
        r"\bin no way\b|\bunder no circumstances\b|\bby no means\b|\bat no (?:time|point|stage|moment)\b|"
        r"\bnever ever\b|\bnever once\b|\bnot once\b|\bon no occasion\b|\bin any (?:way|form|shape|"
        r"capacity)\b"
    ),
    (
        r"\bnothing (?:whatsoever |at all |whatever )?(?:to do with|of the (?:kind|sort))\b|\bno "
        r"(?:involvement|role|part|hand|connection|link|ties?|relation(?:ship)?|knowledge)s? (?:whatsoever|"
        r"in|with|to|of)\b"
    ),
    (
        r"\b(?:everyone|everybody|nobody|no one|no-one|anyone and everyone|nowhere|anything and everything|"
        r"everything)\b(?! (?:listed|named|since|but|except|other than|else but) ?)"
    ),
    (
        r"\b(?:every|each and every|all|any and all) (?:single |possible |conceivable |other )?(?:attack|"
        r"incident|intrusion|accusation|allegation|claim|statement|word|assertion|attempt|breach|charge|"
        r"denial|company|state|government|system|expert)s?\b(?! (?:\[|in (?:the )?(?:table|annex|list|case)|"
        r"listed|named|numbered|above|below))"
    ),
)
_BOUNDED_UNIVERSAL = (
    (
        r"\bnever\b|\balways\b|\binvariably\b|\bwithout exception\b|\bforever\b|\bnone\b|\bat all\b|\bnot "
        r"ever\b|(?:^\W*|[,;:] |\b(?:that|and|but|or|because|left|leaves?|ha(?:s|ve|d)|is|was|know|knows|"
        r"knew|did|does|found|saw|"
        r"proves?|shows?|touched|spared|hides?|done) )nothing\b(?! (?:is|needs?|to do) (?:needed|required|"
        r"installed|done|to be))"
    ),
    (
        r"\b(?:is|was|are|were|exists?|be|been|has been|remains?) (?:simply |absolutely |just |still |"
        r"therefore )?(?:no|zero) (?:\w+ ){0,2}?(?:evidence|proof|indication|sign|trace|basis|link|"
        r"connection|grounds?)s?\b"
    ),
    (
        r"\b(?:found|saw|seen|have|has|had|find|see|offers?|offered|presents?|presented|provides?|provided|"
        r"produced?) (?:absolutely |simply |literally )?(?:no|zero) (?:\w+ ){0,2}?(?:evidence|proof|"
        r"indication|sign|trace)s?\b"
    ),
)
_HEARSAY = (
    r"\bopen secret\b",
    words(
        "reportedly allegedly supposedly purportedly rumou- hearsay ostensibly seemingly apparently grapevine"
    ),
    (
        r"\b(?:it|there) (?:is|was|has been|have been|are) (?:\w+ ){0,2}?(?:understood|said|believed|thought|"
        r"rumou?red|alleged|reported|claimed|whispered|supposed|suspected|suggested|talk|speculated|assumed|"
        r"feared|known)(?: that| to)\b(?! by\b)"
    ),
    (
        r"\b(?:is|are|was|were) (?:\w+ly )?(?:said|understood|believed|thought|rumou?red|alleged|reported|"
        r"claimed|reputed|supposed|suspected|known|assumed|presumed) to (?!the\b|her\b|his\b|its\b|our\b|"
        r"their\b|him\b|them\b|us\b|be (?:used|safe|the)\b)[a-z]+\b"
    ),
    (
        r"\b(?:word has it|word is|we (?:have )?hear[d]? (?:that|from)|we (?:have been|were|are) (?:told|"
        r"given to understand|led to believe)|it has (?:emerged|come to our attention|transpired|come to "
        r"light)|as is known|they say|people say|one hears|so we hear|legend has it|story goes|talk is)\b"
    ),
    r"\baccording to (?:\w+ )?(?:rumou?rs?|hearsay|gossip|some|many|chatter)\b",
)
_UNNAMED = (
    (
        r"\baccording to (?:people|persons|those|individuals|someone|somebody|a person|one person|employees|"
        r"insiders)\b"
    ),
    (
        rf"\b(?:leading|several|many|various|multiple|numerous|some|major|prominent|other|allied|friendly|"
        rf"most|countless|top) (?:\w+ ){{0,2}}?(?:firms?|companies|vendors|agencies|services|governments|"
        rf"states|countries|institutions|laboratories|universities|outlets|newspapers) (?:now |also |have |"
        rf"has |\w+ly ){{0,3}}{_OPINE}\b"
    ),
    (
        rf"\b{_MODIFIER}{_PEOPLE}{_NAMED}(?: (?:who|which|that|close|near|familiar|inside|with|in|of|on|from|"
        rf"within|we|at|around)\b[^,.;]{{0,60}}?)?,? (?:(?:\w+ly|also|all|now|have|has|had|long|who|already|"
        rf"tend to|would|do|widely|broadly) ){{0,3}}{_OPINE}\b"
    ),
    (
        rf"\b(?:according to|per|citing|quoting|confirmed by|told by|cited by|say|says|said|by) "
        rf"{_MODIFIER}{_PEOPLE}\b(?! (?:address|code|port|ip|file|host|network|row|log)){_NAMED}"
    ),
    (
        r"\baccording to (?:\w+ )?(?:media |press |news |open |public |unconfirmed |various |several |some |"
        r"foreign |intelligence |recent )+(?:reports?|reporting|accounts?|outlets|sources|stud(?:y|ies)|"
        r"information)\b(?! (?:of|by|in|from) (?-i:[A-Z]))"
    ),
    (
        r"\baccording to (?:reports|media|press|studies|research|observers|intelligence|the (?:media|press|"
        r"internet))\b(?! (?:of|by|in|from) (?-i:[A-Z]))"
    ),
    (
        r"\b(?:(?:some|many|most|several|certain|various|other|few|countless) (?:people|observers|states|"
        r"governments|companies|voices|circles|parties|firms|organi[sz]ations|outlets|reports|studies|"
        r"vendors|others)|some|many|others|the media|the press|insiders|recent (?:studies|research|reports)|"
        r"studies|research|(?:media|press|news|open|public|unconfirmed|intelligence) reports?) (?:\w+ly |"
        r"have |has |also |now ){0,2}(?:sa(?:y|id)|believe[sd]?|think|claim(?:ed|s)?|argue[sd]?|suggest(?:s|"
        r"ed)?|show[ns]?|agree[d]?|suspect(?:ed)?|hold|maintain(?:ed)?|conclude[d]?|consider(?:ed)?|"
        r"report(?:ed)?|indicate[ds]?|confirm(?:s|ed)?|doubt|feel|see|attribute[d]?|blame[d]?|point(?:ed)? "
        r"to|note[d]?|link(?:ed)?|describe[sd]?)\b"
    ),
    (
        r"\b(?:it is |is |are |been |be )?(?:widely|generally|commonly|universally|broadly|internationally) "
        r"(?:believed|regarded|known|accepted|held|thought|recogni[sz]ed|considered|acknowledged|agreed|"
        r"reported|seen|attributed|understood|suspected|assumed|credited|blamed)\b"
    ),
    (
        r"\b(?:a|an|one|two|several) (?:\w+ ){0,2}(?:insider|person|people|persons|individuals?|employees?|"
        r"figures?|contacts?) (?:close to|familiar with|with knowledge|who (?:asked|wished|spoke|declined|"
        r"requested)|inside|briefed)\b"
    ),
    (
        r"\bspoke on (?:the )?condition of anonymity\b|\bwho (?:asked|wished|declined|requested) (?:not )?to "
        r"(?:be named|remain anonymous)\b"
    ),
    (
        r"\b(?:reliable|credible|trusted|confidential|multiple|well-placed|intelligence|undisclosed|unnamed|"
        r"anonymous) (?:sources?|information|intelligence|tips?)\b(?! (?:of|at|from) (?-i:[A-Z]))"
    ),
)


PATTERNS: Final = (
    Pattern(rule="wording.certainty", find=compile_any(*_CERTAINTY, *CERTAIN)),
    Pattern(
        rule="wording.loaded",
        find=compile_any(
            _LOADED,
            *LOADED,
            r"\b(?:deliberately|wilfully|willfully|maliciously|knowingly|brutal\w*|callous\w*)\b|"
            r"\b(?:fabricated|invented|manufactured|concocted) (?:accus|charg|alleg|claim|stor|"
            r"pretext|narrative|evidence)\w*|\b(?:these|those|their|such|its|his|all|more|the) lies\b",
            r"\b(?:pack|web|tissue|string|litany) of (?:\w+ )?(?:lies|deceit|falsehoods|"
            r"fabrications)\b|\bl(?:ied|ying) (?:to|about)\b|\b(?:is|are|was|were) lying\b|"
            r"\b(?:tells?|told|spread\w*|pure|outright|malicious|more) lies\b|\btheir lies\b|\bthis "
            r"lie\b|\ba lie\b",
            r"\bcr(?:y|ies|ied|ying) (?:wolf|foul)\b|\bmuddy(?:ing)? the waters?\b|\bdouble "
            r"standards?\b|\bact of (?:war|aggression|terror\w*)\b|\bfigment of\b|\bwild (?:accus|"
            r"alleg|specul|claim)\w+|\btrumped[- ]up\b|\bmade[- ]up\b|\bpolitically motivated\b|\bin "
            r"bad faith\b|\bblood on\b|\bnew low\b|\bdeep(?:ly)? (?:hostile|dishonest)\b",
        ),
    ),
    Pattern(rule="wording.universal", find=compile_any(*_UNIVERSAL, *UNIVERSAL)),
    Pattern(rule="wording.universal", find=compile_any(*_BOUNDED_UNIVERSAL, *BOUNDED), bounded=True),
    Pattern(rule="source.hearsay", find=compile_any(*_HEARSAY, *HEARSAY)),
    Pattern(rule="source.unnamed", find=compile_any(*_UNNAMED, *UNNAMED)),
)
