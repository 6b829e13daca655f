"""The hints of docs/tools/hints.toml: enough of them, a question first, and none too long."""

import itertools
import tomllib

import pytest

import steps

FILE = steps.ROOT / "docs" / "tools" / "hints.toml"
HINTS = tomllib.loads(FILE.read_text(encoding="utf-8"))["hint"]


def hints_of(step):
    """Return the hints of a step as one line each, in order."""
    return [" ".join(hint["text"].split()) for hint in HINTS if hint["step"] == step.number]


def test_every_hint_is_for_a_step_and_they_stand_in_order():
    numbers = [hint["step"] for hint in HINTS]
    assert numbers == sorted(numbers)
    assert set(numbers) == {step.number for step in steps.STEPS}
    assert all(set(hint) == {"step", "text"} for hint in HINTS)


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_step_has_three_hints_and_a_question_first(step):
    hints = hints_of(step)
    assert len(hints) >= 3
    assert hints[0].endswith("?")


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_hint_is_short_and_whole(step):
    for hint in hints_of(step):
        assert len(hint) <= 400
        assert hint.endswith((".", "?"))
        assert hint.count("`") % 2 == 0
        assert "://" not in hint and ".md" not in hint      # no links


def test_no_two_hints_are_the_same():
    for one, other in itertools.combinations(range(len(HINTS)), 2):
        assert HINTS[one]["text"].split() != HINTS[other]["text"].split()
