"""For maintainers: write the stubs of a new step, after the last one.

  new url_params    the folder of the step, which begins as a copy of the last one, and all that
                    belongs to a step: behaviours, exercises with their solutions, a mutant,
                    hints, a chapter, a notebook

Nothing that is there already is touched: either all of it is written, or nothing. What is to
be filled in says STUB; `test tests/test_facts.py` lists what still does.
"""

import os
import re
import tempfile
from pathlib import Path

from steps import FOLDER, ROOT, STAGES, STEPS, Step
from steps.engine.catalogue import DOCSTRING
from steps.engine.command import BadInput, Trouble
from steps.engine.command.measure import read
from steps.engine.command.terminal import BOLD, PYTHON, paint

STUBS = FOLDER / "engine" / "stubs"     # one file each, at the place where a step has it
STUB = "STUB"
LONGEST = 20        # letters in a name: more would not fit the map
WORDS = re.compile("NN_NAME|NAME|NUMBER|HEADING|LAST")
NEW_DOCSTRING = '''"""OwnFlask, step NUMBER: HEADING.

New: STUB what it adds, in a sentence.
Still missing: STUB what it cannot do yet.
The story: docs/NN_NAME.md
"""'''


def takes(parser):
    """Declare NAME."""
    parser.add_argument("name", metavar="NAME", help="such as url_params")


def call(options):
    """Write the stubs, and say what comes next; return 0. Raises Trouble where it cannot."""
    step = Step(len(STEPS) + 1, usable(options.name), "")
    files = stubs(step)
    for path in (f"steps/{step}", *files):
        if os.path.lexists(ROOT / path):
            raise Trouble(f"{path} is there already; nothing was written")
    try:
        put(step, files)
    except OSError as error:
        raise Trouble(f"nothing was written: {error.strerror or error}")
    print(paint(f"Step {step.number}, {step.name}", BOLD))
    print(*(f"  {path}" for path in files), sep="\n")
    print(f"What is a stub yet:  {PYTHON} -m steps test tests/test_facts.py\n"
          f"Once it runs:        {PYTHON} -m steps refresh")
    return 0


def usable(name):
    """Return NAME if a step can be called so. Raises BadInput."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > LONGEST:
        raise BadInput(f"a name is words of a-z and 0-9 with _ between them, at most {LONGEST} "
                       f"letters, such as url_params; not {name[:40]!r}")
    if name in [each.name for each in (*STEPS, *STAGES)]:
        raise BadInput(f"there is a step or a stage {name} already")
    return name


def places(step):
    """Return the paths, from the course's folder, of all files that a step has of its own."""
    return [f"steps/{step}/{name}" for name in step.files] + [
        path.relative_to(STUBS).as_posix().replace("NN_NAME", str(step))
        for path in sorted(STUBS.rglob("*.*")) if path.suffix != ".pyc"
    ]


def stubs(step):
    """Return {path from the course's folder: text} for the files of a new step."""
    last = STEPS[-1]
    heading = step.name.replace("_", " ")
    words = {"NN_NAME": str(step), "NAME": step.name, "NUMBER": str(step.number),
             "HEADING": heading, "LAST": last.name}

    def filled(text):
        return WORDS.sub(lambda word: words[word[0]], text)

    files = {f"steps/{step}/{name}": read(last, name) for name in step.files}
    framework = f"steps/{step}/{step.files[0]}"
    files[framework] = DOCSTRING.sub(lambda _: filled(NEW_DOCSTRING), files[framework], count=1)
    words["HEADING"] = heading.capitalize()
    for path in places(step)[len(step.files):]:
        source = STUBS / path.replace(str(step), "NN_NAME")
        files[path] = filled(source.read_text(encoding="utf-8"))
    return files


def put(step, files):
    """Write the files: all of them or, where anything comes between, none. Raises OSError."""
    placed = []
    with tempfile.TemporaryDirectory(prefix=".new-", dir=ROOT) as beside:
        for path, text in files.items():
            file = Path(beside, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        try:
            # The step's folder comes last: with it the step is there.
            others = [path for path in files if not path.startswith("steps/")]
            for path in (*others, f"steps/{step}"):
                placed.append(ROOT / path)
                os.rename(Path(beside, path), ROOT / path)
        except BaseException:
            for path in placed[:len(others)]:
                path.unlink(missing_ok=True)
            raise
