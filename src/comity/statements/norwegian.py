"""Norwegian (bokmål): word families and constructions. Nouns take -en, -et, -er, -ene; verbs -r, -te, -de,
-et; the passive is made with «bli» or with -s; the subject follows the verb where something
else comes first."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import NAME, Grammar, Likelihood
from comity.statements.norwegian_attribution import ATTRIBUTION
from comity.statements.norwegian_constructions import ADVICE, HARM, NORM, VAGUE
from comity.statements.norwegian_wording import BENIGN, PATTERNS
from comity.statements.nynorsk import in_both

_REST = r"(?P<rest>[^.;]{0,160})"
_SAY = (
    r"(?:si(?:er)?|sa|sagt|skriv(?:er)?|skrev|opplys(?:er|te)|hevd(?:er|et)|påstå[rt]?|påsto|"
    r"forklar(?:er|te)|"
    r"uttal(?:er|te)|mener|mente|svar(?:er|te)|avvis(?:er|te)|benekt(?:er|et)|nekt(?:er|et)|bekreft(?:er|et)|"
    r"meld(?:er|te)|anfør(?:er|te)|fasthold(?:er)?|fastholdt|viser til|understrek(?:er|et)|meddel(?:er|"
    r"te)|bestrid(?:er)?|"
    r"bestred|oppg(?:ir|av)|skildr(?:er|et)|konkluder(?:er|te)|anser|anså|ment)"
)
_STATE = (
    r"(?:regjering\w*|stat(?:en|lige|ens)?|myndighet\w*|departement\w*|\w*departementet|hær(?:en)?|"
    r"forsvar(?:et)?|militær\w*|"
    r"\w*etterretning\w*|sikkerhetstjeneste\w*|hemmelige tjenester|republikk\w*|kongedømme\w*|"
    r"kongerik\w*|presidenten?|"
    r"(?:fremmed|fiendtlig) (?:stat|makt)|naboland\w*|styresmakt\w*)"
)
_ACT = (
    r"(?:angr(?:ep|iper)|hacke[rt]?|hacket|stjal|stjeler|saboter(?:er|te)|spioner(?:er|te)|utfør(?:er|"
    r"te)|gjennomfør(?:er|te)|"
    r"beordr(?:er|et)|bestil(?:ler|te)|planl(?:egger|a)|styr(?:er|te)|finansier(?:er|te)|forfalsk(?:er|"
    r"et)|kompromitter(?:er|te)|"
    r"trengte inn i|trenger inn i|brøt seg inn i|bryter seg inn i|lekk(?:er|et)|plant(?:er|et)|"
    r"orkestrer(?:er|te)|iverks(?:etter|atte)|begikk|"
    r"sto bak|står bak|manipuler(?:er|te)|overvåk(?:er|et)|lammet|infiltrer(?:er|te)|kapr(?:er|et)|"
    r"ødel(?:egger|a)|rettet)"
)
_DEED = (
    r"(?:\w*(?:angrep\w*|innbrudd\w*|operasjon\w*|aksjon\w*|kampanje\w*|hendelse\w*|tyveri\w*|"
    r"lekkasje\w*|sabotasje\w*|spionasje\w*|server\w*|tjener\w*|nett\w*|system\w*|e-post\w*|logg\w*|"
    r"bevis\w*|postkasse\w*|infrastruktur\w*|database\w*|data|filer?))"
)
_CONDUCT = (
    r"(?:angrepet|stjålet|hacket|forfalsket|manipulert|sabotert|kompromittert|lekket|ødelagt|infiltrert|"
    r"kapret|misbrukt|plantet|"
    r"fabrikkert|slettet|skjult|fjernet med vilje|holdt tilbake|rammet|lammet|infisert|spionert på|"
    r"overvåket|avlyttet|tuklet med|"
    r"klusset med|høstet|sletta|tukla med|manipulerte|sabotert|plyndret|ranet|tappet|trukket inn i saken|"
    r"hacka|forsøkt skjult|skilt ut|underslått|svertet|rigget|svindlet|utpresset|brukt mot oss|satt ut av "
    r"spill|tatt ned|forgiftet|"
    r"brutt inn i|utsatt for (?:et |en )?(?:angrep|innbrudd|svertekampanje|spionasje|"
    r"sabotasje|tyveri|utpressing)|presset|lurt|villedet|endret i etterkant|hengt ut)"
)
_MONTH = r"(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)"

NORWEGIAN: Final = Grammar(
    language="nb",
    patterns=PATTERNS,
    benign=BENIGN,
    scope=in_both(
        r"\b(?:mellom|fra|i perioden|i tidsrommet) (?:\w+\.? ){0,3}?\d[^;]{0,40}? (?:og|til|–) (?:\w+\.? "
        r"){0,2}?\d",
        r"\bi (?:de |den |det |disse |denne |dette |alle |våre )?(?:\w+ ){0,2}?(?:logg\w*|rade[nr]\w*|"
        r"rad|fil\w*|eksport\w*|\w*data\w*|\w*kopi\w*|\w*trafikk\w*|\w*melding\w*|\w*liste\w*|\w*bilde\w*|"
        r"\w*journal\w*|tabell\w*|post\w*|utdrag\w*|opptak\w*|kopi\w*|materiale\w*|"
        r"register\w*|dokument\w*|arkiv\w*|\w*logge[nr]\w*)\b",
        r"\bi (?:alle )?\d+ (?:av \d+ )?(?:kjøringer|forsøk|tester|prøver|tilfeller)\b",
        r"\b(?:så langt|hittil|foreløpig|per \d|pr\.? \d|til nå|til dags dato|i løpet av (?:perioden|"
        r"uken|måneden)|den \d{1,2}\. \w+|siden \d|før \d|etter \d|i (?:januar|februar|mars|april|mai|"
        r"juni|juli|august|september|oktober|november|desember))\b",
        r"\bsom vi (?:har )?(?:undersøkt|undersøkte|gjennomgått|gjennomgikk|sjekket|søkte i|fikk|mottok|"
        r"sitter med)\b|\bblant de \d+\b|\bav de \d+\b|\brad(?:ene)? \d|\bvert (?-i:[A-Z]\b)",
    ),
    speech=in_both(
        rf"^(?P<rest>.{{8,600}}?),[»\ufffc]* (?:sa|sier|opplyste|opplyser|skrev|skriver|meldte|melder|"
        rf"fortalte|forteller|ifølge) "
        rf"(?:{NAME}|(?:\w+ ){{0,3}}?\w*(?:departementet|ministeren?|ordfører(?:en)?|banken|selskapet|"
        rf"operatøren|politiet|tjenesten|"
        rf"etaten|kontoret|advokaten|retten|tals\w+|sykehuset|museet|rådet|verket|tilsynet|leverandøren|"
        rf"presidenten|sjefen|"
        rf"direktøren|avisen|ambassaden|utvalget|regjeringen|direktoratet|laboratoriet|instituttet|havnen|"
        rf"kommunen|skolen))",
        rf"(?:(?<!i )(?<!fra )(?<!hos )(?<!på )\b(?:saksøker|klageren|motparten|departementet|selskapet|den "
        rf"andre parten|brevet|varselet|"
        rf"svaret|vitnet|advokaten|talspersonen)|(?-i:\b(?!(?:Vi|Det|De|Jeg|To|Tre|Fire|En|Ei|Et|Folk|"
        rf"Ansatte|Personer|Velinformerte|Troverdige|Dette|Den|Eksperter|Kilder|"
        rf"Noen|Mange|Flere|Forskere|Analytikere|Ryktene|Rykter|Medier|Mediene|Enkelte|Ingen|Alle|Her|"
        rf"Som|Nå|Da|Så|Sikkerhetseksperter|Studier)\b)[A-ZÆØÅ])[\wæøå&-]*(?: "
        rf"(?-i:[A-ZÆØÅ])[\wæøå&-]*){{0,4}}(?:s (?:\w+ ){{0,2}}(?:brev|svar|varsel|advokat\w*|"
        rf"uttalelse))?)[^.;]{{0,40}}? {_SAY} (?:\w+\.? ){{0,5}}?at (?P<rest>.*)",
        rf"^(?:Ifølge|I følge|Etter det) (?P<who>{NAME}),? (?P<rest>.*)",
    ),
    idle=in_both(
        *ADVICE,
        r"[?][\"»”)\]]*\s*$",
        r"^\W*(?:vi|jeg) (?:\w+ )?(?:ber|anmoder|oppfordrer|takker|beklager|foreslår|forbeholder|"
        r"offentliggjør|publiserer|akter|tar (?:ikke )?(?:stilling|forbehold|til etterretning)|vet "
        r"(?:ikke|fortsatt ikke|foreløpig ikke)|kjenner ikke|kan ikke (?:si|utelukke|fastslå|avgjøre)|"
        r"inviterer|tilbyr|ønsker|håper|anbefaler|vil|skal|svarer (?:på|når|innen)|mener med "
        r"(?=[«\"“\ufffc])|bruker "
        r"(?:her )?(?:ordet|ordene|skalaen)|legger ved|viser til|ser fram|setter pris|forplikter|gjentar|"
        r"uttaler oss ikke|trekker ingen|nevner ingen|utelukker ikke|påstår ikke|hevder ikke|sier ikke|"
        r"vil gjerne|kommer til å|er (?:innstilt|villige|klare|rede) |regner med|forventer|imøteser|"
        r"merker oss)\b",
        r"^\W*(?:derfor|nå|her|også|av den grunn|på denne bakgrunn|med dette|samtidig|videre) (?:ber|"
        r"anmoder|oppfordrer|takker|foreslår|offentliggjør|tar|ønsker|inviterer|svarer|vil|skal) vi\b",
        r"\b(?:beviser|viser|betyr|fastslår|godtgjør|innebærer|avgjør|utelukker|sier) (?:dermed |alene |"
        r"derfor |i seg selv )?(?:ikke|verken|ingenting om)\b|\bkan (?:ikke|verken) (?:bevise|vise|"
        r"fastslå|si|avgjøre|utelukke)\b",
        r"\b(?:er|forblir|var) (?:fortsatt |fremdeles |foreløpig |ennå |hittil )?(?:ukjent|uklart|ikke "
        r"(?:helt )?klart|usikkert|uavklart|ikke kjent|ikke klarlagt|ikke avklart|et åpent spørsmål|"
        r"omstridt)\b",
        r"\bmed [«\"“][^»\"”]{1,60}[»\"”] (?:mener|menes|forstår|forstås|sikter|siktes)\b|\bmed \ufffc+ "
        r"(?:mener|menes|forstår|forstås|sikter)\b|\bbetyr\b|\bdefinerer\b|\bstår for\b(?! (?:inn|ang))|"
        r"\b(?:er "
        r"definert|defineres|definert) (?:som|i)\b|\b(?:brukes|bruker) (?:her )?(?:ordet|om|i "
        r"betydningen)\b",
        r"\b(?:bør|burde|må|skal(?! \w* ?ha\b))\b|^\W*(?:\w+ ){1,4}vil (?!ha |trolig|sann|neppe|nok|etter|"
        r"antakelig|mest|høyst)",
        r"^\W*(?:se|jf\.?|merk|dersom|hvis|om(?! lag)|la|vennligst|for (?:spørsmål|kontakt)|takk)\b",
        r"^\W*(?:denne|dette) (?:erklæringen|uttalelsen|svaret|varselet|dokumentet|teksten) (?:er|"
        r"gjelder|erstatter|retter|svarer|gir|beskriver|omfatter|inneholder|forklarer)\b",
        r"^\W*(?:med (?:vennlig )?hilsen|undertegnet|kontakt|dato|til|fra|versjon|vedlegg|uten at "
        r"det)\b[^.]{0,60}$",
    ),
    likelihood=(
        Likelihood(
            find=in_both(
                r"\b(?:svært |meget |høyst |ganske |nokså )?(?:lite (?:sannsynlig\w*|trolig)|"
                r"usannsynlig\w*)\b|\btvilsomt "
                r"(?:at|om)\b|\b(?:sannsynlighet|sjanse)\w*[^.;]{0,60}? (?:er|var) (?:\w+ )?(?:små|lav|liten|"
                r"ringe|"
                r"forsvinnende)\b|"
                r"\b(?:lav|liten|ringe|svært lav) (?:sannsynlighet|sjanse)\b|\bneppe\b(?= (?:samme|ble|"
                r"kom|har|var|er|at))"
            ),
            points=-1,
        ),
        Likelihood(
            find=in_both(r"\blike (?:sannsynlig|stor sjanse)\b|\bom lag like sannsynlig\b|\bfifty-fifty\b"),
            points=0,
        ),
        Likelihood(
            find=in_both(
                r"\b(?:svært |meget |høyst |mest |overveiende |ganske |nokså )?sannsynlig(?:e|vis)?\b|"
                r"\btrolig\b|\bantakelig(?:vis)?\b|\bantagelig(?:vis)?\b|\bformodentlig\b|\bnesten "
                r"(?:helt )?sikkert\b|\b(?:høy|stor|overveiende|all) sannsynlighet\b|\better alt å dømme\b|"
                r"\bmye (?:taler|tyder) (?:for|på)\b|"
                r"\b(?:rimelig|nærliggende|grunn til) å (?:tro|anta|regne)\b|\b(?:reell|stor|god) "
                r"(?:mulighet|sjanse)\b|"
                r"\bsannsynlighet\w*[^.;]{0,60}? (?:er|var) (?:\w+ )?(?:høy|stor|god)\b|\btruleg\b|\bmed "
                r"overveiende "
                r"sannsynlighet\b"
            ),
            points=1,
        ),
    ),
    confidence=in_both(
        r"\b(?:lav|moderat|middels|høy|stor|svært høy|meget høy|rimelig|noe|full|begrenset)(?: grad av)? "
        r"(?:sikkerhet|konfidens|tillit|visshet|tiltro)\b(?! (?:på|i|for|hos|mot|rundt|ved) "
        r"(?:\w*(?:nett|system|tjener|bygg)\w*))",
        r"\b(?:vi er|er vi|jeg er|føler oss) (?:helt |ganske |rimelig |svært |nokså |temmelig )?(?:sikre|"
        r"trygge|"
        r"overbevist) (?:på|om)\b|\bkonfidens(?:en|nivået)? (?:er|var) (?:lav|moderat|middels|høy)",
    ),
    explained=in_both(
        r"\bICD[- ]?203\b|\bPHIA\b|\bAJP-2|\bsannsynlighetsskala\w*|\bskalaen? (?:\w+ ){0,4}(?:for|i|fra|"
        r"som|bak)\b|\bsannsynlighetsord\w*",
        r"[«\"“](?:\w+ ){0,2}(?:sannsynlig|trolig|usannsynlig|sikkerhet|konfidens)\w*[»\"”],? (?:her "
        r")?(?:mener|menes|betyr|står|forstår|viser)",
    ),
    reasoned=in_both(
        r"\b(?:fordi|siden|ettersom|da (?:loggen|vi|bare|det)|bygger på|basert på|på grunnlag av|på "
        r"bakgrunn av|hviler på|pga\.?|på grunn av|skyldes|av (?:to|tre) grunner)\b"
    ),
    attribution=in_both(
        ATTRIBUTION.pattern,
        rf"(?-i:\b(?!(?:Det|Den|Dette|De|Vi|Vår|Våre|Deres|Noen|Ingen|En|Et|I|På|Han|Hun|Rad|Vert|Bare|Begge|"
        rf"Operatøren|"
        rf"Administratoren|Loggen|Eksperter|Kilder|Flere|Mange|Ledende|Disse)\b)){NAME}(?: (?:hackere|"
        rf"agenter|spioner|folk|ansatte|hær|etterretning\w*|regjering|soldater))? (?:har |hadde )?(?:\w+ "
        rf"){{0,3}}?(?:{_ACT}|angrepet|stjålet|hacket|sabotert|utført|gjennomført|infiltrert|"
        rf"kompromittert|forfalsket|overvåket) (?:ikke |aldri )?(?:\w+ ){{0,3}}?(?:oss\b|vår\w*\b|"
        rf"{_DEED}\b|\w*opplysninger\b|\w*dokumenter\b)",
        rf"\b{NAME} (?:er|var) (?:ikke )?den (?:egentlige|virkelige|reelle|sanne) \w+|\bstøtte fra (?:en "
        rf"|et )?{_STATE}|\bmed støtte fra (?:en |et )?(?:\w+ )?(?:regjering|stat|makt|tjeneste)\b",
        rf"\b(?:{NAME}(?: {_STATE})?|{_STATE}(?: i {NAME})?) (?:\w+ )?(?:er|var|står|sto|stod|har stått|"
        rf"har vært) (?:\w+ ){{0,2}}(?:bak|ansvarlig\w* for|skyldig\w* i|opphavet til|gjerningsm\w+|"
        rf"innblandet i|involvert i|delaktig\w* i|avsender\w* av|kilden til|medskyldig\w*)\b",
        rf"\bbak (?:\w+ ){{0,3}}?(?:står|sto|stod) (?:ikke )?(?:{NAME}|{_STATE})",
        rf"\b(?:{_STATE}(?: i {NAME})?|(?-i:\b(?!(?:Det|Den|Dette|De|Vi|Vår|Våre|Deres|Noen|Ingen|En|Et|I|På|"
        rf"Han|Hun|"
        rf"Rad|Vert|Bare|Begge|Operatøren|Administratoren)\b)){NAME}(?: {_STATE})?) (?:ikke )?{_ACT} "
        rf"(?:ikke |aldri )?(?:\w+ ){{0,3}}?{_DEED}\b",
        rf"\b(?:utført|bestilt|styrt|beordret|finansiert|støttet|planlagt|iscenesatt|orkestrert|begått|"
        rf"organisert|initiert|iverksatt|ledet|sponset) av (?:(?:hackere|agenter|folk|aktører|enheter) "
        rf"(?:fra|i|hos|knyttet til) )?(?:{_STATE}|{NAME})",
        rf"\b(?:på vegne av|etter ordre fra|på oppdrag (?:fra|for)|i tjeneste for|handlet for|"
        rf"arbeide[rt]\w* for) (?:{_STATE}|{NAME})",
        r"\b(?:stats|regjerings|myndighets)(?:støtte\w*|styrte?|sponse\w*|tilknytte\w*|aktør\w*|"
        r"hackere\w*)\b|\bstatlig(?:e)? (?:støtte\w*|styrt\w*|aktør\w*|sponse\w*|hackere\w*)\b",
        rf"\bvi (?:\w+ )?(?:tilskriver|tillegger|anklager|beskylder|gir) (?:ikke )?(?:{NAME}|"
        rf"{_STATE})(?! (?:anledning|frist|innsyn|tilgang))",
        rf"\b(?:{_DEED}) (?:\w+ )?(?:kom|kommer|stammer|stammet|utgikk|utgår) (?:ikke )?(?:direkte )?fra "
        rf"(?:{_STATE}|{NAME})|\b{NAME}s? (?:verk|fingeravtrykk|håndskrift)\b",
    ),
    basis=in_both(
        r"\b(?:fordi|ettersom|siden (?:loggen|begge|adressen)|bygger (?:vi )?(?:det )?på|basert på|på "
        r"grunnlag av|på bakgrunn av|grunnlaget (?:er|for)|hviler på|jf\.?|se (?:vedlegg|rad|punkt|"
        r"rapport)|ifølge (?-i:[A-ZÆØÅ])|som (?:loggen|rad|vedlegg)|(?:logg\w*|rad(?:ene)?|sertifikat\w*|"
        r"faktura\w*|kontrakt\w*|register\w*|funn\w*|vedlegg) (?:\d[\d,–-]* )?(?:viser|navngir|"
        r"inneholder|knytter|fører|peker))\b|\([^()]{0,60}\b(?:s\.|side|vedlegg|rad|rapport|punkt|tabell|"
        r"funn)[^()]{0,60}\)"
    ),
    passive=in_both(
        rf"\b(?:\w*passord\w*|\w*data|\w*filene?|\w*dokumente\w*|\w*listene?|\w*opplysning\w*|\w*mappene?|"
        rf"kildekoden) "
        rf"(?P<verb>(?:ble|er|var|er blitt|var blitt|har blitt|var ikke blitt) (?:ikke |senere )?(?:blitt "
        rf")?(?:solgt|dumpet|lagt ut|"
        rf"tilbudt|spredt|auksjonert))\b{_REST}",
        rf"\b(?:ble|blir|er blitt|har blitt|var blitt|bli|blitt|er|var) (?:(?:\w+lig|også|så|deretter|"
        rf"senere|ikke|aldri|nylig|alle) ){{0,2}}(?P<verb>{_CONDUCT})\b{_REST}",
        rf"\b(?P<verb>(?:det )?ble (?:det )?begått feil|det ble begått (?:\w+ )?feil|(?:skylden?|ansvaret|"
        rf"mistanken|presset) (?:er|"
        rf"ble|er blitt|har blitt) (?:\w+ )?(?:lagt|plassert|skjøvet|rettet|skyldt)|(?:ordren?|ordrer|"
        rf"instruks\w*|klarsignal\w*|"
        rf"tillatelse) (?:ble|er|var|er blitt) gitt|(?:spor|spora|feller|agn|et \w+ spor) (?:ble|er|var|er "
        rf"blitt) (?:lagt|plantet|"
        rf"satt)(?: ut)?|utsatt for (?:\w+ )?(?:press|trusler|utpressing))\b{_REST}",
    ),
    judged=in_both(
        rf"\b(?:ble|blir|er blitt|har blitt|er|var|bli) (?:(?:nå|også|med rette|med urette|feilaktig|"
        rf"siden|allerede|ikke|senere|\w+lig) ){{0,3}}(?:blitt )?(?P<verb>knyttet til|tilskrevet|satt i "
        rf"forbindelse med|koblet til|beskyldt for|anklaget for|mistenkt for|holdt ansvarlig|utpekt som|"
        rf"funnet (?:skyldig|ansvarlig|å)|ansett (?:som|for)|identifisert som|pekt ut som|frikjent for|"
        rf"renvasket){_REST}",
        r"\b(?:det|dette) (?:er|ble|er blitt|har blitt|var) (?:(?:nå|også|allerede|senere|\w+lig) "
        r"){0,2}(?:blitt )?(?P<verb>fastslått|slått fast|konkludert med|bekreftet|konstatert|avgjort|"
        r"påvist|bevist|dokumentert|vurdert|besluttet|funnet|vist|godtgjort|antatt) "
        r"at\b(?P<rest>[^.;]{0,160})",
        r"\b(?P<verb>knyttes til|tilskrives|kobles til|mistenkes for|beskyldes for|anklages for|anses "
        r"(?:som|å|for)|regnes (?:som|for)(?! \d)|settes i forbindelse med)(?P<rest>[^.;]{0,160})",
    ),
    agent=in_both(
        r"\b(?:automatisk|av seg selv|rutinemessig|etter planen)\b",
        r"\bav (?!(?:at|dem|den grunn|og til|disse|dette|\d|mai|(?:hensyn|plass|sikkerhets))\b)\w",
        r"\b(?:fra|via|gjennom|ved hjelp av|med (?:passordet|kontoen|nøkkelen|prosessen|verktøyet)) "
        r"(?:\w+ ){0,2}(?:\d|(?-i:[A-ZÆØÅ])|adresse\w*|konto\w*|nett\w*|vert\w*|økt\w*|prosess\w*|"
        r"tjener\w*|skript\w*|verktøy\w*|passord\w*)",
    ),
    judge=in_both(
        r"\bi (?:vedlegg|rapporten|dommen|kjennelsen)\b|\bav (?!(?:at|den grunn|og til|media|pressen|"
        r"offentligheten)\b)\w+"
    ),
    unknown=in_both(
        r"\b(?:ukjente?|uidentifisert\w*|vet ikke|ikke kjent|ikke klarlagt|noen (?:som|hadde)|den som|"
        r"hvem som|uvisst)\b"
    ),
    number=in_both(
        r"(?<![\w.,#:/-])(?:(?:minst|over|nær|nesten|om lag|omtrent|rundt|ca\.?|inntil|opptil|mer enn|"
        r"flere enn|færre enn) )?\d[\d., ]*(?: (?:millioner|milliarder|tusen|hundre))?(?: ?%| ?prosent\b|"
        r" (?!(?:UTC|CET|og|eller|til|av|i|på|er|var|ble|den|de|som|ved|fra|januar|februar|mars|april|"
        r"mai|juni|juli|august|september|oktober|november|desember)\b)[a-zæøå][\wæøå-]*)",
    ),
    vague=in_both(*VAGUE),
    harm=HARM,
    norm=NORM,
    unnumbered=in_both(
        rf"\b\d{{1,2}}\.?(?: ?(?:og|til|–|-) ?\d{{1,2}}\.?)? {_MONTH}(?: \d{{4}})?|\b(?:i|fra|siden|før|"
        rf"etter|år|høsten|våren|sommeren|vinteren) (?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d(?:-\d\d)?|"
        rf"\b\d{{1,2}}\.\d{{1,2}}\.\d{{2,4}}",
        r"\bkl\.? ?\d{1,2}(?:[.:]\d\d){0,2}(?: (?:og|til|–) (?:kl\.? )?\d{1,2}(?:[.:]\d\d){0,2})?|"
        r"\b\d{1,2}[:.]\d\d(?: ?UTC)?\b",
        r"\b(?:rad(?:ene)?|vert|vedlegg|side|s\.|nr\.?|nummer|tabell|figur|punkt|pkt\.|kapittel|kap\.|"
        r"artikkel|art\.|ledd|port|versjon|linje|regel|norm|del|trinn|sak|varsel|funn|rapport|bånd|"
        r"påstand|uke|dag|rom|fase|§|hendelse|event) ?#?\d[\d.,–-]*(?:(?:,? (?:og|til|eller|–) "
        r")\d[\d.,–-]*)*",
        r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|\bCVE-\d+-\d+|\b\d+(?:\.\d+){2,}|\bT\d{4}(?:\.\d+)?|"
        r"\b[0-9a-f]{6,64}\b",
    ),
    sourced=in_both(
        r"\b(?:\w*logg\w*|rad(?:ene)?|\w*rapport\w*|tabell\w*|vedlegg\w*|register\w*|opptak\w*|"
        r"\w*oversikt\w*|faktura\w*|sertifikat\w*|eksport\w*|fil\w*|figur\w*|referat\w*|undersøkelse\w*|"
        r"funnet) (?:[\w.-]+ ){0,5}?(?:viser|inneholder|fører opp|oppgir|teller|har|navngir|nevner|sier|"
        r"lister)\b",
        r"\b(?:ifølge|jf\.?|etter) (?:(?-i:[A-ZÆØÅ])|\w*logg\w*|\w*rapport\w*|tabell|register|vedlegg)|"
        r"\b(?:i|av) "
        r"(?:vedlegg|tabell|rad|rapport|figur) ?[\dA-Z]|\([^()]{0,60}\b(?:s\.|side|vedlegg|rad|rapport|"
        r"punkt|tabell|funn|kilde)[^()]{0,60}\)|\[\^?\w{1,20}\]|\bvi (?:har )?t(?:alte|elte|elt|alt)\b|"
        r"\](?=\ufffc)",
    ),
    strong=in_both(
        r"\b(?:bevis(?:er|te|t)|godtgjør|godtgjorde|fastsl(?:år|o|ått)|slår fast|slo fast|bekreft(?:er|"
        r"et)|dokumenter(?:er|te|t)|avslør(?:er|te|t)|påvis(?:er|te|t)|konstater(?:er|te|t))\b"
    ),
    confirmed=in_both(
        r"\buavhengig (?:\w+ )?(?:bekreft\w+|gjenskap\w*|verifis\w+|etterprøv\w+|dokumentert)|"
        r"\b(?:gjenskapt|etterprøvd|bekreftet) av (?:flere|andre|uavhengige|to|tre)"
    ),
    scare=in_both(
        r"^(?:(?:uavhengige?|nye|harde) )?(?:bevis\w*|eksperte?r?\w*|gransking\w*|funn\w*|rapport\w*|"
        r"analyse\w*|fakta|forskning|forskere|sikkerhet|offer|ofre\w*|sannhet\w*|venner|fredelig\w*|"
        r"undersøkelse\w*)$"
    ),
    saying=in_both(
        rf"\b{_SAY}\b|\bifølge\b|\bi følge\b|\b(?:kalle[rst]\w*|kalt|lyder|lød|heter|betegne\w*|sitat\w*|"
        rf"siter\w+|med tittelen|ordlyd\w*|ordet|ordene|menes|mener)\b"
    ),
)
