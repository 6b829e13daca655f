"""The course's own virtual environment: made on first use, reused, renewed when it changed."""

import hashlib
import os
import subprocess
import sys
import time

from steps import ROOT
from steps.command import Trouble
from steps.command.terminal import PYTHON, WINDOWS

FOLDER = ROOT / ".venv"
AGAIN = f"then run `{PYTHON} -m steps test` again"


def python():
    """Return the path of the environment's own Python."""
    return FOLDER / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ready(names):
    """Install the requirement files of these names, unless they are, and return python().

    Raises Trouble, with what to do, where there is no venv module or no network.
    """
    stale = [name for name in names if installed(name) != wanted(name)]
    if stale or not works():
        if not works():
            create()
        install(names)
        for name in names:
            stamp(name).write_text(wanted(name))
    return python()


def wanted(name):
    """Return what the stamp of a requirement file must say: its content's hash, and for whom."""
    content = (ROOT / name).read_bytes().replace(b"\r\n", b"\n")
    return f"{hashlib.sha256(content).hexdigest()} {sys.version_info[0]}.{sys.version_info[1]}"


def stamp(name):
    """Return the path of the note that a requirement file was installed."""
    return FOLDER / f"installed-{name}"


def installed(name):
    """Return what the stamp of a requirement file says, "" where there is none."""
    return stamp(name).read_text() if stamp(name).exists() else ""


def works():
    """Say whether the environment is there, for this version of Python, and can install."""
    if not python().exists():
        return False
    check = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return subprocess.run([python(), "-c", check], capture_output=True).returncode == 0


def create():
    """Make the environment; one that no longer works is made anew. Raises Trouble."""
    print(f"Making a virtual environment in {FOLDER.name} ...", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Trouble(
            "this Python cannot make a virtual environment "
            f"({said[-1].strip() if said else 'it said nothing'}).\n"
            "On Debian and Ubuntu: sudo apt install python3-venv; elsewhere: install Python "
            f"from python.org; {AGAIN}"
        )


def install(names):
    """Install requirement files with pip, showing that it works. Raises Trouble."""
    print(f"Installing {' and '.join(names)}: once, a few minutes at most ...", flush=True)
    command = [str(python()), "-m", "pip", "install", "--disable-pip-version-check",
               "--no-input", "--progress-bar", "off"]
    for name in names:
        command += ["-r", str(ROOT / name)]
    started, said = time.monotonic(), []
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
        encoding="utf-8", errors="replace",
    ) as pip:
        for line in pip.stdout:
            said.append(line.strip())
            show_progress(line)
    clear_progress()
    if pip.returncode:
        errors = [line for line in said if "error" in line.lower()] or said
        raise Trouble(
            f"pip could not install {' and '.join(names)}:\n  "
            + "\n  ".join(errors[-3:])
            + f"\nIs this machine online? What arrived is kept: connect, {AGAIN}"
        )
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def show_progress(line):
    """Show one line of pip's, each over the last, where there is a terminal to show it."""
    if sys.stdout.isatty() and line.startswith(("Collecting", "Downloading", "Installing")):
        print(f"\r  {line.strip()[:76]:<76}", end="", flush=True)


def clear_progress():
    """Wipe out what show_progress() showed last."""
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="", flush=True)
