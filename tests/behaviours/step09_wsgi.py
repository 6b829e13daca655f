"""wsgi: the app becomes a callable that any WSGI server can run."""

from tests.behaviours import step
from tests.behaviours.kit import Wrong, last_error
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

    @app.route("/caller")
    def caller(request):
        return str(request.headers.get("X-Caller"))
else:
    @app.route("/")
    def hello():
        return "hello"

    @app.route("/todo", methods=["POST"])
    def todo():
        return {"data": request.json}

    @app.route("/caller")
    def caller():
        return str(request.headers.get("X-Caller"))

@app.route("/café")
def cafe(*request):
    return "un café"
"""

CALL = APP + """
from wsgiref.util import setup_testing_defaults

def call(path="/", **more):
    environ, started = {"PATH_INFO": path, **more}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
    return started, body
"""


@behaviour("a WSGI server can call the app", stage="handling_wsgi",
           before="Crashed: 'Flask' object is not callable")
def app_can_be_called(program):
    program(CALL + """
started, body = call()
assert started == ["200 OK"], f"start_response got {started}, not ['200 OK']"
""").expect()


@behaviour("app(environ, start_response) answers", stage="fill_in_the_postcard",
           before="Crashed: Handling WSGI")
def app_is_a_wsgi_callable(program):
    program(CALL + """
started, body = call()
assert started == ["200 OK"], f"start_response got {started}, not ['200 OK']"
assert body == b"hello", f"the body is {body}"
""").expect()


@behaviour("the headers of an environ reach the view", stage="headers_become_keys",
           before="Crashed: None")
def headers_come_from_the_environ(program):
    program(CALL + """
started, body = call("/caller", HTTP_X_CALLER="me")
assert body == b"me", f"the view sees {body.decode()}"
""").expect()


@behaviour("a header that comes twice has both values, joined by a comma",
           stage="headers_become_keys", before="Wrong: 'a'")
def repeated_header_is_joined(client):
    reply = client.get("/headers", headers=[("X-A", "a"), ("X-A", "b"), ("X-Names", "X-A")])
    if reply.text.replace(" ", "") != "'a,b'":
        raise reply.wrong("'a,b'")


@behaviour("the path of an environ holds one character for each byte", stage="bytes_in_latin_1",
           before="Crashed: 404")
def path_comes_as_latin_1(program):
    program(CALL + """
started, body = call("/café".encode().decode("latin-1"))
assert started == ["200 OK"], f"start_response got {started}, not ['200 OK']"
""").expect()


@behaviour("a body comes with its length", stage="two_headers_without_http",
           before="Crashed: 400")
def body_comes_with_its_length(program):
    program(CALL + """
import io
json = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "3"}
started, body = call("/todo", REQUEST_METHOD="POST", **json, **{"wsgi.input": io.BytesIO(b"[1]")})
assert started == ["200 OK"], f"start_response got {started}, not ['200 OK']"
""").expect()


@behaviour("wsgiref.validate finds no fault", stage="two_headers_without_http",
           before="Crashed: the statuses are")
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
           stage="fill_in_the_postcard", before="Crashed: Handling WSGI")
def content_length_may_be_missing(program):
    program(CALL + """
for more in ({}, {"CONTENT_LENGTH": ""}):
    started, body = call(**more)
    assert body == b"hello", f"with {more} start_response got {started}, and the body is {body}"
""").expect()


@behaviour("an environ without PATH_INFO and QUERY_STRING gets an answer",
           stage="fill_in_the_postcard", before="Crashed: Handling WSGI")
def path_info_may_be_missing(program):
    program(CALL + """
environ, started = {}, []
setup_testing_defaults(environ)
del environ["PATH_INFO"]
body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
assert len(started) == 1, f"start_response got {started}"
assert body != b"Handling WSGI", f"the body is {body}"
""").expect()


@behaviour("a view's exception reaches the server", stage="fill_in_the_postcard",
           before="Crashed: no exception", until="errors_of_ours", after="Crashed: no exception")
def exception_reaches_the_server(program):
    program(CALL + """
@app.route("/boom")
def boom(*request):
    raise ZeroDivisionError

try:
    call("/boom")
except ZeroDivisionError:
    pass
