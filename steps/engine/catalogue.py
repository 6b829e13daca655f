"""The catalogue: which steps exist, and which of them a reader means.

A step is a folder steps/NN_name with a step.toml, which has what can be said of it once:

    title = "a path leads to a view, and GET answers"   # its one idea
    tries = ["{curl} -i {url}/"]        # commands that show it; {python} may stand there too
    note = "... goes away in step {method_checks}."     # for who runs it; names become numbers
    picture = "the server makes ..."    # what is new in its picture, in words

    [[stage]]                           # in order; the last one is the step itself
    name = "ask_routes"
    title = "a path leads to a view"

What it adds and what is still missing stand in the docstring of its ownflask.py.
"""

import re
import sys
import tomllib
from collections import namedtuple
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent
NAMED = re.compile(r"(\d\d)_([a-z]\w*)", re.A)
FIELDS = {"title": str, "tries": list, "note": str, "picture": str, "stage": list}
STAGE_FIELDS = {"name": str, "title": str}
DOCSTRING = re.compile(
    r'"""OwnFlask, step [\d.]+: (?P<heading>[^\n]+)\.\n\n'
    r"New: (?P<adds>.+?)\nStill missing: (?P<missing>.+?)\nThe story: [^\n]+\n"
    r'"""', re.S,
)


class UnknownStep(Exception):
    """No step has that number or name."""


class BrokenStep(Exception):
    """What stands in the folder of a step makes no sense; the text names the file and why."""


Stage = namedtuple("Stage", "name title")


class Step(namedtuple("Step", "number name title tries note picture stages",
                      defaults=((), "", "", ()))):
    """One entry of the catalogue.

    number: its place, from 1. name: the folder's name without the number. title: its one
    idea. tries: commands that show it, with {curl}, {python} and {url} to be filled in.
    note: what else a reader should know who runs it. picture: what is new in its picture, in
    words. stages: its Stages, in order.
    """

    __slots__ = ()

    def __str__(self):
        return f"{self.number:02}_{self.name}"

    @property
    def folder(self):
        """The step's folder, as a Path."""
        return FOLDER / str(self)

    @property
    def demo(self):
        """The step's demo.py, as a Path."""
        return self.folder / "demo.py"

    @property
    def files(self):
        """The names of the files that make the snapshot, framework first."""
        return ("ownflask.py", "demo.py")

    @property
    def heading(self):
        """What its pages are called, such as "query parameters". Raises BrokenStep."""
        return self._told("heading")

    @property
    def adds(self):
        """What is new in it: sentences. Raises BrokenStep."""
        return self._told("adds")

    @property
    def missing(self):
        """What it still cannot do: a sentence, without a capital. Raises BrokenStep."""
        return self._told("missing")

    def _told(self, what):
        """Return a part of the docstring of its ownflask.py, in one line."""
        found = DOCSTRING.match((self.folder / "ownflask.py").read_text(encoding="utf-8"))
        if not found:
            raise BrokenStep(f"steps/{self}/ownflask.py: its docstring does not say what is new "
                             "and what is still missing, as those of the other steps do")
        return " ".join(found[what].split())


def load(folder):
    """Return the Steps in a folder, in order. Raises BrokenStep."""
    found = []
    for path in sorted(folder.iterdir()):
        named = NAMED.fullmatch(path.name)
        if named and (path / "step.toml").is_file():
            found.append((int(named[1]), named[2], path))
    for place, (number, name, path) in enumerate(found, 1):
        if number != place:
            raise BrokenStep(f"steps/{path.name}: it should have the number {place:02}; "
                             "the steps count from 01 without a gap")
        if name in (other for _, other, _ in found[:place - 1]):
            raise BrokenStep(f"steps/{path.name}: another step has the name {name}, too")
    numbers = {name: number for number, name, _ in found}
    return tuple(read(path, number, name, numbers) for number, name, path in found)


def read(folder, number, name, numbers):
    """Return the Step that a folder's step.toml tells of; numbers: {name of a step: its number}.

    Raises BrokenStep.
    """
    where = f"steps/{folder.name}/step.toml"
    try:
        data = tomllib.loads((folder / "step.toml").read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenStep(f"{where}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        raise BrokenStep(f"{where}: {error}")
    check(where, data, FIELDS, needed=("title",))
    for place, stage in enumerate(data.get("stage", ()), 1):
        check(f"{where}: stage {place}", stage, STAGE_FIELDS, needed=STAGE_FIELDS)
    tries = tuple(data.get("tries", ()))
    if not all(isinstance(words, str) for words in tries):
        raise BrokenStep(f"{where}: tries: it should be a list of texts, not {tries!r}")
    filled(where, "tries", " ".join(tries), dict.fromkeys(("curl", "python", "url"), ""))
    note = filled(where, "note", data.get("note", ""), numbers)
    picture = " ".join(data.get("picture", "").split())
    stages = tuple(Stage(**stage) for stage in data.get("stage", ()))
    return Step(number, name, data["title"], tries, note, picture, stages)


def check(where, table, kinds, needed):
    """Raise BrokenStep unless TABLE has the fields it needs, and no others than KINDS tells."""
    if not isinstance(table, dict):
        raise BrokenStep(f"{where}: it should be a table, not {table!r}")
    for field, value in table.items():
        if field not in kinds:
            raise BrokenStep(f"{where}: {field}: there is no such field; "
                             f"there are: {', '.join(kinds)}")
        if not isinstance(value, kinds[field]):
            kind = "text" if kinds[field] is str else "a list"
            raise BrokenStep(f"{where}: {field}: it should be {kind}, not {value!r}")
    for field in needed:
        if not table.get(field, "").strip():
            raise BrokenStep(f"{where}: {field}: it is missing")


def filled(where, field, text, values):
    """Return a text with the {words} in it filled in. Raises BrokenStep."""
    try:
        return text.format(**values)
    except (LookupError, ValueError, AttributeError) as error:
        raise BrokenStep(f"{where}: {field}: what stands in braces there cannot be filled in: "
                         f"{error}")


try:
    STEPS = load(FOLDER)
except BrokenStep as error:
    sys.exit(f"steps: {error}")     # there is no course without its steps


def find(wanted):
    """Return the Step that a reader means by "3", "03", "routing" or "03_routing".

    A Step and a number are taken too, and so is a folder as a shell completes it
    ("steps/03_routing/"). Raises UnknownStep, whose text lists the steps.
    """
    if isinstance(wanted, Step):
        return wanted
    text = re.split(r"[/\\]", str(wanted).strip().rstrip("/\\"))[-1].lower()
    for step in STEPS:
        if text in (step.name, str(step)) or (text.isdecimal() and int(text) == step.number):
            return step
    known = ", ".join(f"{step.number} {step.name}" for step in STEPS)
    raise UnknownStep(f"there is no step {str(wanted)!r}; the steps are: {known}")


def before(step):
    """Return the step before this one, or None for the first."""
    number = find(step).number
    return STEPS[number - 2] if number > 1 else None
