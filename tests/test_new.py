"""`new`: all stubs of a step or none, and a step begun so and filled in is a whole one."""

import os
import re
import subprocess
import sys

import pytest

import steps
from steps.engine.command import BadInput, new, refresh
from tests.course import command

NUMBER = len(steps.STEPS) + 1
STEP = steps.Step(NUMBER, f"shortcuts_{NUMBER}", "")


def files_in(folder):
    """Return {path: bytes} of all files and folders that are in a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
            for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_new_writes_what_a_step_has_and_touches_nothing(course):
    before = files_in(course)
    done = command("new", STEP.name, cwd=course)
    assert (done.returncode, done.stderr) == (0, "")
    after = files_in(course)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {f"steps/{STEP}", *new.places(STEP)}
    for path in new.places(STEP):
        assert not re.search(rb"NN_NAME|\b(NAME|NUMBER|HEADING|LAST)\b", after[path]), path
    assert f"{STEP.number:>2}  {STEP.name}" in command("map", cwd=course).stdout


def test_what_is_there_already_is_not_touched(course):
    (course / "docs" / f"{STEP}.md").write_text("mine")
    before = files_in(course)
    done = command("new", STEP.name, cwd=course)
    assert (done.returncode, done.stderr) == (
        1, f"steps: docs/{STEP}.md is there already; nothing was written\n"
    )
    assert files_in(course) == before


@pytest.mark.parametrize("name", ["", "Routing", "url params", "10_url", "url-params", "_x", "x_",
                                  "a" * 21, "../x", "x.py", "caf\u00e9", "routing"])
def test_a_name_that_no_step_can_have_is_refused(name):
    with pytest.raises(BadInput) as refused:
        new.usable(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("what, nth", [("rename", 1), ("rename", 5), ("rename", 9), ("mkdir", 3)])
def test_new_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch, error, what, nth):
    for path in new.places(STEP):
        if not path.startswith("steps/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "steps").mkdir()
    monkeypatch.setattr(new, "ROOT", tmp_path)
    before, real, calls = files_in(tmp_path), getattr(os, what), []

    def fail_once(*arguments, **options):
        calls.append(arguments)
        if len(calls) == nth:
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(os, what, fail_once)
    with pytest.raises(type(error)):
        new.put(STEP, new.stubs(STEP))
    assert len(calls) == nth and files_in(tmp_path) == before


# --- a step begun with `new` and filled in

PROGRAM = """from ownflask import Flask
app = Flask(__name__)
@app.{0}("/")
def hello(request=None):
    return "hello"
"""
GET = "    def get(self, path):\n        return self.route(path)\n\n"
POST = GET.replace("get", "post")
BEHAVIOURS = f'''"""{STEP.name}: a route for one method."""

from tests.behaviours import step

behaviour, flaw, view = step("{STEP.name}")


@behaviour("app.get is short for app.route", before="Crashed: AttributeError")
def get_is_a_shortcut(program):
    program("""{PROGRAM.format("get")}""").expect()
'''
EXERCISES = f'''"""Further exercises of {STEP.name}."""

from tests.exercises import step

exercise = step("{STEP.name}")
put = exercise("put", "One more", "Add `app.put` in the same way.")
delete = exercise("delete", "And another", "Add `app.delete` in the same way.")


@put("app.put is there", before="Crashed: AttributeError")
def put_is_a_shortcut(program):
    program("""{PROGRAM.format("put")}""").expect()


@delete("app.delete is there", before="Crashed: AttributeError")
def delete_is_a_shortcut(program):
    program("""{PROGRAM.format("delete")}""").expect()
'''
SOLUTIONS = "".join(f"""[[solution]]
exercise = "{name}"
edits = [['''{GET}''', '''{GET}{GET.replace("get", name)}''']]

""" for name in ("put", "delete"))
MUTANT = '''[[mutant]]
name = "shortcut_returns_nothing"
defect = "the shortcut ends without a decorator"
symptom = "I write a shortcut above my view, and the program ends in a TypeError before it runs."
level = 1
behaviour = "get_is_a_shortcut"
shows = "Crashed: TypeError"
edits = [["        return self.route(path)", "        self.route(path)"]]
'''
WRITTEN = {
    f"tests/behaviours/step{STEP}.py": BEHAVIOURS, f"tests/exercises/step{STEP}.py": EXERCISES,
    f"tests/exercises/step{STEP}.toml": SOLUTIONS, f"tests/mutants/{STEP}.toml": MUTANT,
}


def fill_in(course):
    """Make a step of the stubs: an idea of two lines, and some words wherever a stub asks."""
    for path in new.places(STEP):
        file = course / path
        text = WRITTEN.get(path, file.read_text(encoding="utf-8").replace(new.STUB, "Here is"))
        if file.name == "ownflask.py":
            head, end, tail = text.rpartition("        return wrapper\n\n")
            text = head + end + GET + tail
        file.write_text(text, encoding="utf-8", newline="\n")


def bring_up_to_date(course):
    """Do for the new step what `refresh` does, with the packages of this environment."""
    commands = [[sys.executable, "-m", f"docs.tools.{each}"] for each in ("pictures", "readmes")]
    for page in ("README.md", "docs/index.md", f"docs/{STEP}.md"):
        commands.append(refresh.cog(sys.executable, page, check=False))
    for words in commands:
        subprocess.run(words, cwd=course, check=True, stdout=subprocess.DEVNULL)


def suite(course, *words):
    """Run some of the suite in a copy of the course and return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not all", *words],
        cwd=course, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


def test_what_is_a_stub_yet_is_listed(course):
    command("new", STEP.name, cwd=course)
    said = suite(course, "tests/test_facts.py").stdout
    for path in new.places(STEP):
        copied = path.endswith("demo.py")
        assert copied or f"{path}:" in said and "still a stub: " in said, path
    assert f"steps/{STEP}/step.toml:1: still a stub: title = " in said


@pytest.mark.all
def test_a_step_that_is_filled_in_passes(course):
    command("new", STEP.name, cwd=course)
    fill_in(course)
    bring_up_to_date(course)
    everything = [f"tests/test_{each}.py" for each in (
        "facts", "catalogue", "snapshots", "hints", "docs", "notebooks",
    )]
    done = suite(course, *everything)
    assert done.returncode == 0, done.stdout
    done = suite(course, "tests", "-k", f"shortcut or {STEP}")
    assert done.returncode == 0, done.stdout
