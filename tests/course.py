"""The course as the tests use it: its command, copies to spoil, behaviours, how long to wait."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import steps
from steps.engine.command import main
from tests import warm
from tests.behaviours.kit import Failure

# Seconds for what must come. Only what hangs uses them up, on the slowest of machines too.
PATIENCE = 120.0
# Seconds for what must not come: a machine that is slow only makes it come later.
BRIEF = 1.0

LEFT_OUT = shutil.ignore_patterns(".git", ".grades", ".venv*", ".*cache", "_build", "my",
                                  ".ipynb_checkpoints")


def command(*words, cwd=steps.ROOT, timeout=5 * PATIENCE, **more):
    """Run python3 -m steps with these words and return the finished process, output as text."""
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    return warm.run([sys.executable, "-B", "-m", "steps", *map(str, words)], timeout,
                    cwd=cwd, env={**environment, **more})


def said(*words):
    """Return what command() does for a call that only says something; it needs no process."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with contextlib.chdir(steps.ROOT), contextlib.redirect_stdout(out), \
            contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as exit:
            code = exit.code
    for number, handler in handlers.items():
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)
    for stream in (out, err):
        stream.seek(0)
    return subprocess.CompletedProcess(words, code, out.read(), err.read())


def copy_to(folder, source=steps.ROOT):
    """Copy the course, with what Python has compiled of it, to a folder that is not there yet."""
    shutil.copytree(source, folder, ignore=LEFT_OUT)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def of_each_step(things):
    """Return a decorator: a test of one thing becomes one of a step, which tries all of its own.

    things: {step: its things}. Quick tests by the hundred cost more than what they try.
    """
    def decorate(test):
        def tries_all(step):
            for each in things[step]:
                try:
                    test(each)
                except BaseException as error:
                    error.add_note(f"That was {each}.")
                    raise

        tries_all.__name__, tries_all.__doc__ = test.__name__, test.__doc__
        return pytest.mark.parametrize("step", things, ids=str)(tries_all)

    return decorate


def waits(expected):
    """Return (wait, patience), seconds for a Bench, where this failure is expected, or none.

    A server must come up, and be "Blocked" afterwards, unless "no URL" is what is expected; and
    a program must end, unless "it goes on" is. What "did not print" never does.
    """
    expected = expected or ""
    silent = "no URL" in expected or "it goes on" in expected
    return (2 * BRIEF if silent else PATIENCE,
            BRIEF if expected.startswith("Blocked") or "did not print" in expected else PATIENCE)


def hold(bench, behaviour, expected=None, about=""):
    """Fail, in plain words, unless the behaviour holds, or ends in the failure EXPECTED.

    expected: the name of a failure, see kit.Failure.is_named(). about: what the words begin with.
    """
    if behaviour.posix_only and os.name != "posix":
        pytest.skip("needs POSIX signals")
    started, failure = time.monotonic(), None
    try:
        bench.try_out(behaviour)
    except Failure as error:
        failure = error
    if failure.is_named(expected) if failure and expected else not failure and not expected:
        return
    say = f"{about}{behaviour.name} ({behaviour.sentence}) must " \
          + (f"end in {expected!r}" if expected else "hold") \
          + (f", but ended in {type(failure).__name__}\n{failure}" if failure else ", but it holds")
    if time.monotonic() - started >= PATIENCE:
        say += f"\n(Nothing came for {PATIENCE:g} s: this limit is far beyond any slow machine.)"
        bench.wait = bench.patience = 5 * BRIEF     # once is enough
    pytest.fail(say, pytrace=False)


def hold_all(bench, behaviours, about=""):
    """Do what hold() does for each behaviour that must hold, and tell all that do not."""
    faults = []
    for behaviour in behaviours:
        if os.name == "posix" or not behaviour.posix_only:
            try:
                hold(bench, behaviour, about=about)
            except pytest.fail.Exception as fault:
                faults.append(str(fault))
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
