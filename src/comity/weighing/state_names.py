"""Names by which states are called, in English, Norwegian and Chinese: the short names of ISO 3166-1 as
common usage has them, and a few older ones. What else says a state stands in ``state_words.py``.

A label that holds one makes a reader think of a state; nothing else is read from this list.
"""

from __future__ import annotations

from typing import Final

LATIN: Final = """
Afghanistan; Albania; Algeria; Algerie; Andorra; Angola; Antigua & Barbuda; Antigua og Barbuda;
Argentina; Armenia; Aserbajdsjan; Australia; Austria; Azerbaijan; Bahamas; Bahrain; Bangladesh;
Barbados; Belarus; Belgia; Belgium; Belize; Benin; Bhutan; Bolivia; Bosnia & Herzegovina;
Bosnia-Hercegovina; Botswana; Brasil; Brazil; Britain; Brunei; Bulgaria; Burkina Faso; Burma; Burundi;
Cambodia; Cameroon; Canada; Cape Verde; Central African Republic; Chad; Chile; China; Colombia; Comoros;
Congo; Costa Rica; Croatia; Cuba; Cyprus; Czech Republic; Czechia; Côte d’Ivoire; DPRK; Danmark; De
forente arabiske emirater; De forente stater; Den dominikanske republikk; Den sentralafrikanske
republikk; Denmark; Djibouti; Dominica; Dominican Republic; Ecuador; Egypt; Ekvatorial-Guinea; El
Salvador; Elfenbenskysten; England; Equatorial Guinea; Eritrea; Estland; Estonia; Eswatini; Ethiopia;
Etiopia; Fiji; Filippinene; Finland; Folkerepublikken Kina; France; Frankrike; Gabon; Gambia; Georgia;
Germany; Ghana; Great Britain; Greece; Grenada; Guatemala; Guinea; Guinea-Bissau; Guyana; Haiti; Hellas;
Holland; Honduras; Hong Kong; Hungary; Hviterussland; Iceland; India; Indonesia; Irak; Iran; Iraq;
Ireland; Irland; Island; Israel; Italia; Italy; Ivory Coast; Jamaica; Japan; Jemen; Jordan; Kambodsja;
Kamerun; Kapp Verde; Kasakhstan; Kazakhstan; Kenya; Kina; Kirgisistan; Kiribati; Komorene; Kongo; Korea;
Kosovo; Kroatia; Kuwait; Kypros; Kyrgyzstan; Laos; Latvia; Lebanon; Lesotho; Libanon; Liberia; Libya;
Liechtenstein; Litauen; Lithuania; Luxembourg; Luxemburg; Macedonia; Madagascar; Madagaskar; Malawi;
Malaysia; Maldivene; Maldives; Mali; Malta; Marokko; Marshall Islands; Marshalløyene; Mauritania;
Mauritius; Mexico; Micronesia; Mikronesiaføderasjonen; Moldova; Monaco; Mongolia; Montenegro; Morocco;
Mosambik; Mozambique; Myanmar; Namibia; Nauru; Nederland; Nepal; Netherlands; New Zealand; Nicaragua;
Niger; Nigeria; Nord-Korea; Nord-Makedonia; Norge; North Korea; North Macedonia; Norway; Oman; PRC;
Pakistan; Palau; Palestina; Palestine; Panama; Papua New Guinea; Papua Ny-Guinea; Paraguay; Peru;
Philippines; Poland; Polen; Portugal; Qatar; Romania; Russia; Russland; Rwanda; Saint Kitts og Nevis;
Salomonøyene; Samoa; San Marino; Saudi Arabia; Saudi-Arabia; Scotland; Senegal; Serbia; Seychellene;
Seychelles; Sierra Leone; Singapore; Skottland; Slovakia; Slovenia; Solomon Islands; Somalia; South
Africa; South Korea; South Sudan; Spain; Spania; Sri Lanka; St. Kitts & Nevis; St. Lucia; St. Vincent &
Grenadines; St. Vincent og Grenadinene; Storbritannia; Sudan; Surinam; Suriname; Sveits; Sverige;
Swaziland; Sweden; Switzerland; Syria; São Tomé & Príncipe; São Tomé og Príncipe; Sør-Afrika; Sør-Korea;
Sør-Sudan; Tadsjikistan; Taiwan; Tajikistan; Tanzania; Thailand; Timor-Leste; Togo; Tonga; Trinidad &
Tobago; Trinidad og Tobago; Tsjad; Tsjekkia; Tunisia; Turkey; Turkmenistan; Tuvalu; Tyrkia; Tyskland;
Türkiye; UAE; USA; Uganda; Ukraina; Ukraine; Ungarn; United Arab Emirates; United Kingdom; United
States; United States of America; Uruguay; Usbekistan; Uzbekistan; Vanuatu; Vatican City; Vatikanstaten;
Venezuela; Vietnam; Yemen; Zambia; Zimbabwe; Øst-Timor; Østerrike; America; Amerika; Rossiya; Rossija;
Rossia; Rossiiskaya Federatsiya; Russie; Rusia; Rússia; Zhongguo; Zhonghua; Chine; Nippon; Nihon;
Joseon; Choson; Chosun; Hanguk; Deutschland; Alemania; Allemagne; Frankreich; Francia; Suomi; España;
Bharat; Polska; Magyarország; Österreich; Éire; Eesti; Latvija; Lietuva; Hrvatska; Srbija; Česko;
Slovensko; Slovenija; România; Shqipëria; Ellada; Misr; Ukrayina; Ukrajina; Byelorussia; Persia; Soviet
Union; Sovjetunionen; Sovjet; Estados Unidos; États-Unis; Vereinigte Staaten; Royaume-Uni; Reino Unido;
Großbritannien; Norwegen; Noruega; Norvège; Italien; Israël; Türkei; Turquie; Turquía; Nordkorea;
Sydkorea; Corée du Nord; Corea del Norte; Kitay; Kitai; Crimea; Chechnya; Tibet; Xinjiang; Gaza; Timor
Leste
"""
"""By whole words, whatever their case."""

