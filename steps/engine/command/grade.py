"""Check the work of a class, and print it as a table: learner, step, points.

  grade work/                  each sub-folder of work/ is a learner
  grade work/ --through 7      up to step 7 only
  grade work/ --csv F --json F --junit F   the same for a spreadsheet, a program, a CI
  grade work/ --jobs 2         so many learners at a time
  grade my/                    a folder with steps in it is one learner

A learner's folder holds 05_json/ownflask.py and so on, as `start` makes them, or my/ with
those in it. A point is a behaviour that holds. Interrupt it whenever you like: what is graded
is kept in work/.grades.json, and the same call goes on from there (--fresh: from the start).

Their code runs on this machine, as you: within limits on time, memory, output and files, from
a copy, and all that it starts is ended. It can still read what you can read. For strangers'
work use a container: see docs/teaching.md.

Exit code: 0 all points, 1 some are missing, 2 there is nothing to grade.
"""

import contextlib
import csv
import hashlib
import io
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from xml.etree import ElementTree

import steps
from steps import ROOT
from steps.engine.command import BadInput, Trouble, reaper
from steps.engine.command.grader import places
from steps.engine.command.judge import wanted
from steps.engine.command.mine import short
from steps.engine.command.terminal import BOLD, GREEN, RED, paint, printable
from steps.engine.scratch import scratch

STATE = ".grades.json"
MOST = 10_000_000   # bytes that a grader may print
A_STEP = 60         # seconds for a step of one learner; its parts have limits of their own


def takes(parser):
    """Declare FOLDER and the options."""
    parser.add_argument("folder", metavar="FOLDER", help="a sub-folder for each learner")
    parser.add_argument("--through", metavar="STEP", default=str(len(steps.STEPS)),
                        help="the last step that counts")
    parser.add_argument("--csv", metavar="F", help="write a table for spreadsheets")
    parser.add_argument("--json", metavar="F", help="write all that is known")
    parser.add_argument("--junit", metavar="F", help="write JUnit XML")
    parser.add_argument("--jobs", metavar="N", default=str(os.cpu_count() or 1),
                        help="how many learners at a time (the number of cores)")
    parser.add_argument("--fresh", action="store_true", help="forget what was graded before")


def call(options):
    """Grade, print the table, write the files; return 0, 1, or 130 when interrupted."""
    folder, through, jobs = Path(options.folder), steps.find(options.through).number, 0
    if options.jobs.isascii() and options.jobs.isdigit():
        jobs = int(options.jobs)
    if not 1 <= jobs <= 64:
        raise BadInput(f"--jobs takes a number from 1 to 64, not {options.jobs!r}")
    learners = everybody(folder, through)
    writable(options)
    one = list(learners.values()) == [folder]      # whose files are the learner's: none is kept
    run = Run(None if one else folder / STATE, through, {} if options.fresh or one else
              kept(folder / STATE))
    interrupted = False
    try:
        run.grade(learners, jobs)
    except KeyboardInterrupt:
        interrupted = True
    rows = {name: run.rows[name] for name in learners if name in run.rows}
    print_table(rows, through)
    for write, name in ((write_csv, options.csv), (write_json, options.json),
                        (write_junit, options.junit)):
        if name:
            write(rows, through, name)
    if interrupted:
        left = len(learners) - len(rows)
        print(f"\nInterrupted; {left} to go. The same call goes on from here.")
        return 130
    return 0 if all(full(row, through) for row in rows.values()) else 1


