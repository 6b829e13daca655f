"""Step 13: errors are raised, and have handlers and pages."""

import contextlib
import re
from http import HTTPStatus

from tests.behaviours import step
from tests.behaviours.step07_method_checks import allowed

behaviour, flaw, view = step("errors")

ASK = """
import io
import json
from wsgiref.util import setup_testing_defaults
from ownflask import Flask, abort, request
try:
    import werkzeug.exceptions as known     # of real Flask
except ImportError:
    import ownflask as known
app = Flask(__name__)
errors = io.StringIO()

def ask(path="/", data=b"", **more):
    environ, started = {"PATH_INFO": path, "wsgi.input": io.BytesIO(data), **more}, []
    environ["wsgi.errors"] = errors
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda *answer, exc_info=None: started.extend(answer)))
    return started[0][:3], body.decode()

def expect(path, status, text=None, **more):
    got = ask(path, **more)
    if got[0] != status or text is not None and got[1] != text:
        raise SystemExit(f"{path} is {got[0]}, {got[1]!r}")
"""


def error_class(name):
    """Return a class of HTTP errors, of ours or of Werkzeug's."""
    import ownflask as known

    if not hasattr(known, name):
        with contextlib.suppress(ImportError):
            import werkzeug.exceptions as known  # which real Flask uses
    return getattr(known, name)


# --- errors that are raised

def look_up(name):
    """Find nothing, deep below a view."""
    raise error_class("NotFound")(f"there is no {name}")


@view("/raises/<name>")
def raises_not_found(request, name):
    return "found " + look_up(name)


@view("/returns/<name>/error")
def returns_an_error(request, name):
    return error_class("NotFound")(f"there is no {name}")


@view("/raises")
def raises_the_class(request):
    raise error_class("NotFound")


NOT_YET = "Wrong: 500 Internal Server Error"


@behaviour("an answer can be raised from below a view", stage="an_answer_to_raise",
           before=NOT_YET)
def answer_can_be_raised(client):
    reply = client.get("/raises/Dune").expect(404, content_type="text/html; charset=utf-8")
    if "there is no Dune" not in reply.text:
        raise reply.wrong("a page that says why")
    client.get("/raises").expect(404)
    client.get("/").expect(text="hello")


@behaviour("what an error says is escaped in its page", stage="an_answer_to_raise",
           before=NOT_YET)
def error_is_escaped(client):
    reply = client.get("/raises/%3Cscript%3E&").expect(404)
    if "<script>" in reply.text or "&lt;script&gt;" not in reply.text:
        raise reply.wrong("&lt;script&gt; in the page")


@behaviour("an error may be returned as well", stage="an_answer_to_raise", before=NOT_YET)
def error_can_be_returned(client):
    client.get("/returns/Dune/error").expect(404)


@behaviour("an error of one's own may have a status without a name", stage="an_answer_to_raise",
           before="Crashed: has no attribute 'HTTPException'")
def error_of_ones_own(program):
    program(ASK.replace(", abort", "") + """
class Odd(known.HTTPException):
    code = 499
    description = "odd"

@app.route("/")
def odd():
    raise Odd

@app.route("/told")
def told():
    raise Odd("told")

for path, why in (("/", "odd"), ("/told", "told")):
    status, text = ask(path)
    assert status == "499" and why in text, (status, text)
""").expect()


@behaviour("a page for an error says its name", stage="an_answer_to_raise", before=NOT_YET)
def page_says_the_name(client):
    for reply in (client.get("/raises").expect(404),
                  client.post("/todo", b"[1", headers=JSON).expect(400)):
        if reply.reason.lower() not in reply.text.lower():
            raise reply.wrong(f"{reply.reason.title()} in the page")


JSON = [("Content-Type", "application/json")]


@view("/abort/<int:code>")
def aborts(request, code):
    import ownflask

    ownflask.abort(code)


@view("/abort/<int:code>/<why>")
def aborts_and_says_why(request, code, why):
    import ownflask

    ownflask.abort(code, why)


NO_ABORT = "Wrong: has no attribute 'abort'"


@behaviour("abort can be imported", stage="abort",
           before="Crashed: cannot import name 'abort'")
def abort_can_be_imported(program):
    program("from ownflask import abort").expect()


