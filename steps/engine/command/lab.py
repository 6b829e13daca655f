"""Open the notebooks in JupyterLab, on this machine.

  lab                  the list of them
  lab 3                the one of step 3
  lab 3 --no-browser   what follows the STEP goes to JupyterLab

The first time this adds JupyterLab to .venv; later it starts at once. Ctrl-C in this terminal
ends it. What you change in a notebook stays changed; this brings the original of one back:
git checkout notebooks/03_routing.ipynb
"""

import json
import os
import subprocess

import steps
from steps import ROOT
from steps.engine.command import venv
from steps.engine.command.terminal import WINDOWS
from steps.engine.scratch import replace

PASSES_ON = "jupyter"
# JupyterLab would look for news of itself in the web, and ask every reader about it.
SETTINGS = venv.FOLDER / "etc" / "jupyter" / "labconfig" / "page_config.json"
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def takes(parser):
    """STEP, if it is there, comes first; all other arguments are JupyterLab's."""
    parser.usage = "%(prog)s [STEP] ..."


def call(options):
    """Serve the notebooks until Ctrl-C, and return JupyterLab's exit code."""
    path, others = "notebooks", options.jupyter
    if others and not others[0].startswith("-"):
        path += f"/{steps.find(others[0]).step}.ipynb"
        others = others[1:]
    words = [str(venv.ready("test", "lab")), "-m", "jupyter", "lab", path,
             "--ip=127.0.0.1"]
    if not SETTINGS.exists():
        SETTINGS.parent.mkdir(parents=True, exist_ok=True)
        replace(SETTINGS, json.dumps(NO_NEWS))
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    if WINDOWS:
        return subprocess.call([*words, *others], cwd=ROOT, env=environment)
    # In the place of this process: what ends the one then ends the other.
    os.chdir(ROOT)
    os.execve(words[0], [*words, *others], environment)
