"""The judge: which behaviours of a step hold on somebody's ownflask.py, and why one does not.

`check`, `watch`, `bug` and `grade` all ask here. The file under judgement runs in processes of
its own; the behaviours run in this one, so nothing that it prints, patches or exits with can
make one of them hold.
"""

import ast
import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from steps.engine.command import advice
from steps.engine.limits import Limits
from steps.engine.patience import Patience
from steps.engine.scratch import scratch
from tests.behaviours import BEHAVIOURS, Bench, app_of
from tests.behaviours.kit import Blocked, Failure, NoServer

SECONDS = 40.0      # of computing, by all that a file starts while it is judged
FAR = 400.0         # seconds by the clock for all behaviours of a step, whatever happens
PATIENCE = 5.0      # for one program, one start; only what hangs uses it up
ANSWER = 3.0        # for one answer
AFTERWARDS = 1.0    # ... for each of them once something has hung
HANGS = 10          # so many that hang, and no more are tried
SILENT = 4          # ... where not even GET / is answered
IMPORT = 3.0        # seconds of patience for the import
SLOW = 2.0          # an import that takes longer is told, and not put up with at every start
A_LOT = 1_000_000   # bytes printed during one behaviour
LATE, HUNG, NOT_HERE = "the time was up", "too much hung", "this system cannot try it"
SHORT = "the judge got no process, thread or file more"
NO_MORE = errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM
LARGEST = 1_000_000     # bytes in a file that is worth reading
CALLED = re.compile(r"(\w+)\(\) (?:takes|missing|got)")
FRAME = re.compile(r'^ *File "([^\n]{1,4096})", line (\d+)', re.M)


@dataclass(frozen=True)
class Broken:
    """A file that cannot be tried at all: one sentence, and the number of its line, if any."""

    sentence: str
    line: int | None = None

    def __str__(self):
        where = f"ownflask.py, line {self.line}" if self.line else "ownflask.py"
        return f"{where}: {self.sentence}"


@dataclass(frozen=True)
class Result:
    """How one behaviour ended. failure: a kit.Failure, or None where it holds.

    untried: why it was not tried, LATE, HUNG, SHORT or NOT_HERE, None where it was. line: the
    number of the line in their file where it went wrong, if that is known.
    """

    behaviour: object
    failure: object = None
    untried: str | None = None
    line: int | None = None

    @property
    def tried(self):
        """Say whether it was tried."""
        return self.untried is None

    @property
    def holds(self):
        """Say whether it was tried and holds."""
        return self.tried and self.failure is None


def wanted(where):
    """Return the behaviours that a file for a step or stage is held to, in order.

    What our own step leaves broken for a later one to mend, a `flaw`, nobody has to imitate.
    """
    return [each for each in BEHAVIOURS.values() if each.holds_at(where) and not each.flaw]


def examine(folder, limits=None, seconds=IMPORT):
    """Return what keeps the ownflask.py in FOLDER from being tried at all, Broken, or None.

    seconds: how long its import may take, by its own time.
    """
    path = Path(folder, "ownflask.py")
    return read_it(path) or import_it(path, limits or Limits(), seconds)


def read_it(path):
    """Return what is wrong with the text of the file, Broken, or None."""
    try:
        if path.stat().st_size > LARGEST:
            return Broken(f"the file has {path.stat().st_size:,} bytes, which is no framework")
        source = path.read_bytes()
        if source.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Broken("it is saved as UTF-16 or UTF-32; save it as UTF-8")
        tree = ast.parse(source, str(path))
    except OSError as error:
        return Broken(f"it cannot be read: {error.strerror}")
    except SyntaxError as error:
        return Broken(f"{type(error).__name__}: {error.msg}", error.lineno)
    except (ValueError, RecursionError, MemoryError) as error:
        return Broken(f"Python cannot read it: {type(error).__name__} {error}")
    if not source.strip():
        return Broken("the file is empty")
    for node in ast.walk(tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if {name.partition(".")[0] for name in names} & {"flask", "werkzeug"}:
            return Broken(f"`{ast.unparse(node)}` takes the real Flask; here you write your own",
                          node.lineno)
    return None


def import_it(path, limits, seconds):
    """Import the file in a process of its own; return what came of it, Broken, or None."""
    with scratch() as folder:
        place = folder / "report"
        command = [sys.executable, "-I", "-S", "-B", str(Path(__file__).with_name("probe.py")),
                   str(path.parent), str(place), "0.5"]
        if os.name == "posix":
            command = limits.around(command)
        with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=os.name == "posix") as process:
            patience = Patience(seconds, process.pid)
            while process.poll() is None and not patience.is_over():
                time.sleep(0.005)
            endless = process.poll() is None
            process.kill()
            if sys.platform != "win32":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)      # and what it has started
        report, stack = read_back(place), read_back(Path(f"{place}.stack"))
        how = patience.tells()
        if endless:
            return Broken(f"its import does not come to an end{how and f': {how}'}",
                          line_of_the_last(path, stack))
        try:
            if not report:
                return Broken("it ends Python while it is imported "
                              f"(exit code {process.returncode}), before anybody can use it")
            broken = told(json.loads(report), path)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return Broken("it spoils what is written down about it")
        if not broken and max(patience.spent, patience.computed) > SLOW:
            return Broken(f"its import takes long, and every program that uses it has to wait"
                          f"{how and f': {how}'}", line_of_the_last(path, stack))
        return broken


def read_back(path):
    """Return what the probe wrote into a file, "" where it wrote none."""
    if path.is_symlink() or not path.is_file():
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(LARGEST)


