"""A notice as one page: it needs no network, no account and no other file, and reads in every language.

The same bytes give the same page, which is how a page is checked: what it says is made again from what was
signed and compared. Reading needs no script. The one script (``page.js``, allowed by its hash and nothing
else is) checks signatures and commitments in the browser, makes a guest's key there, and signs the reply;
what it makes is what ``exchange/guests.py`` makes. A page that checks itself convinces nobody, and says so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files

from comity.exchange.notices.armour import FILE_LIMIT, NOTICE, armour
from comity.exchange.notices.reading import NoticeFile
from comity.exchange.notices.text import COMMANDS, plain
from comity.exchange.notices.words import LANGUAGES, words_in
from comity.records.kinds import Assertion
from comity.records.parties import grouped

MARK = "<!doctype html>\n<!-- comity notice 1 "
_MARKED = re.compile(re.escape(MARK) + "([a-z]{2}) -->\n")
_ORIGIN = re.compile(r"(https?://(?:[A-Za-z0-9.-]{1,200}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?)(?:/.*)?")
_BASES = ("reviewed", "trust", "undeclared")
_STANDS = ("accepts", "disputes", "disputes-in-part", "cannot-confirm", "needs-evidence", "mitigated")


@cache
def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


@cache
def _style() -> str:
    shown = "\n".join(
        f'body:has(#in-{one}:checked) .w[lang="{one}"] {{ display: inline; }}' for one in LANGUAGES
    )
    turned = "\n".join(
        f"body:has(#in-{one}:checked) main {{ direction: rtl; }}"
        for one in LANGUAGES
        if words_in(one).direction == "rtl"
    )
    return f"{_part('page.css')}\n{shown}\n{turned}\n"


def policy(reply_to: str) -> str:
    """What the page allows itself (Content Security Policy): its own style and script by their hashes, and to
    hand a reply in at the sender's address. Nothing from anywhere else."""
    origin = _ORIGIN.fullmatch(reply_to)
    connect = f"'self' {origin[1]}" if origin else "'self'"
    return (
        f"default-src 'none'; style-src {_hash(_style())}; script-src {_hash(_script())}; "
        f"connect-src {connect}; base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    return f"\n{_part('page.js')}\n"


def language_of_page(text: str) -> str:
    """The language that a page opens in, or "" where it is no page of ours."""
    found = _MARKED.match(text)
    return found[1] if found and found[1] in LANGUAGES else ""


def _say(key: str, **values: object) -> str:
    """A line in every language; the style shows the one that the reader chose."""
    out = []
    for one in LANGUAGES:
        words = words_in(one)
        text = escape(words.say(key, **values))
        out.append(f'<span class="w" lang="{one}" dir="{words.direction}">{text}</span>')
    return "".join(out)


def _lines(text: str) -> str:
    """A party's own words, of which every line stays one."""
    return escape("\n".join(plain(line) for line in text.split("\n")))


def _own(text: str) -> str:
    return f'<bdi dir="auto">{_lines(text)}</bdi>'


def render_page(notice: NoticeFile, data: bytes, language: str) -> str:
    """The page, opening in one of the languages."""
    give, frame = notice.give, notice.notice.value.frame
    assert frame is not None
    words = words_in(language)
    title = escape(f"{words.say('title')}: {plain(notice.giver.card.name)}")
    return f"""{MARK}{language} -->
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy(notice.reply_to))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{_style()}</style>
</head>
<body>
<main>
<fieldset class="languages"><legend>{_say("language")}</legend>{_languages(language)}</fieldset>
<p class="mark">Comity</p>
<h1>{_say("title")}</h1>
<dl class="head">
<dt>{_say("to")}</dt><dd class="party">{_own(give.to.name)}</dd>
<dt>{_say("from")}</dt><dd class="party">{_own(notice.giver.card.name)}</dd>
<dt>{_say("party")}</dt><dd class="id"><bdi dir="ltr">{grouped(notice.giver.id)}</bdi></dd>
<dt>{_say("case")}</dt><dd class="id"><bdi dir="ltr">{notice.case[:16]}</bdi></dd>
<dt>{_say("given")}</dt><dd><time dir="ltr" datetime="{frame.at}">{frame.at}</time></dd>
</dl>
<h2>{_say("own_words")}</h2>
<blockquote dir="auto" lang="{give.language}">{_lines(give.text)}</blockquote>
<h2>{_say("asserted")}</h2>
<ol class="stated">
{_stated(notice)}</ol>
<div class="rights">
<p class="first">{_say("nothing")}</p>
<p>{_say("prejudice")}</p>
</div>
<h2>{_say("check")}</h2>
<p class="state" id="state" role="status">{_said("check", ("off", "running", "ok", "bad"))}</p>
<p>{_say("identity")}</p>
<p>{_say("check_limit")} {_say("truth")}</p>
{_command("check_how")}
<details><summary>{_say("bytes")}</summary>
<pre id="bytes" dir="ltr">
{armour(NOTICE, data)}</pre></details>
<section id="answer">
<h2>{_say("answer")}</h2>
<p id="noscript">{_say("no_script")}</p>
{_form(notice)}
{_command("answer_how")}
{_hand_in(notice.reply_to)}</section>
<footer><p>{_say("authentic")}</p>{_untranslated()}
{_command("join")}</footer>
</main>
<script>{_script()}</script>
</body>
</html>
"""


def _languages(chosen: str) -> str:
    out = []
    for one in LANGUAGES:
        name, checked = words_in(one).name, " checked" if one == chosen else ""
        out.append(
            f'<label lang="{one}"><input type="radio" name="language" id="in-{one}" value="{one}"{checked}>'
            f" {escape(name)}</label>"
        )
    return "".join(out)


def _stated(notice: NoticeFile) -> str:
    out = ""
    for number, (n, assertion) in enumerate(notice.assertions, 1):
        out += (
            f'<li><p class="kind"><span class="number">{number}.</span> {_kind(assertion)}</p>\n'
            f'<blockquote dir="auto">{_lines(assertion.text)}</blockquote>\n'
            f'<p class="kind">{_say("supports", n=n + 1, count=len(assertion.supports))}</p></li>\n'
        )
    return out


def _kind(assertion: Assertion) -> str:
    return f"{_say(f'stance_{assertion.stance}')} · {_say(f'level_{assertion.level}')}"


def _said(key: str, states: tuple[str, ...]) -> str:
    """All that one line may come to say; the script uncovers the one that is so."""
    return "".join(
        f'<span data-state="{one}"{"" if n == 0 else " hidden"}>{_say(f"{key}_{one}")}</span>'
        for n, one in enumerate(states)
    )


def _command(key: str) -> str:
    return f'<p>{_say(key)}:</p>\n<pre dir="ltr">{escape(dict(COMMANDS)[key])}</pre>'


def _hand_in(address: str) -> str:
    return f'<p>{_say("hand_in")}: <code dir="ltr">{escape(plain(address))}</code></p>\n' if address else ""


def _untranslated() -> str:
    return f"<p>{_say('untranslated')}</p>" if any(words_in(one).missing for one in LANGUAGES) else ""


def _choices(name: str, choices: list[tuple[str, str]], chosen: str = "") -> str:
    labels = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if value == chosen else ""}> '
        f"{words}</label>"
        for value, words in choices
    )
    return f'<div class="choices">{labels}</div>'


