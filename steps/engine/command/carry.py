"""For maintainers: carry the uncommitted change of one step into all later stages and steps.

  carry 3             merge what you changed in steps/03_routing into 4.1, 4.2 and so on
  carry 3.2           the same from a stage, steps/03_routing/stages/3.2_ask_routes
  carry 3 --until 5   up to step 5 only

Each merge is three-way, as git does it: a later one keeps what is its own. Where both
changed the same lines nothing at all is written, and the conflicts are listed. The docstring
at the top is each one's own, and is left alone.
"""

import difflib
import re
import subprocess
import tempfile
from pathlib import Path

import steps
from steps.engine.command import BadInput, Trouble
from steps.engine.command.terminal import PYTHON
from steps.engine.scratch import replace_all

DOCSTRING = re.compile(rb'\A""".*?"""\r?\n', re.S)


def takes(parser):
    """Declare STEP and --until."""
    parser.add_argument("step", metavar="STEP", help="the step or stage that was changed")
    parser.add_argument("--until", metavar="STEP", help="the last one to carry it into")


def call(options):
    """Carry the change; return 0. Raises Trouble, with file and line, on a conflict."""
    step = steps.find(options.step)
    until = steps.STEPS[-1] if options.until is None else steps.find(options.until)
    later = steps.STAGES[index(step) + 1:index(until) + 1]
    if not later:
        raise BadInput(f"there is nothing after {step} to carry it into, up to {until}")
    merged, conflicts, changed = {}, [], False
    for name in step.files:
        path = step.folder / name
        if not path.exists():
            continue        # a stage with the demo of its step
        old, new = committed(path), path.read_bytes()
        if without_docstring(old) == without_docstring(new):
            continue
        changed = True
        try:
            merged.update(carry(later, name, old, new))
        except Conflict as conflict:
            conflicts.append(conflict)
    if not changed:
        print(f"Nothing to carry: the code of {step} is as it was committed.")
        return 0
    if conflicts:
        raise Trouble(advice(step, min(conflicts, key=lambda each: index(each.step))))
    try:
        replace_all(merged)
    except OSError as error:
        raise Trouble(f"nothing was carried: cannot write to steps/: {error.strerror}")
    for path in merged:
        print(f"carried into {path.relative_to(steps.ROOT).as_posix()}")
    if not merged:
        print("Every later one has the change already.")
    print(f"Now: {PYTHON} -m steps test")
    return 0


def index(step):
    """Return the place of a step or stage among all stages."""
    return steps.STAGES.index(step.stages[-1] if step is step.step and step.stages else step)


class Conflict(Exception):
    """A later one changed the same lines. step: that Stage. lines: what to tell of it."""

    def __init__(self, step, lines):
        super().__init__(step, lines)
        self.step, self.lines = step, lines


def advice(step, conflict):
    """Return the message for a conflict: where it is, and how to go on."""
    here, last = conflict.step, steps.before(conflict.step)
    ways = [f"change {here} by hand", f"`{PYTHON} -m steps carry {here.number}`"]
    if last is not step:
        ways.insert(0, f"`{PYTHON} -m steps carry {step.number} --until {last.number}`")
    return "\n".join([
        f"nothing was written: {here} differs where you changed {step}:", *conflict.lines,
        f"Go on with {', then '.join(ways)}.",
        "(If an earlier carry is in the way, undo it first: "
        f"`git restore {here.folder.relative_to(steps.ROOT).as_posix()}`, ...)",
    ])


def carry(stages, name, old, new):
    """Return {path: bytes} for those of the later STAGES that the change from OLD to NEW reaches.

    Each is merged with what the one before it became, so that the change meets the text it is
    most like. Raises Conflict at the first one where it cannot.
    """
    reached = {}
    for later in stages:
        path = later.folder / name
        if not path.exists():
            continue        # it has the demo of its step
        current = path.read_bytes()
        result = merge(current, old, new, later, path)
        if result != current:
            reached[path] = result
            old, new = current, result
            continue
        # It has the change already. For the ones behind it, see what it was without.
        try:
            old, new = merge(current, new, old, later, path), current
        except Conflict:
            continue
    return reached


def merge(current, old, new, step, path):
    """Return CURRENT with the change from OLD to NEW made in it. Raises Conflict."""
    docstring = DOCSTRING.match(current)
    files = []
    with tempfile.TemporaryDirectory() as folder:
        for word, content in {"current": current, "old": old, "new": new}.items():
            files.append(Path(folder, word))
            files[-1].write_bytes(without_docstring(content))
        done = git("merge-file", "--stdout", "--quiet", *map(str, files))
    if done.returncode < 0 or done.returncode > 127:
        raise Trouble(f"git could not merge {path}: {done.stderr.decode().strip()}")
    if done.returncode:
        raise Conflict(step, [*places(path, current, done.stdout), *yours(old, new)])
    return (docstring[0] if docstring else b"") + done.stdout


def without_docstring(content):
    """Return a Python file's bytes without the docstring at its top."""
    return DOCSTRING.sub(b"", content)


def lines_of(content):
    """Return the lines of a Python file's bytes, as Python counts them."""
    return content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


def places(path, current, marked):
    """Return "file:line: text" for each conflict that git marked, the lines those of CURRENT."""
    found, ours, inside, at = [], [], False, 0
    lines = lines_of(current)
    for line in lines_of(marked):
        if line.startswith("<<<<<<< "):
            ours, inside = [], True
        elif inside and line == "=======":
            inside = False
            starts = range(at, len(lines) - len(ours) + 1)
            at = next((i for i in starts if lines[i:i + len(ours)] == ours), at)
            text = ours[0].strip() if ours else "(nothing stands here)"
            found.append(f"  {path.relative_to(steps.ROOT).as_posix()}:{at + 1}: {text}")
        elif inside:
            ours.append(line)
    return found


def yours(old, new):
    """Return the lines that the change took away and added, as a diff shows them."""
    lines = difflib.unified_diff(lines_of(without_docstring(old)),
                                 lines_of(without_docstring(new)), n=0, lineterm="")
    changed = [f"    {line}" for line in lines if re.match(r"[+-](?![+-]{2} )", line)]
    return ["  your change:", *changed[:12], *(["    ..."] if len(changed) > 12 else [])]


def committed(path):
    """Return the file as it was last committed, b"" if it never was. Raises Trouble."""
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        said = inside.stderr.decode().strip()
        raise Trouble(f"carry compares with the last commit, and git says: {said}")
    done = git("show", f"HEAD:./{path.relative_to(steps.ROOT).as_posix()}")
    return done.stdout if done.returncode == 0 else b""


def git(*words):
    """Run git in the course's folder and return the finished process."""
    try:
        return subprocess.run(["git", *words], cwd=steps.ROOT, capture_output=True)
    except FileNotFoundError:
        raise Trouble("carry needs git, and no git was found: install it and try again")
