"""Further exercises of wsgi."""

from tests.exercises import step

exercise = step("wsgi")

START = """
from ownflask import Flask
app = Flask(__name__)
@app.route("/")
def hello(request):
    return "hello"
"""

middleware = exercise(
    "middleware", "Room for a middleware",
    "An app in a middleware is no `Flask` any more, so it has no `run`. "
    "Give the app a method `wsgi_app(environ, start_response)` that does what calling the app did. "
    "After `app.wsgi_app = Middleware(app.wsgi_app)`, the middleware is asked, both when a server "
    "calls `app` and under `app.run()`.",
)
LOUD = START + """
quiet = app.wsgi_app
app.wsgi_app = lambda *arguments: [part.upper() for part in quiet(*arguments)]
"""


@middleware("a call of the app goes through the middleware", before="Crashed: AttributeError")
def called_app_asks_the_middleware(program):
    program(LOUD + """
from wsgiref.util import setup_testing_defaults
environ, started = {"PATH_INFO": "/"}, []
setup_testing_defaults(environ)
body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
assert (started, body) == (["200 OK"], b"HELLO"), f"the answer is {started}, {body}"
""").expect()


@middleware("app.run() goes through the middleware", before="NoServer: AttributeError")
def run_asks_the_middleware(program):
    with program.serving(LOUD + "app.run(port=0)") as client:
        client.get("/").expect(text="HELLO")


status = exercise(
    "status", "A view chooses its status",
    'Let a view return a tuple of a body and a status, such as `({"error": "no such book"}, 404)`. '
    "The body may be all that a view may return without it, and is sent in the same way.",
)


@status("a tuple is a body and a status", before="Wrong: 500")
def view_chooses_its_status(program):
    with program.serving(START + """
app.route("/made")(lambda request: ("made", 201))
app.route("/missing")(lambda request: ({"error": "no such book"}, 404))
app.route("/list")(lambda request: ["a", 201])
app.run(port=0)
""") as client:
        html, json = "text/html; charset=utf-8", "application/json"
        client.get("/made").expect(201, text="made", content_type=html)
        missing = client.get("/missing")
        missing.expect(404, json={"error": "no such book"}, content_type=json)
        if missing.reason != "Not Found":
            raise missing.wrong("404 Not Found")
        client.get("/list").expect(200, json=["a", 201], content_type=json)


before_request = exercise(
    "before-request", "Before every view",
    "Let `@app.before_request` above a function have it called with the request before each view "
    "runs. What it returns, if it is not None, is answered in the place of what the view would "
    "have returned: the view does not run, and no further such function. They are called in the "
    "order in which they were decorated, and the decorator gives the function back.",
)
GUARDED = START + """
ran = []
def guard(name):
    def function(request):
        ran.append(name)
        for key, answer in (("text", name), ("blank", ""), ("json", {})):
            if request.qs.get(key) == [name]:
                return answer
    given_back = app.before_request(function)
    assert given_back is function, f"after the decorator, it is {given_back!r}"
guard("a")
guard("b")
@app.route("/ran")
def who_ran(request):
    ran.append("view")
    return ran
app.run(port=0)
"""


@before_request("all are called before the view, in order", before="NoServer: AttributeError")
def functions_run_before_the_view(program):
    with program.serving(GUARDED) as client:
        client.get("/").expect(text="hello")
        client.get("/ran").expect(json=["a", "b", "a", "b", "view"])


@before_request("what a function returns is the answer", before="NoServer: AttributeError")
def function_answers_for_the_view(program):
    with program.serving(GUARDED) as client:
        client.get("/ran?text=a").expect(text="a")
        client.get("/ran?blank=b").expect(text="", content_type="text/html; charset=utf-8")
        client.get("/ran?json=a").expect(json={}, content_type="application/json")
        client.get("/ran").expect(json=["a", "a", "b", "a", "a", "b", "view"])
