"""The behaviours: what each step can do, and what it still cannot, in step order.

A behaviour is data: one sentence, the step it holds since (and until), the failure that the
step before shows instead, and a plain function that tries it. pytest holds every step to
them; the classroom's checker and the chapters use the same list.

    @behaviour("the query string reaches the view", before="Dropped: KeyError")
    def query_string(client):
        client.get("/greet?name=Joe").expect(text="hello Joe")

A function asks for its tool by the name of its parameter: `client` talks to a running app,
the one in app.py, which serves the views that the modules here declare; `program` runs small
programs. See kit.py for both. What a step still gets wrong, on purpose, is a `flaw`: a
behaviour too, usually `until` the step that mends it. Steps are cited by their names.
"""

import functools
import importlib
from dataclasses import dataclass, field

import steps
from tests.behaviours.kit import TIMEOUT, Blocked, Client, Failure, NoServer, Program

APP = steps.ROOT / "tests" / "behaviours" / "app.py"

BEHAVIOURS = {}     # name -> Behaviour, in step order
VIEWS = []

# Steps that behaviours may speak of before they are there, in order.
COMING = ("url_params", "request_global", "responses", "errors")


@dataclass(frozen=True)
class Behaviour:
    """One thing that a step does.

    since, until: the first and last step number that show it; until None: all later ones.
    before: the failure of step `since - 1` with this step's app, as "Kind: words that came
    back" (kit.py has the kinds); None for step 1 only. after: the same for step `until + 1`.
    flask: where real Flask differs, the failure it ends in and what it does instead.
    flaw: it is a fault, known and left for a later step to mend.
    posix_only: the function needs signals that Windows does not have.
    """

    name: str
    sentence: str
    since: int
    until: int | None
    before: str | None
    after: str | None
    flask: tuple | None
    flaw: bool
    posix_only: bool
    function: object = field(repr=False)

    @property
    def tool(self):
        """The tool that the function asks for: "client" or "program"."""
        return self.function.__code__.co_varnames[0]

    def holds_at(self, number):
        """Say whether step NUMBER is meant to show this behaviour."""
        return self.since <= number and (self.until is None or number <= self.until)


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
    """Return the number of the step of that name, also of one that is coming."""
    ahead = [each for each in COMING if each not in (step.name for step in steps.STEPS)]
    if name in ahead:
        return len(steps.STEPS) + 1 + ahead.index(name)
    return steps.find(name).number


def step(name):
    """Return the decorators `behaviour`, `flaw` and `view` for the module of the step NAME.

    They take `until`, the name of the step that ends what they declare.
    """
    number = number_of(name)

    def last(until):
        return None if until is None else number_of(until) - 1

    def behaviour(sentence, before=None, until=None, after=None, flask=None, flaw=False,
                  posix_only=False):
        def register(function):
            name = function.__name__
            if name in BEHAVIOURS:
                raise ValueError(f"two behaviours are called {name}")
            if (before is None) != (number == 1) or (after is None) != (until is None):
                raise ValueError(f"{name}: `before` belongs to all but step 1, "
                                 "`after` and `until` to each other")
            each = Behaviour(name, sentence, number, last(until), before, after, flask, flaw,
                             posix_only, function)
            if each.tool not in ("client", "program"):
                raise ValueError(f"{name}: the tools are `client` and `program`")
            BEHAVIOURS[name] = each
            return function

        return register

    def view(*paths, methods=None, app="app", until=None):
        def register(function):
            VIEWS.append(View(function, paths, methods, app, number, last(until)))
            return function

        return register

    return behaviour, functools.partial(behaviour, flaw=True), view


class Bench:
    """A framework under test, with the app of a step; starts what a behaviour needs.

    framework: a folder with an ownflask.py, or "flask". number: the step whose app it gets.
    wait: how many seconds a server has to announce its URL. patience: how many it has for an
    answer. limits: see steps.Server.
    """

    def __init__(self, framework, number, wait=10, patience=TIMEOUT, limits=None):
        self.framework, self.number, self.wait = framework, number, wait
        self.patience, self.limits = patience, limits
        self._client = None

    def try_out(self, behaviour):
        """Run one behaviour; raise the kit.Failure it ends in, if it does not hold."""
        if behaviour.tool == "program":
            program = Program(self.framework, self.wait, self.patience, self.limits)
            try:
                return behaviour.function(program)
            except Failure as failure:
                failure.printed, failure.program = program.printed, program.source
                raise
        client = self._running()
        before = len(client.server.log())
        try:
            return behaviour.function(client)
        except (Blocked, NoServer) as failure:
            failure.printed = client.server.stack() or client.server.log()[before:]
            self.close()        # it may still be stuck: the next behaviour gets a fresh one
            raise
        except Failure as failure:
            failure.printed = client.server.log()[before:]
            raise

    def _running(self):
        if self._client is None:
            try:
                server = steps.launch(
                    self.framework, APP, [self.number], cwd=APP.parent, wait=self.wait,
                    limits=self.limits,
                )
            except steps.NotServing as error:
                failure = NoServer("app.run()", str(error), "a URL")
                failure.printed = error.log
                raise failure
            self._client = Client(server, self.patience)
        return self._client

    def close(self):
        """Stop the server, if one was started."""
        if self._client is not None:
            self._client.server.stop()
            self._client = None


for each in steps.STEPS:
    importlib.import_module(f"tests.behaviours.step{each}")
