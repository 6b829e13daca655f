"""The classroom's commands as a learner meets them: start, check, watch, hint, bug."""

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest

import steps
from steps.engine.command import bug, hint
from steps.engine.command.terminal import PYTHON
from steps.engine.edits import edited
from tests import exercises, mutants
from tests.course import PATIENCE, command, said

OURS = steps.find(3).folder / "ownflask.py"
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture
def hand_in(tmp_path):
    """A function (step, text) that writes somebody's ownflask.py and returns its path."""
    def write(step, text):
        folder = tmp_path / "work" / str(steps.find(step))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "ownflask.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def ours(step, *edits):
    """Return the text of our framework at a step, with edits (old, new)."""
    text = (steps.find(step).folder / "ownflask.py").read_text(encoding="utf-8")
    return edited(text, edits, f"step {step}", once=False)


# --- start

def test_start_gives_the_new_demo_and_the_old_framework(course):
    done = command("start", 5, cwd=course)
    assert done.returncode == 0 and "my/05_json/ownflask.py" in done.stdout
    for name, step in (("demo.py", 5), ("ownflask.py", 4)):
        copied = course / "my" / "05_json" / name
        assert copied.read_text(encoding="utf-8") == \
            (steps.find(step).folder / name).read_text(encoding="utf-8")


def test_start_never_overwrites(course):
    command("start", 5, cwd=course)
    mine = course / "my" / "05_json" / "ownflask.py"
    mine.write_text("# mine\n")
    (course / "my" / "05_json" / "demo.py").unlink()
    again = command("start", 5, cwd=course)
    assert again.returncode == 1 and "You have begun this step: my/05_json" in again.stdout
    assert mine.read_text() == "# mine\n"
    assert (course / "my" / "05_json" / "demo.py").exists()


def test_start_goes_on_from_my_own_step(course):
    assert "no own framework" in command("start", 4, "--mine", cwd=course).stderr
    command("start", 3, cwd=course)
    (course / "my" / "03_routing" / "ownflask.py").write_text("# my routing\n")
    assert command("start", 4, "--mine", cwd=course).returncode == 0
    mine = course / "my" / "04_query_params" / "ownflask.py"
    assert mine.read_text() == "# my routing\n"


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_start_does_not_write_where_it_cannot(course, kind):
    if kind == "file":
        (course / "my").write_text("mine")
    else:
        try:
            (course / "my").symlink_to(course / "nowhere" / "at" / "all")
        except OSError:
            pytest.skip("this system makes no links")
    done = command("start", 1, cwd=course)
    assert done.returncode == 1
    assert "cannot write to my/01_skeleton" in done.stderr and "Traceback" not in done.stderr


def test_step_1_starts_from_nothing_and_check_says_what_comes_first(course):
    command("start", 1, cwd=course)
    done = command("check", 1, cwd=course)
    assert done.returncode == 1 and "it has no class Flask" in done.stdout


# --- check: what holds

def some(cases, quick):
    """Return parameters of which only those in QUICK are part of the quick run."""
    return [pytest.param(case, marks=[] if case in quick else pytest.mark.all, id=str(case))
            for case in cases]


@pytest.mark.parametrize("step", some(steps.STEPS, steps.STEPS[2:3]))
def test_our_own_step_handed_in_passes(hand_in, step, record_property):
    path = hand_in(step, ours(step))
    started = time.perf_counter()
    done = command("check", step.number, path)
    if step is steps.STEPS[-1]:
        record_property("measured", f"check of a right step {step.number}: "
                        f"{time.perf_counter() - started:.1f} s")
    assert done.returncode == 0, done.stdout
    assert "All of it holds" in done.stdout


@pytest.mark.all
@pytest.mark.parametrize("step", steps.STEPS[1:], ids=str)
def test_the_step_before_does_not_pass(hand_in, step):
    done = command("check", step.number, hand_in(step, ours(steps.before(step))))
    assert done.returncode == 1
    assert "Not yet: " in done.stdout and "expected: " in done.stdout
    assert f"docs/{step}.md" in done.stdout
    first = step.stages[0]
    assert re.search(rf"--  {first.number} {first.name} +0 of \d+", done.stdout)


