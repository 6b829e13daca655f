"""Begin a step of your own: its demo, and the framework of the step before, in my/.

  start 5          my/05_json/ gets demo.py of step 5 and ownflask.py of step 4
  start 5 --mine   ... or your own ownflask.py of step 4, from my/04_query_params/

Then change ownflask.py until `check 5` is content. Nothing that is there already is touched:
exit code 1 says that you have begun this step before.
"""

import steps
from steps.engine.command import BadInput
from steps.engine.command.measure import read
from steps.engine.command.mine import FRAMEWORK, MY, put, short, when
from steps.engine.command.terminal import BOLD, PYTHON, paint

NOTHING_YET = '''\
"""My own framework, step 1. demo.py says what it must be able to do."""
'''


def takes(parser):
    """Declare STEP and --mine."""
    parser.add_argument("step", metavar="STEP", help="number or name")
    parser.add_argument("--mine", action="store_true", help="go on from your own last step")


def call(options):
    """Copy the files, and say what to do; return 0, or 1 where the work was begun before."""
    step = steps.find(options.step)
    before = steps.before(step)
    folder = MY / str(step)
    framework = read(before, FRAMEWORK) if before else NOTHING_YET
    if options.mine:
        framework = own(step, before)
    written = put(folder, {FRAMEWORK: framework, "demo.py": read(step, "demo.py")})
    framework = short(folder / FRAMEWORK)
    if FRAMEWORK not in written:
        print(f"You have begun this step: {framework}, last changed {when(folder / FRAMEWORK)}.\n"
              f"Nothing of it was touched. Go on: {PYTHON} -m steps check {step.number}\n"
              "To begin anew, give that folder another name first.")
        return 1
    print(paint(f"Step {step.number}, {step.name}: {step.title}", BOLD))
    print(f"Change {framework} until this is content: {PYTHON} -m steps check {step.number}")
    print(f"(Read: docs/{step}.md. See the demo fail: python3 demo.py, in {short(folder)}. "
          f"Stuck: {PYTHON} -m steps hint {step.number})".replace("python3", PYTHON))
    return 0


def own(step, before):
    """Return the text of the reader's own framework of the step before. Raises BadInput."""
    path = before and MY / str(before) / FRAMEWORK
    if not path or not path.is_file():
        raise BadInput(f"there is no own framework to go on from: {short(path) if path else MY}")
    return path.read_text(encoding="utf-8")
