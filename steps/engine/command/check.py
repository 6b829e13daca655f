"""Hold your own ownflask.py to a step: what it can do, and the first thing that it cannot.

  check                      the file in my/ that you changed last
  check 5                    my/05_json/ownflask.py
  check 5 some/ownflask.py   any file or folder
  check 5.2                  the same file, held to a stage
  check bug 7.3              a bug hunt, in my/bug_07_3/
  check 5 --all              each behaviour, and each failure
  check 5 --compare          when all holds: where yours and ours really differ
  check 5 --exercise         the further exercises of that step
  check 5 --exercise NAME    your file held to one of them, too

Exit code: 0 all holds, 1 something does not, 2 there is nothing to check.
"""

import ast
import difflib

import steps
from steps.engine.command import BadInput, bug, verdict
from steps.engine.command.diff import coloured, label
from steps.engine.command.measure import read
from steps.engine.command.mine import BUG, short, state, target
from steps.engine.command.terminal import BOLD, PYTHON, paint, visible
from tests import exercises


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
    exercise, before = chosen(step, options.exercise), state(path)
    code = tell(step, path, exercise, options.all, lambda: state(path) != before)
    if state(path) != before:
        print("The file was changed, or is gone, while it was tried: check it again.")
        return 1
    if options.compare and not BUG.fullmatch(path.parent.name):
        if code:
            print(f"\nOnce all of it holds, --compare shows ours beside yours. "
                  f"(To see it now: {PYTHON} -m steps diff {step.number})")
        else:
            compare(step, path)
    return code


def tell(step, path, exercise=None, every=False, changed=lambda: False):
    """Print what comes of a file, which may be a bug hunt, and return the exit code."""
    if BUG.fullmatch(path.parent.name):
        return bug.is_found(step, path, every)
    return verdict.tell(step, path, exercise, every, changed)


def chosen(step, name):
    """Return the Exercise of that name, None for no name. Raises BadInput."""
    if name is None:
        return None
    if step is not step.step:
        raise BadInput(f"an exercise is added to a whole step: check {step.step.number} "
                       f"--exercise {name[:40]}")
    if (step.number, name) not in exercises.EXERCISES:
        known = ", ".join(each.name for each in exercises.of_step(step.number)) or "none"
        raise BadInput(f"step {step.number} has no exercise {name[:40]!r}; it has: {known}")
    return exercises.EXERCISES[step.number, name]


def print_exercises(words):
    """Print the further exercises of a step and return 0."""
    step = (target(words)[0] if len(words) != 1 else steps.find(words[0])).step
    print(paint(f"Further exercises of step {step.number}, {step.name}", BOLD))
    for each in exercises.of_step(step.number):
        print(f"\n{paint(each.name, BOLD)}: {each.title}\n  {each.task}\n"
              f"  {PYTHON} -m steps check {step.number} --exercise {each.name}")
    return 0


def compare(step, path):
    """Print where our file and the reader's really differ.

    Docstrings, comments, blank lines, how a line is broken or quoted, and the order of imports
    and definitions make no difference.
    """
    ours, yours = parts(read(step, path.name)), parts(verdict.text_of(path))
    lines = []
    for name in dict.fromkeys((*ours, *yours)):
        differ = list(difflib.unified_diff(ours.get(name, []), yours.get(name, []), lineterm=""))
        if differ:
            lines += [f"@@ {name} @@", *(line for line in differ[2:] if line[:2] != "@@")]
    if lines:
        heads = f"--- {label(step, path.name)} (ours)", f"+++ {short(path)} (yours)"
        print("", *(coloured(visible(line)) for line in (*heads, *lines)), sep="\n")
    else:
        print("\nYours and ours are the same, but for comments and the order of things.")


def parts(source):
    """Return {name: lines} for the functions and classes of a Python file, and what is outside.

    The lines are as ast.unparse() writes them: without comments, and all in one style.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) \
                and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names.sort(key=lambda each: each.name)
    found = {"imports": [], "outside": []}

    def add(name, node):
        while name in found:
            name += " again"
        found[name] = ast.unparse(node).split("\n")

    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            node.body = [each for each in node.body if each not in methods] or [ast.Pass()]
            add(node.name, node)
            for each in methods:
                add(f"{node.name}.{each.name}", each)
        elif isinstance(node, ast.FunctionDef):
            add(node.name, node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found["imports"] = sorted([*found["imports"], ast.unparse(node)])
        elif not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
            found["outside"] += ast.unparse(node).split("\n")
    return found
