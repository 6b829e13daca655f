"""Step 12: a view chooses its status and headers, and may stream its body."""

import re
from html import unescape

from tests.behaviours import step

behaviour, flaw, view = step("responses")

HTML = "text/html; charset=utf-8"

ASK = """
from wsgiref.util import setup_testing_defaults
from ownflask import *
from ownflask import Flask, request
app = Flask(__name__)

def ask(path="/", method="GET"):
    environ, started = {"PATH_INFO": path, "REQUEST_METHOD": method}, []
    setup_testing_defaults(environ)
    body = app(environ, lambda *answer, exc_info=None: started.extend(answer))
    return started[0][:3], started[1], body
"""


def allowed(reply):
    """Return all names in the Allow header, as a set."""
    return {name.strip() for name in reply.headers.get("Allow", "").split(",")}


def the_framework():
    """Return the module under test: app.py has imported it, and the views are run by it."""
    import ownflask

    return ownflask


# --- a status, headers, bytes

@view("/made", methods=["POST"])
def made(request):
    return {"made": 1}, 201


@view("/made/<int:status>")
def made_of(request, status):
    return f"status {status}", status


@view("/three")
def three_parts(request):
    return "three", 202, [("X-Part", "third")]


@view("/cookies")
def two_cookies(request):
    return "two", 200, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


@view("/pixel")
def pixel(request):
    return b"\x89\x00\xff"


AS_A_TUPLE = "Wrong: 'tuple' object has no attribute 'encode'"


@behaviour("a view may return a body and a status", stage="status_and_bytes",
           before=AS_A_TUPLE)
def body_and_status(client):
    client.post("/made").expect(201, json={"made": 1}, content_type="application/json")
    for status in (200, 203, 400, 404, 418, 500, 503):
        client.get(f"/made/{status}").expect(status, text=f"status {status}", content_type=HTML)


@behaviour("a status may be one that nobody has named", stage="status_and_bytes",
           before=AS_A_TUPLE)
def status_without_a_name(client):
    client.get("/made/299").expect(299, text="status 299")
    client.get("/made/599").expect(599, text="status 599")


@behaviour("a view may return a body, a status and headers", stage="status_and_bytes",
           before=AS_A_TUPLE)
def body_status_and_headers(client):
    client.get("/three").expect(202, text="three", x_part="third", content_type=HTML)


@behaviour("of a header that comes twice both are sent, in order", stage="status_and_bytes",
           before=AS_A_TUPLE)
def repeated_headers_are_sent(client):
    reply = client.get("/cookies").expect(200, text="two")
    if reply.headers.get_all("Set-Cookie") != ["a=1", "b=2"]:
        raise reply.wrong("the cookies a=1 and b=2")


@view("/cookies/json")
def two_cookies_with_json(request):
    return {"two": 2}, 200, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


@behaviour("a header may come twice with JSON, too", stage="status_and_bytes",
           before=AS_A_TUPLE,
           flask=("Wrong: 200 OK, application/json", "it keeps the last one of a name"))
def repeated_headers_with_json(client):
    reply = client.get("/cookies/json").expect(200, json={"two": 2})
    if reply.headers.get_all("Set-Cookie") != ["a=1", "b=2"]:
        raise reply.wrong("the cookies a=1 and b=2")


@behaviour("a view may return bytes, and they stay as they are", stage="status_and_bytes",
           before="Wrong: 'bytes' object has no attribute 'encode'")
def bytes_stay_as_they_are(client):
    reply = client.get("/pixel").expect(content_length="3")
    if reply.body != b"\x89\x00\xff":
        raise reply.wrong("the bytes 89 00 ff")


# --- a Response

@view("/response")
def a_response(request):
    return the_framework().Response("made", 203, [("X-A", "b")])


@view("/response/made")
def response_made_of_a_tuple(request):
    response = the_framework().make_response({"made": 1}, 201)
    response.headers["X-A"] = "b"
    response.headers.add_header("X-A", "c")
    return response


