"""For maintainers: bring up to date what README.md, docs/ and the notebooks show.

  refresh                     all pages (excerpts, diffs, sessions, tables), pictures, notebooks,
                              and the README.md of each step
  refresh docs/03_routing.md  one page; a notebook is named in the same way
  refresh --check             change nothing; say what is stale, and exit with 1
  refresh --measure           take the timings of docs/tools/measured.json anew, first, and
                              the notebooks' pictures

Sessions are replayed with this machine's curl and bash: Linux, Python 3.11.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from steps import ROOT
from steps.engine.command import BadInput, Trouble, venv


def takes(parser):
    """Declare PAGE, --check and --measure."""
    parser.add_argument("pages", metavar="PAGE", nargs="*", help="a page; none: all of them")
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--measure", action="store_true", help="take the timings anew")


def call(options):
    """Run cog and the notebooks, draw the pictures; return 0, or 1 where something is stale."""
    pages = [chosen(page) for page in options.pages] or [*all_pages(), *all_notebooks()]
    if not sys.platform.startswith("linux"):
        raise Trouble("the sessions in the pages are replayed on Linux only")
    # The timings compare ours with other frameworks, which only `test --all` needs otherwise.
    python = venv.ready("test", "lab", "site", *(["all"] if options.measure else []))
    check = ["--check"] if options.check else []
    if options.measure:
        subprocess.run([python, "-m", "docs.tools.measure"], cwd=ROOT, check=True)
    commands = [[python, "-m", f"docs.tools.{each}", *check] for each in ("pictures", "readmes")]
    for page in pages:
        page = page.relative_to(ROOT)
        if page.suffix == ".md":
            commands.append(cog(python, page, options.check))
        else:
            pictures = ["--pictures"] if options.measure else []
            commands.append([python, "-m", "docs.tools.notebooks", *check, *pictures, str(page)])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, commands))
    for result in results:
        print(result.stdout, end="")
    return int(any(result.returncode for result in results))


def all_pages():
    """Return the pages that show something, in order."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [page for page in pages if "[[[cog" in page.read_text(encoding="utf-8")]


def all_notebooks():
    """Return the notebooks, in order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def chosen(text):
    """Return the page or notebook of that path. Raises BadInput."""
    path = Path(text).resolve()
    if path not in (*all_pages(), *all_notebooks()):
        raise BadInput(f"{text!r} is no notebook, and no page that shows something")
    return path


def cog(python, page, check):
    """Return the command that refreshes a page, or checks it; page is relative to the root."""
    options = ["--check", "--diff"] if check else ["-r"]
    return [python, "-m", "cogapp", *options, "--verbosity=1", "-P", "-p",
            "from docs.tools.show import *", str(page)]


def run(command):
    """Run one command and return what subprocess.run does, with all it said in stdout."""
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
