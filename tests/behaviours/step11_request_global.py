"""Step 11: the request has a global name, and views import it."""

import threading

from tests.behaviours import step

behaviour, flaw, view = step("request_global")

ASK = """
from wsgiref.util import setup_testing_defaults
from ownflask import Flask, request
app = Flask(__name__)

def ask(path="/", **more):
    environ, started = {"PATH_INFO": path, **more}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
    return body.decode() if started[0][:3] == "200" else started[0][:3]
"""

OPENING_DEMO = '''
# demo.py
from ownflask import Flask

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def hello():
    return "hello"

if __name__ == "__main__":
    app.run()
'''


@behaviour("a view takes no request", stage="a_name_for_all",
           before="Wrong: takes 0 positional arguments but 1 was given")
def view_takes_no_request(client):
    client.get("/").expect(text="hello")


@behaviour("the opening demo of the post runs, with only its import changed",
           stage="a_name_for_all",
           before="Wrong: takes 0 positional arguments but 1 was given")
def opening_demo_runs(program):
    with program.serving(OPENING_DEMO, port=0) as client:
        client.get("/").expect(text="hello")
        client.post("/").expect(text="hello")


@behaviour("the request can be imported, by name or with the module", stage="a_name_for_all",
           before="Crashed: cannot import name 'request'")
def request_can_be_imported(program):
    program(ASK + """
import ownflask
from ownflask import request as the_request

@app.route("/by/<name>")
def by(name):
    return f"{request.method} {the_request.path} {ownflask.request.path}"

assert ask("/by/name") == "GET /by/name /by/name", ask("/by/name")
assert ask("/by/other") == "GET /by/other /by/other", ask("/by/other")
""").expect()


@behaviour("a view sees what whoever calls the app has set in the context",
           stage="a_name_for_all", before="Crashed: cannot import name 'request'")
def context_of_the_caller_is_there(program):
    program(ASK + """
from contextvars import ContextVar
visit = ContextVar("visit")

@app.route("/")
def hello():
    return f"visit {visit.get('unknown')}"

for number in (1, 2):
    visit.set(number)
    assert ask("/") == f"visit {number}", ask("/")
""").expect()


both_inside = threading.Barrier(2)


@view("/slow/<name>")
def slow_path(request, name):
    both_inside.wait()
    return request.path


@flaw("of two requests at once both views see the one that came last", stage="a_name_for_all",
      before="Wrong: takes 0 positional arguments but 1 was given",
      until="one_in_each_context", after="Wrong: /slow/")
def both_views_see_the_last_request(client):
    first, second = client.together("/slow/a", "/slow/b")
    if first.expect(200).text != second.expect(200).text:
        raise second.wrong(f"the other view's {first.text}")


@behaviour("of two requests at once each view sees its own", stage="one_in_each_context",
           before="Wrong: /slow/")
def each_view_sees_its_own_request(client):
    first, second = client.together("/slow/a", "/slow/b")
    first.expect(text="/slow/a")
    second.expect(text="/slow/b")


@behaviour("of many requests in twenty threads none sees another's",
           stage="one_in_each_context", before="Crashed: of another request")
def many_threads_see_their_own(program):
    program(ASK + """
import sys
import threading
sys.setswitchinterval(1e-6)
wrong, all_are_there = [], threading.Barrier(20)

@app.route("/of/<name>")
def of(name):
    if len(seen) < 20:
        seen.append(name)
        all_are_there.wait()        # so that in each thread one is under way at the same time
    return request.path

def many(number):
    for each in range(20):
        path = f"/of/{number}-{each}"
        got = ask(path)
        if got != path:
            wrong.append((path, got))

seen = []
threads = [threading.Thread(target=many, args=[number]) for number in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if wrong:
    raise SystemExit(f"{len(wrong)} of 400 got the path of another request")
""").expect()


@behaviour("what a view leaves on the request, the next one does not find",
           stage="one_in_each_context", before="Crashed: Joe")
def nothing_is_left_for_the_next_request(program):
    program(ASK + """
@app.route("/leave")
def leave():
    try:
        request.user = "Joe"
    except AttributeError:
        pass        # refused: even better
    return "left"

@app.route("/find")
def find():
    return getattr(request, "user", "nobody")

ask("/leave")
if ask("/find") != "nobody":
    raise SystemExit(f"the next request finds {ask('/find')}")
""").expect()


