"""The suite is tested too: every defect put back must be caught, by the behaviour named for it."""

import os
import re

import pytest

import steps
from tests import mutants
from tests.behaviours import BEHAVIOURS, Bench
from tests.behaviours.kit import Failure

MUTANTS = mutants.load()

# A symptom that ends in this kind of failure has one of these words.
TELLS = {
    "Dropped": ("closed", "no answer", "nothing comes back", "Empty reply"),
    "Blocked": ("hangs", "waits", "never", "forever", "no answer"),
    "NoServer": ("not start", "URL", "nobody"),
    "Crashed": ("Error", "exception"),
}
NAMES_OF_THE_USER = {"Flask", "route"}      # the framework's names that a user's program says


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


@pytest.mark.parametrize("name", MUTANTS)
def test_symptom_is_one_to_three_sentences(name):
    symptom = MUTANTS[name].symptom
    assert symptom.endswith(".") and len(symptom) <= 300
    assert symptom.count(". ") <= 2
    assert MUTANTS[name].level in (1, 2, 3)


@pytest.mark.parametrize("name", MUTANTS)
def test_symptom_does_not_give_the_cause_away(name):
    mutant = MUTANTS[name]
    old, new = (identifiers("\n".join(texts)) for texts in zip(*mutant.edits, strict=True))
    source = (steps.find(mutant.step).folder / "ownflask.py").read_text(encoding="utf-8")
    inside = identifiers("\n".join(re.findall(r"(?:def|class) (\w+)", source)))
    assert not identifiers(mutant.symptom) & ((old ^ new) | inside - NAMES_OF_THE_USER)
    assert mutant.defect.lower() not in mutant.symptom.lower()
    assert mutant.name not in mutant.symptom


@pytest.mark.parametrize("name", MUTANTS)
def test_symptom_fits_the_failure(name):
    mutant = MUTANTS[name]
    kind, _, got = mutant.shows.partition(": ")
    if kind != "Wrong":
        assert any(word in mutant.symptom for word in TELLS[kind])
    elif status := re.match(r"\d{3}\b", got):
        assert status[0] in mutant.symptom


def test_no_two_mutants_have_one_symptom():
    assert len({mutant.symptom for mutant in MUTANTS.values()}) == len(MUTANTS)


def test_an_edit_that_no_longer_fits_is_refused():
    with pytest.raises(mutants.StaleMutant, match="stands 0 times"):
        MUTANTS["decorator_returns_nothing"].apply("class Flask: ...\n")


def identifiers(text):
    """Return the words of a text that have five letters or more, as code would write them."""
    return set(re.findall(r"[A-Za-z_]\w{4,}", text))
