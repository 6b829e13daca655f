"""Further exercises of post."""

from tests.behaviours.kit import Wrong
from tests.behaviours.step06_post import JSON, request
from tests.exercises import step

exercise = step("post")

too_large = exercise(
    "too-large", "A body that is too large",
    "Answer 413 to a request that announces a body of more than 4,000,000 bytes, of whatever "
    "method. Answer at once, without reading the body. "
    "A body of 4,000,000 bytes arrives as before, and a bad `Content-Length` still gets 400.",
)


@too_large("a body of 4,000,001 bytes gets 413 before it is sent", before="Wrong: 400")
def large_body_gets_413(client):
    for line in ("POST /size", "GET /"):
        announced = request(line, "Content-Length: 4000001")
        client.raw(announced, half_close=True).expect(413)
        client.raw(announced).expect(413)


@too_large("a body of 4,000,000 bytes arrives, and a bad length gets 400")
def other_bodies_are_as_before(client):
    client.post("/size", b"x" * 4_000_000).expect(json={"bytes": 4_000_000})
    client.raw(request("POST /size", "Content-Length: 4000001x")).expect(400)


form = exercise(
    "form", "What a form sends",
    "Give `Request` an attribute `form`, a dict of lists as `request.qs` is. It holds what an HTML "
    "form has sent: a body such as `a=1&b=2`, with the `Content-Type` "
    "`application/x-www-form-urlencoded`, behind which `; charset=utf-8` may stand. "
    "Blank values are kept. With any other `Content-Type`, or none, it is empty.",
)

FORM = """
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["GET", "POST"])
def show(request):
    return request.form

app.run(port=0)
"""
URLENCODED = "application/x-www-form-urlencoded"


@form("request.form holds what a form sends, and nothing else", before="Dropped: AttributeError")
def form_is_parsed(program):
    body, parsed = b"a=1&b=&a=caf%C3%A9+noir", {"a": ["1", "caf\xe9 noir"], "b": [""]}
    with program.serving(FORM) as client:
        for kind in (URLENCODED, URLENCODED + "; charset=utf-8"):
            client.post("/?q=1", body, headers=[("Content-Type", kind)]).expect(json=parsed)
        client.post("/", b"a=1", headers=[("Content-Type", "text/plain")]).expect(json={})
        client.post("/", b"a=1").expect(json={})
        client.get("/?a=1").expect(json={})


json_once = exercise(
    "json-once", "Parse once",
    "Each look at `request.json` parses the body again. Let it be parsed when a view asks for it "
    "first, and only then: `request.json is request.json` is true. "
    "A body that is no JSON still gets 400, and only where a view asks for it.",
)


@json_once("request.json is the same object each time", before="Wrong: False")
def json_stays_the_same(program):
    with program.serving("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["POST"])
def same(request):
    return str(request.json is request.json)

app.run(port=0)
""") as client:
        for body in (b'{"a": [1]}', b"[]", b'"two words"'):
            reply = client.post("/", body, headers=JSON).expect()
            if reply.text != "True":
                raise Wrong(f"request.json is request.json, for {body}", reply.text, "True")


@json_once("a body that is no JSON gets 400, only where a view asks")
def json_is_parsed_when_asked(client):
    client.post("/todo", b'{"oops', headers=JSON).expect(400)
    client.post("/size", b'{"oops', headers=JSON).expect(json={"bytes": 6})
    client.post("/todo", b"[1]", headers=JSON).expect(json={"status": "success", "data": [1]})
    client.post("/todo", b"[2]", headers=JSON).expect(json={"status": "success", "data": [2]})
