"""Begin a step of your own: its demo, and the framework of the step before, in my/.

  start 5          my/05_json/ gets demo.py of step 5 and ownflask.py of step 4
  start 5 --mine   ... or your own ownflask.py of step 4, from my/04_query_params/
  start 5.3        ... or ours of stage 5.2, to go on from there

Then change ownflask.py until `check 5` is content. Nothing of yours is touched: exit code 1
says that you have begun this step before. (What `start 5` has put there and you have not
changed yet, `start 5 --mine` may still replace.)
"""

import sys

import steps
from steps.engine.command import BadInput, Trouble, judge, verdict
from steps.engine.command.measure import read
from steps.engine.command.mine import FRAMEWORK, MY, put, short, when
from steps.engine.command.terminal import BOLD, PYTHON, paint
from steps.engine.scratch import replace

NOTHING_YET = '''\
"""My own framework, step 1. demo.py says what it must be able to do."""
'''


def takes(parser):
    """Declare STEP and --mine."""
    parser.add_argument("step", metavar="STEP", help="number or name of a step or stage")
    parser.add_argument("--mine", action="store_true", help="go on from your own last step")


def call(options):
    """Copy the files, and say what to do; return 0, or 1 where the work was begun before."""
    step = steps.find(options.step)
    before = steps.before(step)
    if options.mine and isinstance(before, steps.Stage):
        raise BadInput(f"--mine goes on from a whole step: start {step.step.number} --mine")
    folder = MY / str(step.step)
    path = folder / FRAMEWORK
    given = read(before, FRAMEWORK) if before else NOTHING_YET
    framework = own(before) if options.mine else given
    written = put(folder, {FRAMEWORK: framework, "demo.py": read(step, "demo.py")})
    untouched = FRAMEWORK not in written and is_still(path, given)
    if options.mine and untouched:
        change(path, framework)
    elif FRAMEWORK not in written:
        print(f"You have begun this step: {short(path)}, last changed {when(path)}.\n"
              f"Nothing of it was touched. Go on: {PYTHON} -m steps check {step.number}\n"
              "To begin anew, give that folder another name first.")
        return 1
    number = step.step.number
    print(paint(f"Step {number}, {step.step.name}: {step.step.title}", BOLD))
    print(f"Change {short(path)} until this is content: {PYTHON} -m steps check {number}")
    print(f"(Read: docs/{step.step}.md. Its stages: {PYTHON} -m steps map {number}. "
          f"See the demo as it is now: {PYTHON} demo.py, in {short(folder)}. "
          f"Stuck: {PYTHON} -m steps hint {step.number})")
    verdict.print_stage(step.stages[0] if step is step.step and step.stages else step)
    sys.stdout.flush()
    if options.mine:
        warn(before)
    return 0


def own(before):
    """Return the bytes of the reader's own framework of a step. Raises BadInput."""
    path = before and MY / str(before) / FRAMEWORK
    if not path or not path.is_file():
        raise BadInput(f"there is no own framework to go on from: {short(path or MY)}")
    return path.read_bytes()


def is_still(path, given):
    """Say whether a file is as `start` has put it there: GIVEN, its text."""
    return path.is_file() and not path.is_symlink() \
        and path.read_bytes().replace(b"\r\n", b"\n") == given.encode()


def change(path, content):
    """Put CONTENT in the place of what `start` has put there. Raises Trouble."""
    try:
        replace(path, content)
    except OSError as error:
        raise Trouble(f"cannot write to {short(path)}: {error.strerror}")


def warn(before):
    """Say so where the reader's own file does not hold what its step asks for."""
    folder = MY / str(before)
    what = judge.examine(folder)
    if not what:
        failed = [each for each in judge.judge(folder, before.number) if each.failure]
        what = failed and verdict.in_ways(failed, before.number)[0][0].behaviour.sentence
    if what:
        print(f"\nWatch out: {short(folder / FRAMEWORK)}, from which you go on, does not hold all "
              f"of step {before.number} yet: {what}.\n"
              f"Mend it in either: {PYTHON} -m steps check {before.number}")
