"""routing: a path leads to a view, and GET answers.

The views take the request, as those of step 4 do; for this step app.py registers them
without it.
"""

import json
import time

from tests.behaviours import step
from tests.behaviours.kit import Dropped, Wrong

behaviour, flaw, view = step("routing")


@behaviour("GET is answered", stage="handling_get", before="Wrong: 501")
def get_is_answered(client):
    reply = client.get("/").expect(200)
    if not reply.text:
        raise reply.wrong("status 200, and a text")


@behaviour("GET runs the view", stage="ask_routes", before="Wrong: Handling GET")
def get_runs_the_view(client):
    client.get("/").expect(text="hello")


def fails(client, method, path, least=500):
    """Send a request that must not look like a success; raise Wrong for a status below LEAST.

    A connection that is closed without an answer is as good.
    """
    try:
        reply = client.send(method, path)
    except Dropped:
        return
    if reply.status < least:
        raise reply.wrong(f"a status from {least} on, or no answer")


visits = []


@view("/visits")
def visit(request):
    visits.append(request)
    return str(len(visits))


@behaviour("one request runs the view once", stage="ask_routes",
           before="Wrong: Handling GET")
def view_runs_once(client):
    before = client.get("/visits").expect(200)
    after = client.get("/visits").expect(200)
    if not before.text.isdecimal() or after.text != str(int(before.text) + 1):
        raise after.wrong(f"one visit more than the {before.text!r} before")


@behaviour("a str is sent as HTML in UTF-8", stage="ask_routes", before="Wrong: Handling GET")
def str_is_html(client):
    client.get("/").expect(text="hello", content_type="text/html; charset=utf-8")


@view("/accents")
def accents(request):
    return "Zoë says été"


@behaviour("Content-Length counts bytes, and accents arrive whole", stage="content_length",
           before="Wrong: 200")
def length_counts_bytes(client):
    text = "Zoë says été"
    client.get("/accents").expect(text=text, content_length=str(len(text.encode())))


@behaviour("nothing comes after the body", stage="ask_routes", before="Wrong: Handling GET")
def nothing_comes_after_the_body(client):
    asked = "GET /accents HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    body = client.wire(asked.encode()).partition(b"\r\n\r\n")[2].decode()
    if body != "Zoë says été":
        raise Wrong("GET /accents", f"the body {body!r}", "the body 'Zoë says été'")


@view("/blank")
def blank(request):
    return ""


@behaviour("an empty str is an answer too", stage="ask_routes", before="Wrong: Handling GET")
def empty_text_is_sent(client):
    client.get("/blank").expect(text="", content_type="text/html; charset=utf-8")


@view("/looks-like-json")
def looks_like_json(request):
    return '{"not": "a dict"}'


@behaviour("a str that looks like JSON is text all the same", stage="ask_routes",
           before="Wrong: Handling GET")
def text_stays_text(client):
    client.get("/looks-like-json").expect(
        text='{"not": "a dict"}', content_type="text/html; charset=utf-8",
    )


@view("/stacked/a", "/stacked/b", methods=["GET"])
def stacked(request):
    return "stacked"


@behaviour("both paths of a twice decorated view lead to it", stage="ask_routes",
           before="Wrong: Handling GET")
def stacked_routes_answer(client):
    client.get("/stacked/a").expect(text="stacked")
    client.get("/stacked/b").expect(text="stacked")


@view("/a+b")
def plus(request):
    return "a plus is a plus"


@behaviour("a + in a path is a plus", stage="ask_routes", before="Wrong: Handling GET")
def plus_in_a_path(client):
    client.get("/a+b").expect(text="a plus is a plus")


@view("/semi;x=1")
def semicolon(request):
    return "a semicolon is a semicolon"


@behaviour("a ; in a path is part of the path", stage="ask_routes", before="Wrong: Handling GET")
def semicolon_in_a_path(client):
    client.get("/semi;x=1").expect(text="a semicolon is a semicolon")


@behaviour("an unknown path leads to no view", stage="ask_routes", before="Wrong: Handling GET")
def unknown_path_runs_no_view(client):
    client.get("/accents").expect(200)
    for path in ("/nope", "/ACCENTS", "/accents/", "/accents/x", "/accent"):
        fails(client, "GET", path, 400)


@flaw("an unknown path drops the connection", stage="ask_routes", before="Wrong: Handling GET",
      until="not_found", after="Wrong: 404")
def unknown_path_drops(client):
    for path in ("/nope", "/ACCENTS", "/accents/"):
        client.expect_dropped(path)


