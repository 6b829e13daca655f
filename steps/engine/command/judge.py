"""The judge: which behaviours of a step hold on somebody's ownflask.py, and why one does not.

`check`, `watch`, `bug` and `grade` all ask here. The file under judgement runs in processes of
its own; the behaviours run in this one, so nothing that it prints, patches or exits with can
make one of them hold.
"""

import ast
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from steps.engine.limits import Limits
from steps.engine.scratch import scratch
from tests.behaviours import BEHAVIOURS, Bench
from tests.behaviours.kit import Failure
from tests.behaviours.kit import NoServer as NoServerFailure

SECONDS = 20.0      # for all behaviours of a step
PATIENCE = 5.0      # for one answer, one program, one start; only what hangs uses it up
HANGS = 2           # so many that hang, and no more are tried
A_LOT = 1_000_000   # bytes printed during one behaviour
LATE, NOT_HERE = "the time was up", "this system cannot try it"
LARGEST = 1_000_000     # bytes in a file that is worth reading
CALLED = re.compile(r"(\w+)\(\) (?:takes|missing|got)")
FRAME = re.compile(r'File "([^"\n]+)", line (\d+)')


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

    untried: why it was not tried, LATE or NOT_HERE, None where it was. line: the number of the
    line in their file where it went wrong, if that is known.
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


def wanted(number):
    """Return the behaviours that a file for step NUMBER is held to, in step order.

    What our own step leaves broken for a later one to mend, a `flaw`, nobody has to imitate.
    """
    return [each for each in BEHAVIOURS.values() if each.holds_at(number) and not each.flaw]


def examine(folder, limits=None, seconds=3.0):
    """Return what keeps the ownflask.py in FOLDER from being tried at all, Broken, or None."""
    path = Path(folder, "ownflask.py")
    return read_it(path) or import_it(path, limits or Limits(), seconds)


def read_it(path):
    """Return what is wrong with the text of the file, Broken, or None."""
    try:
        if path.stat().st_size > LARGEST:
            return Broken(f"the file has {path.stat().st_size:,} bytes, which is no framework")
        source = path.read_bytes()
        if source.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Broken("it is saved as UTF-16; save it as UTF-8")
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
                   str(path.parent), str(place), str(seconds)]
        if os.name == "posix":
            command = limits.around(command)
        # Its parent needs no patience: the probe ends itself, whatever the file does.
        with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=os.name == "posix") as process:
            try:
                process.wait(seconds + 5)
            except subprocess.TimeoutExpired:
                process.kill()
        report, stack = read_back(place), read_back(Path(f"{place}.stack"))
        if report:
            try:
                return told(json.loads(report), path)
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                return Broken("it spoils what is written down about it")
        if stack:
            return Broken(f"its import does not come to an end in {seconds:g} s",
                          line_in(path, stack))
        return Broken("it ends Python while it is imported "
                      f"(exit code {process.returncode}), before anybody can use it")


def read_back(path):
    """Return what the probe wrote into a file, "" where it wrote none."""
    if path.is_symlink() or not path.is_file():
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(LARGEST)


def told(report, path):
    """Return the Broken that a report of the probe tells of, or None."""
    error, line = report.get("error"), report.get("line")
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
    lines = [int(line) for file, line in FRAME.findall(printed) if Path(file) == Path(path)]
    return (lines[0] if first else lines[-1]) if lines else None


def line_of_definition(path, kinds, name=None):
    """Return the number of the line that defines a function or class, or None."""
    for node in ast.walk(ast.parse(Path(path).read_bytes())):
        if isinstance(node, kinds) and name in (None, node.name):
            return node.lineno
    return None


def line_that_prints(path):
    """Return the number of the first line in their file that prints inside a loop, or None."""
    for loop in ast.walk(ast.parse(Path(path).read_bytes())):
        if isinstance(loop, (ast.For, ast.While)):
            for node in ast.walk(loop):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                    return node.lineno
    return None


def judge(folder, number, behaviours=None, limits=None, seconds=SECONDS):
    """Yield a Result for each behaviour of step NUMBER, tried on FOLDER's ownflask.py.

    behaviours: others than those of the step. limits: steps.engine.limits.Limits; the default keeps
    a file that prints without an end from filling the disk. seconds: for all together.
    """
    path = Path(folder, "ownflask.py")
    bench = Bench(str(path.parent), number, PATIENCE, PATIENCE, limits or Limits())
    deadline, hangs, no_start = time.monotonic() + seconds, 0, None
    try:
        for each in wanted(number) if behaviours is None else behaviours:
            late = time.monotonic() > deadline or hangs == HANGS
            if late or (each.posix_only and os.name != "posix"):
                yield Result(each, untried=LATE if late else NOT_HERE)
                continue
            if no_start and each.tool == "client":
                yield Result(each, no_start.failure, line=no_start.line)
                continue
            began = time.monotonic()
            result = try_out(bench, each, path)
            hangs += result.failure is not None and time.monotonic() - began > PATIENCE - 0.2
            if isinstance(result.failure, NoServerFailure) and result.failure.asked == "app.run()":
                no_start = result       # it would not start for the others either
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
            return Result(behaviour, failure, line=line_that_prints(path))
        stack = "most recent call first" in failure.printed
        line = line_in(path, failure.printed, first=stack)
        named = CALLED.search(failure.got)
        if line is None and named:
            line = line_of_definition(path, (ast.FunctionDef, ast.ClassDef), named[1])
        if isinstance(failure, NoServerFailure) and "nobody listens" in failure.got:
            line = None     # it waits where it should: what it printed is the fault
        return Result(behaviour, failure, line=line)
    except Exception as error:
        # An answer so odd that the behaviour stumbled over it.
        got = f"{type(error).__name__}: {error}"
        return Result(behaviour, Failure("a request", got, "an answer"))
