"""The course's own virtual environment: made on first use, reused, and grown by who needs more.

There is one, .venv, for all calls: each adds the packages that those before it did not bring.
What this command did not make, it does not touch: a .venv without its mark is the reader's.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from contextlib import contextmanager

from steps import ROOT
from steps.engine.command import Trouble
from steps.engine.command.progress import Progress, follow
from steps.engine.command.terminal import WINDOWS

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FOLDER = ROOT / ".venv"
MARK = FOLDER / "made-by-ownflask.txt"
TEMPORARY = FOLDER / "tmp"
LOCK = ROOT / ".venv.lock"
AGAIN = "then run the same command again"

# proof: a package that is there when the part is. fetch, disk: megabytes, at most. fast, slow:
# seconds for such a machine, without the fetching. Measured: CONTRIBUTING.md, "Pins".
Part = namedtuple("Part", "who file proof fetch disk fast slow")
PARTS = {
    "test": Part("the tests", "requirements.txt", "pytest", 4, 30, 4, 30),
    "lab": Part("the notebooks", "requirements-lab.txt", "jupyterlab", 87, 370, 20, 150),
    "site": Part("the pages", "requirements-docs.txt", "sphinx", 39, 220, 15, 100),
    "all": Part("the further tests", "requirements-all.txt", "playwright", 85, 270, 10, 80),
}

NO_ROOM = ("No space left", "Disk quota exceeded")
NO_VENV = ("ensurepip is not", "python3-venv", "No module named venv", "No module named ensurepip")

# Run by the environment's Python: which packages does it have? Of what pip writes for a package,
# INSTALLER comes last but one; where it is missing, pip was stopped in the midst of it.
CHECK = """
import os, sys
from importlib import metadata
folder, *packages = sys.argv[1:]
if sys.version_info >= (3, 11) and os.path.samefile(sys.prefix, folder):
    for package in packages:
        try:
            if metadata.distribution(package).read_text("INSTALLER"):
                print(package)
        except metadata.PackageNotFoundError:
            pass
"""


def python():
    """Return the path of the environment's own Python."""
    return FOLDER / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ready(*names):
    """Install what is missing of these parts, keys of PARTS, and return python().

    One call at a time does so; others wait for it. Raises Trouble, with what to do: a .venv of
    the reader's own, no venv module, no network, no room, a folder that cannot be written to.
    """
    parts = [PARTS[name] for name in names]
    try:
        if ours() and not missing(parts):
            return python()
        with locked() as lock:
            if os.path.lexists(FOLDER) and not ours():
                files = " -r ".join(part.file for part in parts)
                raise Trouble(f"{FOLDER.name} is there already, and this command did not make "
                              f"it.\nMove it away, {AGAIN}. Or fill it yourself: pip install -r "
                              f"{files}")
            clear_halves()
            if not has("pip"):
                create(lock)
            for part in missing(parts):
                install(part, lock)
    except BrokenPipeError:
        raise
    except OSError as error:
        advice = "Put the course into a folder that you can write to"
        if no_room([str(error)]):
            advice = "Make room on the disk"
        raise Trouble(f"cannot write to {error.filename or FOLDER}: {error.strerror or error}.\n"
                      f"{advice}; {AGAIN}")
    except KeyboardInterrupt:
        print("Interrupted. What arrived is kept; the same command goes on from there.",
              file=sys.stderr)
        raise
    return python()


def ours():
    """Say whether the environment is there and was made by this command."""
    return MARK.exists() and not FOLDER.is_symlink()


def missing(parts):
    """Return those of the parts that are not installed as their files say now."""
    there = has(*(part.proof for part in parts))
    return [part for part in parts
            if part.proof not in there or installed(part.file) != wanted(part.file)]


def has(*packages):
    """Return those of the packages that the environment has; none if it does not work."""
    try:
        done = subprocess.run([python(), "-I", "-c", CHECK, FOLDER, *packages],
                              capture_output=True, text=True)
    except OSError:
        return []
    return done.stdout.split()


def wanted(file):
    """Return what the stamp of a requirement file must say: the hash of its content."""
    content = (ROOT / file).read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def stamp(file):
    """Return the path of the note that a requirement file was installed."""
    return FOLDER / f"installed-{file}"


def installed(file):
    """Return what the stamp of a requirement file says, "" where there is none."""
    return stamp(file).read_text() if stamp(file).exists() else ""


# --- one call at a time

