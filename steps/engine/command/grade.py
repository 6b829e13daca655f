"""Check the work of a class, and print it as a table: learner, step, points.

  grade work/                  each sub-folder of work/ is a learner
  grade work/ --through 7      up to step 7 only
  grade work/ --csv F --json F --junit F   the same for a spreadsheet, a program, a CI
  grade work/ --jobs 2         so many learners at a time
  grade my/                    a folder with steps in it is one learner

A learner's folder holds 05_json/ownflask.py and so on, as `start` makes them, or my/ with
those in it. A point is a behaviour that holds. Interrupt it whenever you like: what is graded
is kept in .grades/ of the course, and the same call goes on from there (--fresh: from the start).

Their code runs on this machine, within limits on time, memory, output and files. On Linux each
learner's work is shut in: it sees no file of yours or of another learner, reaches no network,
and ends with its judgement. Where the system does not offer that, the table says so first.

Exit code: 0 all points, 1 some are missing, 2 there is nothing to grade.
"""

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from xml.etree import ElementTree

import steps
from steps import ROOT
from steps.engine.command import BadInput, Trouble, cell
from steps.engine.command.judge import wanted
from steps.engine.command.mine import short
from steps.engine.command.terminal import BOLD, GREEN, RED, paint, printable
from steps.engine.scratch import replace, scratch

KEPT = ROOT / ".grades"     # not in FOLDER: what lies there the learners may have made
A_STEP = 500                # seconds for a step of one learner; its parts have limits of their own
MOST = 1_000_000            # bytes of Python files in a step, characters in a row of a grader's
THEIRS = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")    # of the environment
HEADS = {"csv": b"learner,step,", "json": b"{", "junit": b"<?xml "}     # how what is written begins
FORMULA = re.compile(r"(^|; *)(?=[-=+@\uff0d\uff1d\uff0b\uff20])")     # four are wide ones
NOT_HELD = """\
NOT SHUT IN ({}): what they handed in ran as you. It could read and change your files and the
others' work, use the network, stay behind, and forge points. See docs/teaching.md, "Grading"."""


