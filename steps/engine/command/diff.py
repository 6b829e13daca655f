"""What changed from step to step, or from stage to stage.

  diff 4        against the step before
  diff 4.2      against the stage before
  diff 2 5      from step 2 to step 5
  diff 4.1 4.3  from stage to stage
"""

import difflib

import steps
from steps.engine.command.measure import read
from steps.engine.command.terminal import BLUE, BOLD, GREEN, RED, paint

COLOURS = {"+++": BOLD, "---": BOLD, "@": BLUE, "+": GREEN, "-": RED}


def takes(parser):
    """Declare A and B."""
    parser.add_argument("a", metavar="A", help="a step or stage; alone: against the one before")
    parser.add_argument("b", metavar="B", nargs="?", help="another one")


def call(options):
    """Print the unified diff of all files of the two steps or stages; return 0."""
    if options.b is None:
        new = steps.find(options.a)
        old = steps.before(new)
    else:
        old, new = steps.find(options.a), steps.find(options.b)
    lines = list(diff(old, new))
    for line in lines:
        print(coloured(line))
    if not lines:
        print(f"{old} and {new} are the same.")
    return 0


def coloured(line):
    """Return a line of a diff in its colour, where the terminal shows any."""
    colour = next((COLOURS[start] for start in COLOURS if line.startswith(start)), None)
    return paint(line, colour) if colour else line


def diff(old, new):
    """Yield the lines of a unified diff from step OLD (None: nothing yet) to step NEW."""
    for name in dict.fromkeys((*(old.files if old else ()), *new.files)):
        yield from difflib.unified_diff(
            read(old, name).splitlines(),
            read(new, name).splitlines(),
            label(old, name) if old else "/dev/null",
            label(new, name),
            lineterm="",
        )


def label(step, name):
    """Return the path of a step's file as a diff names it."""
    return step.path(name).relative_to(steps.ROOT).as_posix()
