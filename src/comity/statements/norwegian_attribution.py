"""Norwegian: an act laid to a named party, or denied for it."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import NAME
from comity.statements.nynorsk import in_both

_HELP = (
    r"(?:(?:har|hadde|ikke|aldri|også|igjen|fortsatt|nå|da|siden|\w+lig|selv|virkelig|faktisk|seg|"
    r"nettopp|prøvde å|"
    r"forsøkte å|ville|kunne|utvilsomt|neppe|alltid|altså|visstnok) ){0,5}"
)
_STOP = (
    r"(?:Det|Den|Dette|Denne|De|Dei|Vi|Noen|Ingen|En|Et|Ei|Én|I|På|Han|Hun|Ho|Rad|Vert|Bare|Begge|Alle|Mange|"
    r"Flere|Disse|"
    r"Som|Da|Når|Hvis|Etter|Før|Fra|Til|Av|Om|Ved|Hos|Med|Uten|For|Men|Og|Eller|Så|Her|Der|Hva|Hvem|Hvor|"
    r"Hvorfor|Også|"
    r"Samme|Samtlige|Enhver|Hver|To|Tre|Fire|Fem|Seks|Sju|Åtte|Ni|Ti|Ifølge|Fordi|Siden|Mens|Vår|Våre|Deres|"
    r"Sin|Ikke|"
    r"Aldri|Politiet|Skadevaren|Filen|Loggen|Kontoen|Visstnok|Angivelig|Bak|[A-ZÆØÅ][a-zæøå]+(?:ene|ane|erne|"
    r"ere|arar|"
    r"ører|orer|ister|enter|anter|ingen|erter|elsen|heten|lig|ent))\b"
)
_ORG = (
    r"(?:hackere|agenter|spioner|hær|militære?|marine|etterretning\w*|\w*tjeneste\w*|regjering|soldater|"
    r"offiserer|folk|"
    r"ansatte|enheter|enhet|operatører|departement\w*|regime|ledelse|myndigheter|politi|diplomater|"
    r"leverandør\w*|stat|"
    r"generalstab|president|\w*minister|\w*kommando|\w*sjef)"
)
_BODY = (
    r"(?:\w*ministeren|\w*kommandoen|\w*sjefen|regjeringen?|staten|myndighetene|departementet|"
    r"\w+departementet|hæren|forsvaret|marinen|"
    r"\w*etterretning\w*|"
    r"sikkerhetstjenest\w*|generalstaben|presidenten|ledelsen|agenter|hackere|spioner|offiserer|folk|"
    r"medlemmer|soldater|et "
    r"skip|en enhet|enheter|\w+tenesta)"
)
_SUBJECT = (
    rf"(?:(?-i:(?<![\w.'-])(?!{_STOP})){NAME}(?:s)?(?: (?:\w+ )?{_ORG})?(?:,? (?:som|"
    rf"enheten)\b[^.;]{{0,60}}?,)?|"
    rf"\b{_BODY} (?:i|fra|hos|for|av|til|frå) (?:\w+ )?{NAME}(?: {_ORG})?)"
)
_HOSTILE = (
    r"(?:angr(?:ep|iper|epet)|hack(?:er|et|a)|sto bak|står bak|stått bak|brøt(?: \w+){0,3}? inn|bryter(?: "
    r"\w+){0,3}? inn|"
    r"trengte(?: \w+){0,3}? inn|infiltrer\w+|stjal|stjeler|stal|stel|saboter\w+|spioner\w+|kapr(?:er|et|a)|"
    r"slettet|"
    r"forfalsk\w+|"
    r"fabrikker\w+|lekk(?:er|et|a|te)|plant(?:er|et|a)|manipuler\w+|blander seg|blandet seg|lammet|bryter|"
    r"brutt|brøt "
    r"(?:folkeretten|avtalen|loven)|avlytt\w+|iscenesatte|satte (?:\w+ ){1,3}?ut av (?:drift|spill)|slo ut|"
    r"stanset|"
    r"tok ned|truet|lurte|svindlet|stengte ned|overvåk\w+|ødela\w*|begikk|orkestrer\w+|kompromitter\w+|"
    r"tuklet|"
    r"presset|"
    r"gjorde (?:ikke )?(?:dette|det)|har gjort (?:dette|det)|kuttet)"
)
_BACKING = (
    r"(?:ga|gav|beordr\w+|styr(?:er|te)|betal(?:er|te)|finansier\w+|hjalp|hjelper|støtt(?:er|et|a)|huser|"
    r"huset|bevæpn\w+|"
    r"tren(?:er|te)|leid\w*|instruer\w+|kontroller\w+|kjør(?:er|te)|sponse[rt]|beskytt(?:er|et)|solgte|"
    r"selger|planla|"
    r"planlegger|forberedte|iverksatte|gjennomfør\w+|utfør\w+|skjul(?:er|te)|godkjent?e?|forårsak\w+|skrev|"
    r"bygg?[de]\w*|"
    r"kopier\w+|tok|åpnet|slo av|brukte|rettet|laget|utførte|bestil\w+)"
)
_MEANS = (
    r"(?:ordren|operatør\w*|inntreng\w+|angrip\w+|hacker\w*|grupp\w+|bande\w*|cell\w+|dette|operasjon\w*|"
    r"angrep\w*|"
    r"åtak\w*|kampanje\w*|innbrudd\w*|innbrot\w*|aksjon\w*|innlogging\w*|kabel\w*|kabler|spor\w*|passord\w*|"
    r"utfall\w*|"
    r"stans\w*|skadevare\w*|implantat\w*|bakdør\w*|virus\w*|løsepengevirus\w*|lekkasje\w*|tyveri\w*|"
    r"sabotasje\w*|"
    r"spionasje\w*|brudd\w*|botnett\w*|strømbrudd\w*|kraftnett\w*|verktøy\w*)"
)
ATTRIBUTION: Final = in_both(
    rf"\b(?:agenter|spioner|hackere|sabotører|offiserer) (?:fra|i|for) {NAME} {_HELP}[a-zæøå]+(?:et|te|de|a|"
    rf"al|ep|øt)\b|\b[a-zæøå]+(?:et|te|"
    rf"de|al|ep|øt) (?:ikke )?(?:agenter|spioner|hackere|sabotører) (?:fra|i|for) {NAME}",
    rf"\b(?:ordren?|instruksen?|oppdraget|angrepet|innbruddet|åtaket|signalet|pengene|skadevaren)(?: (?:om|"
    rf"til) [^.;,]{{1,40}}?)? (?:kom|kommer|"
    rf"stammer|stammet|ble gitt) (?:ikke )?(?:fra|av) (?:{_BODY}(?: (?:i|fra))? )?{NAME}",
    rf"{_SUBJECT} {_HELP}{_HOSTILE}\b",
    rf"{_SUBJECT} {_HELP}{_BACKING} (?:\w+ ){{0,6}}?{_MEANS}\b",
    rf"\b(?:{_HOSTILE}|{_BACKING}) (?:ikke |aldri )?(?:{_SUBJECT}) (?:\w+ ){{0,5}}?{_MEANS}\b",
    rf"\b(?:{_BACKING}) (?:ikke |aldri )?{_SUBJECT} (?:\w+ ){{0,5}}?{_MEANS}\b",
    rf"{_SUBJECT} (?:(?:er|var|har|hadde|vært|ikke|nok|trolig|selv|også) ){{0,4}}(?:står |sto |stod "
    rf")?(?:ikke )?(?:bak|ansvarlig\w* for|skyldig\w*|skyld i|innblandet|involvert|delaktig\w*|"
    rf"medskyldig\w*|"
    rf"skylden for|ansvaret for|opphavet|gjerningsm\w+)\b",
    rf"{_SUBJECT} {_HELP}(?:spilte|spiller|hadde) (?:ikke )?(?:ingen|en|noen|sin) (?:\w+ )?(?:rolle|hånd|del|"
    rf"finger)\b",
    rf"{_SUBJECT} (?:har|hadde|hatt) (?:ikke )?(?:\w+ )?(?:ingenting|noe|intet) (?:\w+ )?med\b",
    rf"\b(?:det|dette) (?:er|var) (?:ikke |nok |faktisk )?(?:{_BODY} (?:i|fra|av) )?{NAME}(?:s? "
    rf"{_ORG})?(?:,? punktum|,? "
    rf"ferdig|[.!](?=\W*$)| (?:som|og ingen andre) {_HELP}(?:{_HOSTILE}|{_BACKING}))",
    rf"\bbak (?:\w+ ){{1,4}}?(?:står|sto|stod|er|var) (?:ikke )?(?:{_BODY}|{NAME})",
    rf"\b(?:ansvaret|skylden|feilen)(?: for [^.;,]{{1,60}})? (?:ligger|hviler|er|faller) (?:ikke )?(?:\w+ "
    rf")?(?:hos|på) "
    rf"(?:{_BODY}|{NAME})",
    rf"\bholder (?:ikke )?(?:{_BODY} i )?{NAME}(?:s? {_ORG})? (?:\w+ )?(?:ansvarlig|skyldig)\w*",
    rf"\b(?:utført|kuttet|begått|stjålet|hacket|angrepet|sabotert|slettet|lekket|forfalsket|plantet|avlyttet|"
    rf"manipulert|"
    rf"ødelagt|laget|skrevet|bygget|åpnet|bestilt|styrt|finansiert|stanset|stengt|slått av|kryptert|avbrutt|"
    rf"lammet|solgt|iscenesatt|forårsaket) av (?:\w+ ){{0,5}}?{NAME}",
    rf"\b(?:hackerne|hackere|operatørene|angriperne|inntrengerne|gruppen|banden|enheten|gjerningsmennene) "
    rf"(?:\w+ )?(?:arbeider|"
    rf"jobber|arbeidet|jobbet|handler|handlet|hører) (?:\w+ )?(?:for|under|til) (?:{_BODY}|(?:\w+ )?{NAME}|"
    rf"\w*departementet)",
    rf"\b(?:bakmannen|gjerningsmannen|opphavsmannen|avsenderen|synderen|oppdragsgiveren|arkitekten)(?: "
    rf"\w+){{0,4}}? (?:er|var) "
    rf"(?:ikke )?(?:{_BODY}|{NAME})",
)
