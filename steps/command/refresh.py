"""For maintainers: bring up to date what the pages in docs/ show.

  refresh                     excerpts, diffs, sessions, tables and pictures of all pages
  refresh docs/03_routing.md  of one page
  refresh --check             change nothing; say what is stale, and exit with 1
  refresh --measure           take the timings of docs/tools/measured.json anew, first

Sessions are replayed with this machine's curl and bash: Linux, Python 3.11.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from steps import ROOT
from steps.command import BadInput, Trouble, venv

FILES = ["requirements.txt", "requirements-docs.txt"]


def takes(parser):
    """Declare PAGE, --check and --measure."""
    parser.add_argument("pages", metavar="PAGE", nargs="*", help="a page; none: all of them")
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--measure", action="store_true", help="take the timings anew")


def call(options):
    """Run cog over the pages and draw the pictures; return 0, or 1 where one is stale."""
    pages = [chosen(page) for page in options.pages] or all_pages()
    if not sys.platform.startswith("linux"):
        raise Trouble("the sessions in the pages are replayed on Linux only")
    python = venv.ready(FILES, needs="cogapp")
    check = ["--check"] if options.check else []
    if options.measure:
        subprocess.run([python, "-m", "docs.tools.measure"], cwd=ROOT, check=True)
    commands = [[python, "-m", "docs.tools.pictures", *check]]
    commands += [cog(python, page.relative_to(ROOT), options.check) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, commands))
    for result in results:
        print(result.stdout, end="")
    return int(any(result.returncode for result in results))


def all_pages():
    """Return the pages that show something, in order."""
    pages = sorted((ROOT / "docs").glob("*.md"))
    return [page for page in pages if "[[[cog" in page.read_text(encoding="utf-8")]


def chosen(text):
    """Return the page of that path. Raises BadInput."""
    path = Path(text).resolve()
    if path not in all_pages():
        raise BadInput(f"{text!r} is no page of docs/ that shows something")
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