else:
    raise SystemExit("no exception")
""").expect()


@behaviour("an answer to HEAD has no body, whatever the server", stage="head_has_no_body",
           before="Crashed: 405 Method Not Allowed")
def head_gets_no_body(program):
    program(CALL + """
for path in ("/", "/nope"):
    started, body = call(path, REQUEST_METHOD="HEAD")
    assert body == b"", f"the body is {body}"
""").expect()


@behaviour("run() calls the app as any WSGI server does, and says that it has threads",
           stage="a_wsgi_server", before="Wrong: no environ",
           flask=("Wrong: 500", "its development server hands on a REMOTE_PORT that is no str"))
def run_speaks_wsgi(program):
    with program.serving("""
from wsgiref.validate import validator
from ownflask import Flask

seen = {}

class Checked(Flask):
    def __call__(self, environ, start_response):
        seen.update(environ)
        return validator(super().__call__)(environ, start_response)

app = Checked("app")

@app.route("/café")
def hello(*request):
    keys = "SERVER_PORT wsgi.multithread REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING"
    told = "; ".join(f"{key}: {seen.get(key, '')}" for key in keys.split())
    return told if seen else "no environ"

app.run(port=0)
""") as client:
        told = {"SERVER_PORT": client.port, "wsgi.multithread": True, "REQUEST_METHOD": "GET",
                "SCRIPT_NAME": "", "PATH_INFO": "/café".encode().decode("latin-1"),
                "QUERY_STRING": "a=%62"}
        text = "; ".join(f"{key}: {value}" for key, value in told.items())
        client.get("/caf%C3%A9?a=%62").expect(text=text)
        before = len(client.server.log())
        # To its end: the connection is closed when all is printed.
        client.wire(b"GET /caf%C3%A9 HTTP/1.0\r\nHost: a\r\n\r\n")
        error = last_error(client.server.log()[before:])
        if error:
            raise Wrong("GET /caf%C3%A9", f"an answer, and the server printed: {error}",
                        "an answer, and no traceback")


@behaviour("nothing that is set in the shell is a header", stage="nothing_of_the_shell",
           before="Wrong: secret")
def shell_is_no_part_of_a_request(client):
    names = "X-Of-The-Shell Content-Type"       # see SHELL
    client.get("/headers", headers=[("X-Names", names)]).expect(text="None|None")


@behaviour("a WSGI server that is not ours runs the app", stage="fill_in_the_postcard",
           before="Wrong: Handling WSGI")
def another_server_runs_the_app(program):
    with program.serving(APP + """
from wsgiref.simple_server import make_server
server = make_server("127.0.0.1", 0, app)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
""") as client:
        client.get("/").expect(text="hello")


@behaviour("a view that raises gets 500, and the server lives on", stage="a_wsgi_server",
           before="Dropped: ValueError: boom")
def raising_view_is_500(client):
    client.get("/boom").expect(500)
    client.get("/").expect(text="hello")


@behaviour("a value that cannot be sent gets 500", stage="a_wsgi_server",
           before="Dropped: AttributeError")
def unsendable_value_is_500(client):
    for path in NOT_SENDABLE:
        client.get(path).expect(500)


@behaviour("NaN, which JSON does not know, gets 500", stage="a_wsgi_server",
           before="Dropped: ValueError",
           flask=("Wrong: 200", "it sends NaN, and most JSON parsers refuse that"))
def nan_is_500(client):
    client.get("/nan").expect(500)


@flaw("a view cannot return bytes yet, and gets 500", stage="a_wsgi_server",
      before="Dropped: AttributeError", until="status_and_bytes", after="Wrong: 200")
def bytes_are_500(client):
    client.get("/bytes").expect(500)


@behaviour("two apps in one process have routes of their own", stage="routes_of_its_own",
           before="Wrong: 200")
def apps_have_their_own_routes(client):
    client.get("/elsewhere").expect(404)


@behaviour("two apps of one name may use one path for different methods",
           stage="fill_in_the_postcard", before="Crashed: POST: ['200']")
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
    b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status[:3])))
    assert started == [{"GET": "200", "POST": "405"}[method]], f"{method}: {started}"
""").expect()
