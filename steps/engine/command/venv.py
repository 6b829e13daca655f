"""The course's own virtual environment: made on first use, reused, brought up to date.

What this command did not make, it does not touch: a .venv without its mark is the reader's.
"""

import hashlib
import os
import subprocess
import sys
import time

from steps import ROOT
from steps.engine.command import Trouble
from steps.engine.command.terminal import PYTHON, WINDOWS

FOLDER = ROOT / ".venv"
MARK = FOLDER / "made-by-ownflask.txt"
AGAIN = f"then run `{PYTHON} -m steps test` again"


def python():
    """Return the path of the environment's own Python."""
    return FOLDER / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ready(names, needs="pytest"):
    """Install the requirement files of these names, unless they are, and return python().

    needs: a module that must be there in the end. Raises Trouble, with what to do: a .venv of
    the reader's own, no venv module, no network.
    """
    if os.path.lexists(FOLDER) and (FOLDER.is_symlink() or not MARK.exists()):
        raise Trouble(
            f"{FOLDER.name} is there already, and this command did not make it.\n"
            f"Move it away, or run `pytest` in an environment of your own; {AGAIN}"
        )
    if not works("pip"):
        create()
    stale = [name for name in names if installed(name) != wanted(name)]
    if stale or not works(needs):
        install(names)
        for name in names:
            stamp(name).write_text(wanted(name))
    return python()


def wanted(name):
    """Return what the stamp of a requirement file must say: the hash of its content."""
    content = (ROOT / name).read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def stamp(name):
    """Return the path of the note that a requirement file was installed."""
    return FOLDER / f"installed-{name}"


def installed(name):
    """Return what the stamp of a requirement file says, "" where there is none."""
    return stamp(name).read_text() if stamp(name).exists() else ""


def works(needs):
    """Say whether the environment's Python runs, is its own, is new enough and has a module."""
    check = (
        "import importlib.util, os, sys\n"
        f"own = os.path.samefile(sys.prefix, {str(FOLDER)!r})\n"
        f"found = importlib.util.find_spec({needs!r})\n"
        "sys.exit(not (own and found and sys.version_info >= (3, 11)))"
    )
    try:
        return subprocess.run([python(), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def create():
    """Make the environment; one of ours that no longer works is made anew. Raises Trouble."""
    print(f"Making a virtual environment in {FOLDER.name} ...", flush=True)
    try:
        FOLDER.mkdir(exist_ok=True)
        for stale in FOLDER.glob("installed-*"):
            stale.unlink()
        MARK.write_text("`python3 -m steps test` made this folder, and may make it anew.\n")
    except OSError as error:
        raise Trouble(f"cannot write to {FOLDER}: {error.strerror}")
    command = [sys.executable, "-m", "venv", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        advice = "Install Python from python.org"
        if "ensurepip" in said or "No module named venv" in said:
            advice = "On Debian and Ubuntu: sudo apt install python3-venv"
        raise Trouble(f"this Python made no virtual environment:\n  {last_line(said)}\n"
                      f"{advice}; {AGAIN}")


def install(names):
    """Install requirement files with pip, showing that it works. Raises Trouble."""
    print(f"Installing {' and '.join(names)}: once, a few minutes at most ...", flush=True)
    command = [str(python()), "-m", "pip", "install", "--disable-pip-version-check",
               "--no-input", "--progress-bar", "off"]
    for name in names:
        command += ["-r", str(ROOT / name)]
    started, said = time.monotonic(), []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        errors="replace", env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as pip:
        for line in pip.stdout:
            said.append(line.strip())
            show_progress(line)
    clear_progress()
    if pip.returncode:
        errors = [line for line in said if line.upper().startswith("ERROR")] or said[-3:]
        raise Trouble(
            f"pip could not install {' and '.join(names)}:\n  " + "\n  ".join(errors[-3:])
            + f"\nIf this machine is offline, connect it. What arrived is kept; {AGAIN}"
        )
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def last_line(text):
    """Return the last line of what a program said."""
    return text.splitlines()[-1].strip() if text else "it said nothing"


def show_progress(line):
    """Show one line of pip's, each over the last, where there is a terminal to show it."""
    if sys.stdout.isatty() and line.startswith(("Collecting", "Downloading", "Installing")):
        print(f"\r  {line.strip()[:76]:<76}", end="", flush=True)


def clear_progress():
    """Wipe out what show_progress() showed last."""
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="", flush=True)