@view("/response/changed")
def response_of_another_view(request):
    response = the_framework().make_response(three_parts(request))
    response.headers["X-Part"] = "changed"
    response.status_code = 203
    return response


NO_LEN = "Wrong: object of type 'Response' has no len()"


@behaviour("a view may return a Response", stage="make_response", before=NO_LEN)
def view_returns_a_response(client):
    client.get("/response").expect(203, text="made", x_a="b", content_type=HTML)


@behaviour("make_response makes a Response, which takes headers", stage="make_response",
           before="Wrong: has no attribute 'make_response'")
def make_response_makes_one(client):
    reply = client.get("/response/made").expect(201, json={"made": 1})
    if reply.headers.get_all("X-A") != ["b", "c"]:
        raise reply.wrong("X-A with b, then with c")


@behaviour("make_response takes whatever a view returns, and it can be changed",
           stage="make_response", before="Wrong: has no attribute 'make_response'")
def another_views_answer_can_be_changed(client):
    client.get("/response/changed").expect(203, text="three", x_part="changed")


@view("/response/again")
def response_again(request):
    response = the_framework().Response("again")
    response.headers["X-A"] = "b"
    return the_framework().make_response(response)


@behaviour("a Response stays the same in make_response", stage="make_response",
           before="Wrong: has no attribute 'make_response'")
def make_response_keeps_a_response(client):
    client.get("/response/again").expect(200, text="again", x_a="b")


@view("/response/and/<int:status>")
def response_and_status(request, status):
    return the_framework().Response("made", 203), status


@view("/response/and/headers")
def response_and_headers(request):
    return the_framework().Response("made", 203), [("X-A", "b")]


@view("/body/and/headers")
def body_and_a_list(request):
    return "with headers", [("X-A", "b"), ("X-A", "c")]


@view("/body/and/pairs")
def body_and_a_tuple(request):
    return "with a tuple", (("X-A", "b"),)


@behaviour("a status goes with a Response, too", stage="status_for_a_response",
           before="Wrong: 203")
def status_goes_with_a_response(client):
    client.get("/response/and/201").expect(201, text="made")


@behaviour("a view may return a body and headers, without a status",
           stage="status_for_a_response", before="Wrong: 500")
def body_and_headers(client):
    reply = client.get("/body/and/headers").expect(200, text="with headers")
    if reply.headers.get_all("X-A") != ["b", "c"]:
        raise reply.wrong("X-A with b, then with c")
    client.get("/response/and/headers").expect(203, text="made", x_a="b")
    client.get("/body/and/pairs").expect(200, text="with a tuple", x_a="b")


@behaviour("a status that is no number is refused, before any of it is sent",
           stage="status_for_a_response", before="Crashed: the status is me",
           flask=("Crashed: the status is 0 m", "it sends the status 0 me"))
def status_is_a_number(program):
    program(ASK + """
@app.route("/")
def odd():
    return "odd", "me"

try:
    status = ask()[0]
except (TypeError, ValueError):
    status = "500"
if status != "500":
    raise SystemExit(f"the status is {status}")
""").expect()


# --- headers

@view("/xml")
def xml(request):
    return "<a/>", 200, [("content-type", "text/xml")]


@view("/xml/response")
def response_of_xml(request):
    return the_framework().Response("<a/>", 200, {"content-type": "text/xml", "X-Count": 3})


@view("/headers/dict")
def headers_in_a_dict(request):
    return {"a": 1}, {"X-A": "b", "X-Count": 3}


@view("/headers/again")
def headers_that_replace(request):
    response = the_framework().Response("again", 200, {"X-A": "a", "X-B": "b"})
    return response, {"x-a": "c"}


@view("/headers/of/another")
def headers_of_another_response(request):
    other = the_framework().Response("other", 203, {"X-A": "b"})
    return "again", other.headers