@behaviour("a request is gone when it has been answered, also when the view raised",
           stage="gone_after_the_answer", before="Crashed: still there")
def request_is_gone_after_the_answer(program):
    program(ASK + """
@app.route("/")
def hello():
    return request.path

@app.route("/boom")
def boom():
    raise ZeroDivisionError(request.path)

for path, more in (("/", {}), ("/boom", {}), ("/nope", {}), ("/", {"REQUEST_METHOD": "DELETE"}),
                   ("/", {"CONTENT_LENGTH": "none"})):
    try:
        ask(path, **more)
    except ZeroDivisionError:
        pass
    try:
        request.path
    except (LookupError, RuntimeError, AttributeError):     # of None, for instance
        continue
    raise SystemExit(f"after {path} {more or ''} the request is still there")
""").expect()


@behaviour("a view may ask its own app, and has its own request again",
           stage="gone_after_the_answer", before="Crashed: /inner and /inner")
def requests_can_be_nested(program):
    program(ASK + """
@app.route("/inner")
def inner():
    return request.path

@app.route("/outer")
def outer():
    return f"{ask('/inner')} and {request.path}"

assert ask("/outer") == "/inner and /outer", ask("/outer")
""").expect()


@behaviour("outside of a request, a RuntimeError says so", stage="outside_of_a_request",
           before="Crashed: LookupError: <ContextVar name='current_request'")
def outside_is_a_runtime_error(program):
    program(ASK + """
for use in (lambda: request.path, lambda: request.args, lambda: request.json):
    try:
        use()
    except RuntimeError as error:
        assert "request" in str(error).lower(), f"no word of a request: {error!r}"
    else:
        raise SystemExit("no error")
""").expect()


@behaviour("a thread that a view starts has no request", stage="outside_of_a_request",
           before="Crashed: LookupError")
def thread_of_a_view_has_no_request(program):
    program(ASK + """
import contextvars
import threading

@app.route("/")
def hello():
    said = []

    def look():
        try:
            said.append(request.path)
        except Exception as error:
            said.append(type(error).__name__)

    # An empty context, as a thread has it unless the interpreter is told otherwise.
    thread = threading.Thread(target=contextvars.Context().run, args=[look])
    thread.start()
    thread.join()
    return said[0]

if ask("/") != "RuntimeError":
    raise SystemExit(ask("/"))
""").expect()


@view("/args")
def some_args(request):
    args = request.args
    return {"keys": sorted(args), "first": args.get("tag"), "default": args.get("nope", "d"),
            "there": "tag" in args, "not there": "nope" in args, "nothing": args.get("nope")}


@view("/args/all")
def all_of_an_arg(request):
    return {"tag": request.args.getlist("tag"), "nope": request.args.getlist("nope")}


@view("/args/page")
def page_of_args(request):
    return {"page": request.args.get("page", 1, type=int),
            "size": request.args.get("size", type=float),
            "as given": request.args.get("nope", "1", type=int)}


@view("/args/whole")
def whole_args(request):
    return request.args


NO_ARGS_YET = "Wrong: 'Request' object has no attribute 'args'"


@behaviour("request.args has the first value of each key", stage="args", before=NO_ARGS_YET)
def args_have_the_first_value(client):
    answer = {"first": "b", "default": "d", "there": True, "not there": False, "nothing": None,
              "keys": ["", "tag", "x"]}
    client.get("/args?tag=b&tag=a&x=&=1&&").expect(json=answer)


@behaviour("request.args.getlist has all values of a key", stage="args", before=NO_ARGS_YET)
def getlist_has_all_values(client):
    client.get("/args/all?tag=b&tag=&tag=a").expect(json={"tag": ["b", "", "a"], "nope": []})


@behaviour("request.args.get makes a value of a type, or takes the default", stage="args",
           before=NO_ARGS_YET)
def get_takes_a_type(client):
    for query, page, size in (("?page=7&size=1.5", 7, 1.5), ("?page=two&size=", 1, None),
                              ("", 1, None)):
        answer = {"page": page, "size": size, "as given": "1"}
        client.get(f"/args/page{query}").expect(json=answer)


@behaviour("request.args can be returned as JSON", stage="args", before=NO_ARGS_YET)
def args_are_a_dict(client):
    client.get("/args/whole?a=1&b=2&a=3").expect(json={"a": "1", "b": "2"})


