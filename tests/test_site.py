"""The site in a real Chromium: every page, in light and dark, on a desk and on a phone."""

import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import steps
from docs.tools import chapters

pytestmark = [
    pytest.mark.all,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="checked on Linux only"),
]
PAGES = ["index", *chapters.in_order(), *(f"code/{step}" for step in steps.STEPS), "search"]
EVERYTHING = {"resultTypes": ["violations"]}
# What a page that is right in light can get wrong in dark.
COLOURS = {**EVERYTHING,
           "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 700}
# The flags keep a headless Chromium from looking for hosts of its own.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and does not log."""

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="module")
def url(built_site, tmp_path_factory):
    """The address of a freshly built site."""
    # A copy: `steps site` may be building it anew in its place meanwhile, for another test.
    html = shutil.copytree(built_site, tmp_path_factory.mktemp("site") / "html")
    handler = partial(Quiet, directory=html)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium, the one of the system."""
    from playwright.sync_api import sync_playwright

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

    def __init__(self, chromium, url):
        self.url, self.complaints = url, []
        self.context = chromium.new_context(viewport=DESK, color_scheme="light")
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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_cleanly_in_light_and_dark_and_fits_a_phone(url, chromium, name):
    from axe_playwright_python.sync_playwright import Axe

    with Tab(chromium, url) as tab:
        page = tab.open(name)
        assert page.locator("h1").count() == 1
        for scheme, options in ("light", EVERYTHING), ("dark", COLOURS):
            page.emulate_media(color_scheme=scheme)
            report = Axe().run(page, options=options)
            assert report.violations_count == 0, f"{scheme}: {report.generate_report()}"
        for picture in page.locator("article img").all():
            assert picture.get_attribute("alt")
            assert picture.evaluate("image => image.naturalWidth > 0")
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"on a phone the page is {width} wide"
        assert tab.complaints == []


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


def test_search_finds_the_page(url, chromium):
    with Tab(chromium, url) as tab:
        page = tab.open("index")
        page.keyboard.press("/")                # the key that focuses the search field
        page.keyboard.type("start_response")
        page.keyboard.press("Enter")
        found = page.locator("#search-results a", has_text="WSGI").first
        found.wait_for()
        found.click()
        page.wait_for_url("**/09_wsgi.html*")
        assert tab.complaints == []


def test_the_copy_button_leaves_prompts_and_output_out(url, chromium):
    with Tab(chromium, url) as tab:
        page = tab.open("03_routing")
        block = page.locator(".highlight", has_text="python3 -m steps run 3 --on 2").first
        block.hover()
        block.locator("button.copybtn").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == "python3 -m steps run 3 --on 2"


def test_the_menu_and_the_text_are_reached_by_keyboard(url, chromium):
    with Tab(chromium, url) as tab:
        page = tab.open("03_routing")
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(
                "[document.activeElement.getAttribute('href'),"
                " getComputedStyle(document.activeElement).outlineStyle]"
            ))
        hrefs = [href for href, _ in reached]
        assert "04_query_params.html" in hrefs, "the menu"
        assert "09_wsgi.html" in hrefs
        assert any(outline != "none" for href, outline in reached if href), "focus is seen"