def takes(parser):
    """Declare FOLDER and the options."""
    parser.add_argument("folder", metavar="FOLDER", help="a sub-folder for each learner")
    parser.add_argument("--through", metavar="STEP", default=str(len(steps.STEPS)),
                        help="the last step that counts")
    parser.add_argument("--csv", metavar="F", help="write a table for spreadsheets")
    parser.add_argument("--json", metavar="F", help="write all that is known")
    parser.add_argument("--junit", metavar="F", help="write JUnit XML")
    parser.add_argument("--jobs", metavar="N", default=str(max(processors() // 2, 1)),
                        help="how many learners at a time (half the processors)")
    parser.add_argument("--fresh", action="store_true", help="forget what was graded before")


def processors(groups=Path("/sys/fs/cgroup")):
    """Return how many processors this process may use; a container may have a part of them."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    own = ""
    with contextlib.suppress(OSError):
        own = Path("/proc/self/cgroup").read_text().partition("0::/")[2].strip()
    for path in (groups / own / "cpu.max", groups / "cpu.max"):
        # Microseconds in a period, see "CPU" in the kernel's admin-guide/cgroup-v2.rst.
        with contextlib.suppress(OSError, ValueError):      # none there, or "max"
            quota, period = map(int, path.read_text().split())
            count = min(count, quota // period)
    return count or 1


def call(options):
    """Grade, write the files, print the table; return 0, 1, or 130 when interrupted."""
    folder, through, jobs = Path(options.folder), steps.find(options.through).step.number, 0
    if options.jobs.isascii() and options.jobs.isdigit():
        jobs = int(options.jobs[:3])
    if not 1 <= jobs <= 64:
        raise BadInput(f"--jobs takes a number from 1 to 64, not {options.jobs[:20]!r}")
    learners = everybody(folder)
    writable(options)
    run, code, troubles = Run(folder, through, options.fresh), 0, []
    try:
        run.grade(learners, jobs)
    except KeyboardInterrupt:
        code = 130
    run.rows = {name: run.rows[name] for name in learners if name in run.rows}
    # First the files: whoever reads the table may leave before its end.
    for write, name in ((in_csv, options.csv), (in_json, options.json), (in_junit, options.junit)):
        try:
            replace(name, write(run).encode("utf-8", "replace")) if name else None
        except OSError as error:
            troubles.append(f"cannot write {name}: {error.strerror}")
    run.say("\n" + "\n".join(table(run)))
    if code:
        run.say(f"\nInterrupted; {len(learners) - len(run.rows)} to go, and not in this table. "
                "The same call goes on from here.")
    if troubles or run.unsaid:
        raise Trouble("; ".join(troubles) or f"the table cannot be printed: {run.unsaid}")
    return code or int(not all(full(row, through) for row in run.rows.values()))


def everybody(folder):
    """Return {name: folder} of the learners, in order. Raises BadInput."""
    try:
        if not folder.is_dir():
            raise BadInput(f"there is no folder {short(folder)}")
        # __MACOSX is what a Mac adds to a zip.
        names = [name for name in sorted(os.listdir(folder))
                 if not name.startswith(".") and name != "__MACOSX"]
        found = {name: path for name in names if (path := folder / name).is_dir()
                 or path.is_symlink() and not path.exists()}     # a learner's, told as such
    except (OSError, ValueError) as error:
        raise BadInput(f"{short(folder)[:100]} cannot be read: {error}")
    if folder.resolve() in (steps.FOLDER, ROOT):
        raise BadInput(f"{short(folder)} is our own; grade takes a folder with learners' work")
    if has_steps(folder):
        others = [name for name, path in found.items() if has_steps(path) and name != "my"]
        if others:
            raise BadInput(f"{short(folder)} has steps in it, and so have its sub-folders "
                           f"({', '.join(map(printable, others))[:60]}): which are the learners?")
        return {folder.resolve().name: folder.resolve()}
    if not found:
        raise BadInput(f"{short(folder)} has no sub-folders: one for each learner is wanted")
    return found


def writable(options):
    """Raise BadInput for a file that cannot be written, before the work and not after it."""
    for format, head in HEADS.items():
        name = getattr(options, format)
        with contextlib.suppress(OSError, ValueError):      # a name without end, for example
            there = Path(name).read_bytes() if name and Path(name).is_file() else b""
            if there and not there.startswith(head):
                raise BadInput(f"{printable(name)[:100]} is there already, and no table of this "
                               "call's: it would be lost. Give another name")
            if not name or not Path(name).is_dir() and Path(name).resolve().parent.is_dir():
                continue
        raise BadInput(f"cannot write to {printable(name)[:100]}: it is a folder, or lies in none")


# --- what a learner hands in

def has_steps(folder):
    """Say whether there is a step in a folder, or in its my/."""
    return any(os.path.lexists(folder / my / str(step) / "ownflask.py")
               for step in steps.STEPS for my in ("", "my"))


def handed_in(folder, through):
    """Return {number of a step: {file name: text}, or what is wrong with it, a str}.

    A learner hands in folders named like the steps, or my/ with those in it. Raises OSError.
    """
    found = {}
    no_link(folder)
    for place in (folder, folder / "my"):
        names = os.listdir(place) if place.is_dir() and not place.is_symlink() else ()
        for step in steps.STEPS[:through]:
            if str(step) in names and os.path.lexists(place / str(step) / "ownflask.py"):
                found.setdefault(step.number, files_in(place / str(step)))
    return found


def files_in(place):
    """Return {name: text, a character a byte} of a step's Python files, or what is wrong."""
    files, total = {}, 0
    try:
        no_link(place)
        for path in [place / name for name in sorted(os.listdir(place)) if name.endswith(".py")]:
            no_link(path)
            total += path.stat().st_size if path.is_file() else MOST
            if total >= MOST:
                return f"{path.name} is no file, or too large"
            files[path.name] = path.read_bytes().decode("latin-1")
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return files


def no_link(path):
    """Raise OSError for a link: to somebody else's work, it may be."""
    if path.is_symlink():
        raise OSError(0, f"{path.name} is a link, which is not followed")


# --- the grading

class Run:
    """The grading of a class. rows: {name: row}, filled as learners are done.

    way: how learners are shut in, None where they are not, for the reason in not_held.
    unsaid: the error that ended the printing, or None.
    """

    def __init__(self, folder, through, fresh):
        self.through, self.rows, self.unsaid = through, {}, None
        self.way, self.not_held = None, "this system has no way to do it"
        self.file = KEPT / f"{digest(os.fsdecode(folder.resolve()))[:16]}.json"
        self.kept = {} if fresh else kept(self.file)
        self.processes, self.lock, self.stopped, self.started = set(), threading.Lock(), False, 0
        paths = [path for name in cell.COURSE for path in (name, *sorted(name.rglob("*.py")))]
        self.course = [path.read_text("utf-8") for path in paths if path.is_file()]

    def say(self, text):
        """Print. Whoever reads it may be gone, and the grading goes on."""
        try:
            print(text, flush=True)
        except OSError as error:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")
            self.unsaid = None if isinstance(error, BrokenPipeError) else error.strerror

    def grade(self, learners, jobs):
        """Grade all learners that are not graded yet, and show that it goes on."""
        self.find_a_way()
        self.course = digest([self.course, self.through, self.not_held, sys.version])
        marks = {name: self.read(folder)["mark"] for name, folder in learners.items()}
        self.rows = {name: self.kept[mark] for name, mark in marks.items() if mark in self.kept}
        if self.rows:
            self.say(f"{len(self.rows)} of {len(learners)} were graded before "
                     "and have not changed.")
        todo = {name: folder for name, folder in learners.items() if name not in self.rows}
        pool = ThreadPoolExecutor(jobs)
        try:
            work = {pool.submit(self.one, folder): name for name, folder in todo.items()}
            for count, done in enumerate(as_completed(work), 1):
                self.add(work[done], done.result(), f"[{count:>{len(str(len(todo)))}}/{len(todo)}]")
            for name in todo:
                if cut(self.rows[name]):    # by the others, it may be: once more, alone
                    self.add(name, pool.submit(self.one, todo[name]).result(), "[again]")
        finally:
            with self.lock:
                self.stopped = True
                for process in self.processes:
                    self.end(process)
            pool.shutdown(cancel_futures=True)

    def find_a_way(self):
        """Try how learners can be shut in here, each way with a file that has to be imported."""
        for self.way in cell.ways():
            rows = {}
            with contextlib.suppress(OSError):
                rows = self.judged({1: {"ownflask.py": "Flask = None\n"}})
            if rows and "no class Flask" in str(rows[1]["broken"]):
                self.not_held = ""
                return
            self.not_held = "this system does not let you"
        self.way = None

    def add(self, name, row, count):
        """Take a row, keep it for the next run if it is whole, and show it."""
        self.rows[name] = row
        self.kept |= {} if cut(row) else {row["mark"]: row}
        with contextlib.suppress(OSError):      # graded all the same
            KEPT.mkdir(mode=0o700, exist_ok=True)
            replace(self.file, json.dumps(self.kept))
        self.say(f"{count} {printable(name)[:30]:<20} {total(row, self.through):<9} "
                 f"{row['seconds']:>5.1f} s  {first(row)[:60]}")

    def read(self, folder):
        """Return a row without points of what a learner has handed in, and that as its "work"."""
        row = {"steps": {}, "seconds": 0.0, "failure": "", "work": {}}
        try:
            row["work"] = handed_in(folder, self.through)
        except OSError as error:
            row["failure"] = printable(error.strerror)
        return row | {"mark": digest([row["work"], row["failure"], self.course])}

    def one(self, folder):
        """Grade one learner; return the row."""
        started, row, rows, why = time.monotonic(), self.read(folder), {}, "it was ended"
        work = row.pop("work")
        try:
            rows = self.judged({n: each for n, each in work.items() if isinstance(each, dict)})
        except Exception as error:      # one learner's work shall not end the others'
            why = f"{type(error).__name__}: {error}"
        for number, each in work.items():
            broken = each if isinstance(each, str) else None
            row["steps"][str(number)] = rows.get(number) or row_of(number, {
                "step": number, "failed": [], "seconds": 0.0, "broken": broken,
                "cut": None if broken else why})
        return row | {"seconds": round(time.monotonic() - started, 1)}

    def judged(self, work):
        """Return {number: row} of what a grader says to {number: files}; some may be missing."""
        with contextlib.nullcontext(cell.ROOM) if self.way else scratch("grade-") as place:
            environment = {name: os.environ[name] for name in THEIRS if name in os.environ}
            environment |= {"PATH": os.defpath} | dict.fromkeys(("TMPDIR", "TEMP"), str(place))
            with self.lock:
                if self.stopped or not work:
                    return {}
                self.started += 1
                process = subprocess.Popen(
                    cell.command(self.way, self.started), env=environment, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    start_new_session=os.name == "posix")
                self.processes.add(process)
            rows, alarm = {}, self.alarm(process)
            try:
                process.stdin.write(json.dumps(list(work.items())).encode() + b"\n")
                process.stdin.flush()
                for number in work:
                    row = row_of(number, json.loads(process.stdout.readline(MOST)))
                    if row is None:
                        break
                    rows[number] = row
                    alarm.cancel()
                    alarm = self.alarm(process)
                process.wait(1)
            except (OSError, ValueError, RecursionError, subprocess.TimeoutExpired):
                pass            # it ended too early or too late, or it is no row of the grader's
            finally:
                alarm.cancel()
                self.end(process)
                with self.lock:
                    self.processes.remove(process)
            return rows

    def alarm(self, process):
        """Return a Timer that ends a grader, unless it is cancelled before."""
        alarm = threading.Timer(A_STEP, self.end, [process])
        alarm.start()
        return alarm

    def end(self, process):
        """End a grader: by force in its cell, else so that it can end what it has started."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if self.way is None:
                process.terminate()
                process.wait(3)
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(OSError):
            process.stdin.close()


def digest(what):
    """Return a hash of what json can write."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


# --- what comes of it

def row_of(number, told):
    """Return the row for what a grader has TOLD of step NUMBER; None if it cannot have been one.

    points: None where it was cut short, for the reason in cut. of: how many there are. failed:
    [sentence, what came back] of each behaviour that does not hold. broken: why none was tried.
    """
    sentences = [each.sentence for each in wanted(number)]
    try:
        failed = [[str(sentence), printable(str(got))[:300]] for sentence, got in told["failed"]]
        named, seconds = [sentence for sentence, _ in failed], round(float(told["seconds"]), 1)
        broken, cut = (told[key] and printable(str(told[key]))[:300] for key in ("broken", "cut"))
        if told["step"] != number or not 0 <= seconds < 1e6 or named != [
                each for each in sentences if each in named]:
            return None
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    points = None if cut else 0 if broken else len(sentences) - len(failed)
    return {"step": number, "points": points, "of": len(sentences), "failed": failed,
            "broken": broken, "cut": cut, "seconds": seconds}


def kept(path):
    """Return {mark: row} of what was graded before, {} where it makes no sense."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row in rows.values():
            row["steps"] = {str(int(n)): row_of(int(n), each) for n, each in row["steps"].items()}
            row["seconds"], row["failure"] = float(row["seconds"]), printable(row["failure"])
        return {} if any(None in row["steps"].values() for row in rows.values()) else rows
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def cut(row):
    """Say whether a learner's judgement was cut short in some step."""
    return any(each["cut"] for each in row["steps"].values())


def steps_of(row, through):
    """Yield (number, row of that step or None) for all steps up to THROUGH."""
    for number in range(1, through + 1):
        yield number, row["steps"].get(str(number))


def full(row, through):
    """Say whether a learner has all points."""
    return all(each and each["points"] == each["of"] for _, each in steps_of(row, through))


def total(row, through):
    """Return the points of a learner as text; what was not handed in or not tried has none."""
    points = sum(each["points"] or 0 for _, each in steps_of(row, through) if each)
    return f"{points}/{sum(len(wanted(number)) for number in range(1, through + 1))}"


def why(row):
    """Return what is to be said about a step in place of its points, "" where nothing is."""
    return f"not tried: {row['cut']}" if row["cut"] else row["broken"] or ""


def first(row):
    """Return what failed first, as text."""
    if row["failure"] or not row["steps"]:
        return row["failure"] or "nothing handed in: no 01_skeleton/ownflask.py, and so on"
    for number, each in sorted(row["steps"].items(), key=lambda item: int(item[0])):
        if why(each) or each["failed"]:
            return f"{number}: {why(each) or each['failed'][0][0]}"
    return ""


def table(run):
    """Yield the lines of the table: one for each learner, with a column for each step."""
    if run.not_held:
        yield paint(NOT_HELD.format(run.not_held), RED)
    wide = min(max([len(printable(name)) for name in run.rows] + [7]), 30)
    heads = "".join(f"{number:>8}" for number in range(1, run.through + 1))
    yield paint(f"{'learner':<{wide}}{heads}  {'time':>7}  failed first", BOLD)
    for name, row in run.rows.items():
        cells = ""
        for _, each in steps_of(row, run.through):
            points = "?" if each and each["cut"] else each and each["points"]
            text = f"{points}/{each['of']}" if each else "-"
            good = each and points == each["of"]
            cells += paint(f"{text:>8}", GREEN if good else RED) if each else f"{text:>8}"
        yield f"{printable(name)[:30]:<{wide}}{cells}  {row['seconds']:>5.1f} s  {first(row)[:70]}"


def in_csv(run):
    """Return a row for each learner and step."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["learner", "step", "points", "of", "failed_first", "came_back", "seconds"])
    for learner, row in run.rows.items():
        for number, each in steps_of(row, run.through):
            cells = [0, len(wanted(number)), row["failure"] or "not handed in", "", ""]
            if each:
                sentence, got = each["failed"][0] if each["failed"] else ("", "")
                points = "" if each["cut"] else each["points"]
                cells = [points, each["of"], why(each) or sentence, got, each["seconds"]]
            writer.writerow([plain(cell) for cell in (learner, str(steps.find(number)), *cells)])
    return text.getvalue()


def plain(cell):
    """Return a cell that no spreadsheet takes for a formula, nor for two cells, one of which is.

    Where a comma belongs to numbers, spreadsheets part a line at its semicolons.
    """
    return FORMULA.sub(r"\1'", printable(cell)) if isinstance(cell, str) else cell


def in_json(run):
    """Return all that is known."""
    return json.dumps({"through": run.through, "not_shut_in": run.not_held,
                       "learners": run.rows}, indent=1) + "\n"


def in_junit(run):
    """Return a test suite for each learner and step, with a test case for each behaviour."""
    root = ElementTree.Element("testsuites")
    for learner, row in run.rows.items():
        for number, each in steps_of(row, run.through):
            cases, title = wanted(number), printable(f"{learner}.{steps.find(number)}")
            suite = ElementTree.SubElement(root, "testsuite", name=title, tests=str(len(cases)))
            failed, bad = dict(each["failed"]) if each else {}, 0
            for behaviour in cases:
                case = ElementTree.SubElement(suite, "testcase", name=behaviour.sentence,
                                              classname=title)
                got = failed.get(behaviour.sentence)
                got = why(each) or got if each else row["failure"] or "not handed in"
                if got:
                    bad += 1
                    ElementTree.SubElement(case, "failure", message=got)
            suite.set("failures", str(bad))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
