"""The hints of the steps and stages: enough of them, none too long, and none the answer."""

import builtins
import io
import keyword
import re
import tokenize

import pytest

import steps
from docs.tools import changes
from steps.engine.command import hint
from steps.engine.command.measure import code_lines, read
from tests.course import of_each_step

LONGEST = 400       # letters of a step's hint
WORDS = 60          # in a stage's
A_LINE = 3          # tokens that make a line of code one that gives something away
EXAMPLES = {"HTTP_USER_AGENT", "XX", "doc", "post"}     # they stand for others of their kind

STAGES = [stage for stage in steps.STAGES if isinstance(stage, steps.Stage)]
each_stage = of_each_step({step: step.stages for step in steps.STEPS})
everything = of_each_step({step: (step, *step.stages) for step in steps.STEPS})


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_step_has_three_hints_and_a_question_first(step):
    hints = hint.of(step)
    assert len(hints) >= 3
    assert hints[0].endswith("?")


@everything
def test_a_hint_is_whole(where):
    for text in hint.of(where):
        assert text.endswith((".", "?"))
        assert text.count("`") % 2 == 0
        assert "://" not in text and ".md" not in text      # no links


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_hint_of_a_step_is_short(step):
    assert [text for text in hint.of(step) if len(text) > LONGEST] == []


@each_stage
def test_a_hint_of_a_stage_is_a_nudge(stage):
    assert 10 <= len(stage.hint.split()) <= WORDS


def test_no_two_hints_are_the_same():
    hints = [text for where in (*steps.STEPS, *STAGES) for text in hint.of(where)]
    assert len(set(hints)) == len(hints)


def tokens(line):
    """Return the tokens of a line of Python without its comment: list of str."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type != tokenize.COMMENT and token.string.strip():
                found.append(token.string)
    except tokenize.TokenError:
        pass        # the statement goes on in the next line
    return found


def added(stage):
    """Return the tokens of each line of code that a stage adds, once each: list of lists."""
    old, new = (code_lines(read(each, "ownflask.py")) for each in (steps.before(stage), stage))
    return [tokens(line) for line in dict.fromkeys(new) if line not in old]


def says(text, line):
    """Say whether a text has these tokens in this order, with or without blanks between them."""
    pattern = r"\s*".join(map(re.escape, line))
    return re.search(rf"(?<!\w){pattern}(?!\w)", text) is not None


@each_stage
def test_a_hint_of_a_stage_does_not_give_its_code_away(stage):
    lines = added(stage)
    assert lines and not all(says(stage.hint, line) for line in lines)
    assert [line for line in lines if len(line) >= A_LINE and says(stage.hint, line)] == []


def test_a_line_that_is_given_away_is_found_however_it_is_spaced():
    line = tokens("        size = int(length)      # a comment")
    assert says("Write `size=int( length )`.", line)
    assert not says("Write `oversize=int(length)`.", line)
    assert tokens('raise BadRequest("The body')[:3] == ["raise", "BadRequest", "("]


@each_stage
def test_a_hint_of_a_stage_names_none_that_is_yet_to_come(stage):
    known = "".join(read(stage, name) for name in stage.files)
    for later in (*steps.STEPS[stage.of:], *STAGES[STAGES.index(stage) + 1:]):
        number = re.escape(str(later.number)) if later in STAGES else f"steps? {later.number}"
        assert not re.search(rf"(?<![\w.]){number}(?!\.?\d)", stage.hint), later
        assert "_" not in later.name or later.name not in stage.hint or later.name in known, later


@each_stage
def test_what_a_hint_of_a_stage_calls_by_name_is_there(stage):
    """A word in `code` is one of the files, before or after, or of Python, or an example."""
    files = "".join(changes.code(each, name) for each in (steps.before(stage), stage) if each
                    for name in stage.files)
    known = {*re.findall(r"\w+", files), *dir(builtins), *keyword.kwlist, *EXAMPLES}
    code = "".join(re.findall("`[^`]+`", stage.hint))
    assert [word for word in re.findall(r"\b[A-Za-z_]\w+", code) if word not in known] == []