@behaviour("abort answers with a status, and may say why", stage="abort", before=NO_ABORT)
def abort_answers(client):
    for code in (400, 401, 403, 404, 409, 410, 418, 429, 500, 503):
        client.get(f"/abort/{code}").expect(code)
        reply = client.get(f"/abort/{code}/because").expect(code)
        if "because" not in reply.text:
            raise reply.wrong("a page that says why")


@behaviour("abort with a status that is no error is a 500", stage="abort", before=NO_ABORT)
def abort_takes_errors_only(client):
    client.get("/abort/409").expect(409)
    for code in (200, 302, 399, 600):
        client.get(f"/abort/{code}").expect(500)


@behaviour("abort knows all statuses that HTTP has for errors", stage="abort", before=NO_ABORT,
           flask=("Wrong: 500", "some of them have no class in Werkzeug"))
def abort_knows_all_statuses(client):
    for code in (402, 407, 425, 506, 507, 508, 510, 511):
        client.get(f"/abort/{code}").expect(code)
    for status in HTTPStatus:
        if status >= 400:
            client.get(f"/abort/{status.value}").expect(status.value)


@behaviour("an error says its status, its name and why", stage="abort",
           before="Crashed: cannot import name 'abort'")
def error_says_what_it_is(program):
    program(ASK + """
try:
    abort(404, "no such book")
except known.HTTPException as error:
    assert str(error) == "404 Not Found: no such book", f"str() of it is {str(error)!r}"
    told = error.code, error.name, error.description
    assert told == (404, "Not Found", "no such book"), f"code, name, description: {told}"
    assert type(error) is known.NotFound, "abort(404) raises another class than NotFound"
try:
    abort(410)
except known.HTTPException as error:
    assert error.code == 410 and error.description, vars(error)
""").expect()


# --- handlers

NO_HANDLER = "Crashed: 'Flask' object has no attribute 'errorhandler'"

BOOK = ASK + """
@app.route("/book/<int:id>")
def book(id):
    if id == 404:
        abort(404, "no such book")
    if id == 410:
        abort(410)
    return str({1: "one"}[id])

@app.route("/")
def hello():
    return "hello"
"""


@behaviour("an error handler answers in the place of the page", stage="errorhandler",
           before=NO_HANDLER)
def handler_answers(program):
    program(BOOK + """
@app.errorhandler(404)
def not_found(error):
    return {"error": str(error)}, 404, {"X-A": "b"}

status, text = ask("/book/404")
assert (status, json.loads(text)) == ("404", {"error": "404 Not Found: no such book"}), text
expect("/book/410", "410")
expect("/book/1", "200", "one")
""").expect()


@behaviour("an error handler that returns text answers 200", stage="errorhandler",
           before=NO_HANDLER)
def handlers_text_is_200(program):
    program(BOOK + """
@app.errorhandler(404)
def not_found(error):
    return "never mind"

expect("/book/404", "200", "never mind")
""").expect()


@behaviour("errorhandler gives the handler back", stage="errorhandler", before=NO_HANDLER)
def errorhandler_returns_the_handler(program):
    program(BOOK + """
@app.errorhandler(410)
@app.errorhandler(404)
def gone(error):
    return "gone", 410

assert gone(None) == ("gone", 410)
expect("/book/404", "410", "gone")
expect("/book/410", "410", "gone")
""").expect()


@behaviour("an error that is returned meets no handler", stage="errorhandler",
           before=NO_HANDLER)
def returned_error_meets_no_handler(program):
    program(BOOK + """
@app.errorhandler(404)
def not_found(error):
    return "handled", 404

@app.route("/returned")
def returned():
    return known.NotFound("as it is")

status, text = ask("/returned")
assert status == "404" and "as it is" in text, text
""").expect()


@behaviour("404 and 405 of the framework meet their handlers", stage="refusals_are_raised",
           before="Crashed: 404 Not Found")
def refusals_meet_their_handlers(program):
    program(BOOK + """
@app.errorhandler(404)
def not_found(error):
    return f"no {request.path}, {request.endpoint}", 404

@app.errorhandler(405)
def not_allowed(error):
    return f"no {request.method}", 405

expect("/nope", "404", "no /nope, None")
expect("/book/x", "404", "no /book/x, None")
expect("/book/404", "404", "no /book/404, book")
expect("/", "405", "no PUT", REQUEST_METHOD="PUT")
expect("/", "200", "hello")
""").expect()