def told(report, path):
    """Return the Broken that a report of the probe tells of, or None."""
    error, line = report.get("error"), report.get("line")
    if report["beside"]:
        there = str(report["beside"][0])
        return Broken(f"{there}, which lies beside it, stands in the way of Python's own module "
                      f"{there.partition('.')[0]}; give it another name")
    if error is None:
        return None
    if report.get("file") and Path(report["file"]) != path:
        line = None
    if error == "NoFlask":
        return Broken("it has no class Flask", line_of_definition(path, ast.ClassDef))
    if error == "SystemExit":
        return Broken("it ends the program (SystemExit) while it is imported", line)
    if error == "PrintsTooMuch":
        return Broken("it prints and prints while it is imported", line)
    if error == "ModuleNotFoundError":
        return Broken(f"{report['says']}; use what Python brings along, nothing to install", line)
    says = f": {report['says']}" if report["says"] else ""
    return Broken(f"{error} while it is imported{says}", line)


def line_in(path, printed, first=False):
    """Return the number of their line that PRINTED tells of, or None.

    A traceback ends with the line that raised; the stack of a thread begins with where it is.
    """
    # faulthandler writes names in ASCII, and no more than 500 letters of them.
    names = {str(path), str(path).encode("ascii", "backslashreplace").decode()}
    names |= {f"{name[:500]}..." for name in names}
    lines = [int(line) for file, line in FRAME.findall(printed) if file in names]
    return (lines[0] if first else lines[-1]) if lines else None


def line_of_the_last(path, stacks):
    """Return the number of their line in the last of several stacks that has one, or None."""
    found = (line_in(path, stack, first=True) for stack in reversed(stacks.split("Timeout (")))
    return next(filter(None, found), None)


def line_of_definition(path, kinds, name=None):
    """Return the number of the line that defines a function or class, or None."""
    for node in ast.walk(advice.parsed(Path(path))):
        if isinstance(node, kinds) and name in (None, node.name):
            return node.lineno
    return None


def line_that_prints(path, words=None):
    """Return the number of their first line that prints inside a loop, or None.

    words: of the first that prints text with these words, anywhere.
    """
    tree = advice.parsed(Path(path))
    for place in [tree] if words else ast.walk(tree):
        if words or isinstance(place, (ast.For, ast.While)):
            for node in ast.walk(place):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" \
                        and (words is None or words in ast.unparse(node)):
                    return node.lineno
    return None


def judge(folder, where, behaviours=None, limits=None, seconds=SECONDS):
    """Yield a Result for each behaviour of a step or stage, tried on FOLDER's ownflask.py.

    where: a step, its number, or a stage. behaviours: others than those of the step. limits:
    steps.engine.limits.Limits; the default keeps a file that prints without an end from filling
    the disk. Limits are for the files of strangers: without any, programs are forked. seconds:
    of computing, for all together. What hangs costs its own patience; where
    not even GET / is answered any more, the others that ask the same server end in that failure.
    """
    path = Path(folder, "ownflask.py")
    bench = Bench(str(path.parent), app_of(where), PATIENCE, ANSWER, limits or Limits(),
                  warm=limits is None)
    ran, began, hangs, most, gone = bench.computed(), time.monotonic(), 0, HANGS, None
    try:
        for each in wanted(where) if behaviours is None else behaviours:
            if each.posix_only and os.name != "posix":
                yield Result(each, untried=NOT_HERE)
            elif bench.computed() - ran > seconds or time.monotonic() - began > FAR:
                yield Result(each, untried=LATE)
            elif gone and each.tool == "client":
                yield Result(each, gone.failure, line=gone.line)
            elif hangs >= most:
                yield Result(each, untried=HUNG)
            else:
                result = try_out(bench, each, path)
                failure = result.failure
                if isinstance(failure, NoServer) and failure.asked == "app.run()":
                    gone = result       # it would not start for the others either
                if isinstance(failure, Blocked) or failure and "no URL after" in failure.got:
                    hangs += 1
                    bench.patience = bench.wait = AFTERWARDS
                    if each.tool == "client" and not gone and (silent := bench.silent()):
                        gone, most = Result(each, silent, line=line_of(silent, path)), SILENT
                yield result
    finally:
        bench.close()


def try_out(bench, behaviour, path):
    """Return the Result of one behaviour."""
    try:
        bench.try_out(behaviour)
        return Result(behaviour)
    except Failure as failure:
        if len(failure.printed) > A_LOT:
            failure.got += f"; it printed {len(failure.printed):,} characters meanwhile"
        return Result(behaviour, failure, line=line_of(failure, path))
    except Exception as error:
        if getattr(error, "errno", None) in NO_MORE or "start new thread" in str(error):
            return Result(behaviour, untried=SHORT)
        # An answer so odd that the behaviour stumbled over it.
        got = f"{type(error).__name__}: {error}"
        return Result(behaviour, Failure("a request", got, "an answer"))


def line_of(failure, path):
    """Return the number of their line where it went wrong, None where that is not known."""
    if len(failure.printed) > A_LOT:
        return line_that_prints(path)
    if "in a buffer" in failure.got:
        return line_that_prints(path, "http://")
    if "nobody listens" in failure.got or "of them it timed out" in failure.got:
        return None     # it waits where it should: what it printed is the fault, or the queue
    stack = "most recent call first" in failure.printed
    line = line_in(path, failure.printed, first=stack)
    named = CALLED.search(failure.got)
    if line is None and named:
        line = line_of_definition(path, (ast.FunctionDef, ast.ClassDef), named[1])
    return line
