"""Norwegian (bokmål): word families and constructions. Nouns take -en, -et, -er, -ene; verbs -r, -te, -de,
-et; the passive is made with «bli» or with -s; the subject follows the verb where something
else comes first."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import NAME, Grammar, Likelihood, Pattern, compile_any, words

_REST = r"(?P<rest>[^.;]{0,160})"
_SAY = (
    r"(?:si(?:er)?|sa|sagt|skriv(?:er)?|skrev|opplys(?:er|te)|hevd(?:er|et)|påstå[rt]?|påsto|"
    r"forklar(?:er|te)|"
    r"uttal(?:er|te)|mener|mente|svar(?:er|te)|avvis(?:er|te)|benekt(?:er|et)|nekt(?:er|et)|bekreft(?:er|et)|"
    r"meld(?:er|te)|anfør(?:er|te)|fasthold(?:er)?|fastholdt|viser til|understrek(?:er|et)|meddel(?:er|"
    r"te)|bestrid(?:er)?|"
    r"bestred|oppg(?:ir|av)|skildr(?:er|et)|konkluder(?:er|te)|anser|anså|ment)"
)
_OPINE = (
    r"(?:sier|sa|mener|mente|tror|trodde|hevder|hevdet|antar|antok|antyder|antydet|advarer|advarte|peker "
    r"(?:på|mot)|pekte (?:på|mot)|"
    r"påpeker|påpekte|vurderer|vurderte|konkluderer|konkluderte|opplyser|opplyste|bekrefter|bekreftet|"
    r"forteller|fortalte|"
    r"melder|meldte|anser|anså|regner|er (?:\w+ )?enige?|slår fast|slo fast|viser|avslører|røper|kjenner|"
    r"vet|knytter|"
    r"frykter|mistenker|har (?:\w+ )?(?:sagt|ment|konkludert|bekreftet|pekt|påpekt|advart|hevdet|"
    r"fastslått|slått fast|meldt|fortalt|opplyst|funnet|knyttet|antydet|vist))"
)
_PEOPLE = (
    r"(?:(?:sikkerhets|cyber|IKT-?|it-|data|fag|etterretnings|bransje|regjerings|diplomat|trussel)?"
    r"(?:eksperte[rn]e?|ekspert|analytikere?n?e?|kilde[rn]?e?|kilde|observatører?|forskere?|"
    r"spesialiste[rn]e?|fagfolk|miljøe?[rt]?|"
    r"innsidere?|kommentatore[rn]e?|kritikere?|kjennere?|iakttakere?|aktører i bransjen)|tjenestemenn|"
    r"folk med innsikt|sakkyndige|kyndige)"
)
_MOD = (
    r"(?:(?:flere|mange|noen|enkelte|de fleste|alle|ulike|diverse|ledende|uavhengige|anerkjente|anonyme?|"
    r"navnløse|"
    r"pålitelige?|troverdige?|utenlandske|vestlige|internasjonale|velinformerte?|sentrale|en rekke|andre|"
    r"en|to|tre|visse|uavhengig|"
    r"åpne|fortrolige|ikke navngitte|fremstående|toneangivende|norske|diplomatiske|militære) ){0,3}"
)
_NAMED = (
    rf"(?! (?:ved|hos|i|fra|av|for|oppnevnt av|nevnt i|navngitt i) (?:{NAME}|vedlegg|retten|begge "
    rf"parter))(?! {NAME})(?!, {NAME})"
)
_LOADED = words(
    "skamløs- skammelig- nedrig- feig- frekk- frekt frekhet- løgnaktig- løgn- løgner- lyver løy lyge "
    "grunnløs- ubegrunnet "
    "ubegrunnede håpløs- latterlig- absurd- absurde vanvittig- tåpelig- tøv tøvete sludder vås svada "
    "svertekampanje- svert- "
    "sverting- oppspinn- oppdikt- dikt_og_forbannet_løgn regime- håndlanger- medløper- lakei- marionett- "
    "kumpan- bande- banditt- "
    "skurk- kjeltring- forbryterstat- røverstat- skurkestat- ondsinnede_rykt- ondskap- ond onde "
    "djevelsk- infam- infame lumsk- "
    "lumske slu slue utspekuler- kynisk- kyniske brutal- brutale hensynsløs- hensynsløst råtten råtne "
    "skitten skitne "
    "hysteri- hysterisk- paranoi- propaganda- desinformasjon- hekseja- syndebukk- hykler- hyklersk- "
    "dobbeltmoral- "
    "herjing- herjet herje raid tokt plyndr- hærverk- ugjerning- udåd- ukontrollert_hat sjofel- sjofle "
    "simpel simple "
    "ynkelig- ynkverdig- patetisk- patetiske skandaløs- skandale- uhørt uhørte provoser- aggressor- "
    "angriperstat- maktsyk- "
    "arrogan- uforskammet uforskammede uforskammethet- beryktet beryktede såkalt såkalte farse- "
    "skuespill skittkasting- "
    "bakvaskelse- bakvask- ærekrenk- baktal- injurier- trakasser- mobb- mobbing kverulant- fantasi- "
    "fantasifull- "
    "røverhistorie- ammestuehistorie- skremselspropaganda bagatellisere hvitvask- dekkoperasjon "
    "forræder- svik- svikefull- "
    "bedrager- bedragersk- bakmenn hjernen_bak grotesk- groteske grusom- grusomme hensynsløse perfid- "
    "perfide "
    "uansvarlig- tankeløs- hodeløs- uredelig- useriøs- uverdig- krigshisser- bløff- bløff juks "
    "juksemaker- bølle- "
    "terrorangrep cyberterror- cyberkrig- digital_krigføring uprovosert uprovoserte åpenlyst_fiendtlig- "
    "fiendtlig- nådeløs-"
)
_CERTAIN = words(
    "åpenbart åpenbar åpenbare opplagt selvsagt selvfølgelig utvilsomt utvilsom udiskutabel- "
    "ubestridelig- ubestridt uomtvistelig- "
    "soleklar- soleklart klinkende_klart innlysende naturligvis sikkert garantert beviselig bevislig "
    "notorisk ugjendrivelig- "
    "uimotsigelig- kategorisk bombesikker- bombesikkert skråsikker- definitivt absolutt åpenlyst "
    "uomtvistet uavviselig- "
    "krystallklar- krystallklart uten_tvil uten_videre_klart"
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
    r"klusset med|brutt inn i|utsatt for (?:et |en )?(?:angrep|innbrudd|svertekampanje|spionasje|"
    r"sabotasje|tyveri|utpressing)|presset|lurt|villedet|endret i etterkant|hengt ut)"
)
_MONTH = r"(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)"

NORWEGIAN: Final = Grammar(
    language="nb",
    patterns=(
        Pattern(
            rule="wording.certainty",
            find=compile_any(
                r"\bbevis\w* (?:er|var|taler) (?:\w+ )?(?:overveldende|knusende|ugjendrivelig\w*|"
                r"entydig\w*|fellende|soleklar\w*)\b|\b(?:har|sitter med|besitter) (?:\w+ )?(?:bevis|"
                r"beviset|bevisene)\b",
                r"\bkan (?:bare|kun) (?:være|ha|komme|bety)\b",
                _CERTAIN,
                r"\b(?:hevet|uten|over|utenfor|ingen|ikke noen|neppe noen|liten) (?:over |enhver |all |"
                r"noen |noe |rimelig |skygge av |skygge av en |en )*tvil\b",
                r"\b(?:det )?(?:er|var|står) (?:nå |helt |fullstendig |også |vel )*(?:klart|åpenbart|"
                r"tydelig|sikkert|kjent for alle|et faktum|bevist|fastslått en gang for alle|slått "
                r"fast en gang for alle) (?:at|over)\b",
                r"\bsom (?:alle|enhver|kjent)(?: vet)?\b|\bdet sier seg selv\b|\btaler for seg selv\b|"
                r"\bingen (?:kan|vil|bør) (?:\w+ )?(?:tvile|bestride|benekte|være i tvil)\b|\blar seg "
                r"ikke (?:bestride|benekte|bortforklare)\b|\bkan ikke (?:benektes|bestrides|"
                r"bortforklares|være tilfeldig)\b",
                r"\bbevis(?:er|te)? (?:at|hvem|en gang for alle|klart|entydig)\b|\bbeviset (?:for|på) "
                r"at\b|\ber bevis (?:for|på|nok)\b|\b(?:ugjendrivelige?|klare|tydelige?|overveldende|"
                r"definitive|endelige?|knusende|fellende|soleklare) bevis\w*\b|\brykende pistol\b|\btatt "
                r"på fersk gjerning\b|\b(?:ett hundre|hundre|100) ?(?:prosent|%) sikk\w+\b|\bi "
                r"virkeligheten\b|\bsannheten er\b|\bfaktum er\b|\bfakta er\b",
                r"\b(?:blankt|fullstendig|totalt|på det sterkeste|bestemt|aldeles|helt og holdent|pure|"
                r"klart og tydelig|rent ut) (?:avvis\w*|benekt\w*|fordøm\w*|feil|uriktig|usant|galt|"
                r"nekt\w*|usann\w*|skyldig\w*|uskyldig\w*|ansvarlig\w*)|\b(?:avvis\w+|benekt\w+|nekt\w+|"
                r"tilbakevis\w+|fordøm\w+) (?:\w+ ){0,3}?(?:blankt|fullstendig|totalt|på det sterkeste|"
                r"bestemt|kategorisk|pure)\b",
                r"\b(?:eneste|ingen annen|ikke noen annen) (?:mulige |rimelige |tenkelige |fornuftige "
                r")?(?:forklaring|konklusjon)\b|\bingen tilfeldighet\b",
            ),
        ),
        Pattern(
            rule="wording.loaded",
            find=compile_any(
                r"\btatt (?:helt |rett |rent )?ut av (?:løse )?lufta?e?n?\b|\b(?:med vilje|med overlegg|"
                r"bevisst|forsettlig) (?:\w+ )?(?:ødela\w*|slett\w*|skjul\w*|skjult\w*|villed\w*|"
                r"forfalsk\w*|skad\w*|feil\w*)",
                _LOADED,
                r"\bfull av løgn\b|\brope(?:r|t)? (?:ulv|varsku)\b|\bi ond tro\b|\bpolitisk "
                r"motivert\w*\b|\bgrepet ut av (?:løse )?lufta?e?n?\b|\brene? (?:og skjære )?(?:oppspinn|"
                r"løgn|fantasi|tull)\w*|\bpåtatt\b|\bdårlig skjult\b",
            ),
        ),
        Pattern(
            rule="wording.universal",
            find=compile_any(
                r"\b(?:ingen|ikke|aldri) (?:\w+ ){0,6}?på noe (?:som helst )?tidspunkt\b|\bhele verden\b|"
                r"\bingen (?:andre|annen) (?:aktør\w*|stat\w*|land|gruppe\w*|makt\w*|selskap\w*)\b",
                r"\b(?:ikke|ingen|intet|uten) (?:\w+ ){0,2}?(?:snev|spor|fnugg|skygge|antydning|tegn|"
                r"grann|tøddel) (?:av|til|på)\b|\bikke (?:det|den) (?:minste|ringeste|aller minste)\b|"
                r"\b(?:ikke )?(?:én|ett|en|et) eneste\b|\boverhodet\b|\bi det hele tatt\b|\bpå ingen "
                r"(?:som helst )?(?:måte|vis)\b|\bsom helst\b|\bnoensinne\b|\bikke en gang\b(?= har)|"
                r"\bunder ingen omstendighet\w*\b|\baldri i livet\b",
                r"\b(?:alle og enhver|enhver|hver eneste|hver og en|samtlige|ingenting|absolutt alt|"
                r"absolutt alle|alt sammen|ingen i hele verden|alle vet|ingen har noen gang|noen "
                r"gang)\b(?! (?:av de|av disse) \d)",
                r"\b(?:ingen|ikke noen?) (?:som helst )?(?:forbindelse|befatning|kjennskap|del|rolle|"
                r"tilknytning|innblanding)\w* (?:med|til|i)\b|\bikke noe (?:som helst )?(?:å gjøre )?med "
                r"(?:saken|dette|det)\b|\bingenting (?:å gjøre )?med\b",
                r"\b(?:alle|hvert|hver) (?:eneste |slike |mulige )?(?:angrep|anklage\w*|påstand\w*|"
                r"beskyldning\w*|hendelse\w*|innbrudd|selskap\w*|stat\w*|eksperter)\b(?! (?:i|på|nevnt|"
                r"\[))",
            ),
        ),
        Pattern(
            rule="wording.universal",
            bounded=True,
            find=compile_any(
                r"\baldri\b|\balltid\b|\bbestandig\b|\butelukkende\b|\bintet\b|\bstedse\b",
                r"\b(?:finnes|fins|foreligger|er|eksisterer|var|forelå) (?:det |altså |fortsatt |rett og "
                r"slett )*(?:ikke|ingen|ikke noen?|intet) (?:\w+ )?(?:bevis\w*|tegn|spor|holdepunkt\w*|"
                r"grunnlag|indikasjon\w*|dekning)\b|\b(?:ingen|uten|ikke noe) (?:\w+ )?(?:bevis\w*|"
                r"holdepunkt\w*|grunnlag)\b",
            ),
        ),
        Pattern(
            rule="source.hearsay",
            find=compile_any(
                r"\boffentlig hemmelighet\b",
                words(
                    "visstnok angivelig angivelige etter_sigende etter_hva_vi_forstår ryktene ryktet "
                    "rykter ryktes etter_alt_å_dømme tilsynelatende liksom etter_det_vi_forstår "
                    "etter_det_vi_har_hørt"
                ),
                r"\b(?:det )?(?:sies|hevdes|fortelles|heter|påstås|antas|meldes|ryktes|forlyder|snakkes "
                r"om|menes|hviskes|spekuleres)\b(?: (?:det|nå|også|blant annet))?(?: at\b|,|\.| i| om| "
                r"om at| å)|\bdet (?:sies|hevdes|fortelles|påstås|antas|meldes|ryktes|forlyder)\b",
                r"\b(?:sies|antas|hevdes|påstås|ryktes|menes|meldes|formodes|skal (?:ifølge \w+ "
                r")?(?:visstnok|angivelig|etter sigende)) (?:\w+ )?(?:å|ha)\b",
                r"\bskal (?:\w+ )?ha (?:vært|hatt|tilhørt|betalt|brukt|kjøpt|solgt|stått|gitt|fått|sendt|"
                r"gjort|kjent|blitt|mottatt|ligget|planlagt|visst|kommet|laget|stjålet|hjulpet|bestilt|"
                r"\w+(?:et|t|dd))\b",
                r"\bvi (?:har )?hør(?:er|t|te)(?: at| fra| om| si)?\b|\bsom vi forstår det\b|\bfolk "
                r"sier\b|\bhar (?:vi )?latt oss fortelle\b|\b(?:vi er|er vi) blitt fortalt\b|\bi følge "
                r"(?:rykter|folkesnakk)\b|\bdet går gjetord\b|\bdet er kommet (?:oss )?for øre\b|\bdet "
                r"er (?:en )?kjent sak\b|\bhar det kommet fram\b|\bstår det å lese\b",
            ),
        ),
        Pattern(
            rule="source.unnamed",
            find=compile_any(
                r"\b(?:ifølge|i følge) (?:\w+ )?(?:personer|folk|noen|ansatte|medarbeidere|innsidere)\b",
                rf"\b(?:ledende|flere|mange|ulike|enkelte|noen|store|kjente|sentrale|andre|anerkjente|"
                rf"internasjonale) (?:\w+ )?\w*(?:selskaper|firmaer|leverandører|byråer|tjenester|"
                rf"regjeringer|stater|land|institusjoner|laboratorier|medier|aviser) (?:nå |også |har "
                rf")?{_OPINE}\b",
                rf"\b{_MOD}{_PEOPLE}{_NAMED}(?: (?:som|nær|tett på|med|i|innen|innenfor|på|fra|"
                rf"rundt)\b[^,.;]{{0,60}}?)?,? (?:(?:nå|også|lenge|alle|har|\w+lig|som|over hele verden) "
                rf"){{0,3}}{_OPINE}\b",
                rf"\b(?:{_OPINE}) (?:også |nå |derfor )?{_MOD}{_PEOPLE}\b{_NAMED}",
                rf"\b(?:ifølge|i følge|etter|opplyst av|bekreftet av|sitert av|fra|av) "
                rf"{_MOD}{_PEOPLE}\b(?! (?:adresse|kode|port))(?<!fra kilden)(?<!fra kilde){_NAMED}(?=[ "
                rf",.])",
                r"\b(?:ifølge|i følge) (?:\w+ ){0,2}?(?:medie\w*|presse\w*|nyhets\w*|rapporter|meldinger|"
                r"åpne kilder|studier|undersøkelser|forskning)\b(?! (?:fra|i|av) (?-i:[A-ZÆØÅ]))",
                rf"\b(?:mange|noen|flere|enkelte|de fleste|andre|mediene|pressen|medier|(?:ny|nyere|"
                rf"flere|ulike)? ?(?:studier|forskning|undersøkelser|rapporter|medieoppslag)) "
                rf"(?:(?:stater|land|selskaper|medier|miljøer|hold|rapporter|studier) )?(?:(?:nå|også|"
                rf"har|lenge) ){{0,2}}{_OPINE}\b(?! i (?:rad|logg))",
                r"\b(?:fra|på) (?:flere|mange|ulike|annet|visse|velinformert) hold\b|\b(?:er|blir|ble) "
                r"(?:\w+ )?(?:allment|almindelig|bredt|generelt|alminnelig) (?:antatt|kjent|akseptert|"
                r"anerkjent|ansett|enighet|oppfatning)\b|\bdet er (?:bred|allmenn|alminnelig) (?:enighet|"
                r"oppfatning)\b|\b(?:kjent|antatt|ansett) i (?:bransjen|miljøet)\b|\bønsker å være "
                r"anonym\w*\b",
            ),
        ),
    ),
    benign=compile_any(
        r"\bnesten (?:helt )?sikkert\b|\bsikkert er (?:det )?(?:bare|kun)\b|\b(?:vil|skal|stiller|svarer|"
        r"bidrar) (?:vi )?(?:selvsagt|selvfølgelig|naturligvis)\b|\bvi (?:vil|skal|stiller|svarer|"
        r"bidrar) (?:selvsagt|selvfølgelig|naturligvis)\b",
        r"\bklart (?:merket|synlig\w*|avgrenset|skilt|definert|lesbar\w*|dokumentert|angitt|markert)",
        r"\b(?:ikke|neppe|langt fra|verken|ikke helt|på ingen måte|mindre) (?:\w+ )?(?:sikkert|klart|"
        r"åpenbart|åpenbar|opplagt|absolutt|innlysende|definitivt|bevist|bevis)",
        r"\bnesten sikkert\b|\bsikkert (?:lagret|nett|oppbevart|slettet|sted|oppbevaring|passord|rom|"
        r"kanal|miljø|system|kanal)|\b(?:lagret|oppbevart|overført|slettet|destruert|låst) sikkert\b|"
        r"\bhusk(?:er)? (?:ikke )?sikkert\b|\bvet (?:ikke )?sikkert\b",
        r"\babsolutt\w* (?:sti\w*|adresse\w*|tid\w*|verdi\w*|bane\w*)",
        r"\b(?:ikke|aldri|uten å|verken|neppe|for å|kan|kunne|skal|må|kreves for å) (?:\w+ )?bevis(?:e|"
        r"er|t|te)?\b|\bbevis(?:er|te)? (?:dermed |alene |i seg selv |derfor |ikke )?(?:ikke|verken|"
        r"hverken)\b[^.;]{0,200}",
        r"\bbevisføring\w*|\bbevisbyrde\w*|\bbeviskrav\w*|\bbevismateriale\w*|\bbevissikring\w*",
        r"\brad ond\b|\bråtner\b|\bsvik(?:er|t)? (?:i |på )?(?:strøm|kjøling|minne|disk|maskinvare)\w*|"
        r"\bstrømsvikt|\bsvikt\w*",
        r"\bsimple (?:network|mail)\b|\bbandebredde|\bbåndbredde",
        r"\brammet inn\b|\bskuespiller\b|\braid ?[0-6]\b|\braid-\w+",
        r"\bikke (?:alltid|alle|enhver|hver)\b",
        r"\bbrukerregime\w*|\bkontrollregime\w*|\bsanksjonsregime\w*|\bregime(?:t|r|ne)? for (?:tilgang|"
        r"sikkerhetskopi|kontroll|eksport|lagring)\w*",
        r"\b(?:alle|samtlige|ingen av)(?: de| disse)? (?:\d+|to|tre|fire|fem|seks|sju|åtte|ni|ti|tolv)\b|"
        r"\bsamtlige (?:rader|filer|verter|\d+)\b|\bbrutal(?:t)? kraft\b|\bbrute[ -]force",
        r"\bingen forbindelse\w* (?:til|fra|med) (?:port|vert|adresse|nett|tjener|internett|\d)\w*",
        r"\bhvor som helst i (?:loggen|filen)|\bhelst (?:ikke|bør|skal)",
        r"\bfantasi(?:navn|domene)\w*|\bdiktet\b",
    ),
    scope=compile_any(
        r"\b(?:mellom|fra|i perioden|i tidsrommet) (?:\w+\.? ){0,3}?\d[^;]{0,40}? (?:og|til|–) (?:\w+\.? "
        r"){0,2}?\d",
        r"\bi (?:de |den |det |disse |denne |dette |alle |våre )?(?:\w+ ){0,2}?(?:logg\w*|rade[nr]\w*|"
        r"rad|fil\w*|eksport\w*|data\w*|tabell\w*|post\w*|utdrag\w*|opptak\w*|kopi\w*|materiale\w*|"
        r"register\w*|dokument\w*|arkiv\w*|\w*logge[nr]\w*)\b",
        r"\b(?:så langt|hittil|foreløpig|per \d|pr\.? \d|til nå|til dags dato|i løpet av (?:perioden|"
        r"uken|måneden)|den \d{1,2}\. \w+|siden \d|før \d|etter \d|i (?:januar|februar|mars|april|mai|"
        r"juni|juli|august|september|oktober|november|desember))\b",
        r"\bsom vi (?:har )?(?:undersøkt|undersøkte|gjennomgått|gjennomgikk|sjekket|søkte i|fikk|mottok|"
        r"sitter med)\b|\bblant de \d+\b|\bav de \d+\b|\brad(?:ene)? \d|\bvert (?-i:[A-Z]\b)",
    ),
    speech=compile_any(
        rf"(?:\b(?:saksøker|klageren|motparten|departementet|selskapet|den andre parten|brevet|varselet|"
        rf"svaret|vitnet|advokaten|talspersonen)|(?-i:\b(?!(?:Vi|Det|De|Jeg|Dette|Den|Eksperter|Kilder|"
        rf"Noen|Mange|Flere|Forskere|Analytikere|Ryktene|Rykter|Medier|Mediene|Enkelte|Ingen|Alle|Her|"
        rf"Som|Nå|Da|Så|Sikkerhetseksperter|Studier)\b)[A-ZÆØÅ])[\wæøå&-]*(?: "
        rf"(?-i:[A-ZÆØÅ])[\wæøå&-]*){{0,4}}(?:s (?:\w+ ){{0,2}}(?:brev|svar|varsel|advokat\w*|"
        rf"uttalelse))?)[^.;]{{0,40}}? {_SAY} (?:\w+\.? ){{0,5}}?at (?P<rest>.*)",
        rf"^(?:Ifølge|I følge|Etter det) (?P<who>{NAME}),? (?P<rest>.*)",
    ),
    idle=compile_any(
        r"[?][\"»”)\]]*\s*$",
        r"^\W*(?:vi|jeg) (?:\w+ )?(?:ber|anmoder|oppfordrer|takker|beklager|foreslår|forbeholder|"
        r"offentliggjør|publiserer|akter|tar (?:ikke )?(?:stilling|forbehold|til etterretning)|vet "
        r"(?:ikke|fortsatt ikke|foreløpig ikke)|kjenner ikke|kan ikke (?:si|utelukke|fastslå|avgjøre)|"
        r"inviterer|tilbyr|ønsker|håper|anbefaler|vil|skal|svarer (?:på|når|innen)|mener med|bruker "
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
        r"(?:mener|menes|forstår|forstås|sikter)\b|\bbetyr\b|\bstår for\b(?! (?:inn|ang))|\b(?:er "
        r"definert|defineres|definert) (?:som|i)\b|\b(?:brukes|bruker) (?:her )?(?:ordet|om|i "
        r"betydningen)\b",
        r"\b(?:bør|burde|må|skal(?! \w* ?ha\b))\b|^\W*(?:\w+ ){1,4}vil (?!ha )",
        r"^\W*(?:se|jf\.?|merk|dersom|hvis|om(?! lag)|la|vennligst|for (?:spørsmål|kontakt)|takk)\b",
        r"^\W*(?:denne|dette) (?:erklæringen|uttalelsen|svaret|varselet|dokumentet|teksten) (?:er|"
        r"gjelder|erstatter|retter|svarer|gir|beskriver|omfatter|inneholder|forklarer)\b",
        r"^\W*(?:med (?:vennlig )?hilsen|undertegnet|kontakt|dato|til|fra|versjon|vedlegg|uten at "
        r"det)\b[^.]{0,60}$",
    ),
    likelihood=(
        Likelihood(
            find=compile_any(
                r"\b(?:svært |meget |høyst |ganske |nokså )?(?:lite sannsynlig\w*|usannsynlig\w*)\b|"
                r"\b(?:lav|liten|ringe|svært lav) (?:sannsynlighet|sjanse)\b|\bneppe\b(?= (?:samme|ble|"
                r"kom|har|var|er|at))"
            ),
            points=-1,
        ),
        Likelihood(
            find=compile_any(
                r"\blike (?:sannsynlig|stor sjanse)\b|\bom lag like sannsynlig\b|\bfifty-fifty\b"
            ),
            points=0,
        ),
        Likelihood(
            find=compile_any(
                r"\b(?:svært |meget |høyst |mest |overveiende |ganske |nokså )?sannsynlig(?:e|vis)?\b|"
                r"\btrolig\b|\bantakelig(?:vis)?\b|\bantagelig(?:vis)?\b|\bformodentlig\b|\bnesten "
                r"(?:helt )?sikkert\b|\b(?:høy|stor|overveiende) sannsynlighet\b|\bmed overveiende "
                r"sannsynlighet\b"
            ),
            points=1,
        ),
    ),
    confidence=compile_any(
        r"\b(?:lav|moderat|middels|høy|stor|svært høy|meget høy|rimelig|noe|full|begrenset)(?: grad av)? "
        r"(?:sikkerhet|konfidens|tillit|visshet|tiltro)\b(?! (?:på|i|for|hos|mot|rundt|ved) "
        r"(?:\w*(?:nett|system|tjener|bygg)\w*))",
        r"\b(?:er|føler oss) (?:helt |ganske |rimelig |svært |nokså |temmelig )?(?:sikre|trygge|"
        r"overbevist) (?:på|om)\b|\bkonfidens(?:en|nivået)? (?:er|var) (?:lav|moderat|middels|høy)",
    ),
    explained=compile_any(
        r"\bICD[- ]?203\b|\bPHIA\b|\bAJP-2|\bsannsynlighetsskala\w*|\bskalaen? (?:\w+ ){0,4}(?:for|i|fra|"
        r"som|bak)\b|\bsannsynlighetsord\w*",
        r"[«\"“](?:\w+ ){0,2}(?:sannsynlig|trolig|usannsynlig|sikkerhet|konfidens)\w*[»\"”],? (?:her "
        r")?(?:mener|menes|betyr|står|forstår|viser)",
    ),
    reasoned=compile_any(
        r"\b(?:fordi|siden|ettersom|da (?:loggen|vi|bare|det)|bygger på|basert på|på grunnlag av|på "
        r"bakgrunn av|hviler på|pga\.?|på grunn av|skyldes|av (?:to|tre) grunner)\b"
    ),
    attribution=compile_any(
        rf"(?-i:\b(?!(?:Det|Den|Dette|De|Vi|Noen|Ingen|En|Et|I|På|Han|Hun|Rad|Vert|Bare|Begge|Operatøren|"
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
        rf"\b(?:{_STATE}(?: i {NAME})?|(?-i:\b(?!(?:Det|Den|Dette|De|Vi|Noen|Ingen|En|Et|I|På|Han|Hun|"
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
    basis=compile_any(
        r"\b(?:fordi|ettersom|siden (?:loggen|begge|adressen)|bygger (?:vi )?(?:det )?på|basert på|på "
        r"grunnlag av|på bakgrunn av|grunnlaget (?:er|for)|hviler på|jf\.?|se (?:vedlegg|rad|punkt|"
        r"rapport)|ifølge (?-i:[A-ZÆØÅ])|som (?:loggen|rad|vedlegg)|(?:logg\w*|rad(?:ene)?|sertifikat\w*|"
        r"faktura\w*|kontrakt\w*|register\w*|funn\w*|vedlegg) (?:\d[\d,–-]* )?(?:viser|navngir|"
        r"inneholder|knytter|fører|peker))\b|\([^()]{0,60}\b(?:s\.|side|vedlegg|rad|rapport|punkt|tabell|"
        r"funn)[^()]{0,60}\)"
    ),
    passive=compile_any(
        rf"\b(?:ble|blir|er blitt|har blitt|var blitt|bli|blitt|er|var) (?:(?:\w+lig|også|så|deretter|"
        rf"senere|ikke|aldri|nylig|alle) ){{0,2}}(?P<verb>{_CONDUCT})\b{_REST}",
    ),
    judged=compile_any(
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
        r"(?:som|å|for)|regnes (?:som|for)|settes i forbindelse med)(?P<rest>[^.;]{0,160})",
    ),
    agent=compile_any(
        r"\bav (?!(?:at|dem|den grunn|og til|disse|dette|\d|mai|(?:hensyn|plass|sikkerhets))\b)\w",
        r"\b(?:fra|via|gjennom|ved hjelp av|med (?:passordet|kontoen|nøkkelen|prosessen|verktøyet)) "
        r"(?:\w+ ){0,2}(?:\d|(?-i:[A-ZÆØÅ])|adresse\w*|konto\w*|nett\w*|vert\w*|økt\w*|prosess\w*|"
        r"tjener\w*|skript\w*|verktøy\w*|passord\w*)",
    ),
    unknown=compile_any(
        r"\b(?:ukjente?|uidentifisert\w*|vet ikke|ikke kjent|ikke klarlagt|noen (?:som|hadde)|den som|"
        r"hvem som|uvisst)\b"
    ),
    number=compile_any(
        r"(?<![\w.,#:/-])(?:(?:minst|over|nær|nesten|om lag|omtrent|rundt|ca\.?|inntil|opptil|mer enn|"
        r"flere enn|færre enn) )?\d[\d., ]*(?: (?:millioner|milliarder|tusen|hundre))?(?: ?%| ?prosent\b|"
        r" (?!(?:UTC|CET|og|eller|til|av|i|på|er|var|ble|den|de|som|ved|fra|januar|februar|mars|april|"
        r"mai|juni|juli|august|september|oktober|november|desember)\b)[a-zæøå][\wæøå-]*)",
        r"\b(?:hundrevis|tusenvis|titusenvis|dusinvis|millionvis|snesevis|et titall|et hundretall|et "
        r"tusentall|flertallet|halvparten|to "
        r"tredeler|tre firedeler|en tredel|hundretusener|millioner|tusener) (?:av )?[a-zæøå]\w+",
    ),
    unnumbered=compile_any(
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
    sourced=compile_any(
        r"\b(?:\w*logg\w*|rad(?:ene)?|\w*rapport\w*|tabell\w*|vedlegg\w*|register\w*|opptak\w*|"
        r"\w*oversikt\w*|faktura\w*|sertifikat\w*|eksport\w*|fil\w*|figur\w*|referat\w*|undersøkelse\w*|"
        r"funnet) (?:[\w.-]+ ){0,5}?(?:viser|inneholder|fører opp|oppgir|teller|har|navngir|nevner|sier|"
        r"lister)\b",
        r"\b(?:ifølge|jf\.?|etter) (?:(?-i:[A-ZÆØÅ])|\w*logg\w*|rapport|tabell|register|vedlegg)|\b(?:i|av) "
        r"(?:vedlegg|tabell|rad|rapport|figur) ?[\dA-Z]|\([^()]{0,60}\b(?:s\.|side|vedlegg|rad|rapport|"
        r"punkt|tabell|funn|kilde)[^()]{0,60}\)|\[\^?\w{1,20}\]|\bvi (?:har )?t(?:alte|elte|elt|alt)\b|"
        r"\](?=\ufffc)",
    ),
    strong=compile_any(
        r"\b(?:bevis(?:er|te|t)|godtgjør|godtgjorde|fastsl(?:år|o|ått)|slår fast|slo fast|bekreft(?:er|"
        r"et)|dokumenter(?:er|te|t)|avslør(?:er|te|t)|påvis(?:er|te|t)|konstater(?:er|te|t))\b"
    ),
    confirmed=compile_any(
        r"\buavhengig (?:\w+ )?(?:bekreft\w+|gjenskap\w*|verifis\w+|etterprøv\w+|dokumentert)|"
        r"\b(?:gjenskapt|etterprøvd|bekreftet) av (?:flere|andre|uavhengige|to|tre)"
    ),
    scare=compile_any(
        r"^(?:(?:uavhengige?|nye|harde) )?(?:bevis\w*|eksperte?r?\w*|gransking\w*|funn\w*|rapport\w*|"
        r"analyse\w*|fakta|forskning|forskere|sikkerhet|offer|ofre\w*|sannhet\w*|venner|fredelig\w*|"
        r"undersøkelse\w*)$"
    ),
    saying=compile_any(
        rf"\b{_SAY}\b|\bifølge\b|\bi følge\b|\b(?:kalle[rst]\w*|kalt|lyder|lød|heter|betegne\w*|sitat\w*|"
        rf"siter\w+|med tittelen|ordlyd\w*|ordet|ordene|menes|mener)\b"
    ),
)
