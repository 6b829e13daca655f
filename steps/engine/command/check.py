"""Hold your own ownflask.py to a step: what it can do, and the first thing that it cannot.

  check                      the file in my/ that you changed last
  check 5                    my/05_json/ownflask.py
  check 5 some/ownflask.py   any file or folder
  check 5 --all              each behaviour, and each failure
  check 5 --compare          when all holds: the difference between yours and ours
  check 5 --exercise         the further exercises of that step
  check 5 --exercise NAME    your file held to one of them, too

Exit code: 0 all holds, 1 something does not, 2 there is nothing to check.
"""

import difflib

import steps
from steps.engine.command import BadInput, judge
from steps.engine.command.diff import coloured
from steps.engine.command.measure import read
from steps.engine.command.mine import BUG, short, target
from steps.engine.command.terminal import BOLD, GREEN, PYTHON, RED, paint, printable
from tests import exercises
from tests.behaviours.kit import last_error

LONGEST = 25        # lines of a small program that are worth showing


def takes(parser):
    """Declare STEP, PATH, --all, --compare and --exercise."""
    parser.add_argument("target", metavar="STEP", nargs="*", help="a step, a path, or both")
    parser.add_argument("--all", action="store_true", help="tell every failure")
    parser.add_argument("--compare", action="store_true", help="the difference to ours")
    parser.add_argument("--exercise", metavar="NAME", nargs="?", const="",
                        help="a further exercise; without a name: the list of them")


def call(options):
    """Print the verdict and return the exit code."""
    if len(options.target) > 2:
        raise BadInput("check takes a step, a path, or both")
    if options.exercise == "":
        return print_exercises(options.target)
    step, path = target(options.target)
    if BUG.fullmatch(path.parent.name):
        from steps.engine.command.bug import is_found

        return is_found(step, path, options.all)
    exercise = chosen(step, options.exercise)
    code = verdict(step, path, exercise, options.all)
    if options.compare:
        if code:
            print(f"\nOnce all of it holds, --compare shows ours beside yours. "
                  f"(To see it now: {PYTHON} -m steps diff {step.number})")
        else:
            compare(step, path)
    return code


def chosen(step, name):
    """Return the Exercise of that name, None for no name. Raises BadInput."""
    if name is None:
        return None
    if (step.number, name) not in exercises.EXERCISES:
        known = ", ".join(each.name for each in exercises.of_step(step.number)) or "none"
        raise BadInput(f"step {step.number} has no exercise {name!r}; it has: {known}")
    return exercises.EXERCISES[step.number, name]


def print_exercises(words):
    """Print the further exercises of a step and return 0."""
    step = target(words)[0] if len(words) != 1 else steps.find(words[0])
    print(paint(f"Further exercises of step {step.number}, {step.name}", BOLD))
    for each in exercises.of_step(step.number):
        print(f"\n{paint(each.name, BOLD)}: {each.title}\n  {each.task}\n"
              f"  {PYTHON} -m steps check {step.number} --exercise {each.name}")
    return 0


def verdict(step, path, exercise=None, every=False):
    """Judge a file as a step, print what came of it, and return the exit code."""
    print(paint(f"{short(path)}, held to step {step.number}, {step.name}", BOLD), flush=True)
    broken = judge.examine(path.parent)
    if broken:
        return print_broken(step, path, broken)
    behaviours = judge.wanted(step.number)
    if exercise:
        behaviours += exercise.behaviours
    results = list(judge.judge(path.parent, step.number, behaviours))
    own = exercise.behaviours if exercise else ()
    for number in range(1, step.number + 1):
        print_step(steps.find(number), [each for each in results if each.behaviour not in own
                                        and each.behaviour.since == number],
                   every or number == step.number and not exercise)
    if exercise:
        print_step(None, [each for each in results if each.behaviour in own], True, exercise.name)
    failed = [each for each in results if each.failure]
    if failed:
        for result in failed if every else failed[:1]:
            print_failure(result, path)
        return print_next(step, path, failed, results, every, own)
    late = [each for each in results if each.untried == judge.LATE]
    if late or not any(each.holds for each in results):
        print(f"\n{paint('Not proved', RED)}: the time was up before {len(late)} of "
              f"{len(results)} could be tried. Something in your file takes long.")
        return 1
    not_here = sum(each.untried is not None for each in results)
    if not_here:
        print(f"\n({not_here} cannot be tried on this system.)")
    print(f"\n{paint('All of it holds.', GREEN)}")
    print_well_done(step, exercise)
    return 0


