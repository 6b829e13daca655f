"""Further exercises of threading."""

import contextlib

from tests.behaviours.kit import Dropped, Wrong
from tests.exercises import step

exercise = step("threading")

# Two views run together here when one asks the server for the other.
START = """
import http.client
from ownflask import Flask
app = Flask(__name__)

def ask(request, path, timeout=60):
    port = int(request.qs["port"][0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    connection.request("GET", f"{path}?port={port}")
    reply = connection.getresponse()
    text = reply.read().decode()
    retry = reply.headers["Retry-After"]
    return text if reply.status == 200 else f"{reply.status}, Retry-After: {retry}"

def hello(request):
    return "hello"
def boom(request):
    raise ValueError("boom")

app.route("/")(hello)
"""

at_most_4 = exercise(
    "at-most-4", "Four at once",
    "Let at most four views run at the same time. A request for a fifth gets 503 at once, with the "
    "header `Retry-After: 1`. A client that has connected and asked for nothing yet takes nobody's "
    "place, and a view that raises gives its place back.",
    ends=("many_requests_at_once",),
)
FOUR = START + """
app.route("/boom")(boom)
app.route("/5")(lambda request: "all are running")
for number in range(1, 5):
    app.route(f"/{number}")(lambda request, next=f"/{number + 1}": ask(request, next))
app.run(port=0)
"""


@at_most_4("while four views run, a fifth gets 503", before="Wrong: all are running")
def fifth_gets_503(program):
    with program.serving(FOUR) as client:
        got, expected = client.get(f"/1?port={client.port}").text, "503, Retry-After: 1"
        if got != expected:
            raise Wrong("a view while four others run", got, expected)


@at_most_4("four views run, after others have returned or raised and five clients say nothing")
def places_are_given_back(program):
    with program.serving(FOUR) as client, contextlib.ExitStack() as silent:
        for path in ["/", "/boom"] * 5:
            silent.enter_context(client.silence())
            client.wire(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        client.get(f"/2?port={client.port}").expect(text="all are running")     # 2, 3, 4, 5


alone = exercise(
    "alone", "One at a time",
    "Let `@app.route(path, alone=True)` mark a view that may not run twice at the same time: a "
    "second request for it waits until the first has left the view, even if by an exception. "
    "All other views go on meanwhile; two views that are marked do not wait for each other. "
    "As ever, the decorator gives the view back unchanged.",
)
ALONE = START + """
app.route("/boom", alone=True)(boom)
given_back = app.route("/other", alone=True)(hello)
assert given_back is hello, f"after @app.route, hello is {given_back!r}"
inside = []

@app.route("/alone", alone=True)
def asks_for_itself(request):
    if inside:
        return "it ran twice at a time"
    inside.append("view")
    try:
        inside.append(ask(request, "/"))
        inside.append(ask(request, "/other"))
        return ask(request, "/alone", timeout=0.3)
    except TimeoutError:
        return f"inside: {inside}, and another waits"
    finally:
        inside.clear()
app.run(port=0)
"""


@alone("a second request waits, and the others do not", before="NoServer: TypeError")
def second_request_waits(program):
    with program.serving(ALONE) as client:
        said = "inside: ['view', 'hello', 'hello'], and another waits"
        client.get(f"/alone?port={client.port}").expect(text=said)


@alone("a view that raises lets the next request in", before="NoServer: TypeError")
def exception_lets_the_next_in(program):
    with program.serving(ALONE) as client:
        for _ in range(2):
            with contextlib.suppress(Dropped):
                client.get("/boom")


@alone("a view that has returned lets the next request in", before="NoServer: TypeError")
def return_lets_the_next_in(program):
    with program.serving(ALONE) as client:
        for _ in range(2):
            client.get("/other").expect(text="hello")