@behaviour("a Content-Type of the view's takes the place of ours", stage="headers_of_ones_own",
           before="Wrong: text/html")
def own_content_type(client):
    for path in ("/xml", "/xml/response"):
        reply = client.get(path).expect(200, text="<a/>", content_type="text/xml")
        if len(reply.headers.get_all("Content-Type")) != 1:
            raise reply.wrong("one Content-Type")


@behaviour("headers may be a dict, and a value a number", stage="headers_of_ones_own",
           before="Wrong: 500")
def headers_may_be_a_dict(client):
    client.get("/headers/dict").expect(200, json={"a": 1}, x_a="b", x_count="3")
    client.get("/xml/response").expect(200, x_count="3")


@behaviour("a view may return a body and the headers of a Response", stage="headers_of_ones_own",
           before="Wrong: 500")
def headers_of_a_response(client):
    client.get("/headers/of/another").expect(200, text="again", x_a="b")


@behaviour("headers take the place of those that a Response has", stage="headers_of_ones_own",
           before="Wrong: 500")
def headers_replace_those_of_a_response(client):
    reply = client.get("/headers/again").expect(200, x_a="c", x_b="b")
    if len(reply.headers.get_all("X-A")) != 1:
        raise reply.wrong("one X-A")


# --- no answer at all

@view("/returns/nothing")
def forgets_its_return(request):
    pass


@view("/returns/number")
def returns_a_number(request):
    return 42


@view("/returns/one")
def returns_one_part(request):
    return ("one",)


@view("/returns/four")
def returns_four_parts(request):
    return ("four", 200, {}, None)


@view("/returns/set")
def returns_a_set(request):
    return {"a", "b"}


NAMES_NONE_ONLY = ("Wrong: The view function did not return a valid response",
                   "it names the view only where it returned None")


def expect_named(client, path, view):
    """Expect 500 for PATH, and that the server prints an error with the name of the VIEW."""
    printed = len(client.server.log())
    reply = client.get(path).expect(500)
    errors = client.server.log()[printed:]
    if view.__name__ not in errors.rpartition("\n  ")[2].partition("\n")[2]:
        raise reply.wrong(f"an error that names the view {view.__name__}")
    client.get("/").expect(text="hello")


@behaviour("a view that returns nothing is an error that names the view",
           stage="which_view_it_was",
           before="Wrong: object of type 'NoneType' has no len()")
def nothing_names_the_view(client):
    expect_named(client, "/returns/nothing", forgets_its_return)


@behaviour("a value that is no answer is an error that names the view",
           stage="which_view_it_was", before="Wrong: object of type 'int' has no len()",
           flask=NAMES_NONE_ONLY)
def no_answer_names_the_view(client):
    expect_named(client, "/returns/number", returns_a_number)
    expect_named(client, "/returns/set", returns_a_set)


@behaviour("a tuple of one or of four is an error that names the view",
           stage="which_view_it_was", before="Wrong: 200",
           flask=NAMES_NONE_ONLY)
def odd_tuples_name_the_view(client):
    expect_named(client, "/returns/one", returns_one_part)
    expect_named(client, "/returns/four", returns_four_parts)


@behaviour("request.endpoint is the name of the view", stage="which_view_it_was",
           before="Crashed: has no attribute 'endpoint'")
def endpoint_is_the_views_name(program):
    program(ASK + """
@app.route("/")
@app.route("/hello")
def hello():
    return request.endpoint

@app.route("/", methods=["POST"])
def post():
    return request.endpoint

for path, method, name in (("/", "GET", b"hello"), ("/hello", "GET", b"hello"),
                           ("/", "POST", b"post")):
    body = b"".join(ask(path, method)[2])
    assert body == name, body
""").expect()


# --- helpers

