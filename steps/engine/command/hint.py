"""A hint for a step, a question before an answer.

  hint 5      the first one
  hint 5 2    the second
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
    parser.add_argument("step", metavar="STEP", help="number or name")
    parser.add_argument("number", metavar="NUMBER", nargs="?", default="1", help="which of them")


def call(options):
    """Print one hint and return 0."""
    step = steps.find(options.step).step
    hints = of_step(step)
    numbers = [str(number) for number in range(1, len(hints) + 1)]
    if options.number not in numbers:
        raise BadInput(f"step {step.number} has hints 1 to {len(hints)}, "
                       f"not {options.number[:40]!r}")
    number = int(options.number)
    print(paint(f"Step {step.number}, {step.name}: hint {number} of {len(hints)}", BOLD))
    print(wrapped(hints[number - 1]))
    if number < len(hints):
        print(f"The next one: {PYTHON} -m steps hint {step.number} {number + 1}")
    else:
        print(f"That was the last. What we did: {PYTHON} -m steps diff {step.number}")
    return 0


def wrapped(text):
    """Return a text in lines for a terminal, none of them ending inside `code`."""
    together = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines = textwrap.fill(together, 88, break_on_hyphens=False, break_long_words=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")


def of_step(step):
    """Return the hints of a step, in order: list of str, each in one line.

    They are for a learner who writes the step in a file of their own, begun by `start`. The
    first is a question, the second says where to look, and the third nearly gives it away; none
    of them is the whole diff. They are true of our snapshot, and need no later chapter.
    """
    data = tomllib.loads((FOLDER / f"{steps.find(step)}.toml").read_text(encoding="utf-8"))
    return [" ".join(each["text"].split()) for each in data["hint"]]