def _own_form(notice: NoticeFile) -> str:
    """What the guest states itself, or denies of what is asserted, and what that rests on."""
    denied = [
        (str(n), _say("own_denies", number=number)) for number, (n, _) in enumerate(notice.assertions, 1)
    ]
    stands = [("", _say("own_none")), ("claims", _say("own_claims")), *denied]
    levels = [(level, _say(f"level_{level}")) for level in ("tactical", "operational", "strategic")]
    return f"""<fieldset class="position"><legend>{_say("own")}</legend>
{_choices("own", stands)}
<div class="field"><label for="own-text">{_say("own_text")}</label>
<textarea id="own-text" dir="auto" maxlength="20000"></textarea></div>
{_choices("own-level", levels, "operational")}
<div class="field"><label for="own-cite">{_say("cite")}</label>
<input type="text" id="own-cite" dir="auto" maxlength="2000"></div>
<div class="field"><label for="own-how">{_say("own_how")}</label>
<input type="text" id="own-how" dir="auto" maxlength="2000"></div>
</fieldset>
"""


def _ask_form() -> str:
    """What the guest asks of the sender, and by when."""
    kinds = [(kind, _say(f"ask_{kind or 'none'}")) for kind in ("", "evidence", "clarify", "consult")]
    return f"""<fieldset class="position"><legend>{_say("ask")}</legend>
{_choices("ask", kinds)}
<div class="field"><label for="ask-text">{_say("ask_text")}</label>
<textarea id="ask-text" dir="auto" maxlength="20000"></textarea></div>
<div class="field"><label for="ask-days">{_say("ask_days")}</label>
<input type="number" id="ask-days" min="1" max="999" value="14"></div>
</fieldset>
"""


