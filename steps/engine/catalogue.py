"""The catalogue: which steps exist, and which of them a reader means.

A step is a folder steps/NN_name with a step.toml, which has what can be said of it once:

    title = "a path leads to a view, and GET answers"   # its one idea
    tries = ["{curl} -i {url}/"]        # commands that show it; {python} may stand there too
    note = "... goes away in step {method_checks}."     # for who runs it; names become numbers
    picture = "the server makes ..."    # what is new in its picture, in words

    [[stage]]                           # in order; the last one is the step itself
    name = "ask_routes"                 # no other stage or step has it
    title = "a path leads to a view"    # its one idea
    failure = "`/` and `/nope` get ..." # why: what is seen at the stage before; `as it is shown`
    hint = "Both can reach ..."         # a nudge for who writes it: where to look, not what to type
    tries = ["{curl} -i {url}/nope"]    # what shows it, where the demo can; the step's otherwise
    post = "Mapping Requests: ..."      # the snippet of the post that it is, if it is one
    moves = true                        # where code is only moved
    picture = "a border, ..."           # where it has a picture of its own, as above

The files of the stages before the last one stand in steps/NN_name/stages/N.K_name. A stage has
a demo.py of its own only where the step's would not do. What a step adds and what is still
missing stand in the docstring of its ownflask.py.
"""

import itertools
import os
import re
import sys
import tomllib
from collections import namedtuple
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent
NAMED = re.compile(r"(\d\d)_([a-z]\w*)", re.A)
FIELDS = {"title": str, "tries": list, "note": str, "picture": str, "stage": list}
STAGE_FIELDS = {"name": str, "title": str, "failure": str, "hint": str, "tries": list, "post": str,
                "moves": bool, "picture": str}
DOCSTRING = re.compile(
    r'"""OwnFlask, step [\d.]+: (?P<heading>[^\n]+)\.\n\n'
    r"New: (?P<adds>.+?)\nStill missing: (?P<missing>.+?)\nThe story: [^\n]+\n"
    r'"""', re.S,
)


class UnknownStep(Exception):
    """No step or stage has that number or name."""


class BrokenStep(Exception):
    """What stands in the folder of a step makes no sense; the text names the file and why."""


class Stage(namedtuple("Stage", "of place last name title failure hint tries post moves picture",
                       defaults=((), "", False, ""))):
    """A small change on the way to a step. Whoever takes a Step can take one, too.

    of: the number of its step. place: its place in it, from 1. last: whether it is the step.
    name, title, tries: as a Step has them. failure: what is seen at the stage before. hint: a
    nudge for who writes it. post: the snippet of the post that it is, "" where it is none. moves:
    whether it only moves code. picture: what is new in its picture, in words; "" where it has none.
    """

    __slots__ = ()

    def __str__(self):
        return f"{self.number}_{self.name}"

    @property
    def number(self):
        """Its number, a str: "6.1"."""
        return f"{self.of}.{self.place}"

    @property
    def step(self):
        """The Step that it is a stage of."""
        return STEPS[self.of - 1]

    @property
    def folder(self):
        """The folder with its ownflask.py, as a Path."""
        return self.step.folder if self.last else self.step.folder / "stages" / str(self)

    @property
    def demo(self):
        """Its demo.py, as a Path: its own, or the one of its step."""
        return self.path("demo.py")

    @property
    def files(self):
        """The names of its files, framework first."""
        return self.step.files

    def path(self, name):
        """Return the Path of its file of that NAME: its own, or the one of its step."""
        own = self.folder / name
        return own if own.exists() else self.step.folder / name

    @property
    def note(self):
        """What else a reader should know who runs it."""
        return self.step.note


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
    def step(self):
        """The step itself, for those who may have one of its stages."""
        return self

    @property
    def demo(self):
        """The step's demo.py, as a Path."""
        return self.path("demo.py")

    def path(self, name):
        """Return the Path of its file of that NAME."""
        return self.folder / name

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
    tries = commands(where, data)
    note = filled(where, "note", data.get("note", ""), numbers)
    picture = in_a_line(data, "picture")
    stages = []
    for place, stage in enumerate(data.get("stage", ()), 1):
        here = f"{where}: stage {place}"
        check(here, stage, STAGE_FIELDS, needed=("name", "title", "failure", "hint"))
        stage["tries"] = commands(here, stage) or tries
        stage |= {field: in_a_line(stage, field) for field in ("hint", "picture")}
        stages.append(Stage(number, place, place == len(data["stage"]), **stage))
    return Step(number, name, data["title"], tries, note, picture, tuple(stages))


