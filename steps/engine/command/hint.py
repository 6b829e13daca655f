"""A hint for a step or a stage, a question before an answer.

  hint 5      the first one of a step
  hint 5 2    the second
  hint 5.2    the one of a stage, after what it is about
"""

import re
import textwrap
import tomllib

import steps
from steps.engine.command import BadInput
from steps.engine.command.terminal import BOLD, PYTHON, paint

FOLDER = steps.ROOT / "docs" / "tools" / "data"


def takes(parser):
    """Declare STEP and NUMBER."""
    parser.add_argument("step", metavar="STEP", help="number or name of a step or stage")
    parser.add_argument("number", metavar="NUMBER", nargs="?", default="1", help="which of them")


def call(options):
    """Print one hint and return 0."""
    where = steps.find(options.step)
    hints = of(where)
    numbers = [str(number) for number in range(1, len(hints) + 1)]
    if options.number not in numbers:
        what = f"stage {where.number} has one hint" if where is not where.step else \
            f"step {where.number} has hints 1 to {len(hints)}"
        raise BadInput(f"{what}, not {options.number[:40]!r}")
    if where is not where.step:
        print_of_stage(where)
    else:
        print_of_step(where, hints, int(options.number))
    return 0


def print_of_stage(stage):
    """Print what a stage is about, its hint, and how to see what we did."""
    print(paint(f"Stage {stage.number}, {stage.name}: {stage.title}", BOLD))
    print(wrapped(f"Before it: {stage.failure}"), wrapped(stage.hint), sep="\n\n")
    print(f"\nWhat we did: {PYTHON} -m steps diff {stage.number}")


def print_of_step(step, hints, number):
    """Print a step's hint of that number, and where there are more."""
    print(paint(f"Step {step.number}, {step.name}: hint {number} of {len(hints)}", BOLD))
    print(wrapped(hints[number - 1]))
    if number < len(hints):
        print(f"The next one: {PYTHON} -m steps hint {step.number} {number + 1}")
    else:
        print(f"That was the last. What we did: {PYTHON} -m steps diff {step.number}")
    if step.stages:
        first = step.stages[0].number
        print(f"Each of its stages has one of its own: {PYTHON} -m steps hint {first}")


def wrapped(text):
    """Return a text in lines for a terminal, none of them ending inside `code`."""
    together = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines = textwrap.fill(together, 88, break_on_hyphens=False, break_long_words=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")


def of(where):
    """Return the hints of a step or stage, in order: list of str, each in one line.

    They are for a learner who writes it in a file of their own, begun by `start`. Of a step, the
    first is a question, the second says where to look, and the third nearly gives it away; a
    stage has one, which says where to look. None of them is the whole diff. They are true of our
    snapshot, and need no later chapter.
    """
    if where is not where.step:
        return [where.hint]
    data = tomllib.loads((FOLDER / f"{where}.toml").read_text(encoding="utf-8"))
    return [" ".join(each["text"].split()) for each in data["hint"]]