@contextmanager
def locked():
    """Hold the environment's lock, waiting for whoever has it, and give its descriptor.

    The system lets go of it when the last process ends that has it open: no lock stays behind.
    """
    with open(LOCK, "a") as file:
        if not take(file):
            print(f"Another call is filling {FOLDER.name}; waiting for it ...", flush=True)
            progress = Progress()
            try:
                while not take(file):
                    progress.tell("waiting")
                    time.sleep(0.2)
            finally:
                progress.clear()
        yield file.fileno()


def take(file):
    """Lock an open file if nobody else has, and say whether it is ours now."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass        # some network drives know no locks: then without
    return True


# --- making and filling it

def create(lock):
    """Make the environment; one of ours that no longer works is made anew. Raises Trouble."""
    print(f"Making a virtual environment in {FOLDER.name}: 3 seconds, on a slow or busy machine "
          "30 ...", flush=True)
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("installed-*"):
        stale.unlink()
    MARK.write_text("`python3 -m steps` made this folder, and may make it anew.\n")
    command = [sys.executable, "-I", "-m", "venv", FOLDER]
    code, said = run(command, lambda said: "Python and pip", lock)
    if code:
        advice = "Install Python from python.org"
        if no_room(said, 30):
            advice = "Make room on the disk, 30 MB"
        elif lines_with(NO_VENV, said):
            advice = "On Debian and Ubuntu: sudo apt install python3-venv"
        why = lines_with(NO_ROOM + NO_VENV, said) or said or ["it said nothing"]
        raise Trouble(f"this Python made no virtual environment:\n  {why[-1]}\n{advice}; {AGAIN}")


def install(part, lock):
    """Install a part with pip, showing how far it is. Raises Trouble."""
    print(f"Installing what {part.who} need, once.\n"
          f"To fetch: up to {part.fetch} MB; on disk: up to {part.disk} MB; to unpack: "
          f"{part.fast} seconds, on a slow or busy machine {part.slow} ...", flush=True)
    started, before = time.monotonic(), set(packages())
    command = [python(), "-I", "-X", "utf8", "-m", "pip", "install", "--no-input",
               "--disable-pip-version-check", "--progress-bar", "off", "-r", ROOT / part.file]
    code, said = run(command, lambda said: stage(said, before), lock)
    if code:
        errors = lines_with(("ERROR", "HINT"), said) or said
        advice = "If this machine is offline, connect it"
        if no_room(said, part.disk):
            advice = f"Make room on the disk, {part.disk} MB"
        raise Trouble(f"pip could not install what {part.who} need:\n  "
                      + "\n  ".join(errors[-3:]) + f"\n{advice}. What arrived is kept; {AGAIN}")
    if not has(part.proof):
        raise Trouble(f"pip put {part.proof} elsewhere than into {FOLDER.name}: see what "
                      f"`{python()} -m pip config list` says, change it, {AGAIN}")
    stamp(part.file).write_text(wanted(part.file))
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def run(command, doing, lock):
    """Follow a command, its temporary files in the environment: the next call finds them there."""
    TEMPORARY.mkdir(exist_ok=True)
    try:
        return follow(command, doing, lock, {**os.environ, "TMPDIR": str(TEMPORARY)})
    finally:
        shutil.rmtree(TEMPORARY, ignore_errors=True)


def stage(said, before):
    """Return what pip does now, in a few words. said: its lines; before: packages() at first."""
    for line in reversed(said):
        if line.startswith("Installing collected packages:"):
            return f"unpacking {len(set(packages()) - before)} of {line.count(',') + 1}"
        if "Retrying" in line:
            return "no answer from the network; trying again"
        if fetching := re.match(r"(?:Collecting|Downloading|Using cached) (\S+)( \(.*B\))?", line):
            return f"fetching {fetching[1]}{fetching[2] or ''}"
    return ""


def packages():
    """Return the folders in which pip keeps what it knows of a package, one for each."""
    library = "Lib" if WINDOWS else "lib/python*"
    return FOLDER.glob(f"{library}/site-packages/*.dist-info")


def clear_halves():
    """Remove what a pip that was stopped left half done: it would take it for installed."""
    for folder in packages():
        if not (folder / "INSTALLER").exists():
            shutil.rmtree(folder)


def no_room(said, needed=0):
    """Say whether a full disk, or quota, was the trouble. said: lines; needed: megabytes."""
    return lines_with(NO_ROOM, said) or shutil.disk_usage(ROOT).free < needed * 1_000_000


def lines_with(words, said):
    """Return those of the lines that a program said in which one of the words stands."""
    return [line for line in said if any(word in line for word in words)]