@behaviour("405 has Allow, also as a page of its own", stage="refusals_are_raised",
           before="Wrong: '405 Method Not Allowed'")
def page_of_405(client):
    reply = client.send("PATCH", "/").expect(405)
    if "GET" not in allowed(reply) or not re.search("<[a-z]", reply.text):
        raise reply.wrong("a page, and an Allow header with GET")


BAD_LENGTH = BOOK + """
@app.route("/todo", methods=["POST"])
def todo():
    return {"data": request.json}

@app.errorhandler(400)
def bad_request(error):
    return f"{request.method} {request.path} is bad", 400

post = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json"}
"""


@behaviour("a handler for 400 knows the request, whatever was wrong with it",
           stage="a_request_for_the_handler",
           before="Crashed: RuntimeError: request.method: no request is being answered here")
def handler_knows_the_request(program):
    program(BAD_LENGTH + """
for length, data in (("3", b"{oo"), ("", b""), ("20", b"[1]"), ("abc", b"[1]")):
    expect("/todo", "400", "POST /todo is bad", CONTENT_LENGTH=length, data=data, **post)
""").expect()


@behaviour("a handler may be for a class of exceptions", stage="classes_of_errors",
           before="Crashed: KeyError: 12")
def handler_for_a_class(program):
    program(BOOK + """
@app.errorhandler(KeyError)
def no_key(error):
    return f"no {error}", 404

@app.errorhandler(known.HTTPException)
def any_status(error):
    return f"status {error.code}", error.code

expect("/book/12", "404", "no 12")
expect("/book/410", "410", "status 410")
expect("/nope", "404", "status 404")
expect("/", "405", "status 405", REQUEST_METHOD="PUT")
expect("/book/1", "200", "one")
""").expect()


@behaviour("of several handlers the nearest class answers, whatever their order",
           stage="classes_of_errors", before="Crashed: KeyError: 12")
def nearest_handler_answers(program):
    program(BOOK + """
def answering(text):
    def handler(error):
        return text, 500
    return handler

for cls in (LookupError, known.NotFound, Exception, known.HTTPException):
    app.errorhandler(cls)(answering(cls.__name__))

@app.route("/value")
def value():
    raise ValueError

expect("/book/12", "500", "LookupError")
expect("/value", "500", "Exception")
expect("/book/404", "500", "NotFound")
expect("/book/410", "500", "HTTPException")
expect("/nope", "500", "NotFound")
""").expect()


@behaviour("a handler for a code is one for its class", stage="classes_of_errors",
           before="Crashed: /book/404 is 404, '<h1>")
def code_and_class_are_one(program):
    program(BOOK + """
@app.errorhandler(known.NotFound)
def by_class(error):
    return "by class", 404

@app.errorhandler(410)
def by_code(error):
    return "by code", 410

expect("/book/404", "404", "by class")
expect("/nope", "404", "by class")
expect("/book/410", "410", "by code")
""").expect()


@behaviour("a handler for a code is for all subclasses of its class, whatever their code",
           stage="classes_of_errors", before="Crashed: /moved is 410",
           flask=("Crashed: /moved is 410",
                  "of the handlers for codes it asks only those for the error's own"))
def handler_is_for_subclasses(program):
    program(BOOK + """
class Moved(known.NotFound):
    code = 410

@app.errorhandler(404)
def not_found(error):
    return "handled", 404

@app.route("/moved")
def moved():
    raise Moved

expect("/moved", "404", "handled")
""").expect()


@behaviour("errorhandler of a code that is no error is refused at the decorator",
           stage="classes_of_errors", before="Crashed: no error")
def handler_for_no_error_is_refused(program):
    program(BOOK + """
for code in (200, 299, 600):
    try:
        app.errorhandler(code)(lambda error: "never")
    except Exception:
        continue
    raise SystemExit(f"{code}: no error")
""").expect()


# --- errors of ours

@behaviour("an exception that nobody handles is 500, and the traceback is in wsgi.errors",
           stage="errors_of_ours", before="Crashed: ZeroDivisionError: the secret")