@behaviour("request.args is the same object as long as the request lasts", stage="args",
           before="Crashed: 500")
def args_are_made_once(program):
    program(ASK + """
@app.route("/")
def hello():
    return "the same" if request.args is request.args else "another one each time"

try:
    said = ask("/")
except AttributeError:
    said = "500"
if said != "the same":
    raise SystemExit(f"request.args is {said}")
""").expect()


@view("/args/needed")
def needed_arg(request):
    return request.args["needed"]


@flaw("a missing argument is a KeyError of the view's, and 500", stage="args",
      before=NO_ARGS_YET, until="a_missing_argument", after="Wrong: 400")
def missing_argument_is_500(client):
    client.get("/args/needed?needed=1").expect(text="1")
    client.get("/args/needed").expect(500)


@behaviour("UTF-8 in a query string is read, where it is not percent-encoded, too",
           stage="raw_letters_in_a_query", before="Crashed: ZoÃ«")
def raw_letters_in_a_query(program):
    program(ASK + """
@app.route("/")
def hello():
    return request.args["name"]

# Each byte is one character, as PEP 3333 wants it.
said = ask("/", QUERY_STRING="name=Zoë".encode().decode("latin-1"))
if said != "Zoë":
    raise SystemExit(ascii(said) if said.isascii() else said)
""").expect()


@behaviour("bytes in a query string that are no UTF-8 do no harm",
           stage="raw_letters_in_a_query", before="Crashed: JÿX",
           flask=("Crashed: 500", "it lets the UnicodeDecodeError through"))
def raw_bytes_in_a_query(program):
    program(ASK + """
@app.route("/")
def hello():
    return request.args["name"]

said = ask("/", QUERY_STRING="name=J\xffX")
if said != "J\N{REPLACEMENT CHARACTER}X":
    raise SystemExit(said)
""").expect()


@behaviour("raw letters in a query string arrive over HTTP, too",
           stage="raw_letters_in_a_query", before="Wrong: ZoÃ«",
           flask=("Wrong: ZoÃ«", "its development server encodes them twice"))
def raw_letters_arrive(client):
    line = "GET /greet?name=Zoë HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    client.raw(line.encode()).expect(text="hello Zoë")


SLASHES = ASK + """
@app.route("/")
def hello():
    return request.path

@app.route("/book/<int:id>")
def book(id):
    return request.path

def expect(asked, path, **more):
    got = ask(asked, **more)
    if got != path:
        raise SystemExit(f"{asked!r} is {got or repr(got)}, and not {path}")
"""


@behaviour("an empty path is the path /", stage="a_path_begins_with_a_slash",
           before="Crashed: 404",
           flask=("Crashed: '' is 308", "it redirects to the path with a slash"))
def empty_path_is_a_slash(program):
    program(SLASHES + """
expect("", "/")
expect("", "/", SCRIPT_NAME="/shop")
expect("/book/1", "/book/1", SCRIPT_NAME="/shop")
""").expect()


@behaviour("of many slashes at its beginning a path keeps one",
           stage="a_path_begins_with_a_slash", before="Crashed: 404")
def path_begins_with_one_slash(program):
    program(SLASHES + """
for path in ("//", "////"):
    expect(path, "/")
for path in ("//book/1", "book/1"):
    expect(path, "/book/1")
for path in ("/ book/1", "/book/1/", "/ "):
    expect(path, "404")
""").expect()


@view("/data", methods=["GET", "POST"])
def data_of_a_body(request):
    return request.data[::-1].decode("latin-1")


@view("/get-json", methods=["POST"])
def json_that_may_be_none(request):
    return {"silent": request.get_json(silent=True)}


@view("/get-json/loud", methods=["POST"])
def json_that_must_be(request):
    return {"loud": request.get_json()}


@view("/json/once", methods=["POST"])
def json_is_made_once(request):
    return {"json is json": request.json is request.json,
            "get_json() is json": request.get_json() is request.json}


OCTETS = [("Content-Type", "application/octet-stream")]
JSON = [("Content-Type", "application/json")]


@behaviour("request.data holds the bytes of the body", stage="data_and_get_json",
           before="Wrong: 'Request' object has no attribute 'data'")
def data_is_bytes(client):
    client.post("/data", b" a\r\n\x00b\n", headers=OCTETS).expect(text="\nb\x00\n\ra ")
    client.get("/data").expect(text="")


