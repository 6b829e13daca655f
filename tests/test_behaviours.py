"""Every behaviour on every step: it holds where it should, and fails by name where it should.

- holds: each step from `since` to `until` shows it, on an app of its own time.
- before: the app of step `since` on the framework of the step before ends in the failure named.
- after: step `until + 1` ends in the failure named.
- flask: real Flask shows it too, or differs where the list says so.
"""

import os

import pytest

import steps
from tests.behaviours import BEHAVIOURS
from tests.behaviours.kit import Failure
from tests.behaviours.views import REQUEST_IS_GLOBAL

NUMBERS = [step.number for step in steps.STEPS]
LAST = NUMBERS[-1]
FLASK_APP = max(LAST, REQUEST_IS_GLOBAL)

pytestmark = pytest.mark.filterwarnings("error")


def cases(chosen):
    """Return pytest parameters (name, step) for the pairs that CHOSEN gives."""
    return [pytest.param(b.name, n, id=f"{steps.find(n)}-{b.name}") for b, n in chosen]


def try_out(bench, name):
    """Run a behaviour, or skip it where the system cannot."""
    behaviour = BEHAVIOURS[name]
    if behaviour.posix_only and os.name != "posix":
        pytest.skip("needs POSIX signals")
    bench.try_out(behaviour)


def must_hold(bench, name):
    """Fail, in plain words, unless the behaviour holds."""
    try:
        try_out(bench, name)
    except Failure as failure:
        say = f"{BEHAVIOURS[name].sentence}: not so\n{failure}"
    else:
        return
    pytest.fail(say, pytrace=False)


def must_fail(bench, name, expected):
    """Fail, in plain words, unless the behaviour ends in the failure of that name."""
    try:
        try_out(bench, name)
        say = "but it holds"
    except Failure as failure:
        if failure.is_named(expected):
            return
        say = f"but in {type(failure).__name__}\n{failure}"
    pytest.fail(f"{BEHAVIOURS[name].sentence}: this must end in {expected!r}, {say}",
                pytrace=False)


@pytest.mark.parametrize(
    "name, number",
    cases((b, n) for n in NUMBERS for b in BEHAVIOURS.values() if b.holds_at(n)),
)
def test_holds(bench, name, number):
    must_hold(bench(number, number), name)


@pytest.mark.parametrize(
    "name, number", cases((b, b.since) for b in BEHAVIOURS.values() if b.since > 1)
)
def test_step_before_fails(bench, name, number):
    must_fail(bench(number - 1, number), name, BEHAVIOURS[name].before)


@pytest.mark.parametrize(
    "name, number",
    cases((b, b.until + 1) for b in BEHAVIOURS.values() if b.until and b.until < LAST),
)
def test_step_after_fails(bench, name, number):
    must_fail(bench(number, number), name, BEHAVIOURS[name].after)


@pytest.mark.parametrize(
    "name, number", cases((b, b.since) for b in BEHAVIOURS.values() if not b.until)
)
def test_real_flask(bench, name, number):
    on_purpose = BEHAVIOURS[name].flask
    if on_purpose is None:
        must_hold(bench(steps.FLASK, FLASK_APP), name)
    else:
        failure, why = on_purpose
        must_fail(bench(steps.FLASK, FLASK_APP), name, failure)
