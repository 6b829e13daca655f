"""The catalogue: which steps exist, and which of them a reader means."""

import re
from collections import namedtuple
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent


class UnknownStep(Exception):
    """No step has that number or name."""


class Step(namedtuple("Step", "number name title tries note", defaults=((), ""))):
    """One entry of the catalogue.

    number: its place, from 1. name: the folder's name without the number. title: its one
    idea. tries: commands that show it, with {curl}, {python} and {url} to be filled in.
    note: what else a reader should know who runs it.
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


FAVICON = """\
(A browser also asks for /favicon.ico; the traceback for that goes away in step 7.)"""

STEPS = (
    Step(
        1, "skeleton",
        "an app object, a decorator that gives the view back, a run() that does nothing",
    ),
    Step(
        2, "server", "run() listens, and every request gets 501",
        ("{curl} -i {url}/",),
    ),
    Step(
        3, "routing", "a path leads to a view, and GET answers",
        ("{curl} -i {url}/", "{curl} -i {url}/nope"),
        FAVICON,
    ),
    Step(
        4, "query_params", "path and query string part ways; the view is handed a Request",
        ("{curl} -i {url}/", '{curl} -i "{url}/?name=Joe"'),
        FAVICON,
    ),
    Step(
        5, "json", "dict and list become JSON",
        ("{curl} -i {url}/books", '{curl} -i "{url}/book?id=10"'),
        FAVICON,
    ),
    Step(
        6, "post", "a body arrives, and request.json reads it",
        ('{curl} -i -d "[1, 2, 3]" {url}/todo', '{curl} -i -d "[1, 2" {url}/todo'),
        FAVICON,
    ),
    Step(
        7, "method_checks", "404, and 405 with Allow; one process_request for all methods",
        ("{curl} -i {url}/nope", "{curl} -i {url}/todo"),
    ),
    Step(
        8, "threading", "a slow request no longer blocks the others",
        ("{python} steps/08_threading/many_requests.py {url}/slow",),
    ),
    Step(
        9, "wsgi", "the app becomes a callable that any WSGI server can run",
        ("{curl} -i {url}/books", "{python} steps/08_threading/many_requests.py {url}/slow"),
    ),
)


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