@view("/jsonify/<kind>")
def jsonified(request, kind):
    jsonify = the_framework().jsonify
    return {"str": lambda: jsonify("a"), "null": lambda: jsonify(None),
            "list": lambda: jsonify([1]), "words": lambda: jsonify(a=1, b=[2]),
            "several": lambda: jsonify(1, 2)}[kind]()


@view("/jsonify/status")
def jsonified_with_a_status(request):
    return the_framework().jsonify(error="too late"), 410


@view("/csv")
def csv(request):
    return the_framework().Response("a,b\n", mimetype="text/csv")


@view("/pdf")
def pdf(request):
    return the_framework().Response("%PDF", 200, {"X-A": "b"}, "application/pdf")


@view("/go")
def go(request):
    return the_framework().redirect(request.args["to"])


@view("/go/<int:code>")
def go_with_a_code(request, code):
    return the_framework().redirect("/", code)


@behaviour("jsonify and redirect can be imported", stage="jsonify_and_redirect",
           before="Crashed: cannot import name 'jsonify'")
def helpers_can_be_imported(program):
    program("from ownflask import Response, jsonify, make_response, redirect").expect()


@behaviour("jsonify makes JSON of any value", stage="jsonify_and_redirect",
           before="Wrong: has no attribute 'jsonify'")
def jsonify_takes_any_value(client):
    for kind, value in (("str", "a"), ("null", None), ("list", [1]), ("words", {"a": 1, "b": [2]}),
                        ("several", [1, 2])):
        client.get(f"/jsonify/{kind}").expect(json=value, content_type="application/json")
    client.get("/jsonify/status").expect(410, json={"error": "too late"})


@behaviour("Response takes a mimetype, and text gets its charset", stage="jsonify_and_redirect",
           before="Wrong: unexpected keyword argument 'mimetype'")
def response_takes_a_mimetype(client):
    client.get("/csv").expect(text="a,b\n", content_type="text/csv; charset=utf-8")
    client.get("/pdf").expect(text="%PDF", content_type="application/pdf", x_a="b")


@behaviour("redirect sends the client elsewhere, with 302 or another code",
           stage="jsonify_and_redirect", before="Wrong: has no attribute 'redirect'")
def redirect_sends_elsewhere(client):
    client.get("/go?to=/hello/Joe").expect(302, location="/hello/Joe")
    client.get("/go?to=https://a.example/b?c=d%26e%23f").expect(
        302, location="https://a.example/b?c=d&e#f")
    for code in (301, 303, 307, 308):
        client.get(f"/go/{code}").expect(code, location="/")


@behaviour("letters beyond ASCII and blanks in a Location are encoded",
           stage="jsonify_and_redirect", before="Wrong: has no attribute 'redirect'")
def redirect_encodes_letters(client):
    client.get("/go?to=/caf%C3%A9%E2%98%83?a=%C3%A9").expect(
        302, location="/caf%C3%A9%E2%98%83?a=%C3%A9")
    client.get("/go?to=/a%20b").expect(302, location="/a%20b")
    client.get("/go?to=/a%2520b").expect(302, location="/a%20b")
    client.get("/go?to=/%22%3C%3E%7C").expect(302, location="/%22%3C%3E%7C")
    # A browser takes a backslash for a slash, and // for another site.
    client.get("/go?to=/%5Ca.example").expect(302, location="/%5Ca.example")
    client.get("/go?to=/a:b@c?d=e%26f;g,h!i$j*k'(l)%2Bm%23n").expect(
        302, location="/a:b@c?d=e&f;g,h!i$j*k'(l)+m#n")


@behaviour("the page of a redirect shows its target as text", stage="jsonify_and_redirect",
           before="Wrong: has no attribute 'redirect'")
def redirect_does_not_echo(client):
    reply = client.get("/go?to=/%22%3E%3Cscript%3E").expect(302)
    if "<script>" in reply.text:
        raise reply.wrong("no <script> in the page")


@behaviour("the page of a redirect has a link to its target", stage="jsonify_and_redirect",
           before="Wrong: has no attribute 'redirect'")