def unhandled_error_is_500(program):
    program(BOOK + """
@app.route("/boom")
def boom():
    raise ZeroDivisionError("the secret")

@app.route("/value")
def value():
    raise ValueError

@app.errorhandler(ValueError)
def no_value(error):
    return "handled", 422

for path, status in (("/nope", "404"), ("/book/410", "410"), ("/value", "422")):
    expect(path, status)
    assert not errors.getvalue(), "in the log"

for path, name in (("/boom", "ZeroDivisionError: the secret"), ("/book/12", "KeyError: 12")):
    status, text = ask(path)
    assert status == "500", status
    assert "internal server error" in text.lower() and name not in text, text
    log = errors.getvalue()
    assert "Traceback" in log and name in log, f"{path}, and in wsgi.errors: {log!r}"
    assert "in " + path.split("/")[1] in log, f"not the view's line in wsgi.errors: {log!r}"
    assert "the secret" not in text
expect("/", "200", "hello")
""").expect()


@behaviour("a view without an answer is 500, and wsgi.errors names it", stage="errors_of_ours",
           before="Crashed: TypeError")
def no_answer_is_500(program):
    program(BOOK + """
@app.route("/nothing")
def forgets_its_return():
    pass

expect("/nothing", "500")
assert "forgets_its_return" in errors.getvalue(), f"in wsgi.errors: {errors.getvalue()!r}"
""").expect()


@behaviour("an error in an error handler is 500", stage="errors_of_ours",
           before="Crashed: ZeroDivisionError")
def error_in_a_handler_is_500(program):
    program(BOOK + """
@app.errorhandler(404)
def not_found(error):
    1 / 0

@app.errorhandler(410)
def gone(error):
    abort(409)

@app.errorhandler(409)
def conflict(error):
    return "conflict", 409

@app.errorhandler(KeyError)
def no_key(error):
    pass

for path in ("/nope", "/book/410", "/book/12"):
    expect(path, "500")
assert "ZeroDivisionError" in errors.getvalue(), f"in wsgi.errors: {errors.getvalue()!r}"
""").expect()


@behaviour("a handler for 500 answers, and knows the original exception",
           stage="errors_of_ours", before="Crashed: KeyError: 12")
def handler_for_500_answers(program):
    program(BOOK + """
@app.errorhandler(500)
def broken(error):
    assert type(error) is known.InternalServerError, type(error)
    if request.path == "/book/13":
        return "no status"
    return f"sorry for {error.original_exception!r}", 503

expect("/book/12", "503", "sorry for KeyError(12)")
expect("/book/13", "200", "no status")
assert "KeyError: 12" in errors.getvalue(), f"in wsgi.errors: {errors.getvalue()!r}"
""").expect()


@behaviour("a handler for Exception sees 500 where a view has no answer",
           stage="errors_of_ours", before="Crashed: TypeError")
def handler_for_exception_sees_500(program):
    program(BOOK + """
@app.errorhandler(Exception)
def anything(error):
    return type(error).__name__, 500

@app.route("/nothing")
def nothing():
    pass

expect("/nothing", "500", "InternalServerError")
expect("/nope", "500", "NotFound")
expect("/book/12", "500", "KeyError")
""").expect()


@behaviour("the client sees nothing of an exception", stage="errors_of_ours",
           before="Wrong: text/plain")
def page_of_500_keeps_quiet(client):
    reply = client.get("/boom").expect(500, content_type="text/html; charset=utf-8")
    if "boom" in reply.text or "Traceback" in reply.text:
        raise reply.wrong("a page without the word boom")
    client.get("/").expect(text="hello")


# --- strict with what comes in

@behaviour("a missing argument is the client's mistake, 400", stage="a_missing_argument",
           before="Wrong: 500")
def missing_argument_is_400(client):
    client.get("/args/needed?needed=1").expect(text="1")
    client.get("/args/needed").expect(400)
    client.get("/args/needed?Needed=1").expect(400)


@behaviour("a missing argument is a KeyError, too", stage="a_missing_argument",
           before="Crashed: / is 500")
def missing_argument_is_a_key_error(program):
    program(ASK + """
@app.route("/")
def search():
    try:
        return request.args["q"]
    except KeyError:
        return request.args["z"]

expect("/", "400")
expect("/", "200", "b", QUERY_STRING="z=b")

app = Flask("app")

@app.route("/")
def find():
    return request.args["q"]

@app.errorhandler(KeyError)
def no_key(error):
    return "no key", 404

expect("/", "404", "no key")
""").expect()


