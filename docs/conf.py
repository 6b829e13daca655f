"""How Sphinx makes the site from the pages here: `python3 -m steps site`."""

import re
import shutil
import sys
from pathlib import Path

from sphinx.errors import ExtensionError

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

import steps  # noqa: E402
from docs.tools import chapters  # noqa: E402

project = "ownflask"
copyright = "the contributors of ownflask; the post it follows is by Bhavani Ravi"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["_build", "tools"]
nitpicky = True

myst_heading_anchors = 3
highlight_language = "text"
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
    app.connect("build-finished", name_the_landmarks)


def write_code_pages():
    """Write a page with the finished files of each step, for which GitHub has its own view."""
    shutil.rmtree(CODE, ignore_errors=True)
    CODE.mkdir()
    for step in steps.STEPS:
        page = [f"# The files of step {step.number}, {step.name}\n"]
        for path in sorted(step.folder.glob("*.py"), key=lambda path: path.name != "ownflask.py"):
            source = path.read_text(encoding="utf-8")
            page += [f"## {path.name}\n", f"```python\n{source}```\n"]
        (CODE / f"{step}.md").write_text("\n".join(page), encoding="utf-8")


def copy_notebooks():
    """Copy the notebooks to where Sphinx finds them, with links that lead to its pages."""
    shutil.rmtree(NOTEBOOKS, ignore_errors=True)
    NOTEBOOKS.mkdir()
    for path in (DOCS.parent / "notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8").replace("](../docs/", "](../")
        (NOTEBOOKS / path.name).write_text(text, encoding="utf-8")


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
        text += toctree("Chapters", ["00_before_you_start", *map(str, steps.STEPS)])
        text += toctree("Labs", chapters.labs())
        text += toctree("Besides", chapters.BESIDES)
        text += toctree("Finished files", [f"code/{step}" for step in steps.STEPS])
    source[0] = text


def toctree(caption, names):
    """Return a hidden table of contents: the site's menu, and its previous and next."""
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(names) + "\n```\n"


# What a screen reader misses in the theme's pages.
NAMES = (
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="All pages">'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    ('<div id="search-results">', '<h1>Search</h1>\n<div id="search-results">'),
    ("<pre>", '<pre tabindex="0">'),        # to be scrolled with the arrow keys
)


def name_the_landmarks(app, error):
    """Give names to the theme's landmarks, in all pages."""
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for old, new in NAMES:
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