def redirect_links_to_its_target(client):
    reply = client.get("/go?to=/books%3Fa%3Db%26lt%3Dc").expect(302)
    links = re.findall("<a [^>]*href=[\"']?([^\"' >]+)", reply.text, re.IGNORECASE)
    if "/books?a=b&lt=c" not in map(unescape, links):
        raise reply.wrong("a link to /books?a=b&lt=c, with its & escaped")


# --- what may not be in a header

@view("/header")
def header_of_the_visitors(request):
    return "x", 200, [(request.args.get("name", "X-A"), request.args.get("value", ""))]


@view("/header/set")
def header_set_later(request):
    response = the_framework().make_response("x")
    response.headers["X-A"] = request.args["value"]
    return response


@behaviour("a line break in a header is refused, and the next request is answered",
           stage="no_line_breaks", before="Wrong: 302")
def line_break_is_refused(client):
    went = client.get("/go?to=/%0D%0ASet-Cookie:%20a=b")
    if not went.headers.get("Location", "").upper().startswith("/%0D%0ASET-COOKIE:"):
        went.expect(500)        # where redirect() does not encode it, as ours does not
    for value in ("a%0D%0AX-B:%20c", "a%0Ab", "a%0Db", "%0A", "a%0D%0A"):
        client.get(f"/header?value={value}").expect(500)
        client.get(f"/header/set?value={value}").expect(500)
    client.get("/header?value=a").expect(200, text="x", x_a="a")


@behaviour("a line break in the name of a header is refused", stage="no_line_breaks",
           before="Wrong: 200",
           flask=("Wrong: 200", "it looks at the value only"))
def line_break_in_a_name_is_refused(client):
    client.get("/header?name=X-A:%20b%0D%0AX-B&value=c").expect(500)
    client.get("/header?name=X-A%0A&value=c").expect(500)


@behaviour("letters that a header cannot carry are 500, and no half answer",
           stage="no_line_breaks", before="Wrong: 200",
           flask=("Dropped", "its server fails when half of the answer is out"))
def letters_of_a_header(client):
    client.get("/header?value=%E2%98%83").expect(500)
    client.get("/header?value=caf%C3%A9").expect(200, text="x")


# --- streams

@view("/stream/<int:number>")
def stream(request, number):
    def pieces():
        for each in range(number):
            yield f"{each},"

    return pieces()


@view("/stream/yield")
def yields_itself(request):
    yield "é"
    yield b"\xff"
    yield ""


@view("/stream/made")
def stream_with_a_status(request):
    return iter(["made", " of", " pieces"]), 201, {"Content-Type": "text/plain"}


NO_STREAM = "Wrong: returned <generator object"


@behaviour("a view may return a generator, or be one", stage="a_stream", before=NO_STREAM)
def generator_is_sent(client):
    reply = client.get("/stream/3").expect(text="0,1,2,", content_type=HTML)
    if "Content-Length" in reply.headers:
        raise reply.wrong("no Content-Length: nobody knows it beforehand")
    client.get("/stream/0").expect(text="")
    client.get("/stream/1000").expect(text="".join(f"{each}," for each in range(1000)))
    reply = client.get("/stream/yield").expect(200)
    if reply.body != "é".encode() + b"\xff":
        raise reply.wrong("é in UTF-8, and the byte ff")


@behaviour("a generator goes with a status and headers", stage="a_stream",
           before="Wrong: returned <list_iterator object")
def generator_with_a_status(client):
    client.get("/stream/made").expect(201, text="made of pieces", content_type="text/plain")


@behaviour("a piece is given to the server before the next one is made", stage="a_stream",
           before="Crashed: returned <generator object")
