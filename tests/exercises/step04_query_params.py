"""Further exercises of query_params."""

import contextlib

from tests.behaviours.kit import Dropped, Wrong, last_error
from tests.exercises import step

exercise = step("query_params")

START = """
from ownflask import Flask
app = Flask(__name__)
"""

arg = exercise(
    "arg", "The first value",
    "Give `Request` a method `arg(key, default=None)`. It returns the first value of the key in "
    "the query string, and `default` where the key is not there. A key that is there with a blank "
    "value has the value \"\".",
)
ARG = START + """
@app.route("/")
def show(request):
    return repr([request.arg("name"), request.arg("name", "nobody")])
app.run(port=0)
"""


@arg("request.arg() is the first value, or the default", before="Dropped: AttributeError")
def arg_is_the_first_value_or_the_default(program):
    with program.serving(ARG) as client:
        client.get("/?name=Joe").expect(text="['Joe', 'Joe']")
        client.get("/?name=b&x=1&name=a").expect(text="['b', 'b']")
        client.get("/?name=").expect(text="['', '']")
        client.get("/").expect(text="[None, 'nobody']")
        client.get("/?named=Joe").expect(text="[None, 'nobody']")


number = exercise(
    "number", "A number, or else",
    "Give `Request` a method `number(key, default)`. It returns the first value of the key in the "
    "query string as an int. Where the key is not there, or its first value is no whole number, "
    "it returns `default`.",
)
NUMBER = START + """
@app.route("/")
def show(request):
    return " ".join(repr(request.number(key, None)) for key in "abcdef")
app.run(port=0)
"""


@number("request.number() is an int, or the default", before="Dropped: AttributeError")
def number_is_an_int_or_the_default(program):
    with program.serving(NUMBER) as client:
        client.get("/?a=12&b=-3&c=0&d=7&d=8&e=007&f=1").expect(text="12 -3 0 7 7 1")
        client.get("/?a=&b=two&c=1.5&d=x&d=1&e=0").expect(text="None None None None 0 None")
        client.get("/?a=--3&b=-&c=%C2%B2&d=3-").expect(text=" ".join(["None"] * 6))


no_request = exercise(
    "no-request", "A view that asks for nothing",
    "Most views do not look at the request. Let a view that takes no argument, as in step 3, be "
    "called without it; a view that takes one gets the request, whatever it calls it. "
    "An exception that a view raises stays what it is, and no view runs twice for one request. "
    "What `f` takes is told by `inspect.signature(f).parameters`.",
)
VIEWS = START + """
runs = []
@app.route("/nothing")
def nothing():
    return "asked for nothing"
@app.route("/all")
def all_of_it(asked):
    return asked.path
@app.route("/fails")
def fails(request):
    runs.append("a run")
    raise TypeError("fails() takes 0 positional arguments")
app.route("/runs")(lambda request: str(len(runs)))
app.run(port=0)
"""


@no_request("a view without an argument runs", before="Dropped: TypeError")
def view_may_take_nothing(program):
    with program.serving(VIEWS) as client:
        client.get("/nothing").expect(text="asked for nothing")
        client.get("/nothing?a=1").expect(text="asked for nothing")


@no_request("a view with an argument gets the request, and a TypeError in it stays what it is")
def view_may_take_the_request(program):
    with program.serving(VIEWS) as client:
        client.get("/all").expect(text="/all")
        with contextlib.suppress(Dropped):
            client.get("/fails").expect(500)
        client.get("/runs").expect(text="1")
        said = last_error(client.server.log())
        if said != "TypeError: fails() takes 0 positional arguments":
            raise Wrong("GET /fails", f"the server printed: {said}", "the TypeError of the view")
