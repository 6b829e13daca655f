"""The pages: everything shown in them is fresh, and every link leads somewhere."""

import functools
import re
import socket
import subprocess
import sys

import pytest
import requests

import steps
from docs.tools import chapters, errata, markdown, matrix, pictures, show
from steps.engine.command import refresh
from tests import mutants
from tests.behaviours import BEHAVIOURS
from tests.course import PATIENCE, said

replayed = pytest.mark.skipif(
    not sys.platform.startswith("linux") or sys.version_info[:2] != (3, 11),
    reason="the sessions are replayed on Linux and Python 3.11",
)


def run(*words, root=steps.ROOT):
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )


def check(page, root=steps.ROOT):
    """Let cog compare a page with what it should show; it prints the difference."""
    return run(*refresh.cog(sys.executable, page, check=True)[1:], root=root)


@pytest.mark.all
@replayed
@pytest.mark.parametrize("page", [
    page.relative_to(steps.ROOT).as_posix() for page in refresh.all_pages()
])
def test_what_a_page_shows_is_fresh(page):
    done = check(page)
    assert done.returncode == 0, done.stdout


def test_pictures_are_fresh():
    assert pictures.stale() == [], "python3 -m steps refresh draws them"


def test_a_picture_shows_no_more_than_is_there_at_its_stage():
    there = [("app(environ, start_response)", True, True), ("self.routes", False, True),
             ("exception: 500", False, True), ("a thread for each client", True, False)]
    for text, at_first, in_the_end in there:
        assert (text in pictures.journey("9.1")) is at_first, text
        assert (text in pictures.journey("9")) is in_the_end, text


def test_a_stage_that_has_nothing_to_do_with_the_post_has_no_fold_of_it():
    with pytest.raises(ValueError, match="7.8 has nothing to do with the post"):
        errata.post("7.8")


def test_chapters_keep_the_order_of_sections():
    assert chapters.faults() == []


def test_every_erratum_has_a_mutant_or_a_reason():
    found = errata.entries()
    assert sorted(entry.number for entry in found) == list(range(1, len(found) + 1))
    reasons = {entry.number: entry.no_mutant for entry in found}
    caught = {number for mutant in mutants.load().values() for number in mutant.errata}
    assert caught == {number for number, reason in reasons.items() if reason is None}


def test_the_matrix_explains_each_of_its_signs():
    page = (steps.ROOT / "docs" / "matrix.md").read_text(encoding="utf-8")
    used = {matrix.cell(each, step.number) for each in BEHAVIOURS.values() for step in steps.STEPS}
    used |= {matrix.flask_cell(each) for each in BEHAVIOURS.values()}
    assert set(re.findall(r"(?m)^- \*(.+)\*: ", page)) == used


def test_a_page_gives_a_reason_for_each_difference_to_flask(capsys):
    show.differences("json", nan_is_never_sent="Why.")
    sentence = BEHAVIOURS["nan_is_never_sent"].sentence      # which begins with a capital
    assert capsys.readouterr().out == (
        f"- {markdown.plain(sentence)}.\n  Flask: it sends NaN, and most JSON parsers refuse "
        "that.\n  Why.\n"
    )
    for reasons in {}, {"nan_is_never_sent": "Why.", "int_is_an_int": "Why?"}:
        with pytest.raises(show.NotThere, match="differs from Flask in nan_is_never_sent; "):
            show.differences("json", **reasons)


# --- links

@pytest.mark.all
def test_links_lead_somewhere():
    assert broken_links(steps.ROOT) == []


def broken_links(root):
    """Return the links of all pages to files and headings that are not there, as lines."""
    broken, headings_of = [], functools.cache(headings)
    for page in [*sorted((root / "docs").glob("*.md")), *root.glob("*.md")]:
        for number, target in links(page):
            path, _, heading = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or heading and heading not in headings_of(file):
                broken.append(f"{page.relative_to(root)}:{number}: {target}")
    return broken


def tokens(page):
    """Yield the tokens of a page that hold text, as markdown-it reads it."""
    from markdown_it import MarkdownIt

    return MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))


def links(page):
    """Yield (line number, target) of the links and pictures of a page to files of ours."""
    line = 0
    for token in tokens(page):
        line = token.map[0] + 1 if token.map else line
        for child in token.children or ():
            line += child.type in ("softbreak", "hardbreak")
            target = child.attrs.get("href") or child.attrs.get("src")
            if target and not re.match(r"https?:", target):
                yield line, target


