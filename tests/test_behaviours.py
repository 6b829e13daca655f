"""Every behaviour on every step: it holds where it should, and fails by name where it should.

- holds: each step and each stage from the one where it begins shows it, on an app of its time.
- before: the same app on the framework of the stage before ends in the failure named.
- after: the stage at which it ends shows the failure named.
- flask: real Flask shows it too, or differs where the list says so.

The quick test holds the first and the last step of each behaviour to it, and leaves those in
between to `test --all`: so it grows with the steps, and not with their square. A stage that is
not the last one of its step is held to what begins there.
"""

import pytest

import steps
from tests.behaviours import BEHAVIOURS, app_of, place_of
from tests.behaviours.views import REQUEST_IS_GLOBAL
from tests.course import hold

LAST = steps.STEPS[-1].number
FLASK_APP = max(LAST, REQUEST_IS_GLOBAL)

pytestmark = pytest.mark.filterwarnings("error")


def cases(chosen, only_all=lambda behaviour, where: False):
    """Return pytest parameters (name, number) for pairs (behaviour, step or stage) that are CHOSEN.

    only_all: says which of them are left to test --all.
    """
    return [pytest.param(b.name, str(where.number), id=f"{where}-{b.name}",
                         marks=pytest.mark.all if only_all(b, where) else ())
            for b, where in chosen]


def is_between(behaviour, step):
    """Say whether a step before this one and one after it show the behaviour too."""
    return behaviour.since < step.number < min(behaviour.until or LAST, LAST)


def is_on_the_way(behaviour, stage):
    """Say whether a stage before this one shows the behaviour, too."""
    return behaviour.begins != place_of(stage)


def stage_at(place):
    """Return the stage that stands there, a step that has none; None where none is yet."""
    number, within = place
    if number > LAST:
        return None
    step = steps.STEPS[number - 1]
    return step.stages[within - 1] if step.stages else step


@pytest.mark.parametrize(
    "name, number",
    cases(((b, step) for step in steps.STEPS for b in BEHAVIOURS.values() if b.holds_at(step)),
          is_between),
)
def test_holds(bench, name, number):
    hold(bench(number, int(number)), BEHAVIOURS[name])


@pytest.mark.parametrize(
    "name, number",
    cases(((b, stage) for step in steps.STEPS for stage in step.stages[:-1]
           for b in BEHAVIOURS.values() if b.holds_at(stage)), is_on_the_way),
)
def test_holds_at_a_stage(bench, name, number):
    hold(bench(number, app_of(steps.find(number))), BEHAVIOURS[name])


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
    cases((b, stage_at(b.ends)) for b in BEHAVIOURS.values() if b.ends and stage_at(b.ends)),
)
def test_stage_after_fails(bench, name, number):
    stage, expected = steps.find(number), BEHAVIOURS[name].after
    hold(bench(number, app_of(stage), expected), BEHAVIOURS[name], expected)


@pytest.mark.parametrize(
    "name, number", cases((b, stage_at(b.begins)) for b in BEHAVIOURS.values() if not b.ends)
)
def test_real_flask(bench, name, number):
    expected, _ = BEHAVIOURS[name].flask or (None, None)
    hold(bench(steps.FLASK, FLASK_APP, expected), BEHAVIOURS[name], expected)