@pytest.mark.all
def test_check_tells_its_results_stage_by_stage(hand_in):
    path = hand_in(5, ours("5.2"))
    text = command("check", 5, path).stdout
    assert re.findall(r"(?m)^  (ok|--)  (5\.\d \w+) +\d of \d$", text) == [
        ("ok", "5.1 a_dict"), ("ok", "5.2 application_json"),
        ("--", "5.3 a_list"), ("--", "5.4 no_nan"),
    ]
    assert "        --  a list is sent as JSON\n" in text      # what comes next, one by one
    assert "docs/05_json.md, 5.3 a_list" in text and "-m steps hint 5.3\n" in text


@pytest.mark.all
def test_a_file_can_be_held_to_a_stage(hand_in):
    path = hand_in(5, ours("5.2"))
    done = command("check", "5.2", path)
    assert done.returncode == 0 and "held to stage 5.2, application_json" in done.stdout
    after = steps.find("5.3")
    assert f"check {after.number}\n" in done.stdout
    assert f"{after.number} {after.name}: {after.title}\n  {after.failure}" in done.stdout
    assert command("check", "a_list", path).returncode == 1


@pytest.mark.all
def test_a_stage_gets_an_app_that_is_written_in_its_manner(hand_in):
    path = hand_in(4, ours("cut_off_the_query"))      # its views do not take the request yet
    done = command("check", "cut_off_the_query", path)
    assert done.returncode == 0, done.stdout


def test_start_goes_on_from_a_stage(course):
    done = command("start", "6.3", cwd=course)
    assert done.returncode == 0 and steps.find("6.3").failure in done.stdout
    mine = course / "my" / "06_post" / "ownflask.py"
    assert mine.read_text(encoding="utf-8") == ours("6.2")
    assert command("start", 6, cwd=course).returncode == 1
    assert "start 6 --mine" in command("start", "6.3", "--mine", cwd=course).stderr


def test_a_failure_says_what_was_asked_and_names_the_line(hand_in):
    broken = ours(3, ("body = resp.encode()", "body = resp.coded()"))
    done = command("check", 3, hand_in(3, broken))
    assert done.returncode == 1
    assert re.search(r"(?m)^  --  3.2 ask_routes +0 of \d+$", done.stdout)
    assert "asked:      GET /\n" in done.stdout and "expected: " in done.stdout
    assert "came back:  nothing, the connection was closed (AttributeError: 'str'" in done.stdout
    line = broken.splitlines().index("        body = resp.coded()") + 1
    assert f"ownflask.py:{line}  body = resp.coded()" in done.stdout


@pytest.mark.all
def test_what_our_step_leaves_broken_may_be_mended_early(hand_in):
    mended = ours(3, ("        resp = routes[self.path]()",
                      "        if self.path not in routes:\n"
                      "            return self.send_error(404)\n"
                      "        resp = routes[self.path]()"))
    assert command("check", 3, hand_in(3, mended)).returncode == 0


@pytest.mark.all
def test_the_file_that_was_changed_last_is_checked(course):
    for step in (3, 2):
        command("start", step, cwd=course)
    done = command("check", cwd=course)
    assert "my/02_server/ownflask.py, held to step 2" in done.stdout


@pytest.mark.all
def test_compare_shows_theirs_beside_ours_once_it_holds(hand_in):
    path = hand_in(3, ours(3, ("resp = routes[self.path]()", "resp = routes.get(self.path)()")))
    done = command("check", 3, path, "--compare")
    assert done.returncode == 0
    assert "+    resp = routes.get(self.path)()" in done.stdout
    not_yet = command("check", 3, hand_in(3, ours(2)), "--compare")
    assert not_yet.returncode == 1 and "Once all of it holds" in not_yet.stdout
    assert "@@" not in not_yet.stdout


@pytest.mark.all
def test_all_tells_every_failure(hand_in):
    done = command("check", 5, hand_in(5, ours(4)), "--all")
    assert re.search(r"Not yet: a dict is sent as JSON \(\d+ fail in this way\)", done.stdout)
    assert "the same:\n" in done.stdout


# --- check: files of every kind

