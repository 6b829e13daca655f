"""Further exercises of errors."""

from tests.exercises import step

exercise = step("errors")

START = """
import io
import json
from wsgiref.util import setup_testing_defaults
from ownflask import Flask, Response, abort, make_response, request
app = Flask(__name__)

def ask(path="/", **more):
    environ, started = {"PATH_INFO": path, "wsgi.errors": io.StringIO(), **more}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda *answer, exc_info=None: started.extend(answer))).decode()
    return started[0][:3], started[1], body

@app.route("/")
def hello():
    return "hello"

@app.route("/boom")
def boom():
    return 1 / 0
"""

after_request = exercise(
    "after-request", "After every request",
    "Let `@app.after_request` above a function have it called with each response, before that is "
    "sent: those of views, of error handlers, and the pages of 404 and 500. What it returns is "
    "sent in its place. It can look at `request`. Of several, the one that was decorated last is "
    "called first, and the decorator gives the function back.",
)
MARKED = START + """
def mark(name):
    def function(response):
        response.headers.add_header("X-Path", f"{name} {request.path}")
        return response
    given_back = app.after_request(function)
    assert given_back is function, f"after the decorator, it is {given_back!r}"

mark("a")
mark("b")

def marks(path, **more):
    status, headers, body = ask(path, **more)
    return status, [value for name, value in headers if name == "X-Path"]
"""


@after_request("it sees what a view returns, the last one first",
               before="Crashed: 'Flask' object has no attribute 'after_request'")
def response_of_a_view_is_seen(program):
    program(MARKED + """
assert marks("/") == ("200", ["b /", "a /"]), f"/ has {marks('/')}"
""").expect()


@after_request("it sees the pages of errors, too",
               before="Crashed: 'Flask' object has no attribute 'after_request'")
def responses_of_errors_are_seen(program):
    program(MARKED + """
@app.errorhandler(405)
def not_allowed(error):
    return "no", 405

for path, method, status in (
    ("/nope", "GET", "404"), ("/boom", "GET", "500"), ("/", "PUT", "405"), ("/", "OPTIONS", "200"),
):
    got = marks(path, REQUEST_METHOD=method)
    assert got == (status, [f"b {path}", f"a {path}"]), f"{method} {path} has {got}"
""").expect()


@after_request("what it returns is sent",
               before="Crashed: 'Flask' object has no attribute 'after_request'")
def another_response_is_sent(program):
    program(START + """
@app.after_request
def teapot(response):
    return Response("short and stout", 418)

for path in ("/", "/nope"):
    status, headers, body = ask(path)
    assert (status, body) == ("418", "short and stout"), f"{path} is {status}, {body!r}"
""").expect()


abort_response = exercise(
    "abort-response", "Abort with an answer of your own",
    "Let `abort` also take a `Response`, as `make_response` makes one. It is sent as it is, with "
    "its status, its headers and its body, whatever its status.",
)


@abort_response("a response that is aborted with is sent as it is",
                before="Crashed: / is 500")
def aborted_response_is_sent(program):
    program(START + """
app = Flask("app")

@app.route("/")
def deep():
    def deeper():
        abort(make_response(({"error": "taken"}, 409, [("X-A", "b"), ("X-A", "c")])))
    return deeper()

@app.route("/see-other")
def see_other():
    abort(Response("", 303, {"Location": "/"}))

status, headers, body = ask("/")
if status != "409":
    raise SystemExit(f"/ is {status}")
assert json.loads(body) == {"error": "taken"}, f"the body is {body!r}"
assert [value for name, value in headers if name == "X-A"] == ["b", "c"], f"{headers}"
kinds = [value for name, value in headers if name == "Content-Type"]
assert kinds == ["application/json"], f"the Content-Type is {kinds}"
status, headers, body = ask("/see-other")
assert (status, dict(headers).get("Location"), body) == ("303", "/", ""), f"{status} {headers}"
""").expect()


@abort_response("abort with a status works as before")
def abort_keeps_statuses(program):
    program(START + """
@app.route("/abort/<int:code>")
def aborts(code):
    abort(code, "because")

for code, expected in (("404", "404"), ("410", "410"), ("200", "500")):
    status, headers, body = ask(f"/abort/{code}")
    assert status == expected and ("because" in body) == (code == status), f"{code}: {body!r}"
""").expect()


json_pages = exercise(
    "json-pages", "Errors in JSON, for who asks",
    'Let the pages of errors be `{"code": 404, "name": "Not Found", "description": "..."}`, as '
    "JSON, for a client whose `Accept` has `application/json` in it. Everybody else gets HTML, as "
    "before, and so does a browser, which does not name JSON. A handler of the app still answers "
    "in its own way, and a 405 keeps its `Allow`.",
)


@json_pages("who accepts JSON gets errors in JSON", before="Crashed: text/html")
def errors_come_as_json(program):
    program(START + """
@app.route("/why")
def why():
    abort(410, "<sold>")

for path, method, code, name in (
    ("/nope", "GET", 404, "Not Found"), ("/why", "GET", 410, "Gone"),
    ("/boom", "GET", 500, "Internal Server Error"), ("/why", "PUT", 405, "Method Not Allowed"),
):
    status, headers, body = ask(path, REQUEST_METHOD=method,
                                HTTP_ACCEPT="text/plain, application/json;q=0.9")
    fields = dict(headers)
    if fields["Content-Type"] != "application/json":
        raise SystemExit(f"{fields['Content-Type']}, not application/json, for {path}")
    assert status == str(code), f"{path} is {status}"
    told = json.loads(body)
    assert told["code"] == code and told["name"] == name, f"{path} says {told}"
    assert code != 410 or told["description"] == "<sold>", f"{path} says {told}"
    assert code != 405 or "GET" in fields.get("Allow", ""), f"405 has {fields}"
    assert fields["Content-Length"] == str(len(body)), f"{path} has {fields}"
""").expect()


@json_pages("who does not ask for JSON gets HTML, and a handler is asked first")
def others_get_html(program):
    program(START + """
@app.errorhandler(410)
def gone(error):
    return "handled", 410

@app.route("/gone")
def was_here():
    abort(410)

for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""):
    status, headers, body = ask("/nope", HTTP_ACCEPT=accept)
    assert status == "404" and "<h1>Not Found</h1>" in body, f"{accept!r} gets {body!r}"
status, headers, body = ask("/gone", HTTP_ACCEPT="application/json")
assert (status, body) == ("410", "handled"), f"a handler answers, and {body!r} arrives"
assert ask("/", HTTP_ACCEPT="application/json")[2] == "hello"
""").expect()
