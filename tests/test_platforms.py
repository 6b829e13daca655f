"""No name that a system lacks is reached there: a type checker takes itself to be on each."""

import os
import re
import subprocess
import sys

import pytest

import steps

pytestmark = pytest.mark.all
SYSTEMS = ("linux", "darwin", "win32")


def complaints(*files):
    """Return {system: what mypy says there and not everywhere}, of what pyproject.toml names.

    What it says on all systems is about types, which nobody here has promised it.
    """
    command = [sys.executable, "-m", "mypy", f"--cache-dir={os.devnull}", *map(str, files)]
    runs = {system: subprocess.Popen([*command, "--platform", system], cwd=steps.ROOT, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for system in SYSTEMS}
    said = {}
    for system, run in runs.items():
        output = run.communicate()[0]
        assert run.returncode in (0, 1), output
        said[system] = {line for line in output.splitlines() if ": error: " in line}
    everywhere = set.intersection(*said.values())
    return {system: sorted(lines - everywhere) for system, lines in said.items()}


def test_no_name_that_a_system_lacks_is_reached_there():
    found = [f"{system}: {line}" for system, lines in complaints().items() for line in lines]
    assert not found, "\n".join(found)


def test_the_check_sees_such_names_and_the_guards_before_them(tmp_path):
    file = tmp_path / "reaches.py"
    file.write_text(
        "import fcntl, msvcrt, os, signal, sys\n"
        "def ends(process):\n"
        "    os.killpg(process.pid, 9)\n"
        "    fcntl.flock(0, 0)\n"
        "    msvcrt.getch()\n"
        "    os.memfd_create('')\n"
        "    if sys.platform != 'win32':\n"
        "        signal.raise_signal(signal.SIGKILL)\n"
        "    if hasattr(signal, 'SIGUSR1'):\n"
        "        signal.raise_signal(signal.SIGUSR1)\n"
        "    len(5)\n"
    )
    found = {system: [int(re.search(r":(\d+): error", line)[1]) for line in lines]
             for system, lines in complaints(file).items()}
    assert found == {"linux": [5], "darwin": [5, 6], "win32": [3, 4, 6]}