RESP = "        resp = routes[self.path]()\n"
KINDS = {
    "without self": (ours(3, ("do_GET(self)", "do_GET()")), "takes 0 positional arguments",
                     "def do_GET():"),
    "UTF-16": (b"\xff\xfe" + ours(3).encode("utf-16-le"), "save it as UTF-8", ""),
    "another name": (ours(3).replace("class Flask", "class OwnFlask"), "it has no class Flask",
                     "class RequestHandler"),
    "syntax error": (ours(3, ("do_GET(self):", "do_GET(self)")),
                     "SyntaxError: ", "def do_GET(self)"),
    "tabs": (ours(3, (RESP, RESP.replace("        ", "\t"))), "TabError: ", "resp = "),
    "sys.exit": ("import sys\n" + ours(3) + "sys.exit(0)\n", "ends the program", "sys.exit(0)"),
    "os._exit": (ours(3) + "import os\nos._exit(0)\n", "it ends Python while it is impo", ""),
    "no server": (ours(1), "Not yet: run() announces its URL", ""),
    "a body of None": (ours(3, ("body = resp.encode()", "body = None")),
                       "TypeError: object of type 'NoneType' has no len()", "str(len(body))"),
    "a million lines": (ours(3) + "for i in range(10**6): print(i)\n", "prints and prints",
                        "for i in range(10**6): print(i)"),
    "a line of two million letters": (ours(3) + "print('x' * 2_000_000)\n", "prints and prints",
                                      "print('x' * 2_000_000)"),
    "UTF-32": (ours(3).encode("utf-32"), "save it as UTF-8", ""),
    "UTF-16 without a mark": (ours(3).encode("utf-16-le"), "save it as UTF-8", ""),
    "an import of itself": ("from ownflask import Flask\n" + ours(3), "take that import out",
                            "from ownflask import Flask"),
    "a coroutine": (ours(3, ("def run(", "async def run(")), "to do:      what `async def`", ""),
    "a missing package": ("import numpy\n" + ours(3), "No module named 'numpy'", "import numpy"),
    "real Flask": ("from flask import *\n", "takes the real Flask", "from flask import *"),
    "Flask by the back door": ("def f():\n    import flask.app\n" + ours(3),
                               "takes the real Flask", "import flask.app"),
    "asks a question": (ours(3) + "input('name? ')\n", "EOFError", "input('name? ')"),
    "no such letter": (b"x = '\xe9'\n" + ours(3).encode(), "SyntaxError", ""),
    "zero bytes": (ours(3) + "\0", "null bytes", ""),
    "nothing": ("", "the file is empty", ""),
    "no Flask": ("x = 1\n", "it has no class Flask", ""),
    "endless calls": (ours(3) + "def f(): f()\nf()\n", "RecursionError", "def f(): f()"),
    "too large": ("#" * 2_000_000, "2,000,000 bytes", ""),
    "escape codes": (ours(3) + "raise ValueError('\\033[2Jgone')\n", "ValueError while it is "
                     "imported: \\x1b[2Jgone", ""),
}
SLOW = {
    "endless import": (ours(3) + "while True: pass\n", "does not come to an end",
                       "while True: pass"),
    "endless view": (ours(3, (RESP, "        while True: pass\n")),
                     "Not yet: GET is answered", "while True: pass"),
    "endless run": (ours(3, ('            print(f"Running', '            while True: pass\n'
                             '            print(f"Running')), "no URL after 5 s",
                    "while True: pass"),
    "no announcement": (ours(3, ('            print(f"Running', '            dict(say=f"Running')),
                        "no URL after 5 s, and said nothing", "server.serve_forever()"),
    "endless printing": (ours(3, (RESP, "        while True: print('x' * 50)\n")),
                         "characters meanwhile", "while True: print"),
    "a thread that stays": (ours(3) + "import threading, time\n"
                            "threading.Thread(target=time.sleep, args=[99]).start()\n",
                            "it goes on for 5 s", ""),
}


def check_a_kind(hand_in, text, words, line):
    done = command("check", 3, hand_in(3, text))
    assert done.returncode == 1, done.stdout
    assert words in done.stdout, done.stdout
    assert "Traceback" not in done.stdout + done.stderr and "\033" not in done.stdout
    if line:
        assert re.search(rf"your line: .*ownflask\.py:\d+  .*{re.escape(line)}", done.stdout), \
            done.stdout


@pytest.mark.parametrize("kind", some(KINDS, ("syntax error", "sys.exit", "real Flask")))
def test_a_broken_file_gets_a_sentence_and_a_line(hand_in, kind):
    check_a_kind(hand_in, *KINDS[kind])


