"""Words that make a reader think of a state, beside the names of states (``state_names.py``): those of its
people, its seat of government, its services, and how it is shortened.

A label that holds one is told of; nothing else is read from these lists.
"""

from __future__ import annotations

from typing import Final

PEOPLES: Final = """
Afghan; Albanian; Algerian; American; Argentine; Argentinian; Armenian; Australian; Austrian;
Azerbaijani; Azeri; Bahraini; Bangladeshi; Belarusian; Belarussian; Belgian; Bolivian; Bosnian;
Brazilian; British; Bulgarian; Burmese; Cambodian; Cameroonian; Canadian; Chilean; Chinese; Colombian;
Congolese; Croatian; Cuban; Cypriot; Czech; Danish; Dutch; Ecuadorian; Egyptian; Emirati; English;
Eritrean; Estonian; Ethiopian; Filipino; Finnish; French; Georgian; German; Ghanaian; Greek; Haitian;
Hungarian; Icelandic; Indian; Indonesian; Iranian; Iraqi; Irish; Israeli; Italian; Jamaican; Japanese;
Jordanian; Kazakh; Kenyan; Korean; Kosovan; Kuwaiti; Kyrgyz; Laotian; Latvian; Lebanese; Libyan;
Lithuanian; Macedonian; Malaysian; Maltese; Mexican; Moldovan; Mongolian; Montenegrin; Moroccan;
Mozambican; Namibian; Nepalese; Nepali; Nicaraguan; Nigerian; North Korean; Norwegian; Omani; Pakistani;
Palestinian; Panamanian; Paraguayan; Peruvian; Polish; Portuguese; Qatari; Romanian; Russian; Rwandan;
Saudi; Scottish; Senegalese; Serbian; Singaporean; Slovak; Slovenian; Somali; South African; South
Korean; Soviet; Spanish; Sri Lankan; Sudanese; Swedish; Swiss; Syrian; Taiwanese; Tajik; Tanzanian;
Thai; Tunisian; Turkish; Turkmen; Ugandan; Ukrainian; Uruguayan; Uzbek; Venezuelan; Vietnamese; Welsh;
Yemeni; Zambian; Zimbabwean; Russians; Iranians; Americans; Israelis; Ukrainians; Koreans; afghansk;
albansk; algerisk; amerikansk; amerikanerne; arabisk; argentinsk; armensk; aserbajdsjansk; australsk;
belgisk; bosnisk; brasiliansk; britisk; britene; bulgarsk; chilensk; colombiansk; cubansk; dansk;
egyptisk; emiratisk; engelsk; estisk; etiopisk; filippinsk; finsk; fransk; georgisk; gresk;
hviterussisk; indisk; indonesisk; irakisk; iransk; iranerne; irsk; islandsk; israelsk; israelerne;
italiensk; japansk; jemenittisk; jordansk; kanadisk; kasakhisk; kenyansk; kinesisk; kineserne; koreansk;
kroatisk; kuwaitisk; kypriotisk; latvisk; libanesisk; libysk; litauisk; makedonsk; malaysisk;
marokkansk; meksikansk; moldovsk; mongolsk; nederlandsk; nigeriansk; nordkoreansk; nordkoreanerne;
norsk; omansk; pakistansk; palestinsk; polsk; portugisisk; qatarsk; rumensk; russisk; russerne; saudisk;
saudiarabisk; serbisk; singaporsk; skotsk; slovakisk; slovensk; somalisk; sovjetisk; spansk; sudansk;
svensk; sveitsisk; sørafrikansk; sørkoreansk; syrisk; taiwansk; thailandsk; tsjekkisk; tunisisk;
tyrkisk; tyrkerne; tysk; ugandisk; ukrainsk; ukrainerne; ungarsk; usbekisk; venezuelansk; vietnamesisk;
østerriksk; russer; russere; kineser; kinesere; iraner; iranere; nordkoreaner; nordkoreanere;
amerikaner; amerikanere; israeler; israelere; ukrainer; ukrainere; brite; briter; Russlands; Kinas;
Irans; Nord-Koreas; USAs; Israels; Ukrainas; Norges; Tysklands; Frankrikes; Storbritannias; Chileans;
Persian; Persians; Soviets; Czechoslovak; Muscovite; Chechen; Tatar; Kurdish; Tibetan; Uyghur; Catalan;
Turks; Finns; Danes; Swedes; Norwegians; Germans; Indians; Pakistanis; Saudis; Syrians; Egyptians;
Serbs; Belarusians; russisch; russische; russe; russes; ruso; rusos; chinois; chinoise; chinesisch;
chinesische; iranisch; iranische; deutsch; deutsche; deutscher; français; française; español;
amerikanisch; norwegisch; russkij; russkiy; russkie; rossiyskaya; rossiyskiy; rossijskaja; rossijskij;
rossiiskaya; persisk; nordmenn; nordmennene; svensker; svenskene; dansker; danskene; tyskere; tyskerne;
franskmenn; polakker; polakkene; tyrkere; nordkoreanske; sørkoreaner; sørkoreanere; hviterussere;
syrere; egyptere; indere; pakistanere; japanere; Sveriges; Danmarks; Finlands; Polens; Tyrkias; Indias;
Pakistans; Japans; Syrias; Saudi-Arabias; Hviterusslands
"""
"""By whole words, whatever their case, those in -sk also with -e."""