@view("/boom")
def boom(request):
    raise ValueError("boom")


RAISES = {"key": KeyError, "type": TypeError, "lookup": LookupError, "os": OSError,
          "attribute": AttributeError, "recursion": RecursionError}


def raising(error):
    """Return a view that raises ERROR."""
    def raises(request):
        raise error("boom")

    return raises


for name, error in RAISES.items():
    named = raising(error)
    named.__name__ = f"raises_{name}_error"
    view(f"/raises/{name}")(named)


@view("/raises/json")
def json_of_its_own(request):
    return json.loads("{oops")


@behaviour("a view that raises is no success, nor the client's mistake", stage="ask_routes",
           before="Wrong: Handling GET")
def raising_view_is_no_success(client):
    client.get("/").expect(text="hello")
    for path in ("/boom", "/raises/json", *(f"/raises/{name}" for name in RAISES)):
        fails(client, "GET", path)
    client.get("/").expect(text="hello")


@behaviour("what a view raises is printed where the server runs", stage="ask_routes",
           before="Wrong: Handling GET")
def exception_is_printed(client):
    client.get("/").expect(text="hello")
    before, patience = len(client.server.log()), client.server.patience(client.patience)
    fails(client, "GET", "/boom")
    while "ValueError: boom" not in client.server.log()[before:]:
        if patience.is_over():
            raise Wrong("GET /boom", "the server did not print the ValueError that its view raised",
                        "its traceback, for whoever wrote the view")
        time.sleep(0.01)


@flaw("a view that raises drops the connection", stage="ask_routes",
      before="Wrong: Handling GET", until="a_wsgi_server", after="Wrong: 500")
def raising_view_drops(client):
    client.expect_dropped("/boom")


NOT_SENDABLE = {
    "/none": None, "/number": 42, "/true": True, "/surrogate": "\ud800", "/set": {"set": {1, 2}},
    "/bytes-inside": {"bytes": b"x"}, "/tuple-key": {(1, 2): 3},
    "/tuple": ("one", "two", "three", "four"),
}


def returning(value):
    """Return a view that returns VALUE."""
    def returns(request):
        return value

    return returns


for path, value in NOT_SENDABLE.items():
    named = returning(value)
    named.__name__ = path.strip("/").replace("-", "_")
    view(path)(named)


@behaviour("a value that cannot be sent is no success, nor called one in the log",
           stage="body_before_status", before="Wrong: 200")
def unsendable_value_is_no_success(client):
    before = len(client.server.log())
    for path in NOT_SENDABLE:
        fails(client, "GET", path)
        if f'"GET {path} HTTP/1.1" 200' in client.server.log()[before:]:
            raise Wrong(f"GET {path}", "no answer, and 200 in the log",
                        "the status is made when all that can fail is done")
    client.get("/").expect(text="hello")


@flaw("a value that cannot be sent drops the connection", stage="body_before_status",
      before="Wrong: 200", until="a_wsgi_server", after="Wrong: 500")
def unsendable_value_drops(client):
    for path in NOT_SENDABLE:
        client.expect_dropped(path)


@view("/bytes")
def some_bytes(request):
    return b"bytes"


@flaw("a view cannot return bytes yet", stage="body_before_status", before="Wrong: 200",
      until="a_wsgi_server", after="Wrong: 500")
def bytes_drop(client):
    client.expect_dropped("/bytes")


@view("/post-only", methods=["POST"])
def post_only(request):
    return "the view ran"


@flaw("GET reaches a view that is for POST only", stage="ask_routes",
      before="Wrong: Handling GET", until="check_in_do_get", after="Wrong: 405")
def get_reaches_a_post_only_view(client):
    client.get("/post-only").expect(text="the view ran")


@view("/twice", methods=["GET"])
def twice(request):
    return "first"


@view("/twice", methods=["POST"])
def twice_again(request):
    return "second"


@flaw("a second view on a path takes it over, even for another method", stage="ask_routes",
      before="Wrong: Handling GET", until="check_in_do_get", after="Wrong: 405")
def second_view_takes_the_path(client):
    client.get("/twice").expect(text="second")


@view("/elsewhere", app="other")
def elsewhere(request):
    return "the other app"


@flaw("two apps in one process share their routes", stage="ask_routes",
      before="Wrong: Handling GET", until="routes_of_its_own", after="Wrong: 404")
def apps_share_routes(client):
    client.get("/elsewhere").expect(text="the other app")
