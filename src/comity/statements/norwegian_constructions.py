"""Norwegian: constructions that claim certainty or knowledge without a word that says so outright."""

from __future__ import annotations

from typing import Final

from comity.statements.grammar import words
from comity.statements.nynorsk import in_both

_ACTORS = (
    r"(?:aktør|stat|land|regjering|gruppe|makt|nasjon|lag|tjeneste|etat|motstander|selskap|person|mann|"
    r"organisasjon|"
    r"part|myndighet|innsider|leverandør)\w*"
)
_MEMBERS = (
    r"(?:mennesker|innbygger|kunde|system|bruker|ansatte|stat|land|nasjon|regjering|nett|tjenere|servere|"
    r"maskin|"
    r"sykehus|bank|skole|eksper|forplikt|plikt|lov|regl|norm|offer|ofre|allierte|partner|tjenest|beskyldning|"
    r"anklag|deteksjon|sikring|bevis|husstand|borger|forsvarsverk)\w*"
)
CERTAIN: Final = (
    r"\bingen (?:skal|må|trenger|bør|kan) (?:\w+ )?være i tvil\b|\btaler et (?:klart|tydelig) språk\b",
    r"^\W*at [^.;]{1,80},? er (?:helt |nå )?(?:sikkert|klart|bevist|åpenbart|et faktum)\b",
    (
        r"\bkunne ikke vært (?:klarere|tydeligere|mer \w+)\b|\b(?:er|var) (?:ikke noe|ikke noen|ingen) "
        r"(?:\w+ "
        r")?(?:uhell|tilfeldighet|"
        r"feil|slump|ulykke)\b|\b(?:etablert|ubestridt|uomtvistet|bevist) (?:faktum|sannhet)\b|\bintet "
        r"(?:uhell|"
        r"tilfelle)\b"
    ),
    (
        r"\b(?:enhver|alle|den) som [^.;]{1,50}?,? (?:skjønner|ser|vet|forstår|må innse)\b|\båpner ikke for "
        r"(?:noen )?annen?\b|"
        r"\btillater (?:bare|kun|ingen)\b|\bingen bortforklaring\w*|\bsier seg selv\b|\bligger i dagen\b|"
        r"\bkan "
        r"bare (?:skyldes|"
        r"forklares)\b|\bikke til å (?:tro|komme utenom)\b"
    ),
    (
        r"\b(?:det )?vet (?:\w+ )?(?:alle|enhver|hele verden|hvermann|vi alle)\b|\b(?:alle|enhver|vi alle|"
        r"hele "
        r"verden) (?:vet|ser|"
        r"forstår)\b|\bintet mindre enn\b|\bikke noe annet enn\b|\bingen annen? (?:\w+ )?(?:lesning|tolkning|"
        r"forklaring|versjon|"
        r"utlegning|konklusjon|vei)\b|\bingen ringere enn\b"
    ),
    r"\babsolutt\b(?! (?:ingen|alle|alt|ingenting|ikke|aldri|umulig|utelukket|sikkerhet))",
    (
        rf"\b(?:bare|kun) (?:én|en|ett|et|ei) (?:\w+ ){{0,2}}?(?:{_ACTORS} (?:\w+ ){{0,5}}?(?:kan|kunne|har|"
        rf"hadde|ville|er)"
        rf"\b|(?:mulig |tenkelig |rimelig |fornuftig )?(?:forklaring|konklusjon|gjerningsmann|mulighet|svar|"
        rf"tolkning)\w*)"
    ),
    r"\bingen (?:andre |annen )?(?:\w+ )?(?:enn|unntatt|bortsett fra)\b",
    (
        r"\b(?:rett og slett|fullstendig|helt|absolutt|aldeles|komplett|fysisk) (?:umulig|utenkelig|"
        r"utelukket|"
        r"usant|ikke sant)\b|\b(?:utenkelig|helt uaktuelt)\b|\bdet er ikke sant\b|\bdet er "
        r"(?:selvsagt|selvfølgelig|rett og slett) ikke\b"
    ),
    (
        r"\bmed (?:absolutt |full |hundre prosent |100 ?(?:%|prosent) |fullstendig |total )?(?:sikkerhet|"
        r"visshet)\b"
        r"(?= (?:at|si|slå|fast|vite|utelukk\w*|bevis\w*)|[.,])|\b(?:vet|veit|visste) (?:\w+ )?(?:med|"
        r"utmerket|"
        r"godt|helt|nøyaktig|sikkert)\b|\b(?:én|en) gang for alle\b"
    ),
    (
        r"\b(?:ethvert|hvert|et|selv et|enhver|en) (?:\w+ )?(?:barn|småbarn|førsteårsstudent|student|idiot|"
        r"amatør|"
        r"nybegynner|tåpe) (?:kan|kunne|ser|vet|forstår)\b|\b(?:klart|tydelig) som (?:dagen|glass)\b|\balle "
        r"kan se\b"
    ),
    (
        r"\b(?:alle|alt|samtlige) (?:\w+ )?(?:bevis\w*|spor|tegn|indikasjon\w*|fakta|piler|tråder|veier)? "
        r"?(?:peker|"
        r"leder|taler|går|fører) (?:\w+ )?(?:mot|på|til|i (?:én|samme) retning)\b"
    ),
    (
        r"\b(?:bildet|kjeden|bevisene|bevisførselen|beviset|saken|attribusjonen|konklusjonen|koblingen|"
        r"sammenhengen|"
        r"bevisrekken|\w+bildet|\w+kjeden) (?:er|var|står) (?:\w+ )?(?:vanntett\w*|skuddsikk\w+|entydig\w*|"
        r"ugjendrivelig\w*|uangripelig\w*|avgjort|soleklar\w*|endelig|ubestridelig\w*|fellende|utvetydig\w*|"
        r"klokkeklar\w*|krystallklar\w*|opplagt)\b"
    ),
    (
        r"\b(?:skyld|skylden|ansvar|ansvaret|medvirkning|innblanding|uskyld|innblandingen|\w+skyld) (?:er|"
        r"var|står) "
        r"(?:\w+ )?(?:bevist|fastslått|klarlagt|hevet|ubestridelig|åpenbar|dokumentert)\b|\bhar (?:nå |"
        r"endelig |lenge )?(?:bevist|motbevist)\b"
    ),
    r",? (?:punktum|ferdig snakket|ferdig med det|basta|saken er klar)[.!]",
    (
        r"\b(?:kan|må) (?:helt |fullstendig |kategorisk )?(?:utelukkes|avvises) (?:helt|fullstendig|"
        r"kategorisk|med "
        r"\w+ sikkerhet)\b|\b(?:helt|fullstendig|totalt) utelukket\b|\bmotbevis(?:er|te|t)\b"
    ),
    (
        r"\bingen (?:\w+ )?(?:oppegående|fornuftige|tenkende|seriøse|vettuge|rimelige|ærlige|normale|"
        r"edruelige|"
        r"redelige|anstendige) (?:\w+ )?(?:menneske|person|observatør|leser|ekspert|analytiker|regjering)\w*|"
        r"\bved "
        r"sine fulle fem\b"
    ),
    (
        r"\bvi (?:er|føler oss) (?:\w+ )?(?:hundre prosent sikre|skråsikre|bombesikre|visse|ikke i tvil|"
        r"fullt overbevist|"
        r"forvisset|helt sikre)\b|\bvi vet (?:nå |alle |jo |allerede )?(?:at|hvem|nøyaktig|utmerket)\b(?! "
        r"ikke)"
    ),
    (
        r"\bmå (?:\w+ )?ha (?:visst|vært|kommet|hatt|brukt|kjent|planlagt|gjort|mottatt|fått|skjedd)\b|\bla "
        r"det "
        r"(?:ikke )?være\b"
    ),
    (
        r"\b(?:umiskjennelig|helt klart|klart og tydelig|tydeligvis|ganske enkelt et faktum|etterlater ingen|"
        r"levner "
        r"ingen|gir ikke rom for|utelukker enhver|rokker ikke|bevislig|ubetinget|helt åpenbart|ugjendrivelig|"
        r"uomtvistelig|uten skygge|over enhver|utenfor enhver|uavviselig|entydige?|krystallklart|glassklart|"
        r"uimotsagt)\b(?! (?:id|nøkkel|navn|identifi\w+|merket|angitt|definert))"
    ),
    r"\bdet (?:er|var) (?:\w+ )?(?:snakk om|tale om) (?:ren|rein|bevisst|utvilsom)\b|\bdet sier seg sjølv\b",
    r"\bbevis(?:er|te)?\b[^.;]{0,30}\b(?:én gang for alle|uten tvil|endelig|klart)\b|\bsvart på hvitt\b",
)
LOADED: Final = (
    (
        r"\b(?:gjeng|bande|flokk|haug) (?:av )?(?:kujoner|tyver|forbrytere|løgnere|banditter|amatører)\b|"
        r"\bkujon\w*|\benhver kritikk\b"
    ),
    (
        r"\b(?:disse|de|slike|rene) forbryterne?\b|\bforbryterne\b|\bkomiske?\b|\bdum(?:t|me|het\w*)\b|"
        r"\bleker "
        r"med\b|\binkompeten\w+|"
        r"\bskammelig\w*|\blurvet\w*"
    ),
    (
        r"\bgrådig\w*|\bsunket så (?:dypt|lavt)\b|\bned i (?:søla|gjørma|skitten)\b|\bbak hvert tre\b|"
        r"\bforfølgelse av\b|\bfrekkhet\w*"
    ),
    (
        r"\bdukkefører\w*|\b(?:ren|rein|rent) (?:og skjær )?(?:ondskap|hat|galskap|løgn|fantasi|"
        r"propaganda)\b|"
        r"\bslipper? ikke unna\b|"
        r"\bkrigshiss\w*|\bselger? (?:\w+ )?eventyr\b|\bbedrageri\b"
    ),
    words(
        "skammelig- skam skamm- ei_skam barbari- usle usselt ussel motbydelig- avskyelig- avskyelige "
        "frastøtende "
        "opprørende "
        "umenneskelig- blodtørstig- tyrann- despot- junta klikk_av kobbel forrædersk- krokodilletårer "
        "oppspinn- "
        "vrøvl "
        "makkverk- hykleri hykler- smedeskrift- ærerørig- idiotisk- barnslig- ryggesløs- skitne_triks "
        "pariastat- "
        "imperialis- fascis- mafia- leiesoldat- sabotører falskspill- klovn- sirkus parodi- latterliggjør- "
        "heksejakt- "
        "skueprosess- hjernevask- hatkampanje- hets- smuss- bakvask- galskap sinnssyk- vanvidd uhyrlig- "
        "utilgivelig- "
        "satanisk- skruppelløs- grisk- maktbegjær maktgal- trollfabrikk- talerør ondskapsfull- "
        "ondsinnet_løgn- "
        "ondsinnede krenkende_løgn- nederdrektig- gement gemen gemene simpelt- tarvelig- perverst fordreid- "
        "fordreining- "
        "løgnhals- løgnpropaganda hatefull- skjenders- hykleriet svinestrek- rampestrek- påfunn- uforskamm- "
        "provokatør- "
        "åndssvak- feigt feige feiging- snik snikende tyvaktig- lumske løgnene løgnen løgner løyet lyver løy "
        "juger "
        "fornærm- "
        "skulding_utan grunnlaus- skammeleg- latterleg- fiendtleg- fiendsleg- løgnaktig- skamlaus- uhyrleg- "
        "skuldingar_utan_grunn"
    ),
    (
        r"\bav verste (?:sort|slag|skuff)\b|\bsom (?:tyver|rotter|gribber|ulver|kujoner)\b|\bhjertet av "
        r"(?:\w+ )?"
        r"(?:demokrati\w*|nasjon\w*|samfunn\w*)\b|\bhører hjemme i (?:søp\w+|søppel\w*|papirkurv\w*)|\bslag "
        r"i "
        r"ansiktet\b|\bdolkestøt\b|\bmed kaldt blod\b|\bunder enhver kritikk\b|\b(?:fiender|forrædere) av "
        r"(?:\w+ )?"
        r"(?:folk\w*|nasjon\w*|stat\w*|demokrati\w*|fred\w*)|\bbetalte? (?:talerør|agenter|penn\w*|troll)\b|"
        r"\bforbløffende\b|\bsiviliserte (?:nasjon\w*|land|samfunn|verden|folk)\b|\bcrimes? mot\b|"
        r"\bforbrytelser? "
        r"mot (?:barn\w*|folk\w*|menneske\w*)|\bverdige? (?:dette|slikt|slike|den)\b[^.;]{0,30}\bsvar\b|"
        r"\bhar "
        r"slått til igjen\b|\ben skam\b|\bmørke krefter\b|\bvaske hendene\b|\bserie(?:løgner|forbryter)\w*"
    ),
)
UNIVERSAL: Final = (
    (
        r"\b(?:tatt|stjålet|ødelagt|mistet|slettet|løyet om|kontrollerer|vet|benekter) alt\b|\balle i "
        r"(?-i:[A-ZÆØÅ])\w+ (?:er|ble|var|har|"
        r"vet|visste|mistet)\b|\balle uttalelsene\b"
    ),
    (
        r"\bikke (?:én|ett) [a-zæøå]+\b|\balle (?:\w*maskinene|kundene|passasjerene|systemene|serverne|"
        r"filene|"
        r"innbyggerne|ansatte)(?: "
        r"(?:på|i|hos|ved) \w+)? (?!bør|må|kan|skal)[a-zæøå]+(?:et|te|de)\b"
    ),
    (
        r"\b(?:ikke|ingen) (?:\w+ )?bevis(?:er)? (?:av|på) noe (?:slag|som helst)\b|\bav noe slag\b|\blot "
        r"ingenting\b"
    ),
    r"\baldri (?:før|noensinne|noen gang|i (?:livet|verden|historien))\b|\bnoen ?gang\b|\bnokon gong\b",
    (
        r"\b(?:null|absolutt ingen|overhodet ingen|slett ingen|ikke antydning til|ikke skygge av) (?:\w+ "
        r")?(?:bevis\w*|"
        r"holdepunkt\w*|spor|tegn|grunnlag|sannhet|kobling\w*|forbindelse\w*)\b|\bikke den minste\b|\bden "
        r"minste "
        r"antydning\b"
    ),
    (
        r"\b(?:mangler|savner|uten|blottet for) (?:ethvert|alt|enhver|all|helt) (?:\w+ )?(?:grunnlag|"
        r"bevis\w*|"
        r"sannhet\w*|"
        r"substans|hold|logikk|troverdighet|rot i virkeligheten|dekning)\b|\bhelt uten (?:grunnlag|hold|"
        r"bevis)\b"
    ),
    (
        r"\b(?:ingen|ikke én|ikke en sjel|ingenting) (?:ble|er|var|blir) (?:\w+ )?(?:spart|trygg\w*|"
        r"skånet)\b|\b(?:helt|"
        r"fullstendig|absolutt|hundre prosent|100 ?%) (?:sikkert?|sikre|trygt?|rene?|uskyldig\w*|upåvirket|"
        r"beskyttet|urørt)\b(?! (?:på|om|at))|\bkan (?:aldri|ikke) (?:brytes|hackes|knekkes|omgås|"
        r"kompromitteres|"
        r"slås)\b(?: (?:opp|inn|ned))?|\b(?:uknekkelig|ugjennomtrengelig|usårlig|ufeilbarlig|idiotsikker)\w*"
    ),
    (
        r"\bhele (?:verden\w*|landet|nasjonen|befolkningen|bransjen|det internasjonale|kloden|kontinentet|"
        r"offentligheten|regionen|planeten)\b|\bhver eneste\b|\buten unntak\b|\b(?:alle|alt) som én\b|"
        r"\bhvert bidige\b|"
        r"\bhver bidige\b|\b(?:ikke|ingen|aldri) (?:\w+ ){0,5}på noe(?:t)? tidspunkt\b|\bpå noe tidspunkt\b|"
        r"\balt og alle\b|\boverhodet (?:ingenting|ikke|ingen)\b|\bingenting med (?:\w+ )?å gjøre\b"
    ),
    (
        rf"\b(?:unngår|slipper unna|omgår|oppdager|blokkerer|stopper|stanser|hindrer|overholder|respekterer|"
        rf"oppfyller|"
        rf"følger|bryter|benekter|vet|kontrollerer|rammet|ødela) (?:bestandig |alltid )?(?:all|alle|enhver|"
        rf"ethvert|alt)\b "
        rf"(?:\w+ )?(?:{_MEMBERS}|angrep\w*|trusler|sine \w+|hver)"
    ),
)
BOUNDED: Final = (
    r"\bingen fra (?:\w+ )?\w+ (?:er|var|har|ble|hadde|kan)\b|\bpå noen måte\b",
    r"\b(?:ikke|ingen|intet|uten) (?:\w+ ){0,2}?(?:spor|tegn) (?:av|til|på|etter)\b",
    (
        rf"\balle(?: av)? (?:de |våre |sine |deres |disse )?(?:\w+ )?{_MEMBERS}(?: (?:våre|sine|deres))?(?: "
        rf"(?:i|"
        rf"på|hos|ved) \w+)? "
        rf"(?:nå |alt )?(?:ble|er|var|har|hadde|vet|mistet|fordømmer|støtter|bekrefter|benekter)\b"
    ),
    (
        r"\bingen (?:i|på|ved|hos|utenfor|innenfor) (?:\w+ ){1,2}[a-zæøå]+(?:r|te|de|t|et)\b|\bingen(?: av)? "
        r"(?:\w+ )?(?:stat|land|regjering|nasjon|kunde|kundane|kundene|ekspert|"
        r"innbygger|"
        r"domstol|pasient|"
        r"system|tjener|ansatt)\w*(?: (?:våre|våra))? (?:har|hadde|kan|kunne|vil|ble|var|er)\b|\bingen (?:i|"
        r"på|"
        r"ved|hos|utenfor|"
        r"innenfor) (?:\w+ ){1,2}(?:kan|kunne|har|hadde|visste|vet|fikk|var|ble)\b|\bingenting (?:i|på|ved|"
        r"var|"
        r"er|ble|har|kan)\b"
    ),
    (
        r"\bhver(?:t)? (?:\w+ )?(?:system|maskin|kunde|borger|stat|land|nasjon|familie|selskap|sykehus|skole|"
        r"ekspert)\w* "
        r"(?:\w+ ){0,4}?(?:ble|er|var|har|hadde|vet|mistet)\b|\bgjennom hele (?:historien|vår)\b|\balle "
        r"tiders\b"
    ),
)
HEARSAY: Final = (
    r"(?<!retten )(?<!komiteen )(?<!nemnda )\bhør(?:er|te) (?:at|fra|rykter)\b|\bhar hørt\b",
    (
        r"\bsladder\w*|\bfolkesnakk\w*|\b(?:man|en) (?:hører|sier|forteller)\b|\bdet (?:heter|lyder) (?:seg "
        r")?at\b|\bskal ha\b|"
        r"\bvisstnok\b|\bhviskes (?:det )?(?:om )?\b"
    ),
    (
        r"\b(?:rykte\w*) (?:sier|vil ha|forteller|går|svirrer|har det|hevder)\b|\bdet (?:går|svirrer|"
        r"verserer) (?:\w+ )?"
        r"rykte\w*|\bhistorien (?:går|lyder|vil)\b|\bdet (?:snakkes|prates|hviskes|fortelles|sies|menes|"
        r"hevdes|blir sagt)\b|"
        r"\b(?:sier|forteller|mener|hevder) folk\b|\bfolk (?:sier|forteller|snakker|mener|hevder)\b|\better "
        r"det (?:som "
        r"(?:fortelles|sies|ryktes)|\w+ (?:erfarer|forstår|hører|kjenner til))\b|\bsies det\b|\bheter det "
        r"(?:seg )?at\b|"
        r"\bord på gata\b|\bskal etter (?:det|sigende)\b"
    ),
    (
        r"\bubekrefte[dt]e? (?:meldinger|rykter|rapporter|opplysninger|påstander)\b|\b(?:meldinger|rapporter|"
        r"rykter|"
        r"historier) (?:går ut på|tyder på|svirrer|verserer|sier)\b|\bhar (?:\w+ )?hørt (?:at|om|fra|si)\b|"
        r"\bblitt fortalt\b|"
        r"\b(?:brukere|innlegg|poster|kontoer) (?:på|i) (?:sosiale medier|nettet|forum)\b|\bi sosiale medier "
        r"(?:hevdes|sies)|"
        r"\bnettbrukere\b|\bpå folkemunne\b|\bi kulissene\b|\bfra korridorene\b|\bskal ha \w+\b|\better hva "
        r"(?:vi|man) (?:hører|"
        r"forstår)\b|\bvil ha det til\b|\bdet (?:kan )?(?:virke|synes|ser ut) (?:som|til)\b"
    ),
)
_KNOW = (
    r"(?:kaller|kalte|kritiserer|kritiserte|har kritisert|har kalt|har omtalt|godtar|godtok|roser|bestrider|"
    r"meiner|seier|trur|"
    r"hevdar|stadfestar|sier|sa|mener|mente|tror|trodde|konkluderer|konkluderte|regner|bekrefter|bekreftet|"
    r"mistenker|tviler|"
    r"betviler|benekter|"
    r"avviser|avviste|støtter|deler|delte|advarer|advarte|ser på|anser|beskriver|beskrev|gir|stiller|frykter|"
    r"hevder|"
    r"hevdet|fortalte|forteller|snakker|snakket|utelukker|utelukket|vurderer|antar|regner|peker|påpeker|vet|"
    r"viser|tyder|"
    r"fordømmer|er (?:\w+ ){0,2}?(?:overbevist|enige?|sikre|skeptiske?|bekymret|ikke i tvil|samstemte)|har "
    r"(?:\w+ "
    r"){0,3}?(?:bekreftet|konkludert|utelukket|sagt|advart|avvist|slått fast|fastslått|pekt|fortalt|stilt|"
    r"uttrykt))"
)
UNNAMED: Final = (
    (
        r"(?:^\W*|[,;:] |\bat )(?:(?:noen|mange|flere|de fleste|dei fleste|andre|to|tre|fire|fem|ulike|en "
        r"rekke|velinformerte|troverdige|"
        r"seriøse|uavhengige|[a-zæøå]+(?:ige|iske|ske|erte|ente|ende|åtte)) ){0,3}[a-zæøå]+(?:er|ere|erne|"
        r"arar|ar|folk|kretser|"
        r"miljøer|lærde|stemmer|selskaper|personer|hold)(?: andre steder| i utlandet| utenlands| her| "
        r"der)?(?:,? (?:som|med|i|på|fra|ved|nær|innen|rundt|hos|"
        r"tett)\b[^.;]{0,70}?)?,? "
        r"(?:\w+lig |også |har lenge |nå |alle ){0,2}(?:sier|mener|tror|hevder|meiner|seier|trur|hevdar|"
        r"stadfestar|kaller|kritiserer|har kritisert|godtar|mistenker|advarer|frykter|antar|knytter|"
        r"tilskriver|"
        r"bekrefter|avkrefter|benekter|tviler|kjenner igjen|er (?:samstemte|enige|overbevist|sikre|skeptiske|"
        r"uenige)|har (?:trukket|"
        r"stilt|konkludert|reist|slått fast|sådd tvil))\b"
    ),
    (
        r"\bde som [^.;]{1,60}?,? (?:vet|sier|mener|kjenner|tror|bekrefter|hevder)\b|\btroverdige (?:stemmer|"
        r"kilder)\b"
    ),
    (
        rf"(?:^\W*|[,;:] |\b(?:mange|noen|flere|de fleste|enkelte|ulike|ledende|høytstående|utenlandske|"
        rf"vestlige|allierte|"
        rf"vennligsinnede|anonyme|uavhengige|våre|disse|andre|visse|tidligere|sentrale|en rekke|få|"
        rf"internasjonale|lokale) )"
        rf"(?:\w+ ){{0,2}}?(?:ekspert|spesialist|analytiker|forsker|observatør|kommentator|kritiker|innsider|"
        rf"tjenestem[ae]nn|diplomat|fagfolk|sikkerhetsfolk|\w*folk|\w*miljøer|kretser|partner|allierte|"
        rf"stater\b|stat\b|"
        rf"regjeringer\b|land\b|\w*etterretningstjeneste|\w*tjenester|etterforsker|advokat|"
        rf"akademiker|journalist|politiker|ingeniør|"
        rf"tekniker|kilde|kjelde|stemmer|konkurrent|delegasjon|embetsm[ae]nn|ansatte|"
        rf"offisielle)\w*(?! (?:ved|hos|i|fra|av|for|oppnevnt av) (?:(?-i:[A-ZÆØÅ])|begge|retten|vedlegg)| "
        rf"(?-i:[A-ZÆØÅ]))"
        rf"(?:,? (?:som|nær|tett på|med|i|innen|på|fra|rundt|vi|ved|hos)\b[^.;]{{0,60}}?)?,? (?:(?:\w+lig|"
        rf"også|alle|nå|har|"
        rf"lenge|som) ){{0,3}}{_KNOW}\b"
    ),
    (
        r"\b(?:etterretning|forskning|erfaring|vitenskap|historien|studier|undersøkelser)(?:en)? (?:\w+lig "
        r")?(?:viser|tyder|"
        r"tilsier|bekrefter|antyder|peker|beviser|tyder ikke|viser ikke)\b"
    ),
    (
        rf"\b(?:en|én|ei|to|tre|flere) (?:\w+ ){{0,2}}?(?:kilde|\w*offiser|tjenestemann|tjenestem[ae]nn|"
        rf"diplomat|"
        rf"innsider|ekspert|"
        rf"analytiker|rådgiver|offiser|forsker|person|kilder|embetsmann)(?! (?:ved|hos|i|fra|for) "
        rf"(?-i:[A-ZÆØÅ])| "
        rf"(?-i:[A-ZÆØÅ])|, (?-i:[A-ZÆØÅ]))(?:,? (?:som|nær|tett|med|i|fra|på|innen|hos)\b[^.;]{{0,60}}?)?,? "
        rf"(?:(?:\w+lig|også|har) ){{0,2}}{_KNOW}\b|\b(?:ikke (?:vil|ønsker å) (?:stå fram|navngis|bli "
        rf"navngitt|siteres)|"
        rf"(?:vil|ønsker å|får) (?:være|bli|forbli) anonym\w*)\b"
    ),
    (
        r"\b(?:utbredt|allmenn|alminnelig|rådende|gjengs) (?:oppfatning|enighet|syn|mening)\b|\b(?:folk|"
        r"personer|"
        r"kilder) på innsiden\b"
    ),
)
VAGUE: Final = (
    (
        r"\b(?:ørliten|liten|bitteliten|forsvinnende liten|overraskende stor) (?:brøkdel|del|andel)\b|"
        r"\bmesteparten\b"
    ),
    (
        r"\b(?:svært|veldig|så|ganske|altfor) mange\b|\bnesten (?:hver|alle|hele|samtlige)\b|\b(?:mange|"
        r"flest) "
        r"(?:mennesker|"
        r"brukere|kunder|systemer|maskiner|selskaper|familier|passasjerer|pasienter|ofre|borgere|servere)\b|"
        r"\bikke få\b"
    ),
    (
        r"\b(?:hundre|tusen|titusen|hundretusen|million|milliard|dusin|snese|titall)(?:vis|talls|er)\b|"
        r"\b(?:utallige|talløse|"
        r"utallig|ufattelig mange|mangfoldige)\b|\bi milliarder\b|\bi millioner\b"
    ),
    (
        r"\b(?:enorme?|enormt|store?|stort|svære?|betydelige?|betraktelige?|vesentlige?|massive?|voldsomme?|"
        r"uante|"
        r"ukjente?|uoverskuelige?|astronomiske?|formidable?) (?:\w+ )?,?(?: ?men \w+ )?(?:mengder?|antall|"
        r"tap|summer?|del|"
        r"deler|andel|andeler|flertall\w*|skader?|volum\w*|tall|kostnader)\b|\bet (?:tosifret|tresifret|"
        r"firesifret|høyt|stort|"
        r"ukjent) (?:\w+ ){0,3}?antall\b|\bei? stor mengd\w*"
    ),
    (
        r"\b(?:de fleste|mange|få|flertallet|mesteparten|halvparten|en håndfull|brorparten|en tredel|en "
        r"fjerdedel|noen få|"
        r"størstedelen|storparten) (?:\w+ )?av (?:de |våre |alle |disse )?[a-zæøå]\w+|\bhalve (?:landet|byen|"
        r"\w+)\b|\b(?:nesten|"
        r"så godt som|praktisk talt|knapt) (?:alle|ingen|alt|noen)\b|\bbare en håndfull\b|\b(?:en|ei) "
        r"(?:lang )?(?:rekke|haug) "
        r"[a-zæøå]\w+|\b(?:det store|store) flertallet\b|\beksplosivt|\beksponentielt\b|\bmangedoblet\b"
    ),
)
HARM: Final = in_both(
    r"\b(?:ramme[rt]?|rammet|gjaldt|berør\w+|mistet (?!strøm)|stjal|stjålet|skade[rt]?\w*|ødela\w*|slettet|"
    r"infiser\w+|"
    r"kompromitter\w+|lekke[rt]?|hacket|angr[ie]p\w*|offer|ofre\w*|lide[rt]?|led|koste[rt]?|forstyrr\w+|"
    r"drept|såret|"
    r"løsepenge\w*|styrer)\b"
)
NORM: Final = in_both(
    r"\b(?:må|skal(?! (?:\w+ )?ha )|bør|burde|plikter|trenger (?:ikke )?å|kan ikke holdes|straffes|kreves|"
    r"kan når som helst|"
    r"tas i behold|forbeholdt)\b",
    (
        r"^\W*(?:vennligst )?(?:ikke )?(?:eksponer|skriv|ta|sammenlign|sett|fjern|bruk|kontroller|sjekk|"
        r"eksponer|installer|oppdater|slå|start|kjør|"
        r"åpne|lukk|"
        r"fjern|slett|ta|spør|ring|les|se|behold|lagre|sett|endre|blokker|meld|send|merk|følg|last|gjennomgå|"
        r"overvåk|bytt|"
        r"unngå|klikk|trykk|velg|skriv|kopier|flytt|legg|søk|test|erstatt|la|vurder|husk|vent|gå|isoler|"
        r"koble|begrens|"
        r"bevar|samle|gjør|vær|hold|bekreft at|verifiser|aktiver|deaktiver|del|gi|finn)\b(?! (?:seg )?(?:ble|"
        r"er|var|har)\b)"
    ),
    (
        r"^\W*med \W?[\w\ufffc -]{1,40}\W? menes\b|\benhver (?:tvist|opplysning|som)\b|^\W*(?:hvem som helst|"
        r"enhver|alle) "
        r"(?:kan|som|med)\b|\bingenting i (?:dette|denne)\b|\bverken (?:erkjenner|bekrefter)\b|\bunder noen "
        r"omstendighet\w*"
    ),
)
ADVICE: Final = (
    (
        r"\b(?:er|var) (?:påkrevd|nødvendig|forbudt|vedlagt|straffbart)\b|\bbevis(?:byrden|kravet)\b|"
        r"^\W*(?:hva|"
        r"hvordan|hvorfor|hvor|hvem) "
        r"[^.;!?]{1,60}$|^\W*(?:foto|kilder?|figur|tabell|bilde):|\bdenne (?:delen|siden|rapporten|tabellen) "
        r"(?:er|peker|gjelder)\b|\btas "
        r"(?:ikke )?til følge\b|\bstraffes\b|\bkan når som helst\b|\bpassasjer\w* kan\b|\bbes (?:møte|ringe|"
        r"ta|"
        r"sende)\b"
    ),
    (
        r"^\W*(?:system|nettverks|lokale |alle |berørte )?(?:administrator|bruker|brukar|operatør|kunde|"
        r"leser|eier|eigar|"
        r"organisasjon|selskap|virksomhet|ansatte|tilsette|medlem|forsvarer|analytiker|utvikler|leverandør|"
        r"besøkende|part|"
        r"journalist|den|de|dere|du|man|en|hvem som helst|alle)\w*(?: (?:av|som|med|i|på|ved|hos|"
        r"for)\b[^.;]{0,80}?)?,? "
        r"(?:kan|kunne|trenger|må|bør|skal|behøver|oppfordres|rådes|bes|inviteres) "
    ),
    (
        r"\b(?:du|man|dere) (?:kan|må|bør|trenger|vil)\b|\bdet (?:kan hende|kan ta|er (?:ikke )?mulig|"
        r"anbefales|er nok|er "
        r"tilstrekkelig|er best|er viktig)\b|\bkan (?:følges|lastes ned|finnes|nås|settes opp|kjøres|brukes|"
        r"installeres|"
        r"sjekkes|verifiseres|leses|slås av|bestilles|gjenopprettes|etterprøves)\b"
    ),
    (
        r"^\W*(?:skulle|er du|har du|hvis|når|dersom|før|etter at) [^.;]{1,80}, (?:\w+ )?(?:se|bør|kan|må|"
        r"skal|spør|ring|"
        r"kontakt|sjekk|slå|start)\b|\b(?:har den ære|benytter anledningen|hilser|forbeholder seg|tas i "
        r"behold|ber (?:om|"
        r"retten)|jeg viser til|takker|beklager|foreslår|inviterer|tar ikke stilling|setter pris på|"
        r"vedlagt)\b"
    ),
)