@pytest.mark.all
@posix_only
@pytest.mark.parametrize("kind", SLOW)
def test_a_file_that_hangs_gets_a_sentence_and_a_line(hand_in, kind):
    check_a_kind(hand_in, *SLOW[kind])


@pytest.mark.all
def test_an_answer_that_drips_is_not_waited_for(hand_in):
    drips = ours(3, ("        self.wfile.write(body)",
                     "        while True:\n            self.wfile.write(b'x')\n"
                     "            import time; time.sleep(0.3)"),
                 ('        self.send_header("Content-Length", str(len(body)))\n', ""))
    done = command("check", 3, hand_in(3, drips))
    assert done.returncode == 1 and "does not come to its end" in done.stdout, done.stdout


@posix_only
@pytest.mark.all
def test_a_closed_window_leaves_no_server(hand_in):
    path = hand_in(3, ours(3) + "import time\ntime.sleep(1)\n")
    with subprocess.Popen([sys.executable, "-m", "steps", "check", "3", str(path)],
                          cwd=steps.ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        while not (found := children_on(path.parent)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found, f"no server of theirs was started within {PATIENCE:g} s"
        process.send_signal(1)
        process.wait(PATIENCE)
    assert children_on(path.parent) == []


def children_on(folder):
    """Return the command lines of all processes that run something on a folder."""
    done = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines()
            if f"{folder} " in line and "child.py" in line]


@pytest.mark.parametrize("words, says", [
    (("check", 3, "nowhere"), "there is no file nowhere"),
    (("check", "steps/03_routing"), "is our own"),
    (("check", 3, OURS), "is our own"),
    (("check", 3, "tests"), "there is no file tests/ownflask.py"),
    (("check", "tests/behaviours/app.py"), "the framework is a file ownflask.py"),
    (("check", 1, 2, 3), "a step, a path, or both"),
    (("check", "nope"), "there is no step"), (("check", "99.1"), "there is no step"),
    (("start",), "required"), (("start", "x"), "there is no step"),
    (("hint",), "required"), (("hint", 3, 0), "has hints 1 to"), (("hint", 3, 99), "hints 1 to"),
    (("hint", 3.2, 2), "stage 3.2 has one hint"), (("hint", 3.9), "the stages of routing are"),
    (("bug",), "bug takes a step"), (("bug", "3.99"), "has bugs 3.1 to"),
    (("bug", "3.0"), "has bugs"), (("watch", "nowhere/at/all"), "there is no file"),
    (("grade", "nowhere"), "there is no folder nowhere"), (("grade", "steps"), "is our own"),
    (("grade", "docs", "--jobs", "0"), "--jobs takes a number"),
    (("grade", "docs", "--through", "x"), "there is no step"),
])
def test_a_wrong_target_is_one_line_and_never_a_success(words, says):
    done = said(*words)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_an_empty_place_is_no_success(course):
    for words in (("check",), ("check", 5), ("watch",)):
        done = command(*words, cwd=course)
        assert done.returncode == 2 and "-m steps start" in done.stderr


# --- check: further exercises

def test_an_exercise_that_is_not_there_is_one_line(hand_in):
    done = command("check", 3, hand_in(3, ours(3)), "--exercise", "nope")
    assert done.returncode == 2 and "step 3 has no exercise 'nope'; it has: " in done.stderr


@pytest.mark.all
def test_exercises_are_listed_with_their_tasks():
    for step in steps.STEPS:
        done = said("check", step.number, "--exercise")
        assert done.returncode == 0
        for each in exercises.of_step(step.number):
            assert f"check {step.number} --exercise {each.name}\n" in done.stdout


@pytest.mark.all
def test_an_exercise_is_checked_on_top_of_the_step_without_what_it_ends(hand_in):
    number, name = next(key for key, each in exercises.EXERCISES.items() if each.ends)
    edits = exercises.solutions()[number, name]
    unsolved = command("check", number, hand_in(number, ours(number)), "--exercise", name)
    assert unsolved.returncode == 1 and f"exercise {name}" in unsolved.stdout
    solved = hand_in(number, ours(number, *edits))
    done = command("check", number, solved, "--exercise", name)
    assert done.returncode == 0, done.stdout


# --- watch

@pytest.mark.all
@posix_only
def test_watch_checks_again_when_the_file_is_saved(hand_in, record_property):
    path = hand_in(1, "x = 1\n")
    with subprocess.Popen(
        [sys.executable, "-B", "-u", "-m", "steps", "watch", "1", str(path)], cwd=steps.ROOT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout],
                         daemon=True).start()

        def wait_for(words):
            while words not in (line := lines.get(timeout=PATIENCE)):
                pass
            return line

        try:
            wait_for("it has no class Flask")
            wait_for("Waiting for you to save")
            new = path.with_name("new.py")
            new.write_text(ours(1))
            saved = time.perf_counter()
            os.replace(new, path)           # as many editors save
            wait_for("held to step 1")
            record_property("measured", f"watch looks again after "
                            f"{time.perf_counter() - saved:.2f} s")
            wait_for("All of it holds")
            wait_for("Waiting for you to save")
            process.send_signal(2)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


