"""The suite's warm Pythons: they have imported what most programs import, and fork for each.

    process = warm.popen([sys.executable, "-I", "-B", "-S", str(CHILD), ...], stdout=log, ...)

popen() is subprocess.Popen for those who only wait and send signals; run() is subprocess.run for
those who want the output as text. The program is a process of its own all the same, forked from
one that has run nothing else: its folder, environment, arguments, signals, output and modules are
those of a plain start, except that MODULES (and what is imported anyway by the app of the
behaviours, and by real Flask) are in sys.modules already. How that is done: steps/engine/warm.py.
What cannot be started in this way, and everything on another system than Linux, is started plainly.
"""

import atexit
import contextlib
import importlib
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

MODULES = (
    "argparse", "ast", "dataclasses", "difflib", "email.parser", "faulthandler", "http.client",
    "http.server", "json", "secrets", "shutil", "subprocess", "tempfile", "threading", "tomllib",
    "urllib.parse",
)       # not wsgiref: it keeps the environment that it finds when it is imported
PLAIN = ("-I", "-B", "-S")                      # the flags that steps.launch() gives to a step,
FLASK = ("-I", "-B")                            # to real Flask,
COMMAND = ("-B",)                               # and that `python3 -B -m steps` has
LONGEST = 120.0     # seconds for a fork, on the slowest of machines
ROOT = Path(__file__).resolve().parent.parent


def popen(command, *files, env=None, **options):
    """Start COMMAND as subprocess.Popen does, warm where that is possible: its output to files."""
    return pythons.popen(command, *files, env=os.environ if env is None else env, **options)


def run(command, timeout, **options):
    """Run COMMAND to its end, without input; return the subprocess.CompletedProcess, with text."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, \
            tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = popen(command, subprocess.DEVNULL, out, err, **options)
        try:
            process.wait(timeout)
        finally:
            process.kill()
            process.wait()
        texts = [file.seek(0) or file.read() for file in (out, err)]
        return subprocess.CompletedProcess(command, process.returncode, *texts)


def split(command, env, start_new_session):
    """Return what starts the warm Python for a command, and its words; () for none."""
    if start_new_session or settings(env) != settings(os.environ):
        return (), ()
    for flags in (PLAIN, FLASK, COMMAND):
        program, words = [sys.executable, *flags], list(map(str, command[1 + len(flags):]))
        start = *program, __file__
        if command[:len(program)] != program:
            continue
        if flags == COMMAND and words[:2] == ["-m", "steps"]:
            return start, words
        if words[0].endswith("child.py"):
            # The app of the behaviours is a program that imports these.
            ours = ["tests.behaviours"] if words[2].endswith("behaviours/app.py") else []
            return (*start, *(["flask"] if words[1] == "flask" else []), *ours), words
    return (), ()


def settings(environment):
    """Return the variables that Python reads only when it starts."""
    return {name: value for name, value in environment.items()
            if name.startswith(("PYTHON", "LC_")) or name == "LANG"}


def become(program, *words):
    """Run the program: a file, or after "-m" a module."""
    sys.argv = [program, *words]
    if program != "-m":
        return runpy.run_path(program, run_name="__main__")
    sys.path.insert(0, os.getcwd())
    del sys.argv[0]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ != "__main__":
    from steps.engine.warm import Warm

    pythons = Warm(split, LONGEST)
    atexit.register(pythons.end)
else:
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # Ctrl-C ends the tests, and they us
    if not sys.flags.isolated:
        del sys.path[0]         # the folder of this file
    sys.path.insert(0, str(ROOT))
    *modules, number = sys.argv[1:]
    for name in (*MODULES, *modules):
        importlib.import_module(name)
    del sys.path[0]
    child = runpy.run_path(str(ROOT / "steps" / "engine" / "child.py"), run_name="child")
    asked = child["forked"](int(number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    become(*asked)
    # What went well ends as Python does, but leaves it to the system to tidy the memory up.
    threading._shutdown()
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