def _before_form() -> str:
    """A reply given before, and its key: what was stated then is corrected or withdrawn, and a request made
    of the guest since gets more time asked for."""
    kept = [
        ("", _say("again_keep")),
        ("correct", _say("again_correct")),
        ("withdraw", _say("again_withdraw")),
    ]
    return f"""<details id="before"><summary>{_say("before")}</summary>
<p>{_say("before_intro")}</p>
<div class="field"><label for="before-reply">{_say("before_reply")}</label>
<input type="file" id="before-reply" accept=".txt,text/plain"></div>
<div class="field"><label for="before-key">{_say("before_key")}</label>
<input type="file" id="before-key"></div>
<p class="state" id="before-state" role="status" hidden>\
<span data-state="ok" hidden>{_say("before_ok")}</span>\
<span data-state="wrong" hidden>{_say("before_wrong")}</span></p>
<div id="again-list"></div>
<template id="again"><fieldset class="position"><legend>{_say("again")}</legend>
<blockquote dir="auto"></blockquote>
{_choices("again", kept)}
<label class="field">{_say("again_text")}
<textarea data-part="text" dir="auto" maxlength="20000"></textarea></label>
<label class="field">{_say("again_why")}
<input type="text" data-part="why" dir="auto" maxlength="2000"></label>
</fieldset></template>
<fieldset class="position" id="more-time"><legend>{_say("more_time")}</legend>
<div class="field"><label for="time-request">{_say("more_time_request")}</label>
<input type="text" id="time-request" dir="ltr" maxlength="64"></div>
<div class="field"><label for="time-why">{_say("more_time_why")}</label>
<input type="text" id="time-why" dir="auto" maxlength="2000"></div>
<div class="field"><label for="time-days">{_say("more_time_days")}</label>
<input type="number" id="time-days" min="1" max="999" value="14"></div>
</fieldset>
</details>
"""


def _form(notice: NoticeFile) -> str:
    positions = ""
    for number, (n, assertion) in enumerate(notice.assertions, 1):
        choices = "".join(
            f'<label><input type="radio" name="position-{n}" value="{value}"{"" if value else " checked"}> '
            f"{_say('position_' + (value or 'none').replace('-', '_'))}</label>"
            for value in ("", *_STANDS)
        )
        positions += f"""<fieldset class="position" data-n="{n}"><legend>{number}. \
{_say("position")}</legend>
<blockquote dir="auto">{_lines(assertion.text)}</blockquote>
<div class="choices">{choices}</div>
<div class="field"><label for="reasons-{n}">{_say("reasons")}</label>
<textarea id="reasons-{n}" dir="auto" maxlength="20000"></textarea></div>
<div class="field"><label for="cite-{n}">{_say("cite")}</label>
<input type="text" id="cite-{n}" dir="auto" maxlength="2000"></div>
<p class="kind">{_say("endorse")}</p>
{_choices(f"endorse-{n}", [(b, _say(f"endorse_{b or 'none'}")) for b in ("", *_BASES)])}
</fieldset>
"""
    defaults = "".join(
        f'<span data-default="{one}">{escape(words_in(one).say("acknowledge_default"))}</span>'
        for one in LANGUAGES
    )
    return f"""<form id="form" hidden autocomplete="off">
<p>{_say("answer_intro")}</p>
<p>{_say("answer_unsure")}</p>
<div class="field"><label for="office">{_say("office")}</label>
<input type="text" id="office" dir="auto" maxlength="200"></div>
<div class="field"><label><input type="checkbox" id="acknowledge"> {_say("acknowledge")}</label>
<label for="words">{_say("acknowledge_words")}</label>
<textarea id="words" dir="auto" maxlength="20000"></textarea></div>
<div hidden>{defaults}</div>
{_before_form()}{positions}{_own_form(notice)}{_ask_form()}\
<p class="problem" id="problem" role="alert" hidden>\
<span data-state="name" hidden>{_say("need_name")}</span>\
<span data-state="choice" hidden>{_say("need_choice")}</span>\
<span data-state="half" hidden>{_say("need_rest")}</span>\
<span data-state="large" hidden>{_say("too_large", most=FILE_LIMIT >> 20)} \
<bdi dir="ltr" id="size"></bdi></span>\
<span data-state="fault" hidden dir="ltr"></span></p>
<button type="submit" id="sign">{_say("sign")}</button>
</form>
<div id="signed" hidden>
<p class="state" role="status">{_say("signed")}</p>
<p><button type="button" id="save-reply">{_say("save_reply")}</button>\
<button type="button" id="save-key" class="second">{_say("save_key")}</button>\
<button type="button" id="save-notice" class="second">{_say("save_notice")}</button></p>
<p>{_say("keep_key")}</p>
<p><button type="button" id="send" class="second">{_say("send")}</button></p>
<p class="state" id="sending" role="status"><span data-state="sent" hidden>{_say("sent")}</span>\
<span data-state="not" hidden>{_say("not_sent")}</span></p>
</div>"""
