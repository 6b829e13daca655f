"""The suite is tested too: every defect put back must be caught, by the behaviour named for it.

The quick test puts back those of the last step that has any, and the first of each other step.
"""

import re

import pytest

import steps
from tests import mutants
from tests.behaviours import BEHAVIOURS, Bench
from tests.course import hold, of_each_step, waits

MUTANTS = mutants.load()
LAST = max(mutant.step for mutant in MUTANTS.values())
FIRST = {mutant.step: mutant for mutant in reversed(MUTANTS.values())}

# A symptom that ends in this kind of failure has one of these words.
TELLS = {
    "Dropped": ("closed", "no answer", "nothing comes back", "Empty reply"),
    "Blocked": ("hangs", "waits", "never", "forever", "no answer"),
    "NoServer": ("not start", "URL", "nobody"),
    "Crashed": ("Error", "exception"),
}
# The framework's names that a user's program says.
NAMES_OF_THE_USER = {"Flask", "route", "abort", "errorhandler", "get_json", "getlist", "jsonify",
                     "redirect"}
each_mutant = of_each_step({
    step: [name for name, mutant in MUTANTS.items() if mutant.step == step.number]
    for step in steps.STEPS
})


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=() if mutant.step == LAST or mutant is FIRST[mutant.step]
                 else pytest.mark.all) for name, mutant in MUTANTS.items()
])
def test_is_caught(name, tmp_path):
    mutant = MUTANTS[name]
    mutant.write(tmp_path)
    bench = Bench(tmp_path, mutant.step, *waits(mutant.shows))
    try:
        hold(bench, BEHAVIOURS[mutant.behaviour], mutant.shows, f"{mutant.defect}: ")
    finally:
        bench.close()


@each_mutant
def test_symptom_is_one_to_three_sentences(name):
    symptom = MUTANTS[name].symptom
    assert symptom.endswith(".") and len(symptom) <= 300
    assert symptom.count(". ") <= 2
    assert MUTANTS[name].level in (1, 2, 3)


@each_mutant
def test_symptom_does_not_give_the_cause_away(name):
    mutant = MUTANTS[name]
    source = (steps.find(mutant.step).folder / "ownflask.py").read_text(encoding="utf-8")
    defined = {word for word in re.findall(r"(?:def|class) (\w+)", source) if len(word) >= 5}
    old = words_of_code("\n".join(old for old, _ in mutant.edits))
    new = words_of_code("\n".join(new for _, new in mutant.edits))
    only_in_one = old.symmetric_difference(new)
    telling = only_in_one | (defined - NAMES_OF_THE_USER)
    assert words_of_code(mutant.symptom).isdisjoint(telling)
    assert mutant.defect.lower() not in mutant.symptom.lower()
    assert mutant.name not in mutant.symptom


@each_mutant
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


def words_of_code(text):
    """Return the words of a text that have five letters or more, as code would write them."""
    return set(re.findall(r"[A-Za-z_]\w{4,}", text))
