"""The reader's own files, in my/: where they are, and how they get there. Never overwritten."""

import os
import re
import time
from pathlib import Path

import steps
from steps import ROOT
from steps.engine.command import BadInput, Trouble
from steps.engine.command.terminal import PYTHON

MY = ROOT / "my"
FRAMEWORK = "ownflask.py"
BUG = re.compile(r"bug_(\d\d)_(\d+)")


def short(path):
    """Return a path as the reader would type it in this folder."""
    try:
        return Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def put(folder, files):
    """Write the files, {name: text}, into a folder of my/, each only where there is none.

    Return the names that were written. Raises Trouble where my/ cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            if os.path.lexists(folder / name):
                continue
            with open(folder / name, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            written.append(name)
    except OSError as error:
        raise Trouble(f"cannot write to {short(folder)}: {error.strerror}")
    return written


def when(path):
    """Return when a file was last changed, for people."""
    return time.strftime("%A, %d %B, %H:%M", time.localtime(path.stat().st_mtime))


def latest():
    """Return the folder of my/ whose framework was changed last. Raises BadInput."""
    files = sorted(MY.glob(f"*/{FRAMEWORK}"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise BadInput(f"there is nothing in my/ yet; begin with: {PYTHON} -m steps start 1")
    return files[-1].parent


def target(words):
    """Return (step, path of the framework) that a reader means by up to two words.

    Nothing: what was changed last in my/. A step: its folder in my/. A path: a folder or a
    file, whose step its name tells. Both: that file, as that step. Raises BadInput for what is
    not there, or is not the reader's.
    """
    if not words:
        folder = latest()
        return step_of(folder), folder / FRAMEWORK
    if len(words) == 2:
        return steps.find(words[0]), existing(words[1])
    word = words[0]
    bug = re.fullmatch(r"(\d+)\.(\d+)", word)
    if bug:
        return steps.find(bug[1]), existing(MY / f"bug_{int(bug[1]):02}_{bug[2]}")
    if not os.path.exists(word) and not re.search(r"[/\\]", word):
        step = steps.find(word)
        folder = MY / str(step)
        if not (folder / FRAMEWORK).exists():
            raise BadInput(f"{short(folder / FRAMEWORK)} is not there; "
                           f"{PYTHON} -m steps start {step.number} puts it there")
        return step, folder / FRAMEWORK
    path = existing(word)
    return step_of(path.parent), path


def step_of(folder):
    """Return the step that a folder is for, by its name. Raises BadInput."""
    name = Path(folder).resolve().name
    bug = BUG.fullmatch(name)
    try:
        return steps.find(bug[1] if bug else name)
    except steps.UnknownStep:
        raise BadInput(f"which step is {short(folder)}? Say it: "
                       f"{PYTHON} -m steps check STEP {short(folder)}")


def existing(word):
    """Return the path of the framework that WORD names. Raises BadInput."""
    path = Path(word)
    if path.is_dir():
        path = path / FRAMEWORK
    if not path.is_file():
        raise BadInput(f"there is no file {short(path)}")
    path = path.resolve()
    if path.name != FRAMEWORK:
        raise BadInput(f"the framework is a file {FRAMEWORK}, not {path.name}")
    if steps.FOLDER in path.parents:
        raise BadInput(f"{short(path)} is our own; this call is for a file of yours, in my/")
    return path
