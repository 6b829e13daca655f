"""The suite is tested too: every defect put back must be caught, by the behaviour named for it."""

import os

import pytest

from tests import mutants
from tests.behaviours import BEHAVIOURS, Bench
from tests.behaviours.kit import Failure

MUTANTS = mutants.load()
ERRATA = range(1, 79)


@pytest.mark.parametrize("name", MUTANTS)
def test_is_caught(name, tmp_path):
    mutant = MUTANTS[name]
    behaviour = BEHAVIOURS[mutant.behaviour]
    if behaviour.posix_only and os.name != "posix":
        pytest.skip("needs POSIX signals")
    mutant.write(tmp_path)
    # A server that never comes up need not be waited for as long as a slow one.
    bench = Bench(tmp_path, mutant.step, wait=2 if "no URL" in mutant.shows else 10)
    try:
        bench.try_out(behaviour)
        say = "but it holds"
    except Failure as failure:
        if failure.is_named(mutant.shows):
            return
        say = f"but in {type(failure).__name__}\n{failure}"
    finally:
        bench.close()
    pytest.fail(f"{mutant.defect}: {behaviour.name} must end in {mutant.shows!r}, {say}",
                pytrace=False)


def test_every_erratum_has_a_mutant_or_a_reason():
    caught = {number for mutant in MUTANTS.values() for number in mutant.errata}
    reasons = set(mutants.without_mutant())
    assert caught | reasons == set(ERRATA)
    assert not caught & reasons


def test_an_edit_that_no_longer_fits_is_refused():
    with pytest.raises(mutants.StaleMutant, match="stands 0 times"):
        MUTANTS["decorator_returns_nothing"].apply("class Flask: ...\n")
