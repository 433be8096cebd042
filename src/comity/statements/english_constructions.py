"""English: constructions that claim certainty, generality or knowledge without a word that says so."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import words

_ACTORS = (
    r"(?:actor|state|country|government|party|group|power|nation|team|service|agency|adversary|company|"
    r"people|entity|organi[sz]ation|insider|supplier|person|man|woman|hacker|gang)s?"
)
_MEMBERS = (
    r"(?:people|citizens|customers|residents|inhabitants|systems|users|employees|staff|states|countries|"
    r"nations|"
    r"governments|networks|servers|computers|machines|hospitals|banks|schools|experts|obligations|duties|"
    r"laws|rules|norms|commitments|victims|households|allies|partners|services|accusations|allegations|"
    r"defen[cs]es|controls|evidence|known detection|detection|safeguards)"
)

CERTAIN: Final = (
    r"\b(?:let )?there (?:should |can |must )?be no (?:mistake|doubt|misunderstanding|illusion)\b",
    (
        r"^\W*that [^.;]{1,80} is (?:\w+ )?(?:certain|clear|obvious|beyond \w+|proven|undeniable|plain|a "
        r"fact)\b|"
        r"\bplain as (?:day|the nose)\b|"
        r"\bis (?:now |quite |absolutely )?certain\b(?! (?:to|whether))|\bthere is no (?:question|denying|"
        r"escaping|mistaking)\b"
    ),
    (
        r"\bcould(?: not|n't) be (?:\w+ )?(?:clearer|plainer|more (?:obvious|evident|certain|blatant))\b|"
        r"\b(?:was|is|were|are) no "
        r"(?:mere |simple )?(?:accident|coincidence|mistake|error|chance|glitch|oversight)\b|"
        r"\b(?:established|"
        r"proven|undisputed|"
        r"indisputable|incontrovertible) facts?\b|\bpure and simple\b|\b(?:absolutely|completely|totally|"
        r"entirely|quite) "
        r"(?:certain|sure|positive|convinced)\b"
    ),
    (
        r"\b(?:anyone|anybody|whoever|everyone|everybody|all) who (?:[\w'-]+ ){1,8}?(?:sees?|knows?|can tell|"
        r"can "
        r"see|will see|"
        r"understands?|recogni[sz]es?|must (?:see|conclude|admit))\b|\bstands? to reason\b|\badmits? (?:of "
        r")?(?:no|only)\b|\bno "
        r"amount of (?:\w+ )?(?:spin|denial|talk|words|propaganda|lies)\b|\b(?:there )?(?:is|are) no two "
        r"ways "
        r"about\b|\bhas to have "
        r"been\b|\bcould not (?:possibly )?have (?:been|come|acted|happened)\b|\bonly a (?:fool|child)\b|"
        r"\bmake "
        r"no bones\b"
    ),
    (
        r"\b(?:everyone|everybody|anyone|anybody|we all|the whole world|the world|all of us) (?:\w+ "
        r")?(?:knows?|"
        r"understands?|"
        r"sees?|can see)\b|\bnothing (?:less than|short of|but|other than)\b|\bnone other than\b|\bno "
        r"(?:other|"
        r"alternative|"
        r"different|second) (?:\w+ )?(?:reading|interpretation|version|scenario|account|story|way|conclusion|"
        r"explanation|answer)\b"
    ),
    (
        rf"\bonly (?:one|a single|an?|such an?) (?:\w+ ){{0,3}}?{_ACTORS} (?:\w+ ){{0,6}}?(?:could|can|would|"
        rf"has|"
        rf"have|had|is|are)\b"
    ),
    (
        r"\bonly (?:one|a single) (?:\w+ ){0,3}?(?:in the (?:entire |whole )?world|on (?:the )?(?:earth|"
        r"planet))\b"
    ),
    (
        r"\bonly (?:one|a single) (?:\w+ )?(?:explanation|conclusion|culprit|suspect|answer|reading|"
        r"interpretation|motive|possibility)\b|\bthe only (?:possible |plausible |conceivable )?(?:culprit|"
        r"suspect|explanation|answer|conclusion)\b"
    ),
    (
        r"\b(?:nobody|no one|no-one|none|no \w+) (?:else )?(?:but|except|other than) (?:an? |the )?\w+|"
        r"\bwho else\b"
    ),
    (
        r"\b(?:simply|utterly|completely|absolutely|totally|physically|quite|flatly) (?:impossible|"
        r"inconceivable|unthinkable|false|untrue)\b|\b(?:inconceivable|unthinkable|out of the question)\b"
    ),
    (
        r"\bwith (?:absolute|complete|total|full|utmost|perfect|one hundred per ?cent|100 ?(?:%|per ?cent)) "
        r"certainty\b|\bfor (?:a fact|certain|sure)\b|\bonce and for all\b|\bbeyond (?:question|argument|"
        r"debate|contradiction)\b"
    ),
    (
        r"\b(?:any|every|a|the dimmest) (?:[\w-]+ )?(?:child|schoolchild|student|fool|layman|lay person|"
        r"beginner|amateur|idiot|half-?wit)s? (?:can|could|knows?|sees?|would)\b|\bplain (?:for all )?to "
        r"see\b|"
        r"\bclear as (?:day|daylight|crystal)\b|\bcrystal[- ]clear\b|\bfor (?:all|everyone) to see\b"
    ),
    (
        r"\b(?:all|everything|every) (?:of )?(?:the |this |our )?(?:\w+ ){0,2}?(?:evidence|signs?|traces?|"
        r"indicators?|indications?|roads?|clues?|trails?|facts?|leads?)? ?(?:points?|leads?|speaks?) "
        r"(?:un\w+ "
        r"|clearly |straight |directly |only )?(?:to|towards?|at|in (?:one|the same) direction)\b"
    ),
    (
        r"\b(?:picture|chain|proof|evidence|case|attribution|conclusion|link|connection|argument) (?:is|was|"
        r"are) (?:\w+ )?(?:watertight|airtight|iron-?clad|rock[- ]solid|unassailable|seamless|bullet-?proof|"
        r"compelling|conclusive|definitive|unambiguous|unequivocal|indisputable|undeniable|final|settled|"
        r"beyond \w+|closed|clear-cut|clear)\b"
    ),
    (
        r"\b(?:has|have|had) (?:now |long |already |finally )?(?:been )?(?:\w+ly )?prove[nd]\b|\b(?:guilt|"
        r"complicity|involvement|responsibility|innocence|culpability|authorship) (?:is|was|stands|has been) "
        r"(?:\w+ly |now )?(?:prove[nd]|established|certain|undeniable|clear|beyond|demonstrated|obvious|"
        r"plain)"
    ),
    r",? (?:period|full stop|end of story|case closed)[.!]",
    (
        r"\b(?:completely|totally|entirely|categorically|fully|definitively|absolutely|wholly) (?:excluded?|"
        r"exclude|ruled out|rule out|disprove[dns]?|refuted?)\b|\b(?:ruled out|excluded|rule out|exclude) "
        r"(?:completely|totally|entirely|categorically|altogether|definitively|with (?:\w+ )?certainty)\b|"
        r"\bdisprov\w+ (?:\w+ly|once|beyond|that)\b"
    ),
    (
        r"\bno (?:\w+ )?(?:sane|sensible|thinking|rational|right-minded|intelligent|serious|reasonable|"
        r"honest|"
        r"informed|decent) (?:\w+ )?(?:person|observer|reader|analyst|expert|human|people|mind|one|judge|"
        r"government|court)\b|\bin their right minds?\b"
    ),
    (
        r"\bwe (?:all |simply |now |already |just )?know (?:for|full well|exactly|perfectly|very well|all "
        r"too|"
        r"beyond|with certainty|precisely)\b|\bwe are (?:\w+ )?(?:certain|convinced|positive|sure) "
        r"(?:that|of|it|this)\b|\b(?:of this|about this) we are (?:certain|sure|convinced)\b"
    ),
    (
        r"\bmust (?:surely |clearly |therefore |obviously )?have (?:been|known|come|had|used|gained|got|"
        r"acted|"
        r"planned|received|given|done|helped|entered|started|originated)\b|\bcannot (?:but|possibly) (?:have|"
        r"be)\b|\b(?:could|can) not possibly\b|\bis bound to (?:have|be)\b"
    ),
    (
        r"\bself-evident(?:ly)?\b|\b(?:stands?|put|placed) beyond\b|\bknown fact\b|\bplain fact\b|\bsimple "
        r"truth\b"
    ),
    (
        r"\b(?:leaves?|leaving|left) no (?:\w+ )?(?:doubt|room|question|choice)\b|\ballows? (?:of )?(?:no "
        r"other|only one)\b|\bpermits? (?:no other|only one)\b|\bthe (?:game|mystery) is (?:up|over)\b"
    ),
    r"\babsolutely\b(?! (?:no|none|nothing|nobody|all|every\w*|zero|any|never|not)\b)",
    r"\bdead certain\b|\bcertainty itself\b|\bproof positive\b|\bslam[- ]dunk\b|\bwritten all over\b",
)

LOADED: Final = (
    (
        r"\b(?:gang|bunch|pack|mob|horde|band) of (?:cowards|thieves|criminals|thugs|liars|crooks|bandits|"
        r"robbers|amateurs)\b|\bcowards?\b"
    ),
    (
        r"\b(?:these|those|such|the|common|mere) criminals\b(?! (?:code|law))|\bcomical\b|\bstupid\w*|"
        r"\bidiocy\b|"
        r"\bincompeten\w+|"
        r"\bdisgrac\w+|\bplay(?:s|ing)? games with\b|\bcollapses? under\b|\bsilly\b|\bludicrous\w*|"
        r"\bshabby\b|"
        r"\bsleaz\w+|\bbullies\b"
    ),
    (
        r"\bthrough the (?:mud|dirt)\b|\bbehind every (?:tree|bush|corner)\b|\bgreedy\b|\bstoop(?:s|ed|ing)? "
        r"to\b|\bsunk so low\b|"
        r"\bhave the (?:nerve|gall|audacity)\b|\bpersecution\b"
    ),
    (
        r"\bmalice\b|\b(?:pure|sheer|utter|naked|unadulterated) (?:evil|hatred|greed|malevolence|contempt|"
        r"nonsense|madness|"
        r"aggression|fantasy|fiction|invention|spite|hostility|terror)\b|\bpuppet[- ]masters?\b|"
        r"\bstring-pullers?\b|\bpeddl(?:e|es|"
        r"ed|ing)\b|\bget away with\b|\bfairy tales?\b|\bcry-?bab(?:y|ies)\b|\bsabre-rattling\b|"
        r"\bbloody-minded\b"
    ),
    words(
        "shameful- disgust- deplorabl- unconscionabl- unspeakabl- abhorren- abominabl- contemptibl- "
        "repugnan- "
        "revolting sickening inhuman- depraved bloodthirst- savage savagery tyran- despot- junta clique "
        "cabal "
        "bandit- traitor- crocodile_tears barefaced bare-faced ravings raving delusion- deluded venomous "
        "spiteful- vindictive- scurrilous- libel- calumn- odious- idiotic- moronic- childish- infantile "
        "inept- spineless gutless filthy- poisonous_campaign toxic_lies evil-minded terrorist_state "
        "pariah_state bloodstained warlike imperialis- colonialis- fascis- mafia crime_syndicate "
        "criminal_regime mercenar- saboteurs invaders hordes cynicism duplicit- two-faced insidiousness "
        "despicable shenanigans antics clownish circus buffoon- travesty mockery ludicrousness frivolous- "
        "vexatious witch-hunt show_trial kangaroo_court demoni- brainwash- hate_campaign slur slurs "
        "insinuation- innuendo- mud-slinging mudslinging hatchet_job lunatic- insane insanity deranged "
        "obscene- "
        "disgraceful- dishonourabl- dishonorabl- unforgivabl- devilish- fiendish- merciless- pitiless- "
        "rapacious- "
        "greedy greed_of power-hungry warped grotesquely hostile_propaganda spin_doctors troll trolls"
    ),
    (
        r"\b(?:worst|basest|lowest) (?:kind|sort)\b|\bbreathtaking\b|\bslap in the face\b|\bstab(?:bed)? in "
        r"the "
        r"back\b|\bin cold blood\b|\bbeneath contempt\b|\blaughing ?stock\b|\binsults? (?:to )?(?:the |our )?"
        r"(?:intelligence|people|nation|victims|public)\b|\bbelongs? (?:in|on) the (?:bin|dustbin|rubbish|"
        r"trash|scrap)\w*|\blike (?:thieves|rats|vultures|wolves|cowards|snakes|bandits)\b"
    ),
    (
        r"\b(?:enem(?:y|ies)|traitors) of (?:our|the|this) (?:people|nation|state|country|republic|democracy|"
        r"peace|truth|freedom)\b|\bheart of our (?:democracy|nation|society|republic)\b|\bcriminal (?:gang|"
        r"clique|machine|conspiracy)s?\b|\bserial (?:offender|liar|violator|aggressor)s?\b|\bhired (?:pens?|"
        r"hands|guns)\b|\bpaid (?:mouthpieces?|agents|hacks|trolls|shills)\b|\bpoisoned? (?:pen|well)\b"
    ),
    (
        r"\bcivili[sz]ed (?:nations?|world|people|societ\w+)\b|\bshock(?:s|ed|ing)? the conscience\b|"
        r"\bmoral(?:ly)? "
        r"(?:bankrupt\w*|reprehensible|depraved)\b|\bcrimes? against (?:our )?(?:children|people)\b|\bshame "
        r"(?:on|upon)\b|\bhave no shame\b|\bno (?:sense of )?shame\b|\bnonsensical\b|\bcheap (?:trick|shot|"
        r"propaganda|stunt)s?\b|\bdark forces\b|\bstoop(?:s|ed)? (?:so |this )?low\b"
    ),
    (
        r"\b(?:lies|lied|lying|liars?)\b(?! (?:with|in|on|at|between|within|outside|behind|under|near|below|"
        r"above|beyond|beside|idle|open|there|here|north|south|east|west|next|partly|solely|about \d|down|"
        r"before|ahead|elsewhere|unused|dormant|\d|to the))(?<!responsibility lies)(?<!burden lies)"
    ),
)

UNIVERSAL: Final = (
    (
        r"\bnot one (?!of the \d|of the (?:two|three|four|five|six))(?:\w+ )?(?:\w+)\b|\b(?:all|every one) "
        r"of "
        r"(?:the|our|their|its) "
        r"(?:[\w'-]+ ){0,2}?(?:computers|customers|passengers|systems|servers|files|records|people|members|"
        r"citizens|staff) [a-z]+ed\b"
    ),
    r"\bnever before\b|\bnever,? (?:not )?ever\b|\b(?:not|n't) (?:at any (?:time|point|stage)|ever)\b",
    r"\bthe (?:slightest|faintest|remotest|tiniest|merest)\b(?! (?:delay|change|difference in))",
    (
        r"\b(?:no|none|nobody|no one|not one|nothing)\b[^.;,]{0,60}\bever\b(?! since)|\bno (?:\w+ )?(?:has|"
        r"have|"
        r"had) yet ever\b"
    ),
    (
        r"\b(?:zero|not any|not one piece of|absolutely no|literally no|simply no|never any|not an? (?:ounce|"
        r"iota|scrap|grain) of) (?:\w+ )?(?:evidence|proof|indications?|signs?|traces?|basis|truth|merit|"
        r"foundation|substance|reason|link|connection)\b|\bof (?:any|whatever) (?:kind|sort|description)\b"
    ),
    (
        r"\b(?:lacks?|lacking|lacked|devoid of|without) (?:any|all|every|the slightest) (?:\w+ "
        r")?(?:foundation|"
        r"basis|merit|truth|substance|grounds?|evidence|proof|justification|credibility|logic)\b|\bno "
        r"(?:foundation|basis|truth|substance|merit) (?:in|to|for|whatever|whatsoever)\b"
    ),
    (
        r"\bno one (?:was|has been|is) (?:spared|safe)\b|\b(?:completely|totally|perfectly|absolutely|fully|"
        r"entirely|100 ?(?:%|per ?cent)) (?:secure|safe|clean|innocent|untouched|unaffected|protected|immune|"
        r"transparent|blameless|impossible to)\b|\bcannot (?:ever )?be (?:broken|hacked|breached|compromised|"
        r"defeated|circumvented|cracked|beaten|bypassed)\b(?! (?:on|in|with|by|within|if|unless))|"
        r"\b(?:un(?:break|"
        r"hack|beat|crack)able|impenetrable|invulnerable|infallible|bullet-?proof|foolproof)\b"
    ),
    (
        r"\bthe (?:whole|entire) (?:\w+ )?(?:world|community|country|nation|planet|population|industry|"
        r"internet|"
        r"globe|continent|public|region)\b|\b(?:every|each) (?:single |and every )(?:time|one|day|\w+)\b|"
        r"\bwithout (?:a single |any )?exception\b|\bdown to the last\b|\bto a man\b|\bhowever (?:small|"
        r"slight)\b"
    ),
    (
        rf"\b(?:evades?|bypass(?:es)?|defeats?|detects?|blocks?|stops?|prevents?|resists?|den(?:y|ies)|"
        rf"know|knows|control|controls|abides? by|respects?|honou?rs?|fulfils?|meets?|observes?|complies "
        rf"with|"
        rf"violates?|broke|breaks|affect(?:s|ed)|hit|wiped|lost|stole) (?:always )?(?:all|every|any|"
        rf"everything)\b (?:of )?(?:the |our |its |their |known |international )?(?:\w+ )?(?:{_MEMBERS}|"
        rf"attack\w*|one|threats?|\w+ single \w+)\b"
    ),
)

BOUNDED: Final = (
    r"\ball (?:of )?(?:our|their|his|her) (?:\w+ )?\w+s (?:are|were|have|had|remain|proved)\b",
    (
        rf"\b(?:all|every one) (?:of )?(?:our |their |its |the |his |her )?(?:\w+ )?{_MEMBERS}(?: (?:of|in|"
        rf"at|on|"
        rf"across) (?:the |our |this )?\w+)? (?:(?:now|still|already) )?(?:was|were|is|are|have|has|had|know|"
        rf"agree|deny|condemn\w*|reject\w*|lost|suffered|failed|confirm\w*|support\w*)\b"
    ),
    (
        r"\bevery (?:\w+ )?(?:system|computer|server|machine|customer|citizen|state|country|nation|"
        r"government|"
        r"family|household|company|hospital|school|expert|person|child|employee|file|record|network|account) "
        r"(?:\w+ ){0,5}?(?:was|is|were|has|had|knows?|agrees?|lost|suffered)\b"
    ),
    (
        r"\bno (?:\w+ )?(?:evidence|proof)\b(?! (?:is|was|of (?:delivery|receipt))? ?(?:needed|required|"
        r"necessary))|\bno (?:state|country|government|nation|company|customer|party|expert|citizen|court|"
        r"agency|patient|system|server|data|employee|user)s? (?:has|have|had|could|can|would|were|was|is|"
        r"are) "
    ),
    (
        r"\bnone of (?:our|their|its|the) (?:\w+ )?[a-z]+s\b|\bthroughout (?:the )?(?:history|existence)\b|"
        r"\bin (?:our|its|the) (?:entire|whole) history\b|\bof all time\b|\bsince time immemorial\b"
    ),
)

HEARSAY: Final = (
    r"\bgossip\b",
    (
        r"\bword (?:in|around|at|on) the \w+ (?:is|has it)\b|\brumou?rs? (?:of|that|about)\b|\bas (?:legend|"
        r"gossip|rumou?r) has it\b"
    ),
    (
        r"(?<!court )(?<!committee )(?<!tribunal )(?<!jury )(?<!house )(?<!panel )\b(?:hear|heard) (?:that|"
        r"rumou?rs|from|talk)\b"
    ),
    (
        r"\b(?:it|there) (?:is|was) being (?:said|claimed|alleged|suggested|whispered|rumou?red)\b|\b(?:so|"
        r"as) "
        r"(?:people|they|folk|some|many|the locals|one) (?:say|tell|claim|have it)\b|\bpeople (?:are saying|"
        r"say|claim|believe|talk)\b|\bthey say\b|\bthe story (?:goes|has it|runs)\b|\bthere (?:is|was|has "
        r"been) "
        r"(?:\w+ )?(?:talk|speculation|gossip|chatter|a rumou?r)\b|\bword (?:has it|is|on the street|is "
        r"going "
        r"round|reached)\b|\brumou?r has it\b|\b(?:making|doing) the rounds\b|\btale goes\b"
    ),
    (
        r"\bunconfirmed (?:\w+ )?(?:reports?|rumou?rs?|information|claims?|accounts?|messages?)\b|"
        r"\b(?:reports|"
        r"accounts|stories|claims|allegations|voices) (?:now |also )?(?:suggest|say|indicate|claim|have it|"
        r"circulate|abound|emerged?|speak|persist)\b|\bif (?:the )?(?:reports|rumou?rs|stories) are (?:true|"
        r"correct|to be believed)\b|\b(?:are|is|were|was) (?:circulating|making)\b"
    ),
    (
        r"\b(?:has|have|had|having) (?:\w+ )?heard (?:that|from|of|about|how)\b|\b(?:everyone|everybody|all|"
        r"people) [^.;]{0,30}(?:has|have) heard\b|\bwe hear\b|\bi hear\b|\bI am told\b|\bgiven to "
        r"understand\b|"
        r"\b(?:is|are|was|were) told (?:that|of|in|by (?:friends|others|colleagues))\b|\bcame to (?:our|my) "
        r"ears\b"
    ),
    (
        r"\b(?:social media|internet|online|twitter|telegram) (?:users?|posts?|accounts?|commenters?|"
        r"commentators?|chatter|sources?) (?:\w+ )?(?:claim|say|allege|suggest|report|insist|believe|"
        r"write)\w*\b|"
        r"\busers on (?:social media|the internet|forums)\b|\bnetizens\b|\bon the grapevine\b|\bvia via\b|"
        r"\bsecond[- ]hand\b|\bfrom what (?:we|i|one) hears?\b|\bby all accounts\b"
    ),
    r"\bit (?:would (?:seem|appear)|seems|appears) that\b|\bso it (?:seems|is said|appears)\b|\breputedly\b",
)

_KNOW = (
    r"(?:call(?:ed|s)?|critici[sz]e[ds]?|accept(?:ed|s)?|condemn(?:ed|s)?|praise[ds]?|oppose[ds]?|"
    r"dispute[ds]?|view(?:ed|s)?|"
    r"suggest(?:ed|s)?|have critici[sz]ed|say|says|said|agree|agreed|believe|believed|think|conclude|"
    r"concluded|confirm|confirmed|suspect|"
    r"suspected|doubt|doubted|den(?:y|ied)|dismiss(?:ed)?|reject(?:ed)?|support(?:ed)?|share|shared|"
    r"warn(?:ed)?|"
    r"regard|regarded|describe[ds]?|blame[ds]?|question(?:ed)?|fear|feared|insist(?:ed)?|assume[ds]?|told|"
    r"tell|"
    r"tells|claim(?:ed)?|argue[ds]?|spoke|speak|speaks|rule[ds]? out|consider(?:ed)?|estimate[ds]?|"
    r"expect(?:ed)?|"
    r"reckon(?:ed)?|maintain(?:ed)?|put|point(?:ed|s)? to|see|hold|find|found|are (?:\w+ )?(?:convinced|"
    r"certain|"
    r"sure|sceptical|skeptical|in no doubt|worried|of the (?:opinion|view)|unanimous)|have (?:\w+ ){0,3}?(?:"
    r"confirmed|concluded|ruled out|questioned|said|agreed|warned|linked|blamed|attributed|told|established|"
    r"expressed|voiced|dismissed|rejected|known))"
)
UNNAMED: Final = (
    (
        r"(?:^\W*|[,;:] |\bthat )(?:(?:some|many|most|several|other|two|three|four|five|various|numerous|few|"
        r"more and more|a "
        r"number of|[a-z-]+(?:al|ic|ed|ive|ous|ing|ern|ent|ish|ible|ior|ign)|cyber|security|industry|"
        r"government|former|legal|"
        r"threat|top) ){0,3}(?:[a-z]+s|people|men|women|media)(?: (?:who|that|with|in|at|from|of|close|near|"
        r"here|abroad|inside|"
        r"around|[a-z]+ing|[a-z]+ed)\b[^.;]{0,70}?)?,? (?:\w+ly |also |have long |now |all |still "
        r"){0,2}(?:say|believe|think|"
        r"agree|suspect|insist|argue|claim|warn|recogni[sz]e|doubt|fear|allege|maintain|assume|reckon|"
        r"contend|link|attribute|"
        r"blame|trace|are (?:unanimous|agreed|convinced|certain|sure|sceptical|of one mind)|have (?:cast "
        r"doubt|raised "
        r"(?:doubts|questions)|questioned|concluded|voiced))\b"
    ),
    (
        r"\bthose (?:who|in|close|near|familiar|with|around|inside) [^.;]{1,60}? (?:say|know|knew|believe|"
        r"recogni[sz]e|agree|think|"
        r"suspect|confirm|claim|doubt|insist)\b|\b(?:credible|trusted|serious|independent|many|several|other|"
        r"critical|well-known) "
        r"voices\b"
    ),
    (
        rf"(?:^\W*(?!(?:the|both|all|its|their) )|\b(?:many|some|several|most|numerous|various|leading|"
        rf"senior|foreign|western|eastern|"
        rf"allied|friendly|anonymous|unnamed|independent|our|these|other|certain|former|top|a number of|"
        rf"multiple|few|international|domestic|local) )(?:\w+ ){{0,2}}?(?:experts?|specialists?|analysts?|"
        rf"researchers?|observers?|commentators?|critics|insiders?|officials?|diplomats?|professionals|"
        rf"executives|circles|quarters|partners|allies|states|governments|countries|capitals|services|"
        rf"agencies|"
        rf"investigators|lawyers|academics|(?:\w+ )?scholars|jurists|scientists|economists|veterans|"
        rf"journalists|"
        rf"politicians|engineers|technicians|"
        rf"practitioners|sources|voices|hands|figures|competitors|peers|delegations|historians)(?!\w| (?:of|"
        rf"at|"
        rf"from|in|for) (?:the )?(?-i:[A-Z])| (?-i:[A-Z])|,? (?:namely|including|such as|among them) )(?:,? "
        rf"(?:who|which|that|we|close|near|familiar|inside|with|in|of|on|from|within|at|around|speaking|here|"
        rf"abroad|elsewhere)\b[^.;]{{0,60}}?)?,? (?:(?:\w+ly|also|all|now|have|has|had|long|since|already|do|"
        rf"did|not|would|still|both) ){{0,4}}{_KNOW}\b"
    ),
    (
        r"\b(?:intelligence|research|experience|science|history|scholarship|practice)(?<!(?:our|the) "
        r"research) "
        r"(?:\w+ly |does not |do not |has |have |also |now |long ){0,3}(?:show[ns]?|indicate[ds]?|"
        r"suggest(?:s|"
        r"ed)?|confirm(?:s|ed)?|prove[ds]?|reveal(?:s|ed)?|tell(?:s)?|teach(?:es)?|support(?:s|ed)?)\b|"
        r"\bstudies (?:have )?(?:show|shown|suggest\w*|indicate|confirm\w*|find|found|prove)\b"
    ),
    (
        r"\b(?:on|under|asked for|requested|insisted on|granted) (?:the )?(?:condition of )?anonymity\b|"
        r"\bnot to "
        r"be (?:named|identified|quoted)\b|\b(?:one|an?|two|three|several) (?:[\w-]+ ){0,3}?(?:source|"
        r"official|"
        r"diplomat|insider|expert|analyst|adviser|aide|minister|officer|researcher|specialist|veteran|"
        r"observer|"
        r"engineer|employee)s?(?! (?:of|at|from|in|for|named|called|appointed) (?:the )?(?-i:[A-Z])| "
        r"(?-i:[A-Z])|, "
        r"(?-i:[A-Z]))(?:,? (?:who|close|with|in|at|from|inside|familiar|of|on)\b[^.;]{0,60}?)?,? "
        rf"(?:(?:\w+ly|also|has|had|have) ){{0,2}}{_KNOW}\b"
    ),
    r"\bfrom (?:those|people|sources|someone|circles) (?:close|near|inside|within|familiar|around|with)\b",
    r"\bit is (?:generally|widely|commonly) \w+\b|\b(?:conventional wisdom|consensus (?:is|among|holds))\b",
)
