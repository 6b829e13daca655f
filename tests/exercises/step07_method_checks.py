"""Further exercises of method_checks."""

from tests.behaviours.kit import Wrong
from tests.behaviours.step07_method_checks import allowed
from tests.exercises import step

exercise = step("method_checks")

head = exercise(
    "head", "HEAD",
    "Answer HEAD as GET is answered, with the same status, `Content-Type` and `Content-Length`, "
    "and leave out the body. So a view for GET runs, an unknown path gets 404, and a view that is "
    "not for GET does not run but gets 405.",
)


@head("HEAD gets the status and the headers of GET", before="Wrong: 501")
def head_has_the_headers_of_get(client):
    for path in ("/", "/accents", "/list", "/nope"):
        got = client.get(path)
        client.send("HEAD", path).expect(
            got.status, content_type=got.headers["Content-Type"],
            content_length=got.headers["Content-Length"],
        )
    client.send("HEAD", "/counted").expect(405)
    client.get("/runs").expect(text="0")


@head("after the headers, HEAD sends nothing")
def head_sends_no_body(client):
    for path in ("/", "/nope", "/post-only"):
        request = f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        body = client.wire(request.encode()).partition(b"\r\n\r\n")[2]
        if body:
            raise Wrong(f"HEAD {path}", f"the body {body!r}", "no body")


own_404 = exercise(
    "own-404", "A 404 page of one's own",
    "Let `@app.not_found` above a function make it the page for each path that no view is for, "
    "whatever the method: it is called with the request, and what it returns is sent as what a "
    "view returns, but with the status 404. The decorator gives the function back. "
    "Where it is not used, all is as before.",
)


@own_404("the function's page is sent with 404", before="NoServer: AttributeError")
def own_page_is_sent(program):
    with program.serving("""
from ownflask import Flask
app = Flask(__name__)
app.route("/")(lambda request: "hello")
def missing(request):
    return {"missing": request.path} if "json" in request.qs else "not this"
given_back = app.not_found(missing)
assert given_back is missing, f"after the decorator, it is {given_back!r}"
app.run(port=0)
""") as client:
        for method in ("GET", "POST"):
            client.send(method, "/a", b"").expect(404, text="not this")
        reply = client.get("/caf%C3%A9?json=1")
        reply.expect(404, json={"missing": "/caf\xe9"}, content_type="application/json")
        client.post("/").expect(405)
        client.get("/").expect(text="hello")


@own_404("without such a function, the page is still there")
def old_page_is_still_there(client):
    client.get("/nope").expect(404, text="404 Not Found")


taken = exercise(
    "taken", "A place that is taken",
    "A second view for the same path and the same method silently takes the place of the first. "
    "It is a mistake: let `app.route` raise a ValueError with the path in it. Two views for "
    "different methods of a path are still welcome.",
)


@taken("each method runs its own view")
def each_method_has_its_view(client):
    client.get("/twice").expect(text="first")
    client.post("/twice").expect(text="second")


@taken("a 405 allows the methods of both")
def both_are_allowed(client):
    reply = client.send("PUT", "/twice", b"").expect(405)
    if not {"GET", "POST"} <= allowed(reply) or "PUT" in allowed(reply):
        raise Wrong("PUT /twice", f"Allow: {reply.headers.get('Allow')}", "Allow: GET, POST")


@taken("two views for one method of a path are a ValueError", before="Crashed: no error")
def same_method_twice_is_an_error(program):
    program("""
from ownflask import Flask
app = Flask(__name__)
def add(path, *methods):
    app.route(path, methods=methods)(lambda request: "hello")
add("/a", "POST", "GET")
add("/b", "GET")
for path, method in (("/a", "GET"), ("/b", "get")):
    try:
        add(path, "PUT", method)
    except ValueError as error:
        assert path in str(error), f"the path {path} is not in {error}"
    else:
        raise SystemExit(f"no error for a second {method} {path}")
""").expect()
