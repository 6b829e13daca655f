"""The reader's own files, in my/: where they are, and how they get there. Never overwritten."""

import contextlib
import os
import re
import time
from pathlib import Path

import steps
from steps import ROOT
from steps.engine.command import BadInput, Trouble
from steps.engine.command.terminal import PYTHON, visible
from steps.engine.scratch import replace

MY = ROOT / "my"
FRAMEWORK = "ownflask.py"
BUG = re.compile(r"bug_(\d\d)_(\d+)", re.A)
LONGEST = 200       # letters of a path that are worth showing


def short(path):
    """Return a path as the reader would type it in this folder, what no terminal shows as \\x0b."""
    try:
        path = Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        path = str(path)
    path = visible(path)
    return path if len(path) < LONGEST else f"{path[:LONGEST - 4]} ..."


def put(folder, files):
    """Write the files, {name: text or bytes}, into a folder of my/, each only where there is none.

    Return the names that were written. Raises Trouble where my/ cannot be written; then, and
    when it is interrupted, nothing is left of it.
    """
    made = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The framework comes last: with it, the work is begun.
        for name in sorted(files, key=lambda name: name == FRAMEWORK):
            with contextlib.suppress(FileExistsError):
                replace(folder / name, files[name], new=True)
                written.append(name)
    except BaseException as error:
        with contextlib.suppress(OSError):
            for name in written:
                (folder / name).unlink()
            for each in made:
                each.rmdir()
        if isinstance(error, OSError):
            raise Trouble(f"cannot write to {short(folder)}: {error.strerror or error}")
        raise
    return written


def when(path):
    """Return when a file was last changed, for people."""
    return time.strftime("%A, %d %B, %H:%M", time.localtime(path.lstat().st_mtime))


def latest():
    """Return the folder of my/ whose framework was changed last. Raises BadInput."""
    must_be_readable(MY / FRAMEWORK)
    files = [path for path in MY.glob(f"*/{FRAMEWORK}") if os.path.isfile(path)]
    if not files:
        raise BadInput(f"there is nothing in my/ yet; begin with: {PYTHON} -m steps start 1")
    return max(files, key=lambda path: path.stat().st_mtime).parent


def target(words):
    """Return (step, path of the framework) that a reader means by up to two words.

    Nothing: what was changed last in my/. A step or stage: the step's folder in my/. A path: a
    folder or a file, whose step its name tells. Both: that file, as that step or stage. "bug"
    and "7.3": the folder of that bug hunt. Raises BadInput for what is not there, or is not the
    reader's.
    """
    if not words:
        folder = latest()
        return step_of(folder), folder / FRAMEWORK
    if words[0] == "bug":
        bug = re.fullmatch(r"(\d{1,2})\.(\d{1,4})", words[-1], re.A)
        if not bug:
            raise BadInput(f"which bug? Say it with its number: {PYTHON} -m steps check bug 7.3")
        return steps.find(bug[1]), existing(MY / f"bug_{int(bug[1]):02}_{int(bug[2])}")
    if len(words) == 2:
        return steps.find(words[0]), existing(words[1])
    word = words[0]
    if not os.path.exists(word) and not re.search(r"[/\\]", word):
        step = steps.find(word)
        folder = MY / str(step.step)
        must_be_readable(folder / FRAMEWORK)
        if not os.path.lexists(folder / FRAMEWORK):
            raise BadInput(f"{short(folder / FRAMEWORK)} is not there; "
                           f"{PYTHON} -m steps start {step.step.number} puts it there")
        return step, existing(folder)
    path = existing(word)
    return step_of(path.parent), path


def state(path):
    """Return what changes when a file is saved; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def step_of(folder):
    """Return the step that a folder is for, by its name. Raises BadInput."""
    name = os.path.basename(os.path.realpath(folder))
    bug = BUG.fullmatch(name)
    try:
        return steps.find(bug[1] if bug else name)
    except steps.UnknownStep:
        raise BadInput(f"which step is {short(folder)}? Say it: "
                       f"{PYTHON} -m steps check STEP {short(folder)}")


def must_be_readable(path):
    """Raise BadInput where nobody may look whether a path is there."""
    try:
        os.stat(path)
    except PermissionError:
        raise BadInput(f"{short(path)}: you may not look there; it belongs to somebody else, "
                       "or its folder has lost its rights")
    except (OSError, ValueError):
        pass        # it is not there, or cannot be


def existing(word):
    """Return the path of the framework that WORD names. Raises BadInput."""
    path = Path(word)
    must_be_readable(path)
    if os.path.isdir(path):
        path = path / FRAMEWORK
        must_be_readable(path)
    if not os.path.isfile(path):
        raise BadInput(f"{short(path)} is no file" if os.path.lexists(path) else
                       f"there is no file {short(path)}")
    path = Path(os.path.realpath(path))
    if path.name != FRAMEWORK:
        raise BadInput(f"the framework is a file {FRAMEWORK}, not {path.name}")
    if steps.FOLDER in path.parents:
        raise BadInput(f"{short(path)} is our own; this call is for a file of yours, in my/")
    return path
