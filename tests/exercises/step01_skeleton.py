"""Further exercises of skeleton."""

from tests.exercises import step

exercise = step("skeleton")

START = """
from ownflask import Flask
app = Flask(__name__)
def hello():
    return "hello"
"""

add_url_rule = exercise(
    "add-url-rule", "A rule without a decorator",
    "Let the app remember its views: `app.views` is a dict, from the path to the view. "
    "Write a method `add_url_rule`, which Flask has too, so that "
    '`app.add_url_rule("/", view_func=hello, methods=["POST"])` remembers what '
    '`@app.route("/", methods=["POST"])` above `hello` does; `methods` may be left out of both. '
    "Two apps do not share their views.",
)


@add_url_rule("@app.route writes the view into app.views", before="Crashed: AttributeError")
def route_remembers_the_view(program):
    program(START + """
given_back = app.route("/a", methods=["GET", "POST"])(app.route("/b")(hello))
assert app.views == {"/a": hello, "/b": hello}, f"app.views is {app.views}"
assert given_back is hello, f"after @app.route, hello is {given_back!r}"
""").expect()


@add_url_rule("app.add_url_rule writes it without a decorator", before="Crashed: AttributeError")
def add_url_rule_remembers_the_view(program):
    program(START + """
app.add_url_rule("/a", view_func=hello)
app.add_url_rule("/b", view_func=hello, methods=["POST"])
assert app.views == {"/a": hello, "/b": hello}, f"app.views is {app.views}"
""").expect()


@add_url_rule("two apps have views of their own", before="Crashed: AttributeError")
def apps_do_not_share_views(program):
    program(START + """
other = Flask("other")
app.route("/")(hello)
assert other.views == {}, f"the other app has got {other.views}"
""").expect()


brackets = exercise(
    "brackets", "Forgotten brackets",
    "If you write `@app.route` without brackets above a view, you hand over the view in the place "
    "of the path, and no error comes. Let `route` raise a TypeError for a path that is no str. "
    "If it is a function, the text of the error contains the function's name.",
)


@brackets("@app.route without brackets is a TypeError that names the view",
          before="Crashed: no error")
def forgotten_brackets_are_an_error(program):
    program(START + """
try:
    app.route(hello)
except TypeError as error:
    assert "hello" in str(error), f"there is no name of a view in {error}"
else:
    raise SystemExit("no error")
""").expect()


@brackets("any other path that is no str is a TypeError too", before="Crashed: no error")
def path_must_be_a_str(program):
    program(START + """
for path in (None, 42, ["/"], b"/"):
    try:
        app.route(path)(hello)
    except TypeError:
        continue
    raise SystemExit(f"no error for the path {path!r}")
""").expect()


decorator_class = exercise(
    "decorator-class", "A class that decorates",
    "Let `app.route` return an object of a class of your own in the place of a function. "
    "Its method `__call__` takes the view and gives it back. It has what `route` was given as "
    'its attributes `path` and `methods`: for `app.route("/", methods=["POST"])` they are "/" '
    'and ["POST"]. Where `methods` is left out, the attribute is ("GET",).',
)


@decorator_class("app.route() returns an object of a class in ownflask.py",
                 before="Crashed: AssertionError: it is a function")
def route_returns_an_object(program):
    program(START + """
kind = type(app.route("/"))
assert kind.__module__ == "ownflask", f"it is a {kind.__name__} of {kind.__module__}"
given_back = app.route("/")(hello)
assert given_back is hello, f"after @app.route, hello is {given_back!r}"
""").expect()


@decorator_class("the object has the path and the methods", before="Crashed: AttributeError")
def object_has_path_and_methods(program):
    program(START + """
rules = [app.route("/a", methods=["POST"]), app.route("/b")]
got = [(rule.path, list(rule.methods)) for rule in rules]
assert got == [("/a", ["POST"]), ("/b", ["GET"])], f"they have {got}"
""").expect()
