"""Each further exercise: our own step lacks what it asks for, and its solution has it.

- on our step: what is new fails there in the failure named, and a guard holds.
- on the solution: all behaviours of the exercise hold, and nothing of the course is lost.
"""

import os

import pytest

import steps
from tests import exercises
from tests.behaviours import BEHAVIOURS, Bench
from tests.behaviours.kit import Failure

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
    for old, new in SOLUTIONS[key]:
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in our step"
        source = source.replace(old, new)
    return source


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A function (key) -> the Bench of a solution; the servers live as long as the module."""
    benches = {}

    def get(key):
        if key not in benches:
            folder = tmp_path_factory.mktemp("solved")
            (folder / "ownflask.py").write_text(solve(key), encoding="utf-8")
            benches[key] = Bench(folder, key[0])
        return benches[key]

    yield get
    for each in benches.values():
        each.close()


def outcome(bench, behaviour):
    """Return the Failure in which a behaviour ends; None where it holds."""
    try:
        bench.try_out(behaviour)
    except Failure as failure:
        return failure


def can_try(behaviour):
    """Say whether this system can try the behaviour."""
    return os.name == "posix" or not behaviour.posix_only


def fail(behaviour, say, failure):
    """Fail, in plain words."""
    kind = f"\n{type(failure).__name__}\n{failure}" if failure else ""
    pytest.fail(f"{behaviour.name}: {behaviour.sentence}: {say}{kind}", pytrace=False)


@each_behaviour
def test_our_step(bench, key, behaviour):
    if not can_try(behaviour):
        pytest.skip("needs POSIX signals")
    failure = outcome(bench(key[0], key[0]), behaviour)
    if behaviour.before is None:
        if failure:
            fail(behaviour, "our step has lost this", failure)
    elif failure is None:
        fail(behaviour, "it holds on our step, so there is nothing to do", failure)
    elif not failure.is_named(behaviour.before):
        fail(behaviour, f"our step must end in {behaviour.before!r}, but ended in", failure)


@pytest.mark.all
@each_behaviour
def test_solution(solved, key, behaviour):
    if not can_try(behaviour):
        pytest.skip("needs POSIX signals")
    failure = outcome(solved(key), behaviour)
    if failure:
        fail(behaviour, "not so on the solution", failure)


@pytest.mark.all
@each_exercise
def test_solution_keeps_the_course(solved, key):
    for behaviour in BEHAVIOURS.values():
        if behaviour.holds_at(key[0]) and not behaviour.flaw and can_try(behaviour):
            failure = outcome(solved(key), behaviour)
            if failure:
                fail(behaviour, "the solution has lost this", failure)


@each_exercise
def test_is_well_formed(key):
    exercise = EXERCISES[key]
    assert exercise.title and not exercise.title.endswith("."), exercise.title
    assert exercise.task.endswith("."), exercise.task
    assert 1 <= len(exercise.behaviours) <= 4
    assert any(each.before for each in exercise.behaviours), "there is nothing to do"
    assert all(each.tool in ("client", "program") for each in exercise.behaviours)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_step_has_two_to_four(number):
    assert 2 <= len(exercises.of_step(number)) <= 4


def test_each_exercise_has_a_solution():
    assert set(SOLUTIONS) == set(EXERCISES)
