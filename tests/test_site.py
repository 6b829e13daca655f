"""The site in a real Chromium: every page, in light and dark, on a desk and on a phone."""

import html
import re
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import steps
from docs.tools import chapters, markdown

pytestmark = [
    pytest.mark.all,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="checked on Linux only"),
]
BESIDE = [f"{folder}/{step}" for step in steps.STEPS for folder in ("notebooks", "code")]
PAGES = ["index", *chapters.in_order(), *BESIDE, "search"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 700}
PATIENCE = 120_000      # ms, far beyond what a busy machine needs
# The flags keep a headless Chromium from looking for hosts of its own.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and does not log."""

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="session")
def folder(built_site, tmp_path_factory):
    """The folder of a freshly built site."""
    # A copy: `steps site` may be building it anew in its place meanwhile, for another test.
    return shutil.copytree(built_site, tmp_path_factory.mktemp("site") / "html")


@pytest.fixture(scope="session")
def url(folder):
    """The address of the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium, the one of the system."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("there is no Chromium here; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """A page in Chromium that remembers what it should not have done."""

    def __init__(self, chromium, url, size=DESK):
        self.url, self.complaints = url, []
        self.context = chromium.new_context(viewport=size)
        self.context.set_default_timeout(PATIENCE)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"foreign request: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def open(self, name):
        """Open a page by its name, without ".html", and wait until all of it is there."""
        self.page.goto(f"{self.url}/{name}.html", wait_until="load")
        return self.page

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.context.close()


# --- every page

@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_light_and_dark_and_on_a_phone(url, chromium, name):
    with Tab(chromium, url) as tab:
        page = tab.open(name)
        assert page.locator("h1").count() == 1
        for picture in page.locator("article img").all():
            assert picture.get_attribute("alt")
            assert picture.evaluate("image => image.naturalWidth > 0")
        assert empty(page) == []
        assert_accessible(page, rules={COLOURS: {"enabled": False}})
        assert_readable(page)
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"on a phone the page is {width} wide"
        assert tab.complaints == []


def assert_accessible(page, part=None, **options):
    """Fail where axe has something to say to a page, or to the elements of a CSS selector."""
    from axe_playwright_python.sync_playwright import Axe

    report = Axe().run(page, part, {"resultTypes": ["violations"], **options})
    assert report.violations_count == 0, report.generate_report()


COLOURS = "color-contrast"      # the rule that takes longer than all others together
# So it is asked of one text of each look only: the same tags and classes up to the body.
MARK_EACH_LOOK = """() => {
    const looks = new Set();
    const visible = [...document.querySelectorAll("body *")].filter(each =>
        each.checkVisibility() &&
        [...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()));
    for (const each of visible) {
        const path = [];
        for (let at = each; at; at = at.parentElement) path.push(at.tagName + at.className);
        const look = path.join();
        if (!looks.has(look)) each.dataset.look = looks.size;
        looks.add(look);
    }
}"""


def assert_readable(page):
    """Fail where a page has a text without contrast, in light or in dark."""
    page.evaluate(MARK_EACH_LOOK)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page, "[data-look]", runOnly=[COLOURS])


@pytest.mark.parametrize("colour", ["#aaa", "#444"])
def test_a_text_without_contrast_in_one_of_the_schemes_is_seen(url, chromium, colour):
    with Tab(chromium, url) as tab:
        page = tab.open("matrix")
        page.add_style_tag(content=f"td.quiet {{ color: {colour} !important }}")
        with pytest.raises(AssertionError, match="color-contrast"):
            assert_readable(page)


def empty(page):
    """Return the bullets, cells and paragraphs of a page in which nothing stands, as HTML."""
    return page.evaluate("""
        [...document.querySelectorAll("article :is(li, td, th, dt, dd, p, h1, h2, h3, pre)")]
        .filter(each => !each.textContent.trim() && !each.querySelector("img, svg, input"))
        .map(each => each.outerHTML)
    """)


def test_an_empty_bullet_and_an_empty_cell_are_seen(chromium):
    with Tab(chromium, "about:") as tab:
        tab.page.set_content("<article><ul><li>a<li> </ul><table><tr><td>b<td></table></article>")
        assert empty(tab.page) == ["<li> </li>", "<td></td>"]


@pytest.mark.parametrize("text", [
    "%XX is decoded", "+ is a blank", "- is a minus", "# x", "1. one", "2) two", "=", "---", "> x",
    "__name__", "_a_ b_c *d*", "`x` ``y", "```", "~~~", "~~x~~", "[a](b) ![c](d)", "[a]: b", "[ ]",
    "a | b", "<b> &lt; &", "<!-- x -->", "{ref}`x` {{x}}", "$x$", "(x)=", ":::", ": x", "\\", "\\*",
    "two\nlines\n\n- three", "    four blanks", "\"--port\" ...",
])
def test_any_text_is_shown_letter_for_letter(text):
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    page = (f"# Title\n\n- {markdown.plain(text)}\n- {markdown.code(text)}\n\n"
            f"| head |\n|---|\n| {markdown.plain(text)} |\n")
    made = create_md_parser(MdParserConfig(), RendererHTML).render(page)
    shown = re.findall(r"<(?:li|td)>(?:<code[^>]*>)?(.*?)(?:</code>)?</(?:li|td)>", made, re.S)
    assert [html.unescape(each) for each in shown] == [" ".join(text.split())] * 3


# --- from page to page

def test_previous_and_next_lead_through_all_chapters(url, chromium):
    with Tab(chromium, url) as tab:
        page, seen = tab.open("index"), []
        for _ in chapters.in_order():
            page.locator("a.next-page").click()
            page.wait_for_load_state()
            seen.append(page.url.removeprefix(f"{url}/").partition(".html")[0])
        assert seen == chapters.in_order()
        page.locator("a.prev-page").click()
        page.wait_for_url(f"**/{seen[-2]}.html")
        assert tab.complaints == []


@pytest.mark.parametrize("beside", ["notebooks", "code"])
def test_lab_and_files_lead_back_to_their_chapter_and_on_to_the_next(url, chromium, beside):
    with Tab(chromium, url) as tab:
        page = tab.open(f"{beside}/03_routing")
        ways = [page.locator(f"a.{way}-page").get_attribute("href") for way in ("prev", "next")]
        assert ways == ["../03_routing.html", "../04_query_params.html"]


def in_the_menu(page):
    """Return the texts of the menu that can be seen."""
    links = page.locator(".sidebar-tree a").all()
    return [link.inner_text() for link in links if link.is_visible()]


def test_the_menu_folds_lab_and_files_under_their_chapter(url, chromium):
    with Tab(chromium, url) as tab:
        closed = in_the_menu(tab.open("index"))
        assert closed == [chapters.title(name) for name in chapters.in_order()]
        own = closed.index("3. Routing") + 1
        unfolded = [*closed[:own], "Lab 3", "Files of step 3", *closed[own:]]
        for name in ("03_routing", "notebooks/03_routing", "code/03_routing"):
            assert in_the_menu(tab.open(name)) == unfolded


def test_the_menu_unfolds_by_keyboard(url, chromium):
    with Tab(chromium, url) as tab:
        page = tab.open("03_routing")
        page.locator(".sidebar-tree a", has_text="5. JSON").focus()
        page.keyboard.press("Tab")
        arrow = page.locator(".sidebar-tree li:has-text('5. JSON') > label")
        assert arrow.evaluate("label => getComputedStyle(label).outlineStyle") == "solid"
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Lab 5"


def test_in_a_narrow_window_the_menus_come_in_when_the_keyboard_reaches_them(url, chromium):
    from playwright.sync_api import expect

    with Tab(chromium, url, PHONE) as tab:
        page = tab.open("03_routing")
        for menu, link in (("sidebar", "5. JSON"), ("toc", "The whole diff")):
            drawer = page.locator(f".{menu}-drawer")
            expect(drawer).not_to_be_in_viewport()
            drawer.get_by_role("link", name=link, exact=True).focus()
            page.keyboard.press("Tab")
            expect(drawer).to_be_in_viewport(ratio=0.9)


def test_the_menu_and_the_text_are_reached_by_keyboard(url, chromium):
    with Tab(chromium, url) as tab:
        page, reached = tab.open("03_routing"), []
        while "text" not in reached and len(reached) < 100:
            page.keyboard.press("Tab")
            place, outline = page.evaluate("""(() => {
                const at = document.activeElement;
                const place = at.closest("article") ? "text" : at.innerText || null;
                return [place, getComputedStyle(at).outlineStyle];
            })()""")
            reached.append(place)
            assert outline != "none" or place is None, f"focus cannot be seen at {place}"
        assert set(reached) >= {"text", *map(chapters.title, chapters.in_order())}


# --- what can be done on a page

def test_search_finds_the_page(url, chromium):
    with Tab(chromium, url) as tab:
        search(tab, "start_response", "WSGI", "09_wsgi")
        assert tab.complaints == []


def test_pages_and_search_work_from_a_stick(folder, chromium):
    with Tab(chromium, f"file://{folder}") as tab:
        tab.open("03_routing")
        assert tab.complaints == []
        search(tab, "start_response", "WSGI", "09_wsgi")


def search(tab, words, title, name):
    """Search for words from the first page, and follow the find of that title."""
    page = tab.open("index")
    page.keyboard.press("/")                # the key that focuses the search field
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text=title).first.click()
    page.wait_for_url(f"**/{name}.html*")


def test_the_copy_button_leaves_prompts_and_output_out(url, chromium):
    with Tab(chromium, url) as tab:
        page = tab.open("03_routing")
        block = page.locator(".highlight", has_text="python3 -m steps run 3 --on 2").first
        block.hover()
        block.locator("button.copybtn").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == "python3 -m steps run 3 --on 2"


def test_the_matrix_keeps_its_head_and_first_column_in_sight(url, chromium):
    with Tab(chromium, url, PHONE) as tab:
        page = tab.open("matrix")
        table = page.locator(".table-wrapper", has_text="POST runs its view")
        table.evaluate("table => table.scrollTo(90, 90)")
        moved = table.evaluate("table => [table.scrollLeft, table.scrollTop]")
        assert moved == [90, 90], "it can be scrolled both ways"
        here = table.bounding_box()
        row, column = (table.locator(part).last for part in ("tbody th", "thead th"))
        assert row.bounding_box()["x"] == here["x"]
        assert column.bounding_box()["y"] == here["y"]
