"""Further exercises: what a reader may add to a step, each with behaviours of its own.

    exercise = step("method_checks")

    head = exercise("head", "HEAD", "Answer HEAD as GET is answered, without the body.")

    @head("HEAD gets the headers of GET", before="Wrong: 501")
    def head_has_the_headers_of_get(program):
        with program.serving(APP) as client:
            client.send("HEAD", "/").expect(content_length="5")

`check 7 --exercise head` holds a reader's file to them. `before` names the failure of our own
step, which does not have what is asked for; without it, the behaviour is a guard, which our
step shows already and a solution must not lose.

A solution is kept in the .toml file beside the step's module, as edits of our ownflask.py, each
a pair (old, new) of texts, where the old one stands in the file exactly once. Those are not the
only right solutions: the behaviours hold others too.
"""

import importlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import steps
from tests.behaviours import Behaviour, place_of

FOLDER = Path(__file__).parent

EXERCISES = {}      # (number of the step, name) -> Exercise, in step order


@dataclass(frozen=True)
class Exercise:
    """An exercise of a step. title: a few words; task: what to do, in a sentence or three.

    ends: names of behaviours of the course that its task brings to an end.
    """

    step: int
    name: str
    title: str
    task: str
    ends: tuple = ()
    behaviours: list = field(default_factory=list, repr=False)

    def __call__(self, sentence, before=None, posix_only=False):
        """Return the decorator that adds a behaviour; see Behaviour for the arguments."""
        def register(function):
            self.behaviours.append(Behaviour(
                function.__name__, sentence, begins=place_of(self.step), ends=None, before=before,
                after=None, flask=None, flaw=False, posix_only=posix_only, function=function,
            ))
            return function

        return register


def step(name):
    """Return a function (name, title, task, ends) that makes the exercises of the step NAME."""
    number = steps.find(name).number

    def exercise(name, title, task, ends=()):
        if (number, name) in EXERCISES:
            raise ValueError(f"step {number} has two exercises {name}")
        EXERCISES[number, name] = Exercise(number, name, title, task, ends)
        return EXERCISES[number, name]

    return exercise


def of_step(number):
    """Return the Exercises of step NUMBER, in order."""
    return [each for each in EXERCISES.values() if each.step == number]


def solutions():
    """Return {(number of the step, name): the edits (old, new) of our file that solve it}."""
    found = {}
    for each in steps.STEPS:
        data = tomllib.loads((FOLDER / f"step{each}.toml").read_text(encoding="utf-8"))
        found |= {(each.number, entry["exercise"]): entry["edits"] for entry in data["solution"]}
    return found


for each in steps.STEPS:
    importlib.import_module(f"tests.exercises.step{each}")
