"""Further exercises of responses."""

from tests.exercises import step

exercise = step("responses")

START = """
from ownflask import Flask, Response, make_response, redirect, request
app = Flask(__name__)

@app.route("/")
def hello():
    return "hello"
"""

after_request = exercise(
    "after-request", "After every request",
    "Let `@app.after_request` above a function have it called with every `Response` before it is "
    "sent, a view's as well as our own 404. What the function returns is sent. The one that was "
    "decorated last is called first, as in Flask; all of them may ask for the `request`, and the "
    "decorator gives the function back.",
)
SIGNED = START + """
def signed(response):
    response.headers["X-Path"] = request.path
    return response

@app.after_request
def first(response):
    response.headers["X-Order"] += " first"
    return response

@app.after_request
def last(response):
    response.headers["X-Order"] = "last"
    return response

given_back = app.after_request(signed)
assert given_back is signed, f"after the decorator, it is {given_back!r}"
app.route("/go")(lambda: redirect("/"))
app.route("/json", methods=["POST"])(lambda: {"data": request.json})
app.run(port=0)
"""


@after_request("every answer is handed to the function", before="NoServer: AttributeError")
def functions_see_every_answer(program):
    with program.serving(SIGNED) as client:
        client.get("/").expect(200, text="hello", x_path="/")
        client.get("/go").expect(302, x_path="/go", location="/")
        client.get("/nope").expect(404, x_path="/nope")
        client.get("/json").expect(405, x_path="/json")
        client.post("/json", b"[1").expect(400, x_path="/json")
        client.post("/json", b"[1]").expect(200, json={"data": [1]}, x_path="/json")


@after_request("the function that was decorated last is called first",
               before="NoServer: AttributeError")
def last_function_is_first(program):
    with program.serving(SIGNED) as client:
        client.get("/").expect(200, x_order="last first")


@after_request("what the function returns is sent", before="NoServer: AttributeError")
def functions_may_replace_the_answer(program):
    with program.serving(START + """
@app.after_request
def instead(response):
    return make_response(f"instead of {response.status_code}", 202)

app.run(port=0)
""") as client:
        client.get("/").expect(202, text="instead of 200")
        client.get("/nope").expect(202, text="instead of 404")


not_modified = exercise(
    "not-modified", "Nothing new",
    "A client that has a page already need not get it again. "
    "Let `response.make_conditional(request)` give the response a header `ETag`, a mark in double "
    "quotes that is the same for the same body and another one for another body. If the request "
    "has that mark in its `If-None-Match`, where several may stand with commas between them, the "
    "status becomes 304. The method returns the response. No body is a stream here.",
)
TAGGED = START + """
@app.route("/page/<text>")
def page(text):
    return make_response(text).make_conditional(request)

app.run(port=0)
"""


def tag_of(reply):
    """Return the ETag of a reply. Raises Wrong where it has none in double quotes."""
    tag = reply.headers["ETag"] or ""
    if len(tag) < 3 or tag[0] != '"' or tag[-1] != '"':
        raise reply.wrong(f"an ETag in double quotes, not {tag}")
    return tag


@not_modified("the same body has the same mark, and another body another",
              before="Wrong: no attribute 'make_conditional'")
def bodies_have_marks(program):
    with program.serving(TAGGED) as client:
        one = client.get("/page/one").expect(200, text="one")
        again, two = client.get("/page/one"), client.get("/page/two").expect(200, text="two")
        if tag_of(one) != tag_of(again):
            raise again.wrong(f"ETag: {tag_of(one)}, as before")
        if tag_of(one) == tag_of(two):
            raise two.wrong(f"another ETag than {tag_of(one)}")


@not_modified("a client that has the page gets 304, and no page",
              before="Wrong: no attribute 'make_conditional'")
def known_page_is_not_sent(program):
    with program.serving(TAGGED) as client:
        tag = tag_of(client.get("/page/one").expect(200))
        for known in (tag, f'"else", {tag}', f'{tag},"else"'):
            reply = client.get("/page/one", headers=[("If-None-Match", known)]).expect(304, text="")
            if tag_of(reply) != tag:
                raise reply.wrong(f"ETag: {tag}")
        client.get("/page/two", headers=[("If-None-Match", tag)]).expect(200, text="two")
        client.get("/page/one", headers=[("If-None-Match", '"else"')]).expect(200, text="one")


with_request = exercise(
    "stream-with-context", "A stream that has its request",
    "A generator runs when its request is gone. Write `stream_with_context(pieces)`: it takes a "
    "generator and returns one that gives the same pieces, one when it is asked for one, and in "
    "which `request` is still the request of the view that called it.",
)
STREAM = """
from wsgiref.util import setup_testing_defaults
from ownflask import Flask, request, stream_with_context
app = Flask(__name__)
made = []

@app.route("/<name>")
def pieces(name):
    def spoken():
        for number in range(3):
            made.append(number)
            yield f"{request.path} {number}, "
    return stream_with_context(spoken())

def ask(path):
    environ = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    return iter(app(environ, lambda status, headers, exc_info=None: None))
"""


@with_request("the request is there in every piece",
              before="Crashed: cannot import name 'stream_with_context'")
def request_is_there_in_a_stream(program):
    program(STREAM + """
got = b"".join(ask("/a"))
assert got == b"/a 0, /a 1, /a 2, ", got
""").expect()


@with_request("of two streams side by side, each has its own request",
              before="Crashed: cannot import name 'stream_with_context'")
def two_streams_have_two_requests(program):
    program(STREAM + """
a, b = ask("/a"), ask("/b")
got = b"".join(piece for pair in zip(a, b) for piece in pair)
assert got == b"/a 0, /b 0, /a 1, /b 1, /a 2, /b 2, ", got
try:
    path = request.path
except RuntimeError:
    path = None
assert path is None, f"afterwards, request.path is {path}"
""").expect()


@with_request("a piece is made when it is asked for",
              before="Crashed: cannot import name 'stream_with_context'")
def streamed_pieces_are_made_in_time(program):
    program(STREAM + """
body = ask("/a")
assert next(body) == b"/a 0, "
assert made == [0], f"after the first piece, these were made: {made}"
""").expect()
