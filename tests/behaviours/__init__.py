"""The behaviours: what each step can do, and what it still cannot, in step order.

A behaviour is data: one sentence, the stage it holds since (and until), the failure that the
stage before shows instead, and a plain function that tries it. pytest holds every step to
them; the classroom's checker and the chapters use the same list.

    @behaviour("a blank value is kept", stage="blank_values", before="Dropped: KeyError")
    def blank_values_are_kept(client):
        client.get("/greet?name=").expect(text="hello ")

A function asks for its tool by the name of its parameter: `client` talks to a running app,
the one in app.py, which serves the views that the modules here declare; `program` runs small
programs. See kit.py for both. What a step still gets wrong, on purpose, is a `flaw`: a
behaviour too, usually `until` the stage that mends it. Steps and stages are cited by their
names.
"""

import contextlib
import functools
import importlib
import inspect
import os
import shutil
from dataclasses import dataclass, field

import steps
from steps.engine.patience import computed
from steps.engine.scratch import scratch
from steps.engine.warm import Warm
from tests.behaviours.kit import TIMEOUT, Blocked, Client, Failure, NoServer, Program

APP = steps.ROOT / "tests" / "behaviours" / "app.py"

BEHAVIOURS = {}     # name -> Behaviour, in step order
VIEWS = []

# What is set in the shell of every server: no request may show it.
SHELL = {"HTTP_X_OF_THE_SHELL": "secret", "CONTENT_TYPE": "of/the-shell"}

# The stages since which the views of their step are written in its manner.
NEW_MANNERS = ("a_request",)


@dataclass(frozen=True)
class Behaviour:
    """One thing that a step does.

    begins: the stage since which it holds, as (number of the step, place in it). ends: the first
    stage at which it no longer does; None: it holds at all later ones.
    before: the failure of the stage before with this step's app, as "Kind: words that came
    back" (kit.py has the kinds); None for the very first stage only. after: the same for the
    stage at which it ends.
    flask: where real Flask differs, the failure it ends in and what it does instead.
    flaw: it is a fault, known and left for a later step to mend.
    posix_only: the function needs signals that Windows does not have.
    """

    name: str
    sentence: str
    begins: tuple
    ends: tuple | None
    before: str | None
    after: str | None
    flask: tuple | None
    flaw: bool
    posix_only: bool
    function: object = field(repr=False)

    @property
    def tool(self):
        """The tool that the function asks for: "client" or "program"; None for none."""
        return next(iter(inspect.signature(self.function).parameters), None)

    @property
    def since(self):
        """The number of the first step that shows it."""
        return self.begins[0]

    @property
    def until(self):
        """The number of the last step that shows it; None: all later ones do."""
        return self.ends and self.ends[0] - 1

    def holds_at(self, where):
        """Say whether a step (also: its number) or a stage is meant to show this behaviour."""
        here = place_of(where)
        return self.begins <= here and (self.ends is None or here < self.ends)


@dataclass(frozen=True)
class View:
    """A view of the app under test: paths, methods (None: not given), first and last step."""

    function: object
    paths: tuple
    methods: object
    app: str
    since: int
    until: int | None


def number_of(name):
    """Return the number of the step, or of the stage's step."""
    return steps.find(name).step.number


def place_of(where):
    """Return where a step (also: its number) or a stage stands: (number of the step, place)."""
    if isinstance(where, steps.Stage):
        return where.of, where.place
    if isinstance(where, steps.Step):
        where = where.number
    return where, len(steps.STEPS[where - 1].stages) or 1


def app_of(where):
    """Return the number of the step whose app a step or stage gets, from app.py.

    It is its own, or the one before while the views are still written as they were there.
    """
    number, place = place_of(where)
    return number - any(place_of(steps.find(name)) > (number, place)
                        for name in NEW_MANNERS if number_of(name) == number)