SEATS: Final = """
Abu Dhabi; Algiers; Ankara; Astana; Baghdad; Baku; Bangkok; Beijing; Beirut; Belgrade; Berlin;
Bratislava; Brussels; Bucharest; Budapest; Buenos Aires; Cairo; Canberra; Caracas; Copenhagen; Damascus;
Dhaka; Doha; Dublin; Hanoi; Havana; Helsinki; Islamabad; Jakarta; Jerusalem; Kabul; Kathmandu; Khartoum;
Kiev; Kuala Lumpur; Kyiv; København; Lisbon; Ljubljana; London; Madrid; Manila; Minsk; Moscow; Moskva;
Muscat; Nairobi; New Delhi; Oslo; Ottawa; Paris; Peking; Prague; Pretoria; Pyongyang; Riga; Riyadh;
Roma; Rome; Seoul; Sofia; Stockholm; Taipei; Tallinn; Tashkent; Tbilisi; Teheran; Tehran; Tel Aviv; The
Hague; Tokyo; Tripoli; Tunis; Vienna; Vilnius; Warsaw; Washington; Yerevan; Zagreb; Kremlin; Kreml;
Lubyanka; White House; Pentagon; Whitehall; Downing Street; Zhongnanhai; Blue House; Langley; Fort
Meade; Cheltenham; Khoroshevskoye; Athens; Athen; Aten; Skopje; Tirana; Sarajevo; Podgorica; Pristina;
Chisinau; Nicosia; Valletta; Luxembourg City; Bern; Berne; Wien; Brussel; Bruxelles; Warszawa; Moskau;
Moscou; Moscú; Pechino; Pekin; Pequim; Seúl; Kairo; Damaskus; Bagdad; Kiew; Kijev; Kyjiv; Haag; Den
Haag; Haia; Praha; Prag; Bukarest; Beograd; Lisboa; Londres; Athènes; Téhéran; Teherán; Jérusalem;
Al-Quds; Amman; Sanaa; Manama; Kuwait City; Rabat; Addis Ababa; Abuja; Accra; Dakar; Kinshasa; Kampala;
Harare; Lusaka; Luanda; Maputo; Bamako; Niamey; Mogadishu; Asmara; Bogotá; Brasília; Quito; Montevideo;
Asunción; La Paz; Mexico City; Port-au-Prince; Santo Domingo; Bishkek; Dushanbe; Ashgabat; Nur-Sultan;
Ulaanbaatar; Ulan Bator; Naypyidaw; Vientiane; Phnom Penh; Thimphu; Colombo; Wellington; Reykjavik;
Reykjavík; Élysée; Quai d'Orsay; Foggy Bottom; Capitol Hill; Yasenevo; Lubjanka; Det hvite hus;
Beijings; Moskvas; Washingtons; Teherans; Pyongyangs
"""

