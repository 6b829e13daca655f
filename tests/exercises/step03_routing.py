"""Further exercises of routing."""

import contextlib

from tests.behaviours.kit import Dropped, Wrong, last_error
from tests.exercises import step

exercise = step("routing")

START = """
from ownflask import Flask
app = Flask(__name__)
@app.route("/")
def hello():
    return "hello"
"""

slash = exercise(
    "slash", "A path begins with a slash",
    'A view for "hello" is never found, because every path that a client asks for begins with '
    "`/`. Let `route` raise a ValueError for a path that does not, with the path in its text.",
)


@slash("a path that does not begin with / is a ValueError that says which",
       before="Crashed: no error")
def path_without_a_slash_is_refused(program):
    program(START + """
for path in ("hello", "", "http://127.0.0.1/", "h/"):
    try:
        app.route(path)(hello)
    except ValueError as error:
        assert path in str(error), f"the path {path!r} is not in {error}"
    else:
        raise SystemExit(f"no error for the path {path!r}")
""").expect()


@slash("a path that begins with / is taken")
def path_with_a_slash_is_taken(client):
    client.get("/").expect(text="hello")
    client.get("/stacked/a").expect(text="stacked")


no_text = exercise(
    "no-text", "A view without a text",
    "If you forget the `return` in a view, you read that 'NoneType' has no 'encode', in a line "
    "that is not yours. Let the framework raise a TypeError when a view returns anything but a "
    "str. Its text contains the name of the view's function and the `repr` of what it returned. "
    "What the client gets stays as it is.",
)
FORGETFUL = START + """
@app.route("/forgets")
def forgets_it():
    pass
@app.route("/counts")
def counts_them():
    return 42
app.run(port=0)
"""


@no_text("the server's terminal says which view returned what", before="Wrong: AttributeError")
def view_is_named(program):
    with program.serving(FORGETFUL) as client:
        for path, name, value in (("/forgets", "forgets_it", "None"),
                                  ("/counts", "counts_them", "42")):
            with contextlib.suppress(Dropped):
                client.get(path)
            client.get("/").expect(text="hello")    # so the server is done with the other
            said = last_error(client.server.log())
            if not (said.startswith("TypeError") and name in said and value in said):
                raise Wrong(f"GET {path}", f"the server printed: {said}",
                            f"a TypeError with {name} and {value} in its text")


server_error = exercise(
    "server-error", "500 for a view that raises",
    "Let a view that raises an exception get an answer with the status 500, and so a view whose "
    "result cannot be sent. The page says nothing about the exception: its text is for you alone. "
    "The server still prints the traceback, and lives on.",
)


@server_error("a view that raises gets 500", before="Dropped: ValueError: boom")
def raising_view_gets_500(client):
    reply = client.get("/boom").expect(500)
    page = reply.reason + reply.text.replace("/boom", "")
    if "boom" in page or "ValueError" in page:
        raise reply.wrong("a page that does not tell the exception")
    client.get("/").expect(text="hello")


@server_error("a value that cannot be sent gets 500", before="Dropped: AttributeError")
def unsendable_value_gets_500(client):
    for path in ("/none", "/number", "/surrogate"):
        client.get(path).expect(500)


@server_error("the server prints the traceback")
def traceback_is_printed(client):
    before = len(client.server.log())
    with contextlib.suppress(Dropped):
        client.get("/boom")
    client.get("/").expect(text="hello")    # so the server is done with the other
    printed = client.server.log()[before:]
    if last_error(printed) != "ValueError: boom":
        raise Wrong("GET /boom", f"the server printed {printed!r}", "a traceback: ValueError: boom")
