"""What only a browser can tell: that no text of others ever runs, and that everyone can read the pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, Dialog, Page

from comity.exchange import acts
from comity.records import kinds_of_weighing
from comity.web.story import make_story_app
from tests import world as w
from tests.web.acting import acting_app
from tests.web.stage import TOKEN, Live, app_of, node_of, reading_pages, tell
from tests.web.test_story import Feed
from tests.world import FullCase

pytestmark = pytest.mark.browser

LOOK = Path(__file__).with_name("look.js").read_text()

HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "'><iframe srcdoc=\"<script>parent.document.title='owned'</script>\">",
    "javascript:document.title='owned'",
    "{{ 7*7 }}{% raw %}${7*7}",
    "</title></style></textarea></noscript><script>document.title='owned'</script>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<link rel=stylesheet href=http://evil.example/x.css><base href=http://evil.example/>",
    "&lt;script&gt;document.title='owned'&lt;/script&gt;",
    '=HYPERLINK("http://evil.example";"look")',
    "+cmd|' /C calc'!A0",
    "invoice\u202efdp.exe",
    "\u2067right\u2069 to left مرحبا",
    "zero\u200bwidth",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
)


MOTTOES = {
    "en-GB": "Intact and reproduced is not the same as true.",
    "nb-NO": "Uskadd og gjenskapt er ikke det samme som sant.",
    "zh-CN": "完好且可重现，不等于真实。",
}


@contextmanager
def serve(app: Litestar) -> Iterator[str]:
    """The app at an address of this machine, for as long as the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A case whose assertion and log hold every hostile text."""
    return tell(
        tmp_path_factory.mktemp("hostile"),
        "\n".join(HOSTILE),
        [f"2026-10-04T00:00:00,x,{h}" for h in HOSTILE],
    )


def pages_of(live: Live) -> list[str]:
    return [
        "/",
        "/evidence",
        f"/case/{live.case}",
        f"/record/{live.claim}",
        f"/record/{live.rows}",
        f"/findings/{live.finding}",
        f"/evidence/{live.root}",
        f"/evidence/{live.root}?from=1441",
        f"/evidence/{live.root}?q=%3Cscript%3Edocument.title%3D%27owned%27%3C/script%3E",
        "/find?q=%22%3E%3Csvg%20onload=document.title='owned'%3E",
        "/nothing",
    ]


def watch(page: Page, base: str) -> list[str]:
    """What a page should never do: talk to another host, run a script, open a dialogue."""
    wrong: list[str] = []

    def refuse(dialog: Dialog) -> None:
        wrong.append("dialogue")
        dialog.dismiss()

    def note(text: str, bad: bool) -> None:
        if bad:
            wrong.append(text)

    page.on("dialog", refuse)
    page.on("request", lambda request: note(request.url, not request.url.startswith((base, "data:"))))
    page.on("console", lambda message: note(message.text, "Content Security" in message.text))
    return wrong


def test_hostile_text_stays_text(browser: Browser, hostile: Live) -> None:
    with serve(app_of(hostile.world.nodes[0])) as base:
        page = browser.new_page()
        wrong = watch(page, base)
        page.goto(f"{base}/?token={TOKEN}")
        assert "token" not in page.url
        for path in pages_of(hostile):
            page.goto(base + path)
            assert "owned" not in page.title() or path.startswith("/find"), path
            assert page.locator("script, iframe, svg:not([role=img]), base, img").count() == 0, path
            assert page.url.startswith(base)
        page.goto(f"{base}/case/{hostile.case}")
        said = page.locator("blockquote.said").first.inner_text()
        for text in HOSTILE[:8]:
            assert text in said
        assert "invoice⟦U+202E⟧fdp.exe" in said
        assert "⟦U+2067⟧right⟦U+2069⟧" in said
        assert "zero⟦U+200B⟧width" in said
        assert wrong == []
        page.close()


def test_hostile_words_of_an_assessment_stay_text(browser: Browser, hostile: Live) -> None:
    node = hostile.world.nodes[0]
    made = w.assessment()
    text = "\n".join(HOSTILE)
    told = msgspec.structs.replace(
        made,
        question=text,
        hypotheses=(
            kinds_of_weighing.Cluster(id="Heron", name=HOSTILE[0]),
            kinds_of_weighing.Cluster(id="Otter", name=HOSTILE[2]),
        ),
        items=tuple(msgspec.structs.replace(i, text=text, origin=HOSTILE[1], cite=text) for i in made.items),
    )
    record = acts.assess(node, hostile.case, told).value.id
    with serve(app_of(node)) as base:
        page = browser.new_page()
        wrong = watch(page, base)
        page.goto(f"{base}/?token={TOKEN}")
        for path in (f"/assessments/{record}", f"/record/{record}", f"/case/{hostile.case}"):
            page.goto(base + path)
            assert "owned" not in page.title()
            assert page.locator("script, iframe, svg:not([role=img]), base, img").count() == 0, path
        page.goto(f"{base}/assessments/{record}")
        assert HOSTILE[0] in page.locator(".standings").inner_text()
        assert wrong == []
        page.close()


def test_an_assessment_is_read_by_keyboard_in_print_and_without_a_script(
    browser: Browser, full: FullCase
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    with serve(app_of(node_of(full, full.respondent))) as base:
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/assessments/{full.records['assess'].value.id}?words=phia")
        assert page.get_by_role("img", name="60.0 %, from 50.0 to 70.0 %").is_visible()
        assert page.get_by_role("heading", name="Limits of these figures").is_visible()
        page.get_by_role("link", name="ICD 203").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**words=icd203**")
        assert "roughly even chance" in page.locator(".standings").inner_text()
        page.emulate_media(media="print")
        assert page.get_by_role("heading", name="Limits of these figures").is_visible()
        assert page.get_by_role("img", name="60.0 %, from 50.0 to 70.0 %").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_can_be_read_by_everyone(
    browser: Browser, full: FullCase, live: Live, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found: dict[str, list[str]] = {}
    record = full.records["claim"].value.id
    mine = [
        "/",
        f"/case/{full.case.id}",
        f"/record/{record}",
        f"/findings/{full.records['report'].value.id}",
        f"/assessments/{full.records['assess'].value.id}",
        f"/assessments/{full.records['assess'].value.id}?words=phia",
        "/find",
    ]
    theirs = [p for p in pages_of(live) if p != "/"] + [f"/record/{live.finding}"]
    for app, paths in (
        (app_of(node_of(full, full.respondent, bare=["endorse-claim"])), mine),
        (app_of(live.world.nodes[0]), theirs),
        (app_of(live.world.nodes[1]), [f"/shown/{live.rows}", "/evidence"]),
    ):
        with serve(app) as base:
            page.goto(base)
            found[f"entry {base}"] = page.evaluate(LOOK)
            page.goto(f"{base}/?token={TOKEN}")
            for path in paths:
                page.goto(base + path)
                found[path] = page.evaluate(LOOK)
    context.close()
    assert {path: what for path, what in found.items() if what} == {}


def test_a_page_can_be_printed_and_read_without_styles(browser: Browser, full: FullCase) -> None:
    with serve(app_of(node_of(full, full.claimant))) as base:
        page = browser.new_page(java_script_enabled=False)
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/case/{full.case.id}")
        page.emulate_media(media="print")
        assert page.locator("nav.within").is_hidden()
        assert page.locator("#a1").is_visible()
        assert len(page.pdf()) > 10_000
        page.close()


def test_the_story_arrives_and_can_be_held(browser: Browser) -> None:
    feed = Feed()
    feed.tell("1. Sealing", HOSTILE[0])
    with serve(
        make_story_app(feed, [("Alder", "http://127.0.0.1:9/?token=t"), ("Bad", "javascript:alert(1)")])
    ) as base:
        page = browser.new_page()
        wrong = watch(page, base)
        page.goto(base)
        assert page.locator(".told").count() == 1
        feed.tell("1. Sealing", HOSTILE[1], "Alder", "/case/x")
        feed.tell("2. Notice", "Notice is given.", "Bad", "/x")
        page.locator(".told").nth(2).wait_for()
        assert page.locator("section.chapter").count() == 2
        assert page.locator(".told").nth(1).inner_text() == HOSTILE[1]
        links = page.locator(".story a").evaluate_all("all => all.map(a => a.href)")
        assert links == ["http://127.0.0.1:9/case/x?token=t"]
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Go on").wait_for()
        held = [feed.paused]
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Pause").wait_for()
        held.append(feed.paused)
        assert held == [True, False]
        assert page.evaluate(LOOK) == []
        assert "owned" not in page.title()
        assert wrong == []
        page.close()
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(base)
        assert plain.locator(".told").count() == 3
        plain.context.close()


def test_the_look_sees_what_it_should(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<body><h1>t</h1><h3>skip</h3><p style='color:#bbb;background:#fff'>pale</p><input>"
        "<table><tr><th>x</th></tr></table><a href='#no'>x</a><main></main><footer></footer>"
        "<div style='width:3000px'>wide</div></body>"
    )
    found = " ".join(page.evaluate(LOOK))
    page.close()
    for flaw in (
        "contrast",
        "skips a level",
        "field without",
        "without a caption",
        "scope",
        "nowhere",
        "wider",
    ):
        assert flaw in found, flaw


def test_no_page_is_wider_than_a_telephone_in_any_language(browser: Browser, live: Live) -> None:
    places = reading_pages(live)
    with serve(app_of(live.world.nodes[0])) as base:
        for locale in ("en-GB", "nb-NO", "zh-CN"):
            page = browser.new_context(locale=locale, viewport={"width": 390, "height": 844}).new_page()
            page.goto(f"{base}/?token={TOKEN}")
            # Every kind of page once; records differ little from one another.
            for place in places if locale == "en-GB" else places[:16]:
                page.goto(f"{base}{place}")
                assert page.evaluate(LOOK) == [], (locale, place)
                assert page.get_by_text(MOTTOES[locale]).count() >= 1, (locale, place)
            page.context.close()


def test_a_long_case_folds_on_a_telephone_and_stands_open_on_a_wide_sheet_and_on_paper(
    browser: Browser, full: FullCase
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    with serve(app_of(node_of(full, full.claimant))) as base:
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/case/{full.case.id}")
        inner, summary = page.locator("#a1 table.facts"), page.locator("#a1 .fold > summary")
        assert not inner.is_visible()
        assert page.locator("#a1 blockquote.said").is_visible()
        assert page.locator("#a1 .contests").last.is_visible()  # what stands against it is never folded
        summary.focus()
        page.keyboard.press("Enter")
        assert inner.is_visible()
        strip = page.locator(".case-parts")
        assert strip.bounding_box()["height"] < 60  # type: ignore[index]
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(300)
        assert strip.bounding_box()["y"] == pytest.approx(0, abs=1)  # type: ignore[index]
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{base}/case/{full.case.id}")
        assert inner.is_visible()
        assert not summary.is_visible()
        assert page.locator("#proofs ~ .fold dl").first.is_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        page.emulate_media(media="print")
        assert inner.is_visible()
        assert not summary.is_visible()
    context.close()


def test_no_two_links_of_the_same_words_lead_to_different_places(browser: Browser, live: Live) -> None:
    names = """() => {
      const found = {};
      for (const a of document.querySelectorAll("main a[href]:not(svg a)")) {
        const name = a.textContent.replace(/\\s+/g, " ").trim();
        (found[name] = found[name] || new Set()).add(a.href);
      }
      return Object.entries(found).filter(([, places]) => places.size > 1).map(([name]) => name);
    }"""
    with serve(acting_app(live.world.nodes[1], "named-links")) as base:
        page = browser.new_page()
        page.goto(f"{base}/?token={TOKEN}")
        page.goto(f"{base}/sign-in?key=named-links")
        page.get_by_role("button", name="Sign in on this computer").click()
        twice = {}
        for path in ("/", f"/case/{live.case}", f"/findings/{live.finding}", "/parties", "/evidence"):
            page.goto(base + path)
            if found := page.evaluate(names):
                twice[path] = found
        page.close()
    assert twice == {}
