"""The hints of the steps: enough of them, a question first, and none too long."""

import pytest

import steps
from steps.engine.command.hint import of_step


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_step_has_three_hints_and_a_question_first(step):
    hints = of_step(step)
    assert len(hints) >= 3
    assert hints[0].endswith("?")


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_hint_is_short_and_whole(step):
    for hint in of_step(step):
        assert len(hint) <= 400
        assert hint.endswith((".", "?"))
        assert hint.count("`") % 2 == 0
        assert "://" not in hint and ".md" not in hint      # no links


def test_no_two_hints_are_the_same():
    hints = [hint for step in steps.STEPS for hint in of_step(step)]
    assert len(set(hints)) == len(hints)
