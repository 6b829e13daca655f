"""Grading a class: thirty submissions, ten of them hostile; interrupted; the files it writes."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

import steps
from steps.engine import limits
from steps.engine.command import grade, reaper
from steps.engine.command.judge import wanted
from tests.course import PATIENCE, command
from tests.test_check import ours

LAST = len(steps.STEPS)
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")

START = "import os, sys, time\n"
HOSTILE = {
    "exits well at once": START + "os._exit(0)\n" + ours(3),
    "says that it passed": START + "print('21 passed in 0.1s')\nsys.exit(0)\n",
    "never ends": ours(3) + "while True: pass\n",
    "prints without end": ours(3, ("        resp = routes[self.path]()",
                                   "        while True: print('x' * 999)")),
    "eats memory": ours(3) + "hoard = []\nwhile True: hoard.append('x' * 10**7)\n",
    "leaves processes": START + ours(3) + """
for _ in range(20):
    if os.fork() == 0:
        os.setsid()                 # out of the group
        if os.fork() == 0:          # and an orphan
            open(os.environ["GRAVEYARD"], "a").write(f"{os.getpid()}\\n")
            time.sleep(600)
        os._exit(0)
""",
    "writes its own marks": START + ours(3) + """
for fd in (1, 2):
    for pid in ("self", os.getppid()):
        try:
            with open(f"/proc/{pid}/fd/{fd}", "w") as out:
                print('{"step": 3, "points": 999, "of": 1, "broken": null, "failed": [],'
                      ' "seconds": 0}', file=out)
        except OSError:
            pass
class Flask: pass
""",
    "patches what it finds": """
import builtins, http.client, sys, unittest
builtins.AssertionError = ValueError
http.client.HTTPResponse.status = 200
sys.excepthook = lambda *error: None
class Everything(dict):
    def __missing__(self, name): return sys
for name in ("tests", "tests.behaviours", "tests.behaviours.kit", "pytest"):
    sys.modules[name] = sys
def _exit(*code): raise SystemExit(0)
sys.exit = _exit
class Flask:
    def __init__(self, name): raise SystemExit(0)
""",
    "fills the disk": START + ours(3) + """
with open("large", "wb") as file:
    for _ in range(4096):
        file.write(b"x" * 2**20)
""",
    "deletes and defaces": START + """
import shutil
here = os.path.dirname(os.path.abspath(__file__))
for folder in (here, os.getcwd(), os.path.expandvars("$COURSE_COPY")):
    shutil.rmtree(folder, ignore_errors=True)
