"""Every behaviour on every step: it holds where it should, and fails by name where it should.

- holds: each step from `since` to `until` shows it, on an app of its own time.
- before: the app of step `since` on the framework of the step before ends in the failure named.
- after: step `until + 1` ends in the failure named.
- flask: real Flask shows it too, or differs where the list says so.

The quick test holds the first and the last step of each behaviour to it, and leaves those in
between to `test --all`: so it grows with the steps, and not with their square.
"""

import pytest

import steps
from tests.behaviours import BEHAVIOURS
from tests.behaviours.views import REQUEST_IS_GLOBAL
from tests.course import hold

LAST = steps.STEPS[-1].number
FLASK_APP = max(LAST, REQUEST_IS_GLOBAL)

pytestmark = pytest.mark.filterwarnings("error")


def cases(chosen):
    """Return pytest parameters (name, step) for the pairs (behaviour, number) that are CHOSEN."""
    return [pytest.param(b.name, n, id=f"{steps.find(n)}-{b.name}",
                         marks=pytest.mark.all if is_between(b, n) else ())
            for b, n in chosen]


def is_between(behaviour, number):
    """Say whether a step before NUMBER and one after it show the behaviour too."""
    return behaviour.since < number < min(behaviour.until or LAST, LAST)


@pytest.mark.parametrize(
    "name, number",
    cases((b, step.number) for step in steps.STEPS for b in BEHAVIOURS.values()
          if b.holds_at(step.number)),
)
def test_holds(bench, name, number):
    hold(bench(number, number), BEHAVIOURS[name])


@pytest.mark.parametrize(
    "name, number", cases((b, b.since) for b in BEHAVIOURS.values() if b.since > 1)
)
def test_step_before_fails(bench, name, number):
    expected = BEHAVIOURS[name].before
    hold(bench(number - 1, number, expected), BEHAVIOURS[name], expected)


@pytest.mark.parametrize(
    "name, number",
    cases((b, b.until + 1) for b in BEHAVIOURS.values() if b.until and b.until < LAST),
)
def test_step_after_fails(bench, name, number):
    expected = BEHAVIOURS[name].after
    hold(bench(number, number, expected), BEHAVIOURS[name], expected)


@pytest.mark.parametrize(
    "name, number", cases((b, b.since) for b in BEHAVIOURS.values() if not b.until)
)
def test_real_flask(bench, name, number):
    expected, _ = BEHAVIOURS[name].flask or (None, None)
    hold(bench(steps.FLASK, FLASK_APP, expected), BEHAVIOURS[name], expected)