TYPES = ("application/json", "application/json; charset=utf-8", "application/json;v=1",
         "APPLICATION/JSON", " application/json ", "application/vnd.api+json",
         "application/problem+json; a=b")
NO_TYPES = ("", "text/plain", "application/x-www-form-urlencoded", "text/json",
            "application/jsonp", "application/json-patch", "application/geojson", "json",
            "application/x; json", "text/x+json", "application/json, text/plain",
            "multipart/form-data; boundary=json")


@behaviour("a body of another Content-Type is no JSON, 415", stage="json_that_says_so",
           before="Wrong: 200")
def wrong_content_type_is_415(client):
    for name in NO_TYPES:
        client.post("/todo", b"[1]", headers=[("Content-Type", name)] if name else []).expect(415)
    client.post("/get-json/loud", b"[1]").expect(415)
    client.post("/todo", b"[1", headers=[("Content-Type", "text/plain")]).expect(415)


@behaviour("a Content-Type may have parameters, or end in +json", stage="json_that_says_so",
           before="Wrong: 200")
def json_has_many_types(client):
    for name in TYPES:
        reply = client.post("/todo", b"[1]", headers=[("Content-Type", name)])
        reply.expect(json={"status": "success", "data": [1]})
    client.post("/todo", b"[1]", headers=[("Content-Type", "text/plain")]).expect(415)


@behaviour("get_json(silent=True) is None for another Content-Type", stage="json_that_says_so",
           before="Wrong: [1, 2, 3]")
def silent_is_silent_about_the_type(client):
    client.post("/get-json", b"[1, 2, 3]").expect(json={"silent": None})


LIMIT = ASK + """
@app.route("/read", methods=["POST"])
def read():
    return f"read {len(request.data)}"

@app.route("/ignore", methods=["POST"])
def ignore():
    return "ignored"

@app.errorhandler(413)
def too_large(error):
    return f"too large: {request.path}", 413

def post(path, size):
    return ask(path, REQUEST_METHOD="POST", CONTENT_LENGTH=str(size),
               CONTENT_TYPE="application/octet-stream", data=b"x" * size)

app.config["MAX_CONTENT_LENGTH"] = 10
"""

NO_CONFIG = "Crashed: 'Flask' object has no attribute 'config'"


@behaviour("a body beyond MAX_CONTENT_LENGTH is 413, for a view that reads it",
           stage="no_more_than_that", before=NO_CONFIG)
def large_body_is_413(program):
    program(LIMIT + """
for size, expected in ((0, ("200", "read 0")), (10, ("200", "read 10")),
                       (11, ("413", "too large: /read")), (10, ("200", "read 10"))):
    assert post("/read", size) == expected, f"limit 10, size {size}: {post('/read', size)}"
""").expect()


@behaviour("a body beyond MAX_CONTENT_LENGTH is 413, also where nobody would read it",
           stage="no_more_than_that", before=NO_CONFIG,
           flask=("Crashed: /ignore is 200", "it looks at the body when a view asks for it"))
def large_body_is_413_unread(program):
    program(LIMIT + """
for path in ("/ignore", "/nope"):
    status, text = post(path, 11)
    if status != "413":
        raise SystemExit(f"{path} is {status}")
""").expect()


@behaviour("a body beyond MAX_CONTENT_LENGTH is not read", stage="no_more_than_that",
           before=NO_CONFIG)
def large_body_is_not_read(program):
    program(LIMIT + """
class Refusing(io.BytesIO):
    def read(self, *size):
        raise SystemExit("it was read")

    readline = readinto = read

io.BytesIO = Refusing
assert ask("/read", REQUEST_METHOD="POST", CONTENT_LENGTH="11", CONTENT_TYPE="text/x")[0] == "413"
""").expect()


@behaviour("without MAX_CONTENT_LENGTH a body may be large", stage="no_more_than_that",
           before=NO_CONFIG)
def no_limit_is_no_limit(program):
    program(LIMIT + """
app.config["MAX_CONTENT_LENGTH"] = None
assert post("/read", 2_000_000) == ("200", "read 2000000"), post("/read", 2_000_000)
app.config["MAX_CONTENT_LENGTH"] = 0
assert post("/read", 0) == ("200", "read 0"), f"limit 0, size 0: {post('/read', 0)}"
assert post("/read", 1)[0] == "413", f"limit 0, size 1: {post('/read', 1)}"
""").expect()