@behaviour("request.data holds the body of a form, too", stage="data_and_get_json",
           before="Wrong: 'Request' object has no attribute 'data'",
           flask=("Wrong: 200 OK, text/html; charset=utf-8, ''",
                  "it reads a form into request.form and leaves data empty"))
def data_of_a_form(client):
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    client.post("/data", b"a=1", headers=form).expect(text="1=a")


@behaviour("request.get_json() is request.json", stage="data_and_get_json",
           before="Wrong: 'Request' object has no attribute 'get_json'")
def get_json_is_json(client):
    client.post("/get-json/loud", b"[1]", headers=JSON).expect(json={"loud": [1]})
    for body in (b"[1", b""):
        client.post("/get-json/loud", body, headers=JSON).expect(400)


@behaviour("request.get_json(silent=True) is None where there is no JSON",
           stage="data_and_get_json",
           before="Wrong: 'Request' object has no attribute 'get_json'")
def silent_json_is_none(client):
    client.post("/get-json", b"[1]", headers=JSON).expect(json={"silent": [1]})
    for body in (b"", b"[1", b"\xff", b"a=1"):
        client.post("/get-json", body, headers=JSON).expect(json={"silent": None})


@behaviour("request.json is parsed once", stage="data_and_get_json",
           before="Wrong: 'Request' object has no attribute 'get_json'")
def json_is_parsed_once(client):
    answer = {"json is json": True, "get_json() is json": True}
    client.post("/json/once", b"[1]", headers=JSON).expect(json=answer)


@view("/headers/needed")
def needed_header(request):
    return f"the token is {request.headers['X-Token']}"


@view("/headers/all", methods=["GET", "POST"])
def all_headers(request):
    return dict(request.headers)


@view("/headers/count")
def count_headers(request):
    names = list(request.headers.keys())
    return {"titles": all(name == name.title() for name in names),
            "no header": request.headers.get("Path-Info"),
            "same": len(request.headers) == len(names), "known": "x-a" in request.headers,
            "unknown": "X-B" in request.headers, "type": request.headers.get("content-type")}


@view("/headers/each")
def each_header(request):
    return sorted(request.headers)


@behaviour("a header that a view needs, and that was not sent, is a KeyError, and 500",
           stage="headers_when_asked", before="Wrong: None")
def missing_header_is_500(client):
    client.get("/headers/needed", headers=[("x-token", "me")]).expect(text="the token is me")
    client.get("/headers/needed").expect(500)


@behaviour("the names of all headers are written in one way", stage="headers_when_asked",
           before="Wrong: X-A-B")
def names_of_headers(client):
    sent = [("x-a-b", "1"), ("CONTENT-TYPE", "text/x"), ("X-Blank", "")]
    reply = client.get("/headers/all", headers=sent).expect(200)
    wanted = {"X-A-B": "1", "Content-Type": "text/x", "X-Blank": "", "Connection": "close"}
    if not isinstance(reply.json, dict) or not wanted.items() <= reply.json.items():
        raise reply.wrong(f"headers named {', '.join(wanted)}")
    if any(name != name.title() for name in reply.json):
        raise reply.wrong("each name as in X-A-B")
    reply = client.post("/headers/all", b"1").expect(200)
    if reply.json.get("Content-Length") != "1":
        raise reply.wrong("a header Content-Length, too")


@behaviour("request.headers can be counted and searched, and has headers only",
           stage="headers_when_asked", before='Wrong: {"titles": false')
def headers_are_a_mapping(client):
    answer = {"titles": True, "same": True, "known": True, "unknown": False, "type": "text/x",
              "no header": None}
    sent = [("X-A", "1"), ("Content-Type", "text/x")]
    client.get("/headers/count", headers=sent).expect(json=answer)
    answer["type"] = None
    client.get("/headers/count", headers=[("X-A", "1")]).expect(json=answer)


@behaviour("a loop over request.headers has the names, as one over a dict",
           stage="headers_when_asked", before="Wrong: CONNECTION",
           flask=("Wrong: [[\"Connection\"", "its loop has pairs of name and value"))
def loop_over_headers(client):
    reply = client.get("/headers/each").expect(200)
    if "Connection" not in reply.json:
        raise reply.wrong("a list with Connection in it")