def in_a_line(table, field):
    """Return a text of a step or stage without its line breaks, "" where there is none."""
    return " ".join(table.get(field, "").split())


def commands(where, table):
    """Return the `tries` of a step or stage as a tuple. Raises BrokenStep."""
    tries = tuple(table.get("tries", ()))
    if not all(isinstance(words, str) for words in tries):
        raise BrokenStep(f"{where}: tries: it should be a list of texts, not {tries!r}")
    filled(where, "tries", " ".join(tries), dict.fromkeys(("curl", "python", "url"), ""))
    return tries


def check(where, table, kinds, needed):
    """Raise BrokenStep unless TABLE has the fields it needs, and no others than KINDS tells."""
    if not isinstance(table, dict):
        raise BrokenStep(f"{where}: it should be a table, not {table!r}")
    for field, value in table.items():
        if field not in kinds:
            raise BrokenStep(f"{where}: {field}: there is no such field; "
                             f"there are: {', '.join(kinds)}")
        if not isinstance(value, kinds[field]):
            kind = {str: "text", list: "a list", bool: "true or false"}[kinds[field]]
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

# Every change in order; a step without stages is its own.
STAGES = tuple(itertools.chain.from_iterable(step.stages or (step,) for step in STEPS))


def find(wanted):
    """Return the Step or Stage that a reader means.

    A step by "3", "03", "routing" or "03_routing", a stage by "3.2", "ask_routes" or
    "3.2_ask_routes". A Step, a Stage and a number are taken too, and so is a folder of ours as a
    shell completes it ("steps/03_routing/"). Raises UnknownStep, whose text lists what there is.
    """
    if isinstance(wanted, (Step, Stage)):
        return wanted
    *folders, text = re.split(r"[/\\]", str(wanted).strip().rstrip("/\\").lower())
    ours = folders in ([], ["steps"], [".", "steps"]) or is_ours(str(wanted))
    numbers = re.fullmatch(r"(\d{1,9})(?:\.(\d{1,9}))?", text, re.A)
    if numbers:
        text = ".".join(str(int(each)) for each in numbers.groups() if each)
    for each in (*STEPS, *STAGES):
        if ours and text in (str(each.number), each.name, str(each)):
            return each
    wanted = str(wanted)[:40]
    if numbers and numbers[2] and int(numbers[1]) in range(1, len(STEPS) + 1):
        step = STEPS[int(numbers[1]) - 1]
        known = ", ".join(f"{stage.number} {stage.name}" for stage in step.stages) or "none"
        raise UnknownStep(f"there is no stage {wanted!r}; the stages of {step.name} are: {known}")
    known = ", ".join(f"{step.number} {step.name}" for step in STEPS)
    raise UnknownStep(f"there is no step {wanted!r}; the steps are: {known}")


def is_ours(path):
    """Say whether a path leads into the folder of the steps."""
    try:
        return FOLDER in Path(os.path.realpath(path)).parents
    except (OSError, ValueError):
        return False


def before(step):
    """Return the step before a step, the stage before a stage; None for the first.

    Before the first stage of a step stands the step before.
    """
    step = find(step)
    if isinstance(step, Stage) and step.place > 1:
        return step.step.stages[step.place - 2]
    return STEPS[step.step.number - 2] if step.step.number > 1 else None