signal = __import__("signal")
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
raise SystemError("\\033[2J\\033[31mgone")
""",
}


def hand_in(folder, learner, step, text):
    place = folder / learner / str(steps.find(step))
    place.mkdir(parents=True, exist_ok=True)
    (place / "ownflask.py").write_text(text, encoding="utf-8")


def points(result):
    """Return {learner: {step: points}} from the JSON that grade wrote."""
    return {name: {int(number): row["points"] for number, row in each["steps"].items()}
            for name, each in result["learners"].items()}


@pytest.mark.all
@posix_only
def test_thirty_submissions_ten_of_them_hostile(tmp_path, record_property):
    work, results = tmp_path / "work", tmp_path / "results.json"
    graveyard, large = tmp_path / "graveyard", tmp_path / "table.csv"
    # One with all steps; the others with one step each, which is judged as it would be in all.
    complete = {f"complete {n}": [n] if n else range(1, LAST + 1) for n in range(10)}
    partial = {f"partial {n}": [1 + n % (LAST - 1)] for n in range(10)}
    for learner, numbers in (complete | partial).items():
        for number in numbers:
            hand_in(work, learner, number, ours(number))
    for learner, (number,) in partial.items():
        hand_in(work, learner, number + 1, ours(number))    # not done yet
    for learner, text in HOSTILE.items():
        hand_in(work, learner, 3, text)

    started = time.perf_counter()
    done = command("grade", work, "--jobs", 2, "--json", results, "--csv", large,
                   timeout=20 * PATIENCE, GRAVEYARD=str(graveyard))
    seconds = time.perf_counter() - started
    record_property("measured", f"grade of 30 submissions, 2 jobs: {seconds:.0f} s")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""

    got = points(json.loads(results.read_text(encoding="utf-8")))
    full = {number: len(wanted(number)) for number in range(1, LAST + 1)}
    for learner, numbers in complete.items():
        assert got[learner] == {number: full[number] for number in numbers}, learner
    for learner, (number,) in partial.items():
        assert got[learner][number] == full[number], learner
        assert got[learner][number + 1] < full[number + 1], learner
    rows = json.loads(results.read_text(encoding="utf-8"))["learners"]
    for learner in HOSTILE:
        row = rows[learner]["steps"]["3"]
        if learner in ("fills the disk", "leaves processes"):
            continue        # it is our framework as well: what it gains, it has earned
        if learner == "prints without end":
            assert "GET runs the view" in [sentence for sentence, _ in row["failed"]]
        else:
            assert row["points"] == 0, f"{learner}: {row}"
        assert row["broken"] or row["failed"], learner
        assert learner in done.stdout
    assert "\033" not in done.stdout
    if sys.platform.startswith("linux"):
        ghosts = [pid for pid in graveyard.read_text().split() if Path(f"/proc/{pid}").exists()]
        assert graveyard.read_text().split() and ghosts == []


@pytest.mark.all
@posix_only
def test_interrupted_it_keeps_what_it_has_and_goes_on(tmp_path):
    work = tmp_path / "work"
    for learner in "abcdef":
        hand_in(work, learner, 3, ours(3))
    with subprocess.Popen(
        [sys.executable, "-B", "-m", "steps", "grade", str(work), "--jobs", "1", "--through", "3"],
        cwd=steps.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:
        line = process.stdout.readline()
        assert line.startswith("[1/6] a "), line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "Traceback" not in err, err
    assert "Interrupted; " in out
    kept = json.loads((work / ".grades.json").read_text(encoding="utf-8"))
    assert 1 <= len(kept) < 6
    again = command("grade", work, "--through", 3)
    assert f"{len(kept)} of 6 were graded before" in again.stdout
    assert again.stdout.count(f"{len(wanted(3))}/{len(wanted(3))}") == 6


@pytest.mark.all
def test_what_has_changed_is_graded_again(tmp_path):
    hand_in(tmp_path, "a", 1, ours(1))
    hand_in(tmp_path, "b", 1, ours(1))
    assert command("grade", tmp_path, "--through", 1).returncode == 0
    hand_in(tmp_path, "b", 1, "x = 1\n")
    again = command("grade", tmp_path, "--through", 1)
    assert again.returncode == 1
    assert "1 of 2 were graded before" in again.stdout and "[1/1] b " in again.stdout
    assert "it has no class Flask" in again.stdout


@pytest.mark.all
def test_the_files_that_it_writes(tmp_path):
    work = tmp_path / "work"
    hand_in(work, "=cmd()", 1, ours(1))
    hand_in(work, "b", 1, ours(1, ("            return f\n", "            pass\n")))
    (work / "c").mkdir()
    names = {kind: tmp_path / f"table.{kind}" for kind in ("csv", "json", "junit")}
    options = [word for kind, name in names.items() for word in (f"--{kind}", name)]
    done = command("grade", work, "--through", 2, *options)
    assert done.returncode == 1
    with open(names["csv"], encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["learner"], row["step"]) for row in table] == [
        (learner, step) for learner in ("'=cmd()", "b", "c")
        for step in ("01_skeleton", "02_server")]
    assert table[0]["points"] == table[0]["of"] == str(len(wanted(1)))
    assert table[2]["failed_first"] == "the decorated name is still the view"
    assert "hello is None" in table[2]["came_back"]
    assert table[4]["failed_first"] == "not handed in"
    everything = json.loads(names["json"].read_text(encoding="utf-8"))
    assert everything["learners"]["b"]["steps"]["1"]["points"] < len(wanted(1))
    suites = ElementTree.parse(names["junit"]).getroot()
    assert suites[0].get("failures") == "0" and suites[2].get("name") == "b.01_skeleton"
    assert int(suites[2].get("failures")) == len(suites[2].findall("testcase/failure")) > 0


def test_one_folder_with_steps_in_it_is_one_learner(tmp_path):
    hand_in(tmp_path, "repository/my", 1, ours(1))
    for folder in (tmp_path / "repository" / "my", tmp_path / "repository"):
        done = command("grade", folder, "--through", 1)
        assert done.returncode == 0 and f"[1/1] {folder.name} " in done.stdout


def test_results_that_cannot_be_written_are_told_before_the_work(tmp_path):
    hand_in(tmp_path, "a", 1, ours(1))
    done = command("grade", tmp_path, "--csv", tmp_path / "no" / "table.csv")
    assert done.returncode == 2 and "cannot write to" in done.stderr
    assert not (tmp_path / ".grades.json").exists()


def test_a_file_that_is_a_link_is_not_followed(tmp_path):
    place = tmp_path / "a" / "01_skeleton"
    place.mkdir(parents=True)
    try:
        (place / "ownflask.py").symlink_to(steps.find(1).folder / "ownflask.py")
    except OSError:
        pytest.skip("this system makes no links")
    done = command("grade", tmp_path, "--through", 1)
    assert done.returncode == 1 and "is a link" in done.stdout


@pytest.mark.all
def test_what_was_kept_is_believed_only_where_it_can_be(tmp_path):
    hand_in(tmp_path, "eve", 1, "class Flask:\n    pass\n")
    mark = grade.fingerprint(tmp_path / "eve", 1)
    forged = {"eve": {"fingerprint": mark, "seconds": 0.1, "steps": {"1": {
        "step": 1, "points": 5, "of": 5, "broken": None, "failed": [], "seconds": 0.1}}}}
    # Her own folder, graded alone: what lies in it is hers.
    (tmp_path / "eve" / ".grades.json").write_text(json.dumps(forged))
    alone = command("grade", tmp_path / "eve", "--through", 1)
    assert alone.returncode == 1 and "graded before" not in alone.stdout
    for spoiled in ("[]", '{"eve": 1}', '{"eve": {}}', "[" * 100_000, "\0"):
        (tmp_path / ".grades.json").write_text(spoiled)
        done = command("grade", tmp_path, "--through", 1)
        assert done.returncode == 1 and done.stderr == "", done.stderr


@pytest.mark.all
@posix_only
def test_links_lead_nowhere(tmp_path):
    work, precious = tmp_path / "work", tmp_path / "precious.txt"
    precious.write_text("my thesis")
    hand_in(work, "alice", 1, ours(1))
    (work / "eve").mkdir()
    (work / "eve" / "01_skeleton").symlink_to(work / "alice" / "01_skeleton")
    (work / "mal").symlink_to(work / "alice")
    (work / ".grades.json").symlink_to(precious)
    done = command("grade", work, "--through", 1, "--json", tmp_path / "table.json")
    got = points(json.loads((tmp_path / "table.json").read_text()))
    assert got == {"alice": {1: len(wanted(1))}, "eve": {}}
    assert done.returncode == 1 and precious.read_text() == "my thesis"


@pytest.mark.all
@posix_only
def test_odd_names_spoil_no_table(tmp_path):
    work = tmp_path / "work"
    for name in ("esc \033[2J", "long " + "x" * 200, os.fsdecode(b"a\xff\xfe")):
        try:
            hand_in(work, name, 1, ours(1))
        except OSError:
            continue        # this system has no such names
    names = {kind: tmp_path / f"table.{kind}" for kind in ("csv", "json", "junit")}
    options = [word for kind, name in names.items() for word in (f"--{kind}", name)]
    done = command("grade", work, "--through", 1, *options)
    assert done.returncode == 0 and done.stderr == ""
    assert "\033" not in done.stdout + names["csv"].read_text(encoding="utf-8")
    assert max(map(len, done.stdout.splitlines()[-3:])) < 120
    ElementTree.parse(names["junit"])


def test_a_learner_among_the_steps_is_asked_about(tmp_path):
    hand_in(tmp_path, "alice", 1, ours(1))
    hand_in(tmp_path, "my", 1, ours(1))
    done = command("grade", tmp_path)
    assert done.returncode == 2 and "which are the learners?" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_the_limit_on_processes_counts_threads_as_the_system_does():
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(200)]
    try:
        for thread in threads:
            thread.start()
        assert limits.own() > len(threads)
    finally:
        done.set()


def test_a_judgement_uses_what_the_course_was_when_it_began():
    names = {path.as_posix() for path in grade.COURSE}
    assert {"steps/engine/child.py", "steps/engine/command/probe.py",
            "tests/behaviours/app.py"} <= names


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux hands over orphans")
def test_orphans_are_found_and_ended():
    code = (
        "import os, sys, time\n"
        "from steps.engine.command import reaper\n"
        "assert reaper.adopt()\n"
        "read, write = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.write(write, b'.')\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.read(read, 1)\n"
        "print(reaper.sweep() >= 1, reaper.children())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=steps.ROOT, capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.stdout == "True set()\n", done.stderr
    assert reaper.PR_SET_CHILD_SUBREAPER == 36
