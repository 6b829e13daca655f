"""Each further exercise: our own step lacks what it asks for, and its solution has it.

- on our step: what is new fails there in the failure named, and a guard holds.
- on the solution: all behaviours of the exercise hold, and nothing of the course is lost.
"""

import re

import pytest

import steps
from steps.engine.edits import edited
from tests import exercises
from tests.behaviours import BEHAVIOURS, Bench
from tests.course import hold, hold_all, waits

EXERCISES = exercises.EXERCISES
SOLUTIONS = exercises.solutions()
NUMBERS = [step.number for step in steps.STEPS]


def name(key):
    """Return what pytest calls an exercise."""
    number, exercise = key
    return f"{steps.find(number)}-{exercise}"


each_exercise = pytest.mark.parametrize("key", EXERCISES, ids=name)
each_behaviour = pytest.mark.parametrize("key, behaviour", [
    pytest.param(key, behaviour, id=f"{name(key)}-{behaviour.name}")
    for key, exercise in EXERCISES.items() for behaviour in exercise.behaviours
])


def solve(key):
    """Return the text of our ownflask.py with the solution of an exercise in it."""
    source = (steps.find(key[0]).folder / "ownflask.py").read_text(encoding="utf-8")
    return edited(source, SOLUTIONS[key], "our step")


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A function (key) -> the Bench of a solution; the servers live as long as the module."""
    benches = {}

    def get(key):
        if key not in benches:
            folder = tmp_path_factory.mktemp("solved")
            (folder / "ownflask.py").write_text(solve(key), encoding="utf-8")
            benches[key] = Bench(folder, key[0], *waits(None))
        return benches[key]

    yield get
    for each in benches.values():
        each.close()


@each_behaviour
def test_our_step(bench, key, behaviour):
    expected = behaviour.before         # None: a guard, which our step must not lose
    hold(bench(key[0], key[0], expected), behaviour, expected)


@pytest.mark.all
@each_behaviour
def test_solution(solved, key, behaviour):
    hold(solved(key), behaviour)


@pytest.mark.all
@each_exercise
def test_solution_keeps_the_course(solved, key):
    hold_all(solved(key), [each for each in BEHAVIOURS.values()
                           if each.holds_at(key[0]) and not each.flaw
                           and each.name not in EXERCISES[key].ends],
             "the solution has lost this: ")


@each_exercise
def test_is_well_formed(key):
    exercise = EXERCISES[key]
    assert exercise.title and not exercise.title.endswith("."), exercise.title
    assert exercise.task.endswith("."), exercise.task
    assert 1 <= len(exercise.behaviours) <= 4
    assert any(each.before for each in exercise.behaviours), "there is nothing to do"
    assert all(BEHAVIOURS[name].holds_at(key[0]) for name in exercise.ends)
    assert all(each.tool in ("client", "program") for each in exercise.behaviours)


def test_add_url_rule_is_called_as_in_flask():
    from flask import Flask

    [call] = re.findall(r"`(app\.add_url_rule\(.+?\))`", EXERCISES[1, "add-url-rule"].task)
    app = Flask("app")
    eval(call, {"app": app, "hello": lambda: "hello"})
    assert app.test_client().post("/").text == "hello"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_step_has_two_to_four(number):
    assert 2 <= len(exercises.of_step(number)) <= 4


def test_each_exercise_has_a_solution():
    assert set(SOLUTIONS) == set(EXERCISES)