def everybody(folder, through):
    """Return {name: folder} of the learners, in order. Raises BadInput."""
    if not folder.is_dir():
        raise BadInput(f"there is no folder {short(folder)}")
    if folder.resolve() in (steps.FOLDER, ROOT):
        raise BadInput(f"{short(folder)} is our own; grade takes a folder with learners' work")
    found = {path.name: path for path in sorted(folder.iterdir())
             if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")}
    if places(folder, len(steps.STEPS)):
        others = [name for name, path in found.items() if places(path, len(steps.STEPS))
                  and name != "my"]
        if others:
            raise BadInput(f"{short(folder)} has steps in it, and so have its sub-folders "
                           f"({', '.join(map(printable, others))[:60]}): which are the learners?")
        return {folder.resolve().name: folder}
    if not found:
        raise BadInput(f"{short(folder)} has no sub-folders: one for each learner is wanted")
    return found


def writable(options):
    """Raise BadInput for a file that cannot be written, before the work and not after it."""
    for name in filter(None, (options.csv, options.json, options.junit)):
        if Path(name).is_dir() or not Path(name).resolve().parent.is_dir():
            raise BadInput(f"cannot write to {name}: it is a folder, or lies in none")


def kept(path):
    """Return {name: row} of what was graded before, {} where that cannot be read."""
    try:
        if path.is_symlink() or not path.is_file():
            return {}
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row in rows.values():
            total(row, len(steps.STEPS)), first(row), row["fingerprint"], row["seconds"] + 0
        return rows
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def fingerprint(folder, through):
    """Return a hash of what a learner has handed in, and of what it is held to."""
    seen = hashlib.sha256(f"{through} {COURSE_KEY}".encode())
    for number, place in places(folder, through).items():
        for path in sorted(place.glob("*.py")):
            seen.update(f"\n{number} {path.name}\n".encode())
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_size < 2_000_000:
                    seen.update(path.read_bytes())
            except OSError as error:
                seen.update(str(error).encode())
    return seen.hexdigest()


def course():
    """Return {path: bytes} of the course's files that a judgement needs, as they are now."""
    paths = [*ROOT.glob("steps/*.py"), *ROOT.glob("steps/*/step.toml"),
             *ROOT.glob("steps/engine/**/*.py"),
             ROOT / "tests" / "__init__.py", *ROOT.glob("tests/behaviours/*.py")]
    return {path.relative_to(ROOT): path.read_bytes() for path in paths}


# Read once, before any learner's code has run: what that may change on the disk is not used.
COURSE = course()
COURSE_KEY = hashlib.sha256(b"".join(COURSE[path] for path in sorted(COURSE))).hexdigest()


class Run:
    """The grading of a class. state: the file that keeps it, or None.

    rows: {name: row}, filled as learners are done.
    """

    def __init__(self, state, through, rows):
        self.state, self.through, self.rows = state, through, rows
        self.processes, self.lock, self.stopped = {}, threading.Lock(), False

    def grade(self, learners, jobs):
        """Grade all learners that are not graded yet, and show that it goes on."""
        adopted = reaper.adopt()
        todo = {}
        for name, folder in learners.items():
            mark = fingerprint(folder, self.through)
            if self.rows.get(name, {}).get("fingerprint") != mark:
                todo[name] = mark
        if len(todo) < len(learners):
            print(f"{len(learners) - len(todo)} of {len(learners)} were graded before "
                  "and have not changed.", flush=True)
        pool = ThreadPoolExecutor(jobs)
        try:
            work = {pool.submit(self.one, learners[name], mark): name
                    for name, mark in todo.items()}
            for count, done in enumerate(as_completed(work), 1):
                name = work[done]
                try:
                    row = done.result()
                except Exception as error:      # one learner's work shall not end the others'
                    row = {"steps": {}, "fingerprint": "", "seconds": 0.0,
                           "failure": f"could not be graded: {type(error).__name__} {error}"}
                self.rows[name] = row
                self.keep()
                points = total(row, self.through)
                print(f"[{count:>{len(str(len(todo)))}}/{len(todo)}] {printable(name):<20} "
                      f"{points:<9} {row['seconds']:>5.1f} s  {first(row)[:60]}", flush=True)
                if adopted:
                    with self.lock:
                        reaper.sweep(keep=self.processes)
        finally:
            self.stopped = True
            pool.shutdown(wait=False, cancel_futures=True)
            with self.lock:
                for process in self.processes.values():
                    end(process)
            pool.shutdown(wait=True)
            if adopted:
                reaper.sweep()

    def one(self, folder, mark):
        """Grade one learner in a process of its own, from a fresh copy of the course."""
        started, found = time.monotonic(), places(folder, self.through)
        with scratch("grade-") as place:
            for path, content in COURSE.items():
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            secret = secrets.token_hex(16)
            lines = self.read(place, folder, secret, A_STEP * max(len(found), 1))
        done = {}
        for line in lines:
            try:
                row = json.loads(line)
                if row.pop("secret") == secret:
                    done[str(row["step"])] = row
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                continue        # no row of the grader's
        for number in found:
            done.setdefault(str(number), {
                "step": number, "points": 0, "of": points_of(number), "failed": [],
                "broken": "the judgement did not come to an end", "seconds": 0.0,
            })
        return {"steps": done, "fingerprint": mark,
                "seconds": round(time.monotonic() - started, 1)}

    def read(self, place, folder, secret, seconds):
        """Run the grader in PLACE, a copy of the course, and return the lines that it printed."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("PYTHON")}
        # What is left behind there goes away with the place itself.
        environment |= {"TMPDIR": str(place), "TEMP": str(place), "TMP": str(place)}
        with open(place / "rows", "w+b") as rows:
            with self.lock:
                if self.stopped:
                    return []
                process = subprocess.Popen(
                    [sys.executable, "-B", "-S", "-m", "steps.engine.command.grader",
                     str(folder.resolve()), str(self.through)],
                    cwd=place, env=environment, stdin=subprocess.PIPE, stdout=rows,
                    stderr=subprocess.DEVNULL, start_new_session=os.name == "posix",
                )
                self.processes[process.pid] = process
            try:
                with contextlib.suppress(OSError):
                    process.stdin.write(f"{secret}\n".encode())
                    process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
            finally:
                end(process)
                process.wait()
                with self.lock:
                    del self.processes[process.pid]
            rows.seek(0)
            return rows.read(MOST).decode("utf-8", "replace").splitlines()

    def keep(self):
        """Store what is known, so that an interrupted run can go on."""
        if self.state is None:
            return
        # A folder that cannot be written is graded all the same.
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self.state.parent, prefix=f"{STATE}-")
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(self.rows, file)
            os.replace(name, self.state)


def end(process):
    """End a process and what is in its group."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.kill()


# --- what comes of it

def points_of(number):
    """Return how many points step NUMBER has."""
    return len(wanted(number))


def steps_of(row, through):
    """Yield (number, row of that step or None) for all steps up to THROUGH."""
    for number in range(1, through + 1):
        yield number, row["steps"].get(str(number))


def full(row, through):
    """Say whether a learner has all points."""
    return all(each and each["points"] == each["of"] for _, each in steps_of(row, through))


def total(row, through):
    """Return the points of a learner as text; what was not handed in has none."""
    points = sum(each["points"] for _, each in steps_of(row, through) if each)
    return f"{points}/{sum(map(points_of, range(1, through + 1)))}"


def first(row):
    """Return what failed first, as text."""
    if row.get("failure"):
        return printable(row["failure"])
    if not row["steps"]:
        return "nothing handed in: no 01_skeleton/ownflask.py, and so on"
    for number, each in sorted(row["steps"].items(), key=lambda item: int(item[0])):
        if each["broken"]:
            return f"{number}: {each['broken']}"
        if each["failed"]:
            return f"{number}: {each['failed'][0][0]}"
    return ""


def print_table(rows, through):
    """Print the table: a line for each learner, a column for each step."""
    wide = min(max([len(printable(name)) for name in rows] + [7]), 30)
    heads = "".join(f"{number:>8}" for number in range(1, through + 1))
    print(paint(f"\n{'learner':<{wide}}{heads}  {'time':>7}  failed first", BOLD))
    for name, row in rows.items():
        cells = ""
        for _, each in steps_of(row, through):
            text = f"{each['points']}/{each['of']}" if each else "-"
            good = each and each["points"] == each["of"]
            cells += paint(f"{text:>8}", GREEN if good else RED) if each else f"{text:>8}"
        print(f"{printable(name)[:30]:<{wide}}{cells}  {row['seconds']:>5.1f} s  {first(row)[:70]}")


def save(name, text):
    """Write a result file. Raises Trouble."""
    try:
        Path(name).write_text(text, encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        raise Trouble(f"cannot write {name}: {error.strerror}")


def write_csv(rows, through, name):
    """Write a row for each learner and step."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["learner", "step", "points", "of", "failed_first", "came_back", "seconds"])
    for learner, row in rows.items():
        for number, each in steps_of(row, through):
            if each is None:
                cells = [0, points_of(number), "not handed in", "", ""]
            else:
                sentence, got = each["failed"][0] if each["failed"] else ("", "")
                cells = [each["points"], each["of"], each["broken"] or sentence, got,
                         each["seconds"]]
            writer.writerow([plain(cell) for cell in (learner, str(steps.find(number)), *cells)])
    save(name, table.getvalue())


def plain(cell):
    """Return a cell that no spreadsheet takes for a formula."""
    cell = printable(cell) if isinstance(cell, str) else cell
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell


def write_json(rows, through, name):
    """Write all that is known."""
    save(name, json.dumps({"through": through, "learners": rows}, indent=1) + "\n")


def write_junit(rows, through, name):
    """Write a test suite for each learner and step, a test case for each behaviour."""
    root = ElementTree.Element("testsuites")
    for learner, row in rows.items():
        for number, each in steps_of(row, through):
            cases, title = wanted(number), printable(f"{learner}.{steps.find(number)}")
            suite = ElementTree.SubElement(root, "testsuite", name=title, tests=str(len(cases)))
            why = each["broken"] if each else "not handed in"
            failed = dict(each["failed"]) if each else {}
            bad = 0
            for behaviour in cases:
                case = ElementTree.SubElement(suite, "testcase", name=behaviour.sentence,
                                              classname=title)
                got = why or failed.get(behaviour.sentence)
                if got:
                    bad += 1
                    ElementTree.SubElement(case, "failure", message=got)
            suite.set("failures", str(bad))
    ElementTree.indent(root)
    save(name, ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n")
