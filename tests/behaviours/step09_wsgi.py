"""wsgi: the app becomes a callable that any WSGI server can run."""

from tests.behaviours import step
from tests.behaviours.step03_routing import NOT_SENDABLE

behaviour, flaw, view = step("wsgi")

APP = """
from ownflask import Flask
app = Flask(__name__)

try:
    from ownflask import request
except ImportError:
    @app.route("/")
    def hello(request):
        return "hello"

    @app.route("/todo", methods=["POST"])
    def todo(request):
        return {"data": request.json}
else:
    @app.route("/")
    def hello():
        return "hello"

    @app.route("/todo", methods=["POST"])
    def todo():
        return {"data": request.json}
"""


@behaviour("app(environ, start_response) answers", before="Crashed: TypeError: 'Flask' object")
def app_is_a_wsgi_callable(program):
    program(APP + """
from wsgiref.util import setup_testing_defaults
environ, started = {"PATH_INFO": "/"}, []
setup_testing_defaults(environ)
body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
assert started == ["200 OK"], f"start_response got {started}"
assert body == b"hello", f"the body is {body}"
""").expect()


@behaviour("wsgiref.validate finds no fault", before="Crashed: TypeError: 'Flask' object")
def validator_finds_no_fault(program):
    program(APP + """
import io
import warnings
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

warnings.simplefilter("error")

def call(method, path, body=b"", **more):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "a=1",
               "wsgi.input": io.BytesIO(body), **more}
    setup_testing_defaults(environ)
    environ["SCRIPT_NAME"] = ""
    started = []
    def start_response(status, headers, exc_info=None):
        started.append(status[:3])
        return lambda data: None
    iterable = validator(app)(environ, start_response)
    b"".join(iterable)
    iterable.close()
    return started

json = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "3"}
got = [
    call("GET", "/"), call("POST", "/todo", b"[1]", **json), call("GET", "/nope"),
    call("GET", "/todo"), call("POST", "/todo", b"[1]", **{**json, "CONTENT_LENGTH": "2"}),
]
assert got == [["200"], ["200"], ["404"], ["405"], ["400"]], f"the statuses are {got}"
""").expect()


@behaviour("an environ without CONTENT_LENGTH, or with an empty one, has no body",
           before="Crashed: TypeError: 'Flask' object")
def content_length_may_be_missing(program):
    program(APP + """
from wsgiref.util import setup_testing_defaults
for more in ({}, {"CONTENT_LENGTH": ""}):
    environ, started = {"PATH_INFO": "/", **more}, []
    setup_testing_defaults(environ)
    app(environ, lambda status, headers, exc_info=None: started.append(status))
    assert started == ["200 OK"], f"with {more} start_response got {started}"
""").expect()


@behaviour("an environ without PATH_INFO and QUERY_STRING gets an answer",
           before="Crashed: TypeError: 'Flask' object")
def path_info_may_be_missing(program):
    program(APP + """
from wsgiref.util import setup_testing_defaults
environ, started = {}, []
setup_testing_defaults(environ)
del environ["PATH_INFO"]
app(environ, lambda status, headers, exc_info=None: started.append(status))
assert len(started) == 1, f"start_response got {started}"
""").expect()


@behaviour("a view's exception reaches the server",
           before="Crashed: TypeError: 'Flask' object",
           flask=("Crashed: no exception", "it catches the exception and answers with 500"))
def exception_reaches_the_server(program):
    program(APP + """
from wsgiref.util import setup_testing_defaults

@app.route("/boom")
def boom(*request):
    raise ZeroDivisionError

environ = {"PATH_INFO": "/boom"}
setup_testing_defaults(environ)
try:
    app(environ, lambda status, headers, exc_info=None: None)
except ZeroDivisionError:
    pass
else:
    raise SystemExit("no exception")
""").expect()


@behaviour(
    "a WSGI server that is not ours runs the app",
    before="Wrong: 'Flask' object is not callable",
)
def another_server_runs_the_app(program):
    with program.serving(APP + """
from wsgiref.simple_server import make_server
server = make_server("127.0.0.1", 0, app)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
""") as client:
        client.get("/").expect(text="hello")


@behaviour("a view that raises gets 500, and the server lives on",
           before="Dropped: ValueError: boom")
def raising_view_is_500(client):
    client.get("/boom").expect(500)
    client.get("/").expect(text="hello")


@behaviour("a value that cannot be sent gets 500", before="Dropped: AttributeError")
def unsendable_value_is_500(client):
    for path in NOT_SENDABLE:
        client.get(path).expect(500)


@behaviour("NaN, which JSON does not know, gets 500", before="Dropped: ValueError",
           flask=("Wrong: 200", "it sends NaN, and most JSON parsers refuse that"))
def nan_is_500(client):
    client.get("/nan").expect(500)


@flaw("a view cannot return bytes yet, and gets 500", before="Dropped: AttributeError",
      until="responses", after="Wrong: 200")
def bytes_are_500(client):
    client.get("/bytes").expect(500)


@behaviour("two apps in one process have routes of their own", before="Wrong: 200")
def apps_have_their_own_routes(client):
    client.get("/elsewhere").expect(404)


@behaviour("two apps of one name may use one path for different methods",
           before="Crashed: TypeError: 'Flask' object")
def apps_of_one_name_are_two(program):
    program("""
from wsgiref.util import setup_testing_defaults
from ownflask import Flask
apps = {"GET": Flask("app"), "POST": Flask("app")}
for method, app in apps.items():
    app.route("/", methods=[method])(lambda *request: "hello")
for method, app in apps.items():
    environ, started = {"PATH_INFO": "/", "REQUEST_METHOD": "GET"}, []
    setup_testing_defaults(environ)
    app(environ, lambda status, headers, exc_info=None: started.append(status[:3]))
    assert started == [{"GET": "200", "POST": "405"}[method]], f"{method}: {started}"
""").expect()


@flaw("a method that no view asked for gets 405, HEAD and OPTIONS too", before="Wrong: 501",
      until="responses", after="Wrong: 200")
def every_other_method_is_405(client):
    for method in ("HEAD", "OPTIONS", "BREW", "get"):
        client.send(method, "/").expect(405)