def headings(page):
    """Return the names by which links reach the headings of a page."""
    found = tokens(page)
    return {
        errata.anchor("".join(child.content for child in after.children))
        for token, after in zip(found, found[1:], strict=False) if token.type == "heading_open"
    }


# --- proof that the checks above see what they are for

@pytest.fixture
def copy(course):
    """A copy of the repository, for a test to damage; a function that edits a file in it."""
    def edit(name, old, new):
        path = course / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[:text.index(old)].count("\n") + 1

    edit.root = course
    return edit


@pytest.mark.all
@replayed
def test_a_changed_snapshot_makes_its_chapter_stale(copy):
    copy("steps/03_routing/ownflask.py", "body = resp.encode()", 'body = resp.encode("utf-8")')
    done = check("docs/03_routing.md", copy.root)
    assert done.returncode != 0
    assert "docs/03_routing.md" in done.stdout
    assert '+        body = resp.encode("utf-8")' in done.stdout


@pytest.mark.all
@replayed
def test_a_changed_session_is_seen_with_its_line(copy):
    line = copy("docs/05_json.md", "Content-Length: 73", "Content-Length: 74")
    done = check("docs/05_json.md", copy.root)
    assert done.returncode != 0 and "-Content-Length: 74" in done.stdout
    first, count = map(int, re.search(r"@@ -(\d+),(\d+)", done.stdout).groups())
    assert first <= line < first + count


@pytest.mark.all
def test_a_broken_link_is_seen_with_its_line(copy):
    line = copy("docs/05_json.md", "(06_post.md)", "(06_pots.md)")
    assert broken_links(copy.root) == [f"docs/05_json.md:{line}: 06_pots.md"]


@pytest.mark.all
@pytest.mark.parametrize("old, new, words", [
    ('change("3.1")', 'excerpt(3, "Flask.rout")', "03_routing/ownflask.py has no Fl"),
    ('change("3.1")', 'excerpt(3, "Flask", "flask.py")', "flask.py does not exist"),
    ('change("3.1")', 'excerpt(33, "Flask")', "there is no step '33'"),
    ('change("3.1")', 'excerp(3, "Flask")', "name 'excerp' is not defined"),
])
def test_what_a_page_asks_for_and_is_not_there_is_named_with_its_line(copy, old, new, words):
    line = copy("docs/03_routing.md", old, new)
    done = check("docs/03_routing.md", copy.root)
    assert done.returncode != 0 and words in done.stdout
    # cog counts from the line after a comment's first, also where that is its last.
    assert f'"docs/03_routing.md", line {line + 1}' in done.stdout


@pytest.mark.parametrize("old, new, number", [
    ("## 3.2 A path", "## 3.2 The path", 0),
    ("## In real Flask\n", "", None),
])
def test_a_chapter_without_a_section_is_named_with_its_line(copy, old, new, number, monkeypatch):
    line = copy("docs/03_routing.md", old, new)
    monkeypatch.setattr(chapters, "DOCS", copy.root / "docs")
    (fault,) = chapters.faults()
    assert fault.startswith("docs/03_routing.md:") and old.strip("#\n ") in fault
    if number is not None:
        assert fault.startswith(f"docs/03_routing.md:{line}: ")


# --- the commands

def test_refresh_of_an_unknown_page_is_one_line():
    done = said("refresh", "docs/10_nope.md")
    assert done.returncode == 2
    assert done.stderr == ("steps: 'docs/10_nope.md' is no notebook, "
                           "and no page that shows something\n")


def test_site_on_an_impossible_port_is_one_line():
    done = said("site", "--port", "70000")
    assert done.returncode == 2
    assert done.stderr == "steps: --port takes a number from 0 to 65535, not '70000'\n"


def test_site_on_a_port_in_use_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = said("site", "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert "Cannot listen on 127.0.0.1" in done.stderr and "--port 0" in done.stderr


@pytest.mark.all
def test_site_serves_the_pages(built_site):
    with steps.Server(
        [sys.executable, "-m", "steps", "site", "--port", "0"], cwd=steps.ROOT,
        wait=5 * PATIENCE
    ) as server:
        reply = requests.get(f"{server.url}/03_routing.html", timeout=PATIENCE)
    assert reply.status_code == 200 and "<h1>3. Routing" in reply.text
