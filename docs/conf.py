"""How Sphinx makes the site from the pages here: `python3 -m steps site`."""

import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

import steps  # noqa: E402
from docs.tools import chapters, markdown  # noqa: E402
from steps.engine.scratch import replace  # noqa: E402

project = "ownflask"
copyright = "the contributors of ownflask; the post it follows is by Bhavani Ravi"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["_build", "tools"]
nitpicky = True

myst_heading_anchors = 3
highlight_language = "text"
smartquotes_action = "q"        # -- stays --, as in --port
nb_execution_mode = "off"       # their outputs are stored; the tests keep them fresh

html_theme = "furo"
html_title = "ownflask"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["ownflask.css"]
html_favicon = "static/icon.svg"
html_theme_options = {"navigation_with_keys": True}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

CODE = DOCS / "code"
CODE_LINK = re.compile(r"\]\(\.\./steps/(\w+)/(\w+)\.py\)")
NOTEBOOKS = DOCS / "notebooks"
NOTEBOOK_LINK = re.compile(r"\]\(\.\./notebooks/(\w+\.ipynb)\)")
OTHER_LINK = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")
COG = re.compile(r"<!-- \[\[\[(?:cog.*?\]\]\] -->|end\]\]\] -->)\n?", re.S)


def setup(app):
    """Check the chapters, and have their sources made ready for the site."""
    faults = chapters.faults()
    if faults:
        raise ExtensionError("\n".join(faults))
    write_code_pages()
    copy_notebooks()
    app.connect("source-read", adapt)
    app.connect("doctree-read", mark_the_matrix)
    app.connect("html-page-context", turn_pages)
    app.connect("build-finished", name_the_landmarks)


def write_code_pages():
    """Write a page with the finished files of each step, for which GitHub has its own view."""
    pages = {}
    for step in steps.STEPS:
        page = [f"# The files of step {step.number}, {step.name}\n"]
        for path in sorted(step.folder.glob("*.py"), key=lambda path: path.name != "ownflask.py"):
            source = path.read_text(encoding="utf-8")
            page += [f"## {path.name}\n", markdown.fenced(source, "python"), ""]
        for stage in step.stages[:-1]:
            source = stage.path("ownflask.py").read_text(encoding="utf-8")
            page += [f"## ownflask.py at {stage.number}, {stage.name}\n",
                     markdown.fenced(source, "python"), ""]
        pages[f"{step}.md"] = "\n".join(page)
    keep(CODE, pages)


def copy_notebooks():
    """Copy the notebooks to where Sphinx finds them, with links that lead to its pages."""
    keep(NOTEBOOKS, {
        path.name: path.read_text(encoding="utf-8").replace("](../docs/", "](../")
        for path in (DOCS.parent / "notebooks").glob("*.ipynb")
    })


def keep(folder, pages):
    """Let a folder hold these {name: text} only; what is right already is not touched.

    So two builds at once do not disturb each other, and Sphinx reads again what changed.
    """
    folder.mkdir(exist_ok=True)
    for path in (*folder.glob("*.md"), *folder.glob("*.ipynb")):
        if path.name not in pages:
            path.unlink(missing_ok=True)
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            replace(path, text)


def adapt(app, name, source):
    """Turn a page that reads well on GitHub into one that works on the site."""
    if name.startswith("notebooks/"):
        return
    # Line for line, so that a warning still names the right one.
    text = COG.sub(lambda comment: "\n" * comment[0].count("\n"), source[0])
    text = CODE_LINK.sub(r"](code/\1.md#\2py)", text)
    text = NOTEBOOK_LINK.sub(r"](notebooks/\1)", text)
    text = OTHER_LINK.sub(r"\1", text)
    if name == "index":
        text += toctree([chapters.FIRST, *map(str, steps.STEPS)], "Chapters")
        text += toctree(chapters.BESIDES, "Besides")
    for step in steps.STEPS:
        if name == str(step):
            text += toctree([f"Lab {step.number} <notebooks/{step}>",
                             f"Files of step {step.number} <code/{step}>"])
    source[0] = text


def toctree(entries, caption=""):
    """Return a hidden table of contents, of which the theme makes the site's menu."""
    options = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:hidden:\n{options}\n" + "\n".join(entries) + "\n```\n"


LOUDNESS = {"-": ["quiet"], "gone": ["quiet"], "fault": ["loud"]}


def mark_the_matrix(app, doctree):
    """Make the first cell of each line its heading; let what is over or not asked step back."""
    if app.env.docname == "matrix":
        for table in doctree.findall(nodes.tgroup):
            table[0]["stub"] = 1
            for cell in table.findall(nodes.entry):
                cell["classes"] += LOUDNESS.get(cell.astext(), [])


def turn_pages(app, name, template, context, doctree):
    """Let previous and next lead from chapter to chapter, and from lab and files to theirs."""
    order = ["index", *chapters.in_order()]
    chapter = Path(name).name       # the same in docs/, notebooks/ and code/
    if chapter in order:
        at = order.index(chapter)
        context["prev"] = link(app, context, order[at - 1:at] if name == chapter else [chapter])
        context["next"] = link(app, context, order[at + 1:at + 2])


def link(app, context, names):
    """Return a list's only page as the theme's templates know it; None for an empty list."""
    for name in names:
        title = app.builder.render_partial(app.env.titles[name])["title"]
        return {"link": context["pathto"](name), "title": title}


# What a screen reader misses in the theme's pages.
NAMES = (
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="All pages">'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    ('<div id="search-results">', '<h1>Search</h1>\n<div id="search-results">'),
    ("<pre>", '<pre tabindex="0">'),        # to be scrolled with the arrow keys, as tables are
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
)


def name_the_landmarks(app, error):
    """Give names to the theme's landmarks, in all pages."""
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for old, new in NAMES:
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