def pieces_are_sent_at_once(program):
    program(ASK + """
made = []

@app.route("/")
def pieces():
    for each in ("one", "two"):
        made.append(each)
        yield each

status, headers, body = ask()
body = iter(body)
assert (next(body), made) == (b"one", ["one"]), f"for the first piece it has made {made}"
assert (next(body), made) == (b"two", ["one", "two"]), f"for the second it has made {made}"
""").expect()


@behaviour("a generator is closed when the server gives up on it", stage="a_stream",
           before="Crashed: returned <generator object")
def generator_is_closed(program):
    program(ASK + """
said = []

@app.route("/")
def pieces():
    try:
        yield "one"
        yield "two"
    finally:
        said.append("closed")

status, headers, body = ask()
pieces = iter(body)
assert next(pieces) == b"one"
assert said == [], said
if hasattr(body, "close"):      # a server asks, see PEP 3333
    body.close()
del body, pieces
assert said == ["closed"], "the generator is still open"
""").expect()


@behaviour("when a generator runs, its request is gone", stage="a_stream",
           before="Crashed: returned <generator object")
def request_is_gone_in_a_generator(program):
    program(ASK + """
@app.route("/")
def pieces():
    try:
        yield request.path
    except RuntimeError:
        yield "gone"

status, headers, body = ask()
assert b"".join(body) == b"gone"
""").expect()


# --- HEAD, OPTIONS, no body

@view("/options", methods=["OPTIONS"])
def own_options(request):
    return "options of my own"


@view("/nothing/<int:status>")
def no_content(request, status):
    return "nobody reads this", status


@view("/nothing/<int:status>/stream")
def no_content_in_pieces(request, status):
    return iter(["nobody reads this"]), status


@behaviour("HEAD has the headers of GET, and no body", stage="head_and_options",
           before="Wrong: 501")
def head_has_the_headers_of_get(client):
    for path in ("/", "/book/10", "/accents", "/three", "/nope", "/made/410"):
        head, get = client.send("HEAD", path), client.get(path)
        for name in ("Content-Type", "Content-Length", "X-Part"):
            if head.headers[name] != get.headers[name]:
                raise head.wrong(f"{name}: {get.headers[name]}, as for GET")
        head.expect(get.status, text="")
        sent = client.wire(f"HEAD {path} HTTP/1.0\r\nHost: a\r\n\r\n".encode())
        if not sent.endswith(b"\r\n\r\n"):
            raise head.wrong(f"nothing after the headers, not {sent[-40:]}")


@behaviour("HEAD runs the view for GET, which sees HEAD", stage="head_and_options",
           before="Crashed: 405")
def head_runs_the_view(program):
    program(ASK + """
said = []

@app.route("/")
def hello():
    said.append(request.method)
    return "hello"

@app.route("/post", methods=["POST"])
def post():
    said.append("post")
    return "posted"

status, headers, body = ask(method="HEAD")
assert status == "200", status
assert (b"".join(body), said) == (b"", ["HEAD"]), said
status, headers, body = ask("/post", "HEAD")
assert (status, b"".join(body), said) == ("405", b"", ["HEAD"]), (status, said)
""").expect()


@behaviour("HEAD of a stream promises no length", stage="head_and_options",
           before="Wrong: 501")
def head_of_a_stream(client):
    reply = client.send("HEAD", "/stream/3").expect(200, text="")
    if "Content-Length" in reply.headers:
        raise reply.wrong("no Content-Length, as for GET")


@behaviour("OPTIONS lists the methods of a path", stage="head_and_options",
           before="Wrong: 501")
def options_list_the_methods(client):
    for path, methods in (("/", {"GET", "HEAD", "OPTIONS"}),
                          ("/shelf/new", {"DELETE", "GET", "HEAD", "OPTIONS", "POST"}),
                          ("/made", {"OPTIONS", "POST"})):
        reply = client.send("OPTIONS", path)
        reply.expect(204 if reply.status == 204 else 200, text="")
        if not methods <= allowed(reply):
            named = ", ".join(sorted(allowed(reply)))
            raise reply.wrong(f"Allow: {', '.join(sorted(methods))}, not {named}")
    client.send("OPTIONS", "/nope").expect(404)


