"""The stages: each a small change that runs, and together the way from step to step."""

import ast
import re
import shutil
import statistics
import subprocess
import sys

import pytest

import steps
from steps.engine.command.measure import changes, code_lines, read
from tests.behaviours import BEHAVIOURS
from tests.behaviours.step02_server import free_port
from tests.course import of_each_step

BUDGET, MEDIAN = 25, 10     # changed lines of code
MOST = 12       # stages in a step; where it takes more, a step has two ideas

STAGES = [stage for stage in steps.STAGES if isinstance(stage, steps.Stage)]
each_stage = of_each_step({step: step.stages for step in steps.STEPS})
each_step = pytest.mark.parametrize("step", steps.STEPS, ids=str)


def beginning(stage):
    """Return the behaviours that begin at a stage."""
    return [each for each in BEHAVIOURS.values() if each.begins == (stage.of, stage.place)]


@each_step
def test_the_folders_of_the_stages_are_all_but_the_last(step):
    folder = step.folder / "stages"
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert found == {str(stage) for stage in step.stages[:-1]}
    assert len(step.stages) <= MOST


def test_a_name_is_a_name_of_one_step_or_stage():
    names = [each.name for each in (*steps.STEPS, *STAGES)]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if not re.fullmatch("[a-z][a-z0-9_]*", name)] == []


@of_each_step({step: step.stages or (step,) for step in steps.STEPS})
def test_a_stage_changes_few_lines(stage):
    changed = sum(change.total for change in changes([stage])[stage].values())
    assert changed <= BUDGET, f"{stage} changes {changed} lines of code; it has {BUDGET}"


def test_half_of_the_stages_change_very_few_lines():
    totals = [sum(each.total for each in files.values())
              for files in changes(steps.STAGES).values()]
    assert statistics.median(totals) <= MEDIAN


@each_stage
def test_a_stage_can_be_imported_and_has_changed(stage):
    source = read(stage, "ownflask.py")
    namespace = {"__name__": "ownflask"}
    exec(compile(source, str(stage), "exec"), namespace)
    assert "Flask" in namespace
    assert code_lines(source) != code_lines(read(steps.before(stage), "ownflask.py"))


@each_stage
def test_a_stage_has_a_demo_of_its_own_only_where_it_must(stage):
    own = stage.folder / "demo.py"
    assert stage.last or not own.exists() or own.read_text() != read(stage.step, "demo.py")


def test_no_line_flickers():
    for name in ("ownflask.py", "demo.py"):
        last_seen = {}
        for number, stage in enumerate(steps.STAGES):
            for line in set(code_lines(read(stage, name))):
                gone = number - last_seen.get(line, number)
                assert gone <= 1, f"{stage}, {name}: was gone for {gone - 1} stages: {line}"
                last_seen[line] = number


@each_stage
def test_the_docstring_says_what_is_new(stage):
    docstring = ast.get_docstring(ast.parse(read(stage, "ownflask.py")))
    if not stage.last:
        shape = rf"OwnFlask, stage {stage.number}: {re.escape(stage.title)}\.\n\nNew: .+\."
        assert re.fullmatch(shape, docstring, re.S), docstring


@each_stage
def test_a_stage_that_only_moves_code_says_so_in_its_name(stage):
    assert stage.moves == stage.name.startswith("move_")


@each_stage
def test_each_change_is_seen_by_a_behaviour_that_begins_there(stage):
    assert stage.moves != bool(beginning(stage))


@each_stage
def test_the_failure_before_is_the_one_that_a_behaviour_shows(stage):
    words = [each.before.partition(": ")[2] for each in beginning(stage) if each.before]
    assert not words or any(each in stage.failure for each in words), words


@pytest.mark.all
@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_what_a_stage_proposes_to_try_shows_the_failure_before(stage):
    """Run its demo on the stage before, try what it proposes, and look for the `words` shown."""
    before = steps.before(stage)
    shown = re.findall("`([^`]+)`", stage.failure)
    if not stage.tries or stage.tries == stage.step.tries or not shown:
        pytest.skip("it proposes nothing of its own")
    if not shutil.which("curl") or not shutil.which("sh"):
        pytest.skip("needs curl, and a shell to type it in")
    try:
        with steps.start(stage, on=before) as server:
            said = "".join(typed(words, server.url) for words in stage.tries) + server.log()
    except steps.NotServing as error:
        said = error.log + typed(stage.tries[0], f"http://127.0.0.1:{free_port()}")
    for words in shown:
        assert words in said + "".join(stage.tries)


def typed(words, url):
    """Return what a line for the shell prints; words: with {curl}, {python} and {url}."""
    line = words.format(curl="curl", python=sys.executable, url=url)
    done = subprocess.run(["sh", "-c", line], cwd=steps.ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr
