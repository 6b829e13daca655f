"""Run the tests, in a .venv that is made on first use.

  test              every step and the command, a minute at most once set up
  test 3            only what has to do with step 3
  test -k json      other arguments go to pytest
  test --all        all that CI runs; needs more packages and more time
"""

import os
import subprocess

import steps
from steps import ROOT
from steps.engine.command import BadInput, venv

PASSES_ON = "pytest"
# Arguments that ask for a number of processes, or that work in a single one only.
ONE_PROCESS = ("-n", "-s", "--capture", "--pdb", "--trace", "--collect-only", "--co")


def takes(parser):
    """Declare --all; the other arguments are pytest's."""
    parser.add_argument("--all", action="store_true", help="all that CI runs")


def call(options):
    """Set up .venv where needed, run pytest and return its exit code."""
    parts = venv.PARTS if options.all else ["test"]
    words = [] if options.all else ["-m", "not all"]
    if not any(word.split("=")[0] in ONE_PROCESS for word in options.pytest):
        words += ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
    words += chosen(options.pytest)
    return subprocess.call([str(venv.ready(*parts)), "-m", "pytest", *words], cwd=ROOT)


def chosen(words):
    """Return the words for pytest, a STEP turned into -k. Raises BadInput for a missing file."""
    result = []
    for before, word in zip(["", *words], words, strict=False):
        plain = not word.startswith("-") and not before.startswith("-")
        if plain and not os.path.exists(ROOT / word.partition("::")[0]):
            try:
                result += ["-k", str(steps.find(word))]
                continue
            except steps.UnknownStep:
                raise BadInput(f"{word[:40]!r} is neither a step nor a file of tests")
        result.append(word)
    return result
