"""Norwegian: wording that says more than can be shown, and sources that nobody can ask."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import NAME, Pattern, words
from comity.statements.norwegian_constructions import (
    BOUNDED,
    CERTAIN,
    HEARSAY,
    LOADED,
    UNIVERSAL,
    UNNAMED,
)
from comity.statements.nynorsk import in_both

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
    "kumpan- banditt- "
    "skurk- kjeltring- forbryterstat- røverstat- skurkestat- ondsinnede_rykt- ondskap- ond onde "
    "djevelsk- infam- infame lumsk- "
    "lumske slu slue utspekuler- kynisk- kyniske brutal- brutale hensynsløs- hensynsløst råtten råtne "
    "skitten skitne "
    "hysteri- hysterisk- paranoi- propaganda- desinformasjon- hekseja- syndebukk- hykler- hyklersk- "
    "dobbeltmoral- "
    "herjing- herjet herje raid tokt hærverk- ugjerning- udåd- ukontrollert_hat sjofel- sjofle "
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
    "uimotsigelig- kategorisk bombesikker- bombesikkert skråsikker- definitivt åpenlyst "
    "uomtvistet uavviselig- "
    "krystallklar- krystallklart uten_tvil uten_videre_klart"
)
PATTERNS: Final = (
    Pattern(
        rule="wording.certainty",
        find=in_both(
            *CERTAIN,
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
            r"(?<!godt )\bsom (?:alle|enhver|kjent)(?: vet)?\b|\bdet sier seg selv\b|\btaler for seg selv\b|"
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
        find=in_both(
            *LOADED,
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
        find=in_both(
            *UNIVERSAL,
            r"\b(?:ingen|ikke|aldri) (?:\w+ ){0,6}?på noe (?:som helst )?tidspunkt\b|\bhele verden\b|"
            r"\bingen (?:andre|annen) (?:aktør\w*|stat\w*|land|gruppe\w*|makt\w*|selskap\w*)\b",
            r"\b(?:ikke|ingen|intet|uten) (?:\w+ ){0,2}?(?:snev|fnugg|skygge|antydning|"
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
        find=in_both(
            *BOUNDED,
            r"\baldri\b|\balltid\b|\bbestandig\b|\butelukkende\b|\bintet\b|\bstedse\b",
            r"\b(?:finnes|fins|foreligger|er|eksisterer|var|forelå) (?:det |altså |fortsatt |rett og "
            r"slett )*(?:ikke|ingen|ikke noen?|intet) (?:\w+ )?(?:bevis\w*|tegn|spor|holdepunkt\w*|"
            r"grunnlag|indikasjon\w*|dekning)\b|\b(?:ingen|uten|ikke noe) (?:\w+ )?(?:bevis\w*|"
            r"holdepunkt\w*|grunnlag)\b",
        ),
    ),
    Pattern(
        rule="source.hearsay",
        find=in_both(
            *HEARSAY,
            r"\boffentlig hemmelighet\b",
            words(
                "visstnok angivelig angivelige etter_sigende etter_hva_vi_forstår ryktene ryktet "
                "rykter ryktes tilsynelatende liksom etter_det_vi_forstår "
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
        find=in_both(
            *UNNAMED,
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
)
BENIGN: Final = in_both(
    r"\b(?:liste|oversikt|tabell|rapport|opplysninger) (?:over|om|med) (?:alle|samtlige|hver)\b[^.;,]*",
    r"\bunder enhver kritikk\b|\bingenting i (?:våre|vårt|vår|dette|disse) \w*(?:arkiv|register|logg|papir|"
    r"brev|svar)\w*",
    r"\b(?:nesten|så godt som|praktisk talt|ikke) (?:alle|hver|samtlige|alt)\b[^.;,]*",
    r"\bingenting i (?:de|den|disse|våre|noen av) [^.;]{0,30}?\w*(?:logg|data|fil|rad|tabell)\w*|\b(?:har|"
    r"hadde) alltid (?:bodd|"
    r"budd|arbeidet|hett|vært (?:åpen|offentlig|registrert)\w*)\b|\bingenting (?:mer|nytt|igjen|annet) å\b|"
    r"\bsom alltid\b",
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
)