def print_broken(step, path, broken):
    """Print why a file cannot be tried, with the line, and return 1."""
    where = f"{short(path)}:{broken.line}" if broken.line else short(path)
    print(f"\n{paint('It cannot be tried yet', RED)}: {printable(broken.sentence)}")
    print(f"  your line:  {where}  {line_of(path, broken.line)}".rstrip())
    print(f"\nMend that, then again: {PYTHON} -m steps check {step.number} {short(path)}")
    return 1


def print_step(step, results, every, name=None):
    """Print how the behaviours of one step ended: a line, or one each."""
    if not results:
        return
    held = sum(each.holds for each in results)
    tried = sum(each.untried != judge.NOT_HERE for each in results)
    title = f"{step.number} {step.name}" if step else f"exercise {name}"
    mark = paint("ok", GREEN) if held == tried else paint("--", RED)
    print(f"  {mark}  {title:<20} {held:>2} of {len(results)}")
    if not every and held == tried:
        return
    for each in results:
        mark = paint("ok", GREEN) if each.holds else paint("--", RED)
        note = "" if each.tried else f"  ({each.untried})"
        print(f"        {mark if each.tried else '  '}  {each.behaviour.sentence}{note}")


def print_failure(result, path):
    """Print what was asked, what came back, what was expected, and where it went wrong."""
    failure = result.failure
    print(f"\n{paint('Not yet', RED)}: {result.behaviour.sentence}")
    print(f"  asked:      {one_line(failure.asked)}")
    print(f"  came back:  {one_line(failure.got)}")
    print(f"  expected:   {one_line(failure.expected)}")
    lines = failure.program.splitlines()
    if 0 < len(lines) <= LONGEST:
        print("  the program:", *(f"      {line}" for line in lines), sep="\n")
    if result.line:
        print(f"  your line:  {short(path)}:{result.line}  {line_of(path, result.line)}")


def print_next(step, path, failed, results, every, own):
    """Print what to do about failures, and return 1."""
    if failed[0].behaviour in own:
        print(f"  the task:   {PYTHON} -m steps check {step.number} --exercise")
        return 1
    before = steps.find(failed[0].behaviour.since)
    older = f"; what failed is from docs/{before}.md" if before is not step else ""
    print(f"  to read:    docs/{step}.md{older}")
    print(f"  a hint:     {PYTHON} -m steps hint {step.number}")
    if len(failed) > 1 and not every:
        more = "1 more does" if len(failed) == 2 else f"{len(failed) - 1} more do"
        again = f"{PYTHON} -m steps check {step.number} {short(path)} --all"
        print(f"\n{more} not hold: {again}")
    if any(each.untried == judge.LATE for each in results):
        print("\nToo much hung, or the time was up: the others were not tried.")
    return 1


def print_well_done(step, exercise):
    """Print where to go on."""
    number = step.number
    if not exercise:
        print(f"  Yours beside ours:  {PYTHON} -m steps check {number} --compare")
        print(f"  Further exercises:  {PYTHON} -m steps check {number} --exercise")
    if number < steps.STEPS[-1].number:
        print(f"  The next step:      {PYTHON} -m steps start {number + 1}")


def compare(step, path):
    """Print the difference between our file and the reader's."""
    ours = f"steps/{step}/ownflask.py"
    yours = path.read_text(encoding="utf-8", errors="replace")
    lines = list(difflib.unified_diff(read(step, "ownflask.py").splitlines(), yours.splitlines(),
                                      f"{ours} (ours)", f"{short(path)} (yours)", lineterm=""))
    print("\n" + ("\n".join(map(coloured, lines)) or "Yours and ours are the same."))


def line_of(path, number):
    """Return the text of a line of a file, "" where there is none."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return printable(lines[number - 1])[:80] if number and number <= len(lines) else ""


def one_line(text):
    """Return a text in one line that fits into three, of a traceback its last line."""
    before, traceback, after = text.partition("Traceback (most recent call last):")
    text = printable(before + (last_error(traceback + after) or traceback + after))
    return text if len(text) < 240 else f"{text[:230]} ..."
