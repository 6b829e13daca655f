"""Every behaviour on every step: it holds where it should, and fails by name where it should.

- holds: each step and each stage from the one where it begins shows it, on an app of its time.
- before: the same app on the framework of the stage before ends in the failure named.
- after: the stage at which it ends shows the failure named.
- flask: real Flask shows it too, or differs where the list says so.

The quick test holds the first and the last step of each behaviour to it, and a stage that is not
the last one of its step to what begins there. All others, which grow with the square of the
steps, are left to `test --all`, and are one test for each step and stage.
"""

import pytest

import steps
from tests.behaviours import BEHAVIOURS, app_of, place_of
from tests.course import hold, hold_all

LAST = steps.STEPS[-1].number

pytestmark = pytest.mark.filterwarnings("error")


def cases(chosen):
    """Return pytest parameters (name, number) for the pairs (behaviour, step or stage) CHOSEN."""
    return [pytest.param(b.name, str(where.number), id=f"{where}-{b.name}") for b, where in chosen]


def is_quick(behaviour, where):
    """Say whether the quick test holds a step or stage to this behaviour, which it shows."""
    if where in steps.STEPS:
        return where.number in (behaviour.since, LAST, behaviour.until)
    return behaviour.begins == place_of(where)


def shown(quick):
    """Yield (step or stage, the behaviours that it shows and that are quick there, or not)."""
    for step in steps.STEPS:
        for where in (step, *step.stages[:-1]):
            yield where, [each for each in BEHAVIOURS.values()
                          if each.holds_at(where) and is_quick(each, where) == quick]


def stage_at(place):
    """Return the stage that stands there, or a step that has none."""
    number, within = place
    step = steps.STEPS[number - 1]
    return step.stages[within - 1] if step.stages else step


@pytest.mark.parametrize(
    "name, number", cases((b, where) for where, behaviours in shown(quick=True) for b in behaviours)
)
def test_holds(bench, name, number):
    hold(bench(number, app_of(steps.find(number))), BEHAVIOURS[name])


@pytest.mark.all
@pytest.mark.parametrize("where, behaviours", [
    pytest.param(*case, id=str(case[0])) for case in shown(quick=False) if case[1]
])
def test_holds_in_between(bench, where, behaviours):
    hold_all(bench(str(where.number), app_of(where)), behaviours)


@pytest.mark.parametrize(
    "name, number",
    cases((b, stage_at(b.begins)) for b in BEHAVIOURS.values() if b.begins > (1, 1)),
)
def test_stage_before_fails(bench, name, number):
    stage, expected = steps.find(number), BEHAVIOURS[name].before
    before = steps.before(stage).number
    hold(bench(str(before), app_of(stage), expected), BEHAVIOURS[name], expected)


@pytest.mark.parametrize(
    "name, number",
    cases((b, stage_at(b.ends)) for b in BEHAVIOURS.values() if b.ends),
)
def test_stage_after_fails(bench, name, number):
    stage, expected = steps.find(number), BEHAVIOURS[name].after
    hold(bench(number, app_of(stage), expected), BEHAVIOURS[name], expected)


@pytest.mark.parametrize(
    "name, number", cases((b, stage_at(b.begins)) for b in BEHAVIOURS.values() if not b.ends)
)
def test_real_flask(bench, name, number):
    expected, _ = BEHAVIOURS[name].flask or (None, None)
    hold(bench(steps.FLASK, LAST, expected), BEHAVIOURS[name], expected)