HAN: Final = """
不丹; 东帝汶; 中华人民共和国; 中国; 中國; 中非共和国; 丹麦; 乌克兰; 乌兹别克斯坦;
乌干达; 乌拉圭; 乍得; 也门; 亚美尼亚; 以色列; 伊拉克; 伊朗; 伯利兹; 佛得角; 俄国;
俄罗斯; 俄羅斯; 保加利亚; 克罗地亚; 冈比亚; 冰岛; 几内亚; 几内亚比绍; 列支敦士登;
刚果; 利比亚; 利比里亚; 加拿大; 加纳; 加蓬; 匈牙利; 北韩; 北马其顿; 南苏丹; 南非;
南韩; 博茨瓦纳; 卡塔尔; 卢旺达; 卢森堡; 印度; 印度尼西亚; 危地马拉; 厄瓜多尔;
厄立特里亚; 叙利亚; 古巴; 台湾; 台灣; 吉尔吉斯斯坦; 吉布提; 哈萨克斯坦; 哥伦比亚;
哥斯达黎加; 喀麦隆; 图瓦卢; 土库曼斯坦; 土耳其; 圣卢西亚; 圣基茨和尼维斯;
圣多美和普林西比; 圣文森特和格林纳丁斯; 圣马力诺; 圭亚那; 坦桑尼亚; 埃及; 埃塞俄比亚;
基里巴斯; 塔吉克斯坦; 塞内加尔; 塞尔维亚; 塞拉利昂; 塞浦路斯; 塞舌尔; 墨西哥; 多哥;
多米尼克; 多米尼加共和国; 奥地利; 委内瑞拉; 孟加拉国; 安哥拉; 安提瓜和巴布达; 安道尔;
密克罗尼西亚; 尼加拉瓜; 尼日利亚; 尼日尔; 尼泊尔; 巴勒斯坦; 巴哈马; 巴基斯坦;
巴巴多斯; 巴布亚新几内亚; 巴拉圭; 巴拿马; 巴林; 巴西; 布基纳法索; 布隆迪; 希腊;
帕劳; 德国; 德國; 意大利; 所罗门群岛; 拉脱维亚; 挪威; 捷克; 摩尔多瓦; 摩洛哥;
摩纳哥; 文莱; 斐济; 斯威士兰; 斯洛伐克; 斯洛文尼亚; 斯里兰卡; 新加坡; 新西兰; 日本;
智利; 朝鮮; 朝鲜; 柬埔寨; 格林纳达; 格鲁吉亚; 梵蒂冈; 比利时; 毛里塔尼亚; 毛里求斯;
汤加; 沙特阿拉伯; 法国; 法國; 波兰; 波斯尼亚和黑塞哥维那; 泰国; 津巴布韦; 洪都拉斯;
海地; 澳大利亚; 爱尔兰; 爱沙尼亚; 牙买加; 特立尼达和多巴哥; 玻利维亚; 瑙鲁; 瑞典;
瑞士; 瓦努阿图; 白俄罗斯; 科威特; 科摩罗; 科特迪瓦; 科索沃; 秘鲁; 突尼斯; 立陶宛;
索马里; 约旦; 纳米比亚; 缅甸; 罗马尼亚; 美国; 美國; 老挝; 肯尼亚; 芬兰; 苏丹;
苏里南; 英国; 英國; 荷兰; 莫桑比克; 莱索托; 菲律宾; 萨尔瓦多; 萨摩亚; 葡萄牙;
蒙古; 西班牙; 贝宁; 赞比亚; 赤道几内亚; 越南; 阿塞拜疆; 阿富汗; 阿尔及利亚;
阿尔巴尼亚; 阿拉伯联合酋长国; 阿曼; 阿根廷; 韓國; 韩国; 香港; 马尔代夫; 马拉维;
马来西亚; 马绍尔群岛; 马耳他; 马达加斯加; 马里; 黎巴嫩; 黑山
"""
"""Wherever they stand."""