@behaviour("405 lists HEAD and OPTIONS, too", stage="head_and_options",
           before="Wrong: 405 Method Not Allowed")
def allow_has_head_and_options(client):
    reply = client.send("PATCH", "/").expect(405)
    if not {"GET", "HEAD", "OPTIONS"} <= allowed(reply):
        raise reply.wrong("Allow: GET, HEAD, OPTIONS")


@behaviour("a view may answer OPTIONS itself", stage="head_and_options", before="Wrong: 501")
def options_of_ones_own(client):
    client.send("OPTIONS", "/options").expect(text="options of my own")
    client.get("/options").expect(405)


@behaviour("204 and 304 have no body; 204 has no length, and 304 no type",
           stage="head_and_options", before="Wrong: 204")
def no_content_at_all(client):
    for status, path in ((204, "/nothing/204"), (304, "/nothing/304"),
                         (204, "/nothing/204/stream"), (304, "/nothing/304/stream")):
        reply = client.get(path).expect(status, text="")
        if status == 204 and "Content-Length" in reply.headers:
            raise reply.wrong("no Content-Length (RFC 9110, section 8.6)")
        if status == 304 and "Content-Type" in reply.headers:
            raise reply.wrong("no Content-Type (RFC 9110, section 15.4.5)")
        sent = client.wire(f"GET {path} HTTP/1.0\r\nHost: a\r\n\r\n".encode())
        if not sent.endswith(b"\r\n\r\n"):
            raise reply.wrong(f"nothing after the headers, not {sent[-40:]}")


VALIDATE = ASK + """
import warnings
from wsgiref.validate import validator
warnings.simplefilter("error")

@app.route("/")
def hello():
    return "hello"

@app.route("/stream")
def stream():
    yield "one"
    yield "two"

@app.route("/nothing")
def nothing():
    return "", 204

def check(path, method, *expected):
    environ, started = {"PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": ""}, []
    setup_testing_defaults(environ)
    environ["SCRIPT_NAME"] = ""

    def start_response(status, headers, exc_info=None):
        started.append(status[:3])
        return lambda data: None

    body = validator(app)(environ, start_response)
    got = b"".join(body)
    body.close()
    if (*started, got) not in expected:
        raise SystemExit(f"{method} {path}: {started}, {got}")
"""


@behaviour("wsgiref.validate finds no fault in HEAD, OPTIONS and streams",
           stage="head_and_options", before="Crashed: HEAD /: ['405']")
def validator_finds_no_fault_in_head(program):
    program(VALIDATE + """
check("/", "HEAD", ("200", b""))
check("/stream", "HEAD", ("200", b""))
check("/stream", "GET", ("200", b"onetwo"))
check("/", "OPTIONS", ("200", b""), ("204", b""))
""").expect()


@behaviour("in 204, wsgiref.validate finds no fault", stage="head_and_options",
           before="Crashed: Content-Type header found in a 204 response",
           flask=("Crashed: Content-Type header found in a 204 response",
                  "it says of what type the missing body is"))
def validator_finds_no_fault_in_204(program):
    program(VALIDATE + """
check("/nothing", "GET", ("204", b""))
check("/nothing", "HEAD", ("204", b""))
""").expect()


@behaviour("a method is what it is, in upper case or not", stage="head_and_options",
           before="Crashed: HEAD is 405",
           flask=("Crashed: get is 200", "it takes a method in any case"))
def methods_have_a_case(program):
    program(ASK + """
@app.route("/")
def hello():
    return "hello"

for method, expected in (("HEAD", "200"), ("get", "405"), ("Head", "405"), ("BREW", "405")):
    status, headers, body = ask("/", method)
    if status != expected:
        raise SystemExit(f"{method} is {status}")
""").expect()
