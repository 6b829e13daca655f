"""What changed from step to step.

  diff 4      against the step before
  diff 2 5    from step 2 to step 5
"""

import difflib

import steps
from steps.engine.command.measure import read
from steps.engine.command.terminal import BLUE, BOLD, GREEN, RED, paint

COLOURS = {"+++": BOLD, "---": BOLD, "@": BLUE, "+": GREEN, "-": RED}


def takes(parser):
    """Declare A and B."""
    parser.add_argument("a", metavar="A", help="a step; alone: against the step before it")
    parser.add_argument("b", metavar="B", nargs="?", help="another step")


def call(options):
    """Print the unified diff of all files of the two steps; return 0."""
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
            f"steps/{old}/{name}" if old else "/dev/null",
            f"steps/{new}/{name}",
            lineterm="",
        )