# --- hint

@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_hints_say_how_many_are_left(step):
    count = len(hint.of(step))
    for number in range(1, count + 1):
        done = said("hint", step.name, number)
        assert done.returncode == 0 and f"hint {number} of {count}\n" in done.stdout
        following = f"hint {step.number} {number + 1}" if number < count else f"diff {step.number}"
        assert following in done.stdout
        assert not step.stages or f"hint {step.number}.1\n" in done.stdout


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_the_hint_of_a_stage_stands_between_what_it_mends_and_how_to_see_it(step):
    for stage in step.stages:
        done = said("hint", stage.name)
        parts = [" ".join(part.split()) for part in done.stdout.split("\n\n")]
        assert (done.returncode, done.stderr) == (0, "")
        assert parts[0].startswith(f"Stage {stage.number}, {stage.name}: {stage.title} ")
        assert parts[0].endswith(" ".join(stage.failure.split()))
        assert parts[1:] == [stage.hint, f"What we did: {PYTHON} -m steps diff {stage.number}"]


# --- bug

@pytest.mark.all
def test_a_bug_is_put_into_a_copy_and_only_its_symptom_is_told(course):
    done = command("bug", "7.1", cwd=course)
    assert done.returncode == 0
    mutant = bug.of_step(steps.find(7))[0]
    folder = course / "my" / "bug_07_1"
    told = done.stdout + (folder / "symptom.txt").read_text(encoding="utf-8")
    assert mutant.symptom in told
    assert mutant.name not in told and mutant.defect not in told and mutant.behaviour not in told
    assert (folder / "ownflask.py").read_text(encoding="utf-8") == mutant.apply(ours(7))

    assert command("check", "bug", "7.1", cwd=course).returncode == 1
    again = command("bug", "7.1", cwd=course)
    assert again.returncode == 1 and "nothing of it was touched" in again.stdout

    spoiled = ours(7, ("return self.not_found()", "return None"))
    (folder / "ownflask.py").write_text(spoiled, encoding="utf-8")
    gone = command("check", "my/bug_07_1", cwd=course)
    assert gone.returncode == 1

    (folder / "ownflask.py").write_text(ours(7), encoding="utf-8")
    found = command("check", "my/bug_07_1", cwd=course)
    assert found.returncode == 0 and f"Found: {mutant.defect}" in found.stdout


def test_the_next_bug_is_another_one(course):
    assert "my/bug_03_1" in command("bug", 3, cwd=course).stdout
    assert "my/bug_03_2" in command("bug", 3, cwd=course).stdout


def test_bugs_are_listed_by_difficulty():
    done = said("bug", "--list")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == \
        ["easy", "medium", "hard"]
    known = mutants.load().values()
    for mutant in known:
        assert mutant.name not in done.stdout
        twin = [each for each in known if each.edits == mutant.edits]
        assert any(each.symptom in done.stdout for each in twin)


def test_my_files_are_not_tracked(course):
    if shutil.which("git") is None:
        pytest.skip("no git here")
    subprocess.run(["git", "init", "--quiet"], cwd=course, check=True)
    command("start", 3, cwd=course)
    done = subprocess.run(["git", "status", "--porcelain", "my"], cwd=course,
                          capture_output=True, text=True)
    assert done.stdout == ""