SERVICES: Final = """
state; states; government; ministry; army; military; navy; air force; armed forces; intelligence; secret
service; security service; special service; foreign service; secret police; republic; federation;
kingdom; caliphate; emirate; regime; politburo; people's liberation army; revolutionary guard;
revolutionary guards; Mossad; Shin Bet; Spetsnaz; Okhrana; Stasi; Basij; Unit 8200; Lab 110; Bureau 121;
stat; staten; statlig; statlige; regjering; regjeringen; departement; departementet; forsvaret; hæren;
militær; militære; etterretning; etterretningen; etterretningstjeneste; etterretningstjenesten;
sikkerhetstjeneste; sikkerhetstjenesten; hemmelig tjeneste; republikk; republikken; føderasjon;
føderasjonen; kongerike; kongeriket; regimet; E-tjenesten; E-tjeneste; Quds Force; Qods Force; Ghods
Force; Quds Corps; Quds-styrken; Sepah; Pasdaran; Mukhabarat; Muhabarat; MI5; MI6; MI 5; MI 6; Säpo;
Sapo; Kripos; Room 39; Office 39; Bureau 39; Office 91; Reconnaissance General Bureau; Main Directorate;
Main Intelligence Directorate; Central Military Commission; Third Department; General Staff; Strategic
Support Force; Center 16; Center 18; Centre 16; Centre 18; Cyber Command; Rosgvardia; Rosgvardiya;
Bundeswehr; Bundesregierung; Bundesnachrichtendienst; Bundestag; Reichstag; Knesset; Majlis; Kuomintang;
Parliament; Politbyrået; Stortinget; Riksdagen; Folketinget; Statsministeren; Statsministerens kontor;
Utenriksdepartementet; Forsvarsdepartementet; Justisdepartementet; regjeringens; statens; statsstøttet;
statsstøttede; statssponset; statsaktør; statsdrevet; ambassade; ambassaden; embassy; consulate; Foreign
Office; State Department; Prime Minister; Statsminister; Ministère; Ministerio; Ministerium;
Gouvernement; Gobierno; Regierung; Ministerstvo; Razvedka; Gosudarstvo; Pravitelstvo; gouvernemental;
Guoanbu; Guojia; Jiefangjun; Hezbollah; Hizbollah; Hamas; Houthi; Taliban; Wagner Group; Foreign
Ministry; Defence Ministry; Defense Ministry
"""

SHORTENED: Final = """
US; USA; UK; GB; EU; UAE; KSA; PRC; ROC; DPRK; ROK; USSR; NATO; SSSR; RF; CCP; CPC; PLA; PLAN; MSS; MPS;
GRU; GU; FSB; SVR; FSO; KGB; NKVD; IRGC; MOIS; VAJA; RGB; KPA; NIS; NSA; CIA; FBI; DIA; NRO; DHS;
CYBERCOM; GCHQ; SIS; BND; BfV; DGSE; DGSI; AIVD; MIVD; PST; FRA; SAEPO; ISI; SBU; HUR; AMAN; IDF; MIT;
CSIS; ASD; NSB; MI5; MI6; CNI; ABW; AW; SKW; AISE; AISI; SISMI; KAPO; VDD; MUST; PET; FET; NSM; CSE;
GCSB; ASIS; ASIO; HVA; FAPSI; SZRU; ODNI; DOD; MOD; MFA; MVD; MID; VEVAK; IRGC-QF; RAW; NIA; SSF; PAP;
GSD; JSD; UN; RU; CN; KP; NK; BRD; DDR; EUROPOL; BRICS; CSTO
"""
"""As capitals alone: *us* is a word."""

DOUBTFUL: Final = """
FRA; PST; NIS; MPS; MIT; ROC; PLAN; MUST; PET; FET; NSM; CSE; RAW; NIA; SSF; PAP; GSD; JSD; AW; MOD;
MFA; MID; MVD; CNI; HVA; UN; RU; CN; KP; NK; DDR; DOD; RF; GU; SIS; ASD; RGB
"""
"""Of these, what is as often something else: only where it is all of a label, or beside a number or a word
for who acts (``BESIDE``)."""

BESIDE: Final = """
apt; unit; team; group; crew; hacker; hackers; actor; actors; agent; agents; officer; officers; enhet;
gruppe; gruppen; hackere
"""
"""What makes a shortened name hardly anything else."""

OTHERWISE: Final = """
steady state; state machine; state machines; threat intelligence; CIA triad; US keyboard; US layout;
Polish notation; reverse Polish; identity federation; federation server; federation service; federation
services; federation metadata; guinea pig; guinea fowl; solid state; state transition; state space;
state table; state of the art; finite state; quantum state; business intelligence; artificial
intelligence; swarm intelligence; open source intelligence; military grade; Swiss army; army knife; army
ant; army ants; Salvation Army; navy blue; Georgia Tech; New Mexico; French press; Danish pastry; Panama
hat; turkey vulture; Turkey sandwich; Moscow mule; Peking duck; London Bridge; Brazil nut; Indian Ocean;
Irish setter; German shepherd; Persian cat; Persian carpet; Siamese cat; English language; Chinese wall;
Chinese room; China Chopper; Dutch auction; Dutch door; Russian roulette; French toast; Jordan curve; Polish
calculator; raw data; pet project
"""
"""In these a word has another meaning and is no word of a state."""

