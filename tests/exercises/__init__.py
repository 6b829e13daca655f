"""Further exercises: what a reader may add to a step, each with behaviours of its own.

    exercise = step(7)

    head = exercise("head", "HEAD", "Answer HEAD as GET is answered, without the body.")

    @head("HEAD gets the headers of GET", before="Wrong: 501")
    def head_has_the_headers_of_get(program):
        with program.serving(APP) as client:
            client.send("HEAD", "/").expect(content_length="5")

`check 7 --exercise head` holds a reader's file to them. `before` names the failure of our own
step 7, which does not have what is asked for; without it, the behaviour is a guard, which our
step shows already and a solution must not lose. A solution is kept as edits of our step, in
solutions.toml, where the tests find it.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tests.behaviours import Behaviour

SOLUTIONS = Path(__file__).with_name("solutions.toml")

EXERCISES = {}      # (number of the step, name) -> Exercise, in step order


@dataclass(frozen=True)
class Exercise:
    """An exercise of a step. title: a few words; task: what to do, in a sentence or three."""

    step: int
    name: str
    title: str
    task: str
    behaviours: list = field(default_factory=list, repr=False)

    def __call__(self, sentence, before=None, posix_only=False):
        """Return the decorator that adds a behaviour; see Behaviour for the arguments."""
        def register(function):
            self.behaviours.append(Behaviour(
                function.__name__, sentence, self.step, None, before, None, None, False,
                posix_only, function,
            ))
            return function

        return register


def step(number):
    """Return a function (name, title, task) that makes the exercises of step NUMBER."""
    def exercise(name, title, task):
        if (number, name) in EXERCISES:
            raise ValueError(f"step {number} has two exercises {name}")
        EXERCISES[number, name] = Exercise(number, name, title, task)
        return EXERCISES[number, name]

    return exercise


def of_step(number):
    """Return the Exercises of step NUMBER, in order."""
    return [each for each in EXERCISES.values() if each.step == number]


def solutions():
    """Return {(number of the step, name): the edits (old, new) of our file that solve it}."""
    data = tomllib.loads(SOLUTIONS.read_text(encoding="utf-8"))
    return {(each["step"], each["exercise"]): each["edits"] for each in data["solution"]}


from tests.exercises import (  # noqa: E402, F401  (in step order)
    step01_skeleton,
    step02_server,
    step03_routing,
    step04_query_params,
    step05_json,
    step06_post,
    step07_method_checks,
    step08_threading,
    step09_wsgi,
)
