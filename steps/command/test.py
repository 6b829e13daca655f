"""Run the tests, in a .venv that is made on first use.

  test              every step and the command, a minute at most once set up
  test -k routing   other arguments go to pytest
  test --all        all that CI runs; needs more packages and more time
"""

import subprocess

from steps import ROOT
from steps.command import venv

PASSES_ON = "pytest"
# Arguments that ask for a number of processes, or that work in a single one only.
ONE_PROCESS = ("-n", "-s", "--capture=no", "--pdb", "--trace", "--collect-only", "--co")


def takes(parser):
    """Declare --all; the other arguments are pytest's."""
    parser.add_argument("--all", action="store_true", help="all that CI runs")


def call(options):
    """Set up .venv where needed, run pytest and return its exit code."""
    files = ["requirements.txt"] + (["requirements-all.txt"] if options.all else [])
    python = venv.ready(files)
    words = [] if options.all else ["-m", "not all"]
    if not any(word.startswith(ONE_PROCESS) for word in options.pytest):
        words += ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
    return subprocess.call([str(python), "-m", "pytest", *words, *options.pytest], cwd=ROOT)
