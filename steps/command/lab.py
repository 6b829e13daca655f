"""Open the notebooks in JupyterLab, on this machine.

  lab                the list of them
  lab 3              the one of step 3
  lab --no-browser   other arguments go to JupyterLab

Ctrl-C in this terminal ends it. What you change in a notebook is yours: to get the original
back, ask git for it (`git checkout notebooks`).
"""

import os
import subprocess

import steps
from steps import ROOT
from steps.command import venv

PASSES_ON = "jupyter"
FILES = ["requirements.txt"]
# Nothing of a notebook leaves this machine, and JupyterLab need not ask for news.
QUIET = ["--ip=127.0.0.1", "--LabApp.news_url=None", "--LabApp.check_for_updates_class="
         "jupyterlab.handlers.announcements.NeverCheckForUpdate"]


def takes(parser):
    """Declare STEP; the other arguments are JupyterLab's."""
    parser.add_argument("step", metavar="STEP", nargs="?", help="open the notebook of this step")


def call(options):
    """Serve the notebooks until Ctrl-C, and return JupyterLab's exit code."""
    path = "notebooks"
    if options.step:
        path += f"/{steps.find(options.step)}.ipynb"
    words = [str(venv.ready(FILES, needs="jupyterlab")), "-m", "jupyter", "lab", path, *QUIET]
    words += options.jupyter
    return subprocess.call(words, cwd=ROOT, env={**os.environ, "NO_PROXY": "127.0.0.1"})
