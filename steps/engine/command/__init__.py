"""The command `python3 -m steps`: one module a call, standard library only.

A call's module has a docstring (its help), takes(parser), which declares its arguments, and
call(options), which does the work and returns the exit code. Bad input is a BadInput: one
line, exit code 2. What goes wrong later is a Trouble: a sentence, exit code 1.
"""

import argparse
import contextlib
import importlib
import os
import signal
import sys

import steps
from steps.engine.command.terminal import PYTHON, visible

CALLS = {
    "map": "the steps, one line each (what you get without any call)",
    "run": "serve a step's demo",
    "prompt": "a Python prompt at which a step's files can be imported",
    "diff": "what changed from step to step",
    "start": "begin a step of your own, in my/",
    "check": "hold your own file to a step",
    "watch": "check it again each time you save it",
    "hint": "a hint for a step, a question before an answer",
    "bug": "find a defect that hides in a copy of a step",
    "grade": "check the work of a class, as a table",
    "test": "run the tests, in a .venv made on first use",
    "lab": "open the notebooks",
    "site": "build the pages of docs/ as a site, and serve it on this machine",
    "new": "for maintainers: write the stubs of a new step",
    "carry": "for maintainers: merge a change of one step into all later ones",
    "refresh": "for maintainers: bring up to date what the pages show",
}

LONGEST = 1000      # letters of a message that are worth showing


class BadInput(Exception):
    """The words of the call cannot be meant: one line, exit code 2."""


class Trouble(Exception):
    """The call was understood and cannot be done: a sentence and a next step, exit code 1."""


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message):
        raise BadInput(f"{message} (for help: {self.prog} --help)")


def main(arguments):
    """Run one call, arguments being its words, and return the exit code."""
    open_streams()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):       # a closed window, say: leave nothing running
            signal.signal(getattr(signal, name), lambda number, frame: sys.exit(128 + number))
    try:
        try:
            return dispatch(arguments)
        finally:
            if sys.stdout and not sys.stdout.closed:    # a demo may have done it
                sys.stdout.flush()
    except (BadInput, steps.UnknownStep) as error:
        complain(visible(str(error))[:LONGEST])
        return 2
    except Trouble as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = None       # the reader of a pipe left, as `| head` does
        return 0
    except OSError as error:
        sys.stdout = None       # which may be what cannot be written
        where = f"{visible(str(error.filename))[:LONGEST // 5]}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        return 1


def open_streams():
    """Make the best of the output: what is closed is said nowhere, what has no letter is a "?"."""
    # A file that is opened later shall not be taken for stdout, whatever was closed.
    while (handle := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(handle)
    if sys.stdin is None:
        sys.stdin = open(0)
    if sys.stderr is None:
        sys.stderr = open(2, "w")
    if sys.stdout is None:
        sys.stdout = open(1, "w")
        complain("the output is closed: what comes of this call is told by its exit code alone")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")


def complain(message):
    """Print what went wrong, if there is anywhere to print it."""
    with contextlib.suppress(OSError):
        print(f"steps: {message}", file=sys.stderr, flush=True)


def dispatch(arguments):
    """Find the call's module, hand it its arguments and return what it returns."""
    if not arguments:
        arguments = ["map"]
    if "\0" in "".join(arguments):
        raise BadInput("no name, number or path has a NUL in it")
    if arguments[0] in ("-h", "--help", "help"):
        print_help()
        return 0
    name, *rest = arguments
    if name not in CALLS:
        raise BadInput(f"there is no call {name!r}; the calls are: {', '.join(CALLS)}")
    module = importlib.import_module(f"steps.engine.command.{name}")
    parser = Parser(
        prog=f"{PYTHON} -m steps {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.takes(parser)
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:       # see steps/__init__.py
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(module, "PASSES_ON"):
        return module.call(parser.parse_intermixed_args(rest))
    options, passed_on = parser.parse_known_args(rest)
    setattr(options, module.PASSES_ON, passed_on)
    return module.call(options)


def print_help():
    """Print the calls, one line each."""
    print(f"{PYTHON} -m steps CALL ...\n")
    for name, summary in CALLS.items():
        print(f"  {name:<7} {summary}")
    print(f"\nMore about one of them: {PYTHON} -m steps CALL --help")
    print("A STEP is a number or a name: 3, 03, routing, 03_routing.\n"
          "Most calls take one of its stages, too: 3.2, ask_routes. The list: "
          f"{PYTHON} -m steps map 3")
