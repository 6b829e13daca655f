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


class Matcher(difflib.SequenceMatcher):
    """Finds the same changes, but lets what is put in or taken out begin at an empty line.

    So where a method is put in behind one that ends alike, it is shown whole: its first lines
    are not taken for those of the other, nor its last lines for what was there before.
    """

    def get_matching_blocks(self):
        found = [difflib.Match(0, 0, 0)]
        for a, b, size in super().get_matching_blocks():
            same = self.b[b:b + size]
            end = same[:same.index("") + 1] if "" in same else []
            count = len(end) - 1
            if count > 0:
                last = found[-1]
                above_a = place_of(end, self.a, last.a + last.size, a)
                above_b = place_of(end, self.b, last.b + last.size, b)
                if above_a is not None or above_b is not None:
                    block = (a, above_b) if above_b is not None else (above_a, b)
                    add(found, *block, count)
                    a, b, size = a + count, b + count, size - count
            add(found, a, b, size)
        return found


def place_of(part, lines, start, stop):
    """Return where a PART of it stands in lines between START and STOP, None for nowhere."""
    places = range(start, stop - len(part) + 1)
    return next((n for n in places if lines[n:n + len(part)] == part), None)


def add(blocks, a, b, size):
    """Add a block of equal lines to others, as a part of the last one where it follows on it."""
    last = blocks[-1]
    if (a, b) == (last.a + last.size, last.b + last.size):
        blocks[-1] = last._replace(size=last.size + size)
    else:
        blocks.append(difflib.Match(a, b, size))


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
        yield from unified(
            read(old, name).splitlines(),
            read(new, name).splitlines(),
            label(old, name) if old else "/dev/null",
            label(new, name),
        )


def unified(old, new, old_label, new_label, around=3):
    """Yield what difflib.unified_diff() would of two lists of lines, as Matcher finds it."""
    heads = [f"--- {old_label}", f"+++ {new_label}"]
    for group in Matcher(None, old, new, autojunk=False).get_grouped_opcodes(around):
        yield from heads
        heads = []
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        yield f"@@ -{span(i1, i2)} +{span(j1, j2)} @@"
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[i1:i2])
            else:
                yield from (f"-{line}" for line in old[i1:i2])
                yield from (f"+{line}" for line in new[j1:j2])


def span(start, stop):
    """Return the lines from START up to STOP, as a unified diff counts them."""
    count = stop - start
    # Of no lines, it tells the one above.
    return f"{start + 1}" if count == 1 else f"{start + 1 if count else start},{count}"


def label(step, name):
    """Return the path of a step's file as a diff names it."""
    return step.path(name).relative_to(steps.ROOT).as_posix()
