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
Saudi; Scottish; Senegalese; Serbian; Singaporean; Slovak; Slovenian; Somali; South African;
South Korean; Soviet; Spanish; Sri Lankan; Sudanese; Swedish; Swiss; Syrian; Taiwanese; Tajik;
Tanzanian; Thai; Tunisian; Turkish; Turkmen; Ugandan; Ukrainian; Uruguayan; Uzbek; Venezuelan;
Vietnamese; Welsh; Yemeni; Zambian; Zimbabwean; Russians; Iranians; Americans; Israelis; Ukrainians;
Koreans; afghansk; albansk; algerisk; amerikansk; amerikanerne; arabisk; argentinsk; armensk;
aserbajdsjansk; australsk; belgisk; bosnisk; brasiliansk; britisk; britene; bulgarsk; chilensk;
colombiansk; cubansk; dansk; egyptisk; emiratisk; engelsk; estisk; etiopisk; filippinsk; finsk; fransk;
georgisk; gresk; hviterussisk; indisk; indonesisk; irakisk; iransk; iranerne; irsk; islandsk; israelsk;
israelerne; italiensk; japansk; jemenittisk; jordansk; kanadisk; kasakhisk; kenyansk; kinesisk;
kineserne; koreansk; kroatisk; kuwaitisk; kypriotisk; latvisk; libanesisk; libysk; litauisk; makedonsk;
malaysisk; marokkansk; meksikansk; moldovsk; mongolsk; nederlandsk; nigeriansk; nordkoreansk;
nordkoreanerne; norsk; omansk; pakistansk; palestinsk; polsk; portugisisk; qatarsk; rumensk; russisk;
russerne; saudisk; saudiarabisk; serbisk; singaporsk; skotsk; slovakisk; slovensk; somalisk; sovjetisk;
spansk; sudansk; svensk; sveitsisk; sørafrikansk; sørkoreansk; syrisk; taiwansk; thailandsk; tsjekkisk;
tunisisk; tyrkisk; tyrkerne; tysk; ugandisk; ukrainsk; ukrainerne; ungarsk; usbekisk; venezuelansk;
vietnamesisk; østerriksk; russer; russere; kineser; kinesere; iraner; iranere; nordkoreaner;
nordkoreanere; amerikaner; amerikanere; israeler; israelere; ukrainer; ukrainere; brite; briter;
Russlands; Kinas; Irans; Nord-Koreas; USAs; Israels; Ukrainas; Norges; Tysklands; Frankrikes;
Storbritannias
"""
"""By whole words, whatever their case, those in -sk also with -e."""

SEATS: Final = """
Abu Dhabi; Algiers; Ankara; Astana; Baghdad; Baku; Bangkok; Beijing; Beirut; Belgrade; Berlin;
Bratislava; Brussels; Bucharest; Budapest; Buenos Aires; Cairo; Canberra; Caracas; Copenhagen; Damascus;
Dhaka; Doha; Dublin; Hanoi; Havana; Helsinki; Islamabad; Jakarta; Jerusalem; Kabul; Kathmandu; Khartoum;
Kiev; Kuala Lumpur; Kyiv; København; Lisbon; Ljubljana; London; Madrid; Manila; Minsk; Moscow; Moskva;
Muscat; Nairobi; New Delhi; Oslo; Ottawa; Paris; Peking; Prague; Pretoria; Pyongyang; Riga; Riyadh;
Roma; Rome; Seoul; Sofia; Stockholm; Taipei; Tallinn; Tashkent; Tbilisi; Teheran; Tehran; Tel Aviv;
The Hague; Tokyo; Tripoli; Tunis; Vienna; Vilnius; Warsaw; Washington; Yerevan; Zagreb; Kremlin; Kreml;
Lubyanka; White House; Pentagon; Whitehall; Downing Street; Zhongnanhai; Blue House; Langley;
Fort Meade; Cheltenham; Khoroshevskoye
"""

SERVICES: Final = """
state; states; government; ministry; army; military; navy; air force; armed forces; intelligence;
secret service; security service; special service; foreign service; secret police; republic; federation;
kingdom; caliphate; emirate; regime; politburo; people's liberation army; revolutionary guard;
revolutionary guards; Mossad; Shin Bet; Spetsnaz; Okhrana; Stasi; Basij; Unit 8200; Lab 110; Bureau 121;
stat; staten; statlig; statlige; regjering; regjeringen; departement; departementet; forsvaret; hæren;
militær; militære; etterretning; etterretningen; etterretningstjeneste; etterretningstjenesten;
sikkerhetstjeneste; sikkerhetstjenesten; hemmelig tjeneste; republikk; republikken; føderasjon;
føderasjonen; kongerike; kongeriket; regimet
"""

SHORTENED: Final = """
US; USA; UK; GB; EU; UAE; KSA; PRC; ROC; DPRK; ROK; USSR; NATO; SSSR; RF; CCP; CPC; PLA; PLAN; MSS; MPS;
GRU; GU; FSB; SVR; FSO; KGB; NKVD; IRGC; MOIS; VAJA; RGB; KPA; NIS; NSA; CIA; FBI; DIA; NRO; DHS;
CYBERCOM; GCHQ; SIS; BND; BfV; DGSE; DGSI; AIVD; MIVD; PST; FRA; SAEPO; ISI; SBU; HUR; AMAN; IDF; MIT;
CSIS; ASD; NSB
"""
"""As capitals alone: *us* is a word."""

DOUBTFUL: Final = """
FRA; PST; NIS; MPS; MIT; ROC; PLAN
"""
"""Of these, what is as often something else: only where it is all of a label, or beside a number or *APT*."""

OTHERWISE: Final = """
steady state; state machine; state machines; threat intelligence; CIA triad; US keyboard; US layout;
Polish notation; reverse Polish
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
रूस; चीन; भारत; पाकिस्तान; ईरान; अमेरिका
"""
"""Wherever they stand, in scripts where words are not parted as in Latin."""

STEMS: Final = """
росси; русск; китай; американ; сша; иран; израил; севернокоре; северокоре; корейс;
украин; белорус; британ; англий; француз; немец; герман; польш; польск; турц; турецк; норвеж; норвег;
швед; финлянд; япон; индий; пакистан; казахстан; грузи; москв; москов; кремл; пекин; вашингтон; тегеран;
пхеньян; киев; київ; росі; госуд; правительств; уряд; держав; разведк; разведыват; минобороны;
спецслужб; фсб; гру; свр; кгб; цру; рф; ссср; ελλάδ; κίνα; ρωσί; ιράν; τουρκί
"""
"""With which a word begins, in Cyrillic and Greek."""