WHEREVER: Final = """
国家; 國家; 政府; 军队; 軍隊; 军方; 部队; 情报; 情報; 国安; 安全局; 国防; 解放军; 解放軍; 革命卫队;
克格勃; 格鲁乌; 中情局; 摩萨德; 白宫; 克里姆林; 北京; 莫斯科; 华盛顿; 德黑兰; 平壤; 首尔; 东京;
耶路撒冷; 中方; 俄方; 美方; 英方; 朝方; 伊方; 韩方; 日方; 以方; 俄军; 俄軍; 美军; 美軍; 英军; 朝军;
韩军; 日军; 以军; 伊军; 共军; 共軍; 中共; 俄国; 美帝; 苏联; 蘇聯; ロシア; アメリカ; イラン; イスラエル;
北朝鮮; ウクライナ; 러시아; 중국; 북한; 북조선; 미국; 한국; 이란; 일본; 이스라엘; 우크라이나; روسيا;
روسي; الصين; صيني; إيران; ايران; إيراني; ایران; روسیه; أمريك; امریکا; إسرائيل; اسرائیل; كوريا;
کره شمالی; السعودية; الإمارات; حكومة; دولة; מדינת; ממשל; רוסי; איראן; סין; ישראל; ארצות הברית; מוסד;
रूस; चीन; भारत; पाकिस्तान; ईरान; अमेरिका; 北约; 北約; 俄联邦; 俄聯邦; 总参; 總參; 美利坚; 美利堅; 苏俄;
蘇俄; 沙俄; 大英; 中华; 中華; 国安部; 军委; 軍委; 公安部; 外交部; 总统府; 總統府; 克宫; 白厅; 五角大楼;
五角大廈; 摩薩德; 烏克蘭; 以軍; 台军; 台軍; 圣城旅; 聖城旅; 侦察总局; 偵察總局; 大使馆; 大使館; 平壌;
モスクワ; ソ連; ワシントン; 정찰총국; 국가; 정부; 조선; 모사드; 크렘린; 평양; 베이징; 모스크바; سپاه;
پاسداران; موساد; مخابرات; القدس; موسكو; طهران; تهران; بكين; واشنطن; مسکو; سوريا; مصر; الحرس الثوري;
أوكرانيا; اوكرانيا; ארה״ב; הקרמלין; אוקראינה; משטרה; सरकार; रूसी; चीनी; यूक्रेन; इज़राइल
"""
"""Wherever they stand, in scripts where words are not parted as in Latin."""

STEMS: Final = """
росси; русск; китай; американ; иран; израил; севернокоре; северокоре; корейс; украин; белорус; британ;
англий; француз; немец; герман; польш; польск; турц; турецк; норвеж; норвег; швед; финлянд; япон;
пакистан; казахстан; москв; москов; кремл; пекин; вашингтон; тегеран; пхеньян; киев; київ; росі; госуд;
правительств; держав; разведк; разведыват; минобороны; спецслужб; ελλάδ; κίνα; ρωσί; τουρκί; грузин;
индийск; урядо; росій; украї; китайс; персид; афган; армени; армян; азербайдж; узбек; таджик; киргиз;
кыргыз; молдов; молдав; латви; латыш; литовс; эстон; болгар; румын; венгер; чешск; словак; итал; испан;
португал; греческ; вьетнам; монгол; кубинск; венесуэл; бразил; мексик; канад; австрал; австри; швейцар;
бельги; голланд; нидерланд; датск; саудовск; сирийск; ливанск; египет; палестин; министерств; минобор;
посольств; лубянк; пентагон; моссад; советск; афин; лондон; берлин; париж; варшав; анкар; минск;
ташкент; белый дом; росгвард; ελλην; αθηνα; αθήν; αμερικ; ισραηλ; ουκραν; βρεταν; γαλλι; γερμαν; ιταλ;
κυπρ; κυβερνη; ιραν; κινεζ
"""
"""With which a word begins, in Cyrillic and Greek."""

CYRILLIC: Final = """
сша; фсб; гру; свр; кгб; цру; рф; ссср; кнр; кндр; нато; кпк; мид; мвд; гур; сбу; ирн; ирии; оаэ; фрг;
гдр; ес; уряд; индия; индии; грузия; грузии; дания; дании; чехия; чехии; сирия; сирии; ливан; катар;
куба; кубы; кипр; литва; литвы; греция; греции; корея; кореи; в/ч; кремль; εε; ηπα; ευπ; εσσδ; νατο
"""
"""As whole words, in Cyrillic and Greek."""