def step(name):
    """Return the decorators `behaviour`, `flaw` and `view` for the module of the step NAME.

    `stage` is the name of the stage since which a behaviour holds, the last one unless told;
    `until` names the stage that ends what they declare.
    """
    number = number_of(name)

    def behaviour(sentence, stage=None, before=None, until=None, after=None, flask=None,
                  flaw=False, posix_only=False):
        begins = place_of(number if stage is None else steps.find(stage))
        ends = until and place_of(steps.find(until))

        def register(function):
            name = function.__name__
            if name in BEHAVIOURS:
                raise ValueError(f"two behaviours are called {name}")
            if begins[0] != number:
                raise ValueError(f"{name}: {stage} is not a stage of this step")
            if (before is None) != (begins == (1, 1)) or (after is None) != (until is None):
                raise ValueError(f"{name}: `before` belongs to all but the very first stage, "
                                 "`after` and `until` to each other")
            each = Behaviour(name, sentence, begins, ends, before, after, flask, flaw,
                             posix_only, function)
            if each.tool not in ("client", "program"):
                raise ValueError(f"{name}: the tools are `client` and `program`")
            BEHAVIOURS[name] = each
            return function

        return register

    def view(*paths, methods=None, app="app", until=None):
        def register(function):
            last = None if until is None else number_of(until) - 1
            VIEWS.append(View(function, paths, methods, app, number, last))
            return function

        return register

    return behaviour, functools.partial(behaviour, flaw=True), view


class Bench:
    """A framework under test, with the app of a step; starts what a behaviour needs.

    framework: a folder with an ownflask.py, or "flask". number: the step whose app it gets.
    wait: how many seconds a server has to announce its URL. patience: how many it has for an
    answer; both by its own time (see steps/engine/patience.py). limits: see steps.Server.
    warm: whether its programs are forked, see steps/engine/warm.py.
    """

    def __init__(self, framework, number, wait=10, patience=TIMEOUT, limits=None, warm=False):
        self.framework, self.number, self.wait = framework, number, wait
        self.patience, self.limits = patience, limits
        self._client, self.warm = None, Warm() if warm else None
        self._folder = contextlib.ExitStack()       # in which its server runs

    def try_out(self, behaviour):
        """Run one behaviour; raise the kit.Failure it ends in, if it does not hold."""
        if behaviour.tool == "program":
            program = Program(self.framework, self.wait, self.patience, self.limits,
                              self.warm and self.warm.popen)
            try:
                return behaviour.function(program)
            except Failure as failure:
                failure.printed = failure.printed or program.printed
                failure.program = program.source
                raise
        client = self._running()
        before = len(client.server.log())
        try:
            return behaviour.function(client)
        except Failure as failure:
            failure.printed = failure.printed or client.server.log()[before:]
            if isinstance(failure, (Blocked, NoServer)):
                self.close()    # it may still be stuck: the next behaviour gets a fresh one
            raise

    def silent(self):
        """Return the failure in which GET / ends if nothing comes back at all, else None."""
        try:
            self._running().get("/")
        except (Blocked, NoServer) as failure:
            self.close()
            return failure
        except Exception:       # so odd that the behaviours shall tell
            return None
        return None

    def computed(self):
        """Return the seconds that our children have run, those of this bench among them."""
        pids = self.warm.pids() if self.warm else []
        return computed(self._client and self._client.server.process.pid, *pids)

    def _running(self):
        if self._client is None:
            folder = self._folder.enter_context(scratch()) / APP.parent.name
            folder.mkdir()
            for name in ("app.py", "kit.py"):       # so that there is something to give away
                shutil.copy(APP.with_name(name), folder)
            try:
                server = steps.launch(
                    self.framework, APP, [self.number], cwd=folder, wait=self.wait,
                    limits=self.limits, environment={**os.environ, **SHELL},
                )
            except steps.NotServing as error:
                failure = NoServer("app.run()", str(error), "a URL")
                failure.printed = error.log
                raise failure
            self._client = Client(server, self.patience)
        return self._client

    def close(self):
        """Stop the server, and what forks, if they were started."""
        if self.warm:
            self.warm.end()
        if self._client is not None:
            self._client.server.stop()
            self._client = None
        self._folder.close()


for each in steps.STEPS:
    importlib.import_module(f"tests.behaviours.step{each}")

in_order = sorted(BEHAVIOURS.items(), key=lambda item: item[1].begins)
BEHAVIOURS.clear()
BEHAVIOURS.update(in_order)
