"""Further exercises of url_params."""

from tests.exercises import step

exercise = step("url_params")

START = """
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults
from ownflask import Flask
app = Flask(__name__)

def visit(path, query="", method="GET"):
    environ = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query,
               "REQUEST_METHOD": method}
    setup_testing_defaults(environ)
    answer = []
    body = b"".join(app(environ, lambda *started: answer.extend(started)))
    return answer[0][:3], {name.title(): value for name, value in answer[1]}, body.decode()

def route(rule, name="view", to=None):
    def view(request, **values):
        return f"{rule} {values}"
    view.__name__ = name
    return (to or app).route(rule)(view)
"""


own_types = exercise(
    "own-types", "Types of one's own",
    "Let an app have a dict `app.converters`, to which types can be added: after "
    '`app.converters["hex"] = ("[0-9a-f]+", lambda text: int(text, 16))`, the rule '
    "`/colour/<hex:value>` gives its view a number. Where `<name>` would fit as well, the app's "
    "own types are asked before it. Another app knows nothing of them.",
)
HEX = START + """
app.converters["hex"] = ("[0-9a-f]+", lambda text: int(text, 16))
"""


@own_types("a type of the app's own gives the view its value",
           before="Crashed: no attribute 'converters'")
def own_type_makes_the_value(program):
    program(HEX + """
route("/colour/<hex:value>/of/<name>")
told = visit("/colour/ff/of/it")[2]
assert told.endswith("{'value': 255, 'name': 'it'}"), f"/colour/ff/of/it gets {told}"
assert visit("/colour/green/of/it")[0] == "404", "green is no number in base 16"
""").expect()


@own_types("the app's own types are asked before a text",
           before="Crashed: no attribute 'converters'")
def own_type_comes_before_a_text(program):
    program(HEX + """
route("/any/<name>")
route("/any/<hex:value>")
route("/any/<path:name>")
for path, rule in (("/any/ff", "/any/<hex:value> "), ("/any/x", "/any/<name> "),
                   ("/any/f/f", "/any/<path:name> ")):
    told = visit(path)[2]
    assert told.startswith(rule), f"{path} is answered by {told}"
""").expect()


@own_types("another app does not know them, and says so",
           before="Crashed: no attribute 'converters'")
def own_types_are_of_one_app(program):
    program(HEX + """
other = Flask("other")
try:
    route("/colour/<hex:value>", to=other)
except LookupError as error:
    assert "/colour/<hex:value>" in str(error), f"the rule is not named: {error}"
else:
    raise SystemExit("the other app knows <hex:value>, too")
""").expect()


url_for = exercise(
    "url-for", "From a view to its path",
    'Let `app.url_for("book", id=10)` return `"/book/10"`: the path that leads to the view of this '
    "name with these values, whatever its variables are called. Of several rules of one view it "
    "takes one whose variables are those that were given. What a path cannot have as it is, is "
    "percent-encoded. Where there is no such rule, it raises a LookupError.",
)


@url_for("a path leads back to the view, with the same values",
         before="Crashed: no attribute 'url_for'")
def path_leads_back(program):
    program(START + """
route("/book/<int:id>", "book")
route("/pair/<a>/and/<b>", "pair")
route("/files/<path:name>", "file")
route("/", "home")
for name, values, expected in (
    ("book", {"id": 10}, "/book/10"), ("pair", {"b": "y", "a": "x"}, "/pair/x/and/y"),
    ("file", {"name": "css/site.css"}, "/files/css/site.css"), ("home", {}, "/"),
):
    made = app.url_for(name, **values)
    assert made == expected, f"url_for({name!r}, **{values}) is {made!r}"
""").expect()


@url_for("what a path cannot have as it is, is percent-encoded",
         before="Crashed: no attribute 'url_for'")
def values_are_encoded(program):
    program(START + """
route("/café/<name>", "order")
for value in ("a b", "what?", "50%25", "#1", "Zoë", "line\\nbreak", "<b>"):
    made = app.url_for("order", name=value)
    for letter in " ?#\\n<":
        assert letter not in made, f"for {value!r} it is {made!r}"
    assert made.isascii(), f"for {value!r} it is {made!r}"
    told = visit(made)[2]
    assert told.endswith(repr({"name": value})), f"{made} leads to {told}"
""").expect()


@url_for("the rule is the one that has these variables", before="Crashed: no attribute 'url_for'")
def values_choose_the_rule(program):
    program(START + """
hello = route("/hello/<name>", "hello")
app.route("/")(hello)
assert app.url_for("hello") == "/", f"without a value it is {app.url_for('hello')!r}"
made = app.url_for("hello", name="Joe")
assert made == "/hello/Joe", f"with a name it is {made!r}"
for name, values in (("nobody", {}), ("hello", {"id": 1}), ("hello", {"name": "Joe", "id": 1})):
    try:
        made = app.url_for(name, **values)
    except LookupError:
        continue
    raise SystemExit(f"url_for({name!r}, **{values}) is {made!r}, and should be a LookupError")
""").expect()


slash = exercise(
    "slash", "A slash too few",
    "A rule that ends in a slash, such as `/docs/`, shall be found without it, too: GET of `/docs` "
    "gets 308, with a `Location` that ends in `/docs/`, and with the query string that was asked, "
    "if there was one. A path that a rule fits as it is has its answer from there, and a slash "
    "too many stays a 404.",
)


@slash("the path without the slash is redirected", before="Crashed: /docs gets 404")
def slash_is_added(program):
    program(START + """
route("/docs/")
route("/user/<name>/")
for path in ("/docs", "/user/Joe"):
    status, headers, body = visit(path)
    assert status == "308", f"{path} gets {status}"
    place = headers.get("Location", "(none)")
    assert place.endswith(path + "/"), f"for {path}, the Location is {place}"
place = visit("/docs", "page=2&x=%20")[1].get("Location", "(none)")
assert place.endswith("/docs/?page=2&x=%20"), f"with a query string, the Location is {place}"
""").expect()


@slash("what was encoded in the path is encoded in the Location", before="Crashed: gets 404")
def location_is_encoded(program):
    program(START + """
route("/user/<name>/")
for path in ("/user/Zo%C3%AB", "/user/a%20b", "/user/a%3Fb", "/user/a%0D%0AX:b"):
    status, headers, body = visit(path)
    assert status == "308", f"{path} gets {status}"
    place = headers.get("Location", "(none)")
    assert place.isascii() and place.isprintable() and " " not in place, f"for {path}: {place!r}"
    told = visit(place[place.index("/user"):])
    assert told[0] == "200", f"for {path}, the Location is {place}, which gets {told[0]}"
""").expect()


@slash("a path that fits as it is, or fits nothing, is answered as before")
def other_paths_are_as_before(program):
    program(START + """
route("/docs/")
route("/both")
route("/both/")
route("/leaf")
for path, wanted in (("/docs/", "200"), ("/both", "200"), ("/both/", "200"), ("/leaf", "200"),
                     ("/leaf/", "404"), ("/nope", "404")):
    status = visit(path)[0]
    assert status == wanted, f"{path} gets {status}"
assert visit("/leaf", method="POST")[0] == "405", "POST of /leaf is no 405 any more"
""").expect()
