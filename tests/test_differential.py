"""Made-up requests to our last step and to real Flask: the same status, view and values.

Both have the same app, and are called with the same environ. Where they answer differently, one
of DIFFERENCES must say why; each of them has an example, which shows that it is still so.

    python3 -m steps test --all tests/test_differential.py --requests 100000
"""

import importlib.util
import io
import json
import re
import string
from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes

import pytest

import steps

pytestmark = pytest.mark.all
hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")

JOB = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
JSON = "application/json"
SAFE = set(string.ascii_letters + string.digits + "-._~/")
REQUESTS = 10_000


def ours():
    """Return the last step's ownflask.py as a module of its own."""
    path = steps.STEPS[-1].folder / "ownflask.py"
    spec = importlib.util.spec_from_file_location("ownflask_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# rule -> the methods that have a view there, one view for each group of them
RULES = {
    "/": ["GET POST"],
    "/books": ["GET", "POST"],
    "/book/<int:id>": ["GET", "DELETE"],
    "/book/new": ["POST"],
    "/book/<title>": ["GET PUT"],
    "/hello/<name>": ["GET"],
    "/pair/<a>/<b>": ["GET"],
    "/pair/<a>/b": ["GET"],
    "/pair/a/<b>": ["GET POST"],
    "/span/<int:first>-<int:last>": ["GET"],
    "/span/<first>-<last>": ["GET"],
    "/at/<float:x>": ["GET"],
    "/at/<int:x>": ["GET"],
    "/job/<uuid:id>": ["GET"],
    "/files/<path:name>": ["GET PUT"],
    "/files/<path:name>/edit": ["GET POST"],
    "/files/index": ["GET"],
    "/doc/<name>": ["GET"],
    "/doc/<name>.json": ["GET"],
    "/doc/v<int:number>": ["GET"],
    "/<language>/about": ["GET"],
    "/<language>/<int:page>": ["GET"],
    "/<path:rest>/end": ["GET"],
    "/caf\N{LATIN SMALL LETTER E WITH ACUTE}/<x>": ["GET"],
    "/a b/<x>": ["GET"],
    "/a+b": ["GET"],
    "/a.b/(<x>)": ["GET"],
    "/folder/": ["GET"],
    "/trace": ["OPTIONS"],
}
PLAIN = ["/json", "/silent", "/data", "/needs", "/page", "/raises", "/nothing", "/abort/404",
         "/abort/410", "/abort/418", "/abort/425", "/abort/200", "/status/201", "/status/204",
         "/status/304", "/status/299", "/returns/response", "/returns/headers", "/returns/list",
         "/returns/stream", "/returns/bytes", "/returns/location", "/returns/nothing",
         "/returns/both", "/headers", "/go"]


def build(module):
    """Return the app under test, on our framework or on Flask."""
    app, request = module.Flask("differential"), module.request

    def told(view, values=()):
        """Return what a view was told, as JSON: {name: value} with the types of the values."""
        return {
            "view": view, "method": request.method, "path": request.path,
            "values": {name: f"{type(value).__name__} {value}" for name, value in values},
            "args": {key: request.args.getlist(key) for key in request.args},
        }

    def teller(name):
        def view(**values):
            return told(name, values.items())

        view.__name__ = name
        return view

    for rule, groups in RULES.items():
        for number, methods in enumerate(groups):
            app.route(rule, methods=methods.split())(teller(f"{rule} {number}"))

    @app.route("/json", methods=["GET", "POST"])
    def its_json():
        return {"json": request.json, "again": request.get_json()}

    @app.route("/silent", methods=["POST"])
    def its_json_or_none():
        return {"json": request.get_json(silent=True)}

    @app.route("/data", methods=["GET", "POST", "PUT"])
    def its_data():
        return {"data": request.data.decode("latin-1"), "type": request.headers.get("Content-Type")}

    @app.route("/needs")
    def needs():
        return {"q": request.args["q"], "z": request.args.get("z")}

    @app.route("/page")
    def page():
        args = request.args
        return [args.get("page", 1, type=int), args.get("x", type=float), args.get("q", "none")]

    @app.route("/headers", methods=["GET", "POST"])
    def its_headers():
        return {name: value for name, value in request.headers.items() if name != "Host"}

    @app.route("/raises")
    def raises():
        raise KeyError(request.path)

    @app.route("/nothing")
    def nothing():
        pass

    @app.route("/abort/<int:code>", methods=["GET", "POST"])
    def aborts(code):
        module.abort(code, "because")

    @app.route("/status/<int:code>")
    def status(code):
        return told("status"), code

    @app.route("/returns/<kind>")
    def returns(kind):
        return {
            "response": lambda: (module.make_response("text", 203), {"X-A": "b"}),
            "headers": lambda: ("text", [("X-A", "b"), ("X-A", "c"), ("Content-Type", "text/x")]),
            "list": lambda: [1, None, "é"],
            "stream": lambda: (piece for piece in ("a", "é", "")),
            "bytes": lambda: b"\xff\x00",
            "nothing": module.jsonify,
            "both": lambda: module.jsonify(1, a=2),
            "location": lambda: ("moved", 302, {"Location": "/a b"}),
        }.get(kind, lambda: None)()

    @app.route("/go")
    def go():
        return module.redirect(request.args.get("to", "/"))

    @app.errorhandler(410)
    def gone(error):
        return {"gone": error.description, "path": request.path}, 410

    return app


# --- requests

@dataclass(frozen=True)
class Request:
    """A request, as a server hands it to an app.

    path: percent-encoded, as it is typed. length: what Content-Length says; None: it is not
    there; "right": the length of the body. headers: pairs.
    """

    method: str = "GET"
    path: str = "/"
    query: str = ""
    body: bytes = b""
    length: str | None = "right"
    content_type: str | None = None
    headers: tuple = field(default=())

    @property
    def decoded(self):
        """The path as a view sees it."""
        return "/" + unquote_to_bytes(self.path).decode("utf-8", "replace").lstrip("/")

    def environ(self):
        """Return it as PEP 3333 wants it."""
        environ = {
            "REQUEST_METHOD": self.method, "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": self.query.encode().decode("latin-1"),
            "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }
        if self.length is not None:
            right = str(len(self.body)) if self.body else ""
            environ["CONTENT_LENGTH"] = right if self.length == "right" else self.length
        if self.content_type is not None:
            environ["CONTENT_TYPE"] = self.content_type
        for name, value in self.headers:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ


def mostly(usual, odd):
    """Return a strategy that draws from USUAL, and now and then from ODD."""
    return st.integers(0, 9).flatmap(lambda number: odd if number == 9 else usual)


texts = st.text(st.sampled_from("ab1-.é ☃%/+&=;<>\"'\r\n\0~_"), max_size=6)
numbers = st.one_of(
    st.integers(0, 10**6).map(str),
    st.sampled_from(["007", "-1", "+1", "1.5", "1.", ".5", "1_0", "0x1", "1e3", "٣", "", " 1",
                     "1 ", "1\n", "9" * 400 + ".0", "1" * 4300, "1" * 4301]),
)
uuids = st.sampled_from([JOB, JOB.upper(), JOB[:-1], JOB.replace("-", ""), f"{{{JOB}}}", "x"])
words = st.sampled_from(["a", "b", "new", "index", "edit", "end", "about", "v1", "v", "x.json",
                         ".json", "1-2", "a-b-c", "en", "é", "(x)", "book", "books"])
pieces = st.one_of(words, numbers, uuids, texts)


BROKEN = st.sampled_from(["%", "%2", "%zz", "%FF", "%C3", "%00", "%2F"])


@st.composite
def encoded(draw, text):
    """Draw one way to write TEXT in a URL: what must be, all or some as %XX; some of it broken."""
    how = draw(st.sampled_from([0, 0, 1, 2, 3]))     # of the letters, each first, second, third
    written = []
    for place, letter in enumerate(text.encode()):
        plain = chr(letter) in SAFE and (how == 0 or place % how)
        written.append(chr(letter) if plain else f"%{letter:02{'x' if how == 2 else 'X'}}")
    return "".join(written) + draw(mostly(st.just(""), BROKEN))


@st.composite
def paths(draw):
    """Draw a path: a rule with values in it, a plain one, or any pieces; then spoil some."""
    kind = draw(st.integers(0, 9))
    if kind < 6:
        rule = draw(st.sampled_from(sorted(RULES)))
        path = re.sub("<[^>]*>", lambda _: draw(pieces), rule)
    elif kind < 8:
        path = draw(st.sampled_from(PLAIN))
    else:
        path = "".join(f"/{each}" for each in draw(st.lists(pieces, max_size=5)))
    spoil = draw(st.integers(0, 19))
    if spoil == 0:
        path += "/"
    elif spoil == 1:
        path = path.replace("/", "//", 1)
    elif spoil == 2:
        path = "//".join(path.rsplit("/", 1))
    elif spoil == 3:
        path = path.lstrip("/")
    elif spoil == 4:
        path = path.swapcase()
    return draw(encoded(path))


@st.composite
def queries(draw):
    """Draw a query string, as it is sent, and some of it broken."""
    pairs = []
    for _ in range(draw(st.integers(0, 3))):
        key = draw(st.one_of(st.sampled_from(["q", "page", "x", "to", "z"]), texts))
        value = draw(st.one_of(texts, numbers, st.sampled_from(["/books", "http://a.example/b",
                                                              "/café?a=b#c"])))
        raw = draw(mostly(st.just(False), st.just(True)))
        if raw:     # as it is, but for what ends a request line or has no bytes
            pairs.append(re.sub(r"[\0\r\n #]", "", f"{key}={value}"))
        else:
            pairs.append(draw(encoded(key)) + draw(st.sampled_from(["=", "=", "=", ""]))
                         + draw(encoded(value)).replace("%20", "+"))
    return draw(st.sampled_from(["&", "&", "&", "&&", ";"])).join(pairs)


locations = st.tuples(st.sampled_from(["", "/", "//", "http://a.example/", "?", "#", "a:"]), texts
                      ).flatmap(lambda two: encoded("".join(two))).map("to={}".format)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts,
              st.sampled_from(["\ud800", "\U0001F40D"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
bodies = st.one_of(
    values.map(lambda value: json.dumps(value).encode()),
    values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")),
    st.binary(max_size=12),
    st.sampled_from([
        b"", b" ", b"[1", b"[1] [2]", b'{"a": 1, "a": 2}', b"NaN", b"[Infinity]", b"-Infinity",
        b"'a'", b"[1,]", b"nul", b"1" * 5000, b"[" * 100_000, b"\xef\xbb\xbf[1]", b"\xff\xfe[\0",
        b'"\xe9"', b'"\\ud800"', b"a=1&b=2", "[1]".encode("utf-16"), b"01", b"1e999",
    ]),
)
types = st.one_of(
    st.sampled_from([JSON, JSON, JSON, None, ""]),
    st.sampled_from([
        f"{JSON}; charset=utf-8", f"{JSON};", "APPLICATION/Json", f" {JSON} ", "application/+json",
        "application/vnd.api+json", "application/a+b+json; c=d", "application/jsonp", "text/json",
        "application/json-seq", f"{JSON}, text/plain", "text/plain", "application/octet-stream",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "/", ";",
        "application/x;+json", "text/x+json", "é", "application /json", "application/ json",
    ]),
)
lengths = mostly(st.just("right"), st.sampled_from(
    [None, "", "0", "-1", "+3", " 3 ", "3", "1_0", "abc", "3.0", "3,3", "9" * 12, "٣", "20"]))
methods = mostly(st.sampled_from(["GET", "POST"]), st.sampled_from(
    ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "get", "Post", "BREW", "HEAD"]))
fields = st.lists(st.tuples(
    st.sampled_from(["X-A", "X-Token", "Accept", "Cookie", "User-Agent", "X-Forwarded-Host"]),
    st.text(st.sampled_from("ab1 ;=,é\""), max_size=8)), max_size=2).map(tuple)
coded = mostly(st.just(()), st.just((("Transfer-Encoding", "chunked"),)))
requests = st.one_of(
    st.builds(Request, methods, paths(), queries(), bodies, lengths, types,
              st.tuples(fields, coded).map(lambda two: two[0] + two[1])),
    st.builds(Request, methods, paths(), queries()),
    st.builds(Request, st.just("POST"), st.sampled_from(["/json", "/silent", "/data"]), st.just(""),
              bodies, lengths, types, fields),
    st.builds(Request, st.just("GET"), st.just("/go"), locations),
)


# --- answers

@dataclass(frozen=True)
class Answer:
    """What came back, as far as it is compared.

    status: int. body: the parsed JSON, or the text of an answer that is none, "" for the page of
    an error. headers: {name: its values, sorted} of those that the framework must not invent.
    """

    status: int
    body: object
    headers: dict


def ask(app, request):
    """Return an app's Answer to a Request; an error that Flask lets out for a host is a 500."""
    started = []
    try:
        iterable = app(request.environ(), lambda *answer, exc_info=None: started.extend(answer))
    except UnicodeError:
        assert type(app).__module__ == "flask.app"
        return Answer(500, "", {})
    try:
        body = b"".join(iterable)
    finally:
        if hasattr(iterable, "close"):
            iterable.close()
    status, headers = int(started[0][:3]), {}
    for name, value in started[1]:
        headers.setdefault(name.title(), []).append(value)
    allow = {name.strip() for name in ",".join(headers.get("Allow", [])).split(",")}
    kept = {"Allow": sorted(allow)}
    for name in ("X-A", "Location"):
        kept[name] = headers.get(name, [])
    if status in (204, 304):
        return Answer(status, "", kept)
    kind = headers.get("Content-Type", [""])[0]
    if kind == JSON:
        return Answer(status, json.loads(body) if body else "", kept)
    if status >= 300:
        return Answer(status, "", kept)
    kept["Content-Type"] = kind
    return Answer(status, body.decode("latin-1"), kept)


# --- where the two differ

def undecodable(text):
    """Say whether some %XX of a query string, or some bytes of it, are no UTF-8."""
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return True
    return False


def bad_length(request):
    """Say whether we refuse the length, or the coding, of a request's body."""
    if dict(request.headers).get("Transfer-Encoding"):
        return True
    length = request.environ().get("CONTENT_LENGTH", "").strip(" \t") or "0"
    plain = length.isascii() and length.isdigit() and len(length) < 10
    return not plain or int(length) > len(request.body)


def same_but_for(name, value, ours, theirs):
    """Say whether their JSON is ours, but for the VALUE that it has for a NAME."""
    return isinstance(ours.body, dict) and theirs.body == {**ours.body, name: value}


@dataclass(frozen=True)
class Difference:
    """reason: why we answer otherwise. applies: (request, ours, theirs) -> whether this is it.

    example: a request that shows it, ours, theirs: the statuses that it gets.
    """

    reason: str
    applies: object
    example: Request
    ours: int
    theirs: int


DIFFERENCES = {
    "no redirects for slashes": Difference(
        "a path is taken as it is; whether a slash more or less is another page is for the app",
        lambda request, ours, theirs: theirs.status in (308, 405) and ours.status in (404, 405)
        and "//" in request.decoded,
        Request(path="/book//10"), 404, 308),
    "a missing slash": Difference(
        "the same, where a rule ends with a slash",
        lambda request, ours, theirs: theirs.status == 308 and ours.status == 404
        and request.decoded == "/folder",
        Request(path="/folder"), 404, 308),
    "an empty path": Difference(
        "it is the path /, as it is for a browser; Flask redirects",
        lambda request, ours, theirs: theirs.status in (308, 404) and request.path == "",
        Request(path=""), 200, 308),
    "every length is checked": Difference(
        "a length that others may read otherwise is refused, whether a view reads the body or "
        "not; Flask looks at it when a view asks, and takes a bad one for no body",
        lambda request, ours, theirs: ours.status == 400 and bad_length(request),
        Request("POST", "/books", body=b"abc", length="+3"), 400, 200),
    "an empty Content-Type": Difference(
        "in an environ that says that there is none (PEP 3333); Flask shows it to the view",
        lambda request, ours, theirs: request.content_type == ""
        and same_but_for("type", "", ours, theirs),
        Request("POST", "/data", body=b"a", content_type=""), 200, 200),
    "methods have a case": Difference(
        "RFC 9110, section 9.1; Flask takes get for GET",
        lambda request, ours, theirs: request.method != request.method.upper()
        and ours.status in (404, 405),
        Request("get", "/books"), 405, 200),
    "JSON too deep": Difference(
        "it is the client's mistake; Flask lets the RecursionError through",
        lambda request, ours, theirs: theirs.status == 500 and b"[" * 900 in request.body,
        Request("POST", "/json", body=b"[" * 100_000, content_type=JSON), 400, 500),
    "NaN is no JSON": Difference(
        "we send no JSON that others cannot read",
        lambda request, ours, theirs: ours.status == 500
        and re.search(rb"NaN|Infinity|e999", request.body),
        Request("POST", "/json", body=b"[NaN]", content_type=JSON), 500, 200),
    "bytes in a query string": Difference(
        "what is no UTF-8 becomes a replacement character, in %XX or not, as in a path; Flask "
        "keeps %FF as it is, and lets the error of a raw byte through",
        lambda request, ours, theirs: undecodable(request.query)
        and theirs.status in (ours.status, 500),
        Request(path="/needs", query="q=%FF"), 200, 200),
    "abort knows all statuses": Difference(
        "those of http.HTTPStatus; Werkzeug has no class for some of them",
        lambda request, ours, theirs: theirs.status == 500
        and request.decoded == f"/abort/{ours.status}",
        Request(path="/abort/425"), 425, 500),
    "what is odd in a Location": Difference(
        "each letter is encoded, and none is dropped; Flask takes the URL apart, which drops "
        "control characters, blanks and what is empty, and encodes a host in another way, or fails",
        lambda request, ours, theirs: ours.status == 302 and theirs.status in (302, 500)
        and re.search(r"[\0- \[\]]|[?#](&|$)|//",
                      unquote_to_bytes(request.query).decode("utf-8", "replace")),
        Request(path="/go", query="to=/a%09b"), 302, 302),
    "a Location by hand": Difference(
        "redirect() encodes its target; what a view writes itself is for the view",
        lambda request, ours, theirs: request.decoded == "/returns/location"
        and ours == replace(theirs, headers={**theirs.headers, "Location": ["/a b"]}),
        Request(path="/returns/location"), 302, 302),
    "data of a form": Difference(
        "request.data always has the bytes of the body; Flask reads a form into request.form",
        lambda request, ours, theirs: "form" in (request.content_type or "")
        and same_but_for("data", "", ours, theirs),
        Request("POST", "/data", body=b"a=1", content_type="application/x-www-form-urlencoded"),
        200, 200),
    "more digits than int() takes": Difference(
        "a rule whose value cannot be made does not fit, and the next one is asked; Flask gives "
        "up at the first, and finds out only where the method fits",
        lambda request, ours, theirs: theirs.status in (404, 405)
        and re.search("[1-9]{4301}", request.decoded),
        Request(path="/book/" + "1" * 4301), 200, 404),
}


@pytest.fixture(scope="module")
def apps():
    """Return our app and Flask's."""
    flask = pytest.importorskip("flask")
    ours_and_theirs = build(ours()), build(flask)
    ours_and_theirs[1].logger.disabled = True      # many of the requests are meant to fail
    return ours_and_theirs


def why(request, ours, theirs):
    """Return the name of the difference between two answers, or None."""
    for name, difference in DIFFERENCES.items():
        if difference.applies(request, ours, theirs):
            return name
    return None


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_still_one(apps, name):
    difference = DIFFERENCES[name]
    answers = [ask(app, difference.example) for app in apps]
    assert [answer.status for answer in answers] == [difference.ours, difference.theirs]
    assert answers[0] != answers[1]
    assert difference.applies(difference.example, *answers)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/13_errors.md"])
def test_a_page_says_how_many_requests_are_made_up(page):
    assert f" {REQUESTS:,} " in (steps.ROOT / page).read_text(encoding="utf-8")


def test_same_answers_to_made_up_requests(apps, pytestconfig, record_property):
    number = pytestconfig.getoption("requests")
    seen = Counter()

    # The same requests each time, unless there shall be more of them.
    @hypothesis.settings(max_examples=number or REQUESTS, derandomize=not number, deadline=None,
                         database=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(requests)
    def compare(request):
        ours, theirs = (ask(app, request) for app in apps)
        name = "the same" if ours == theirs else why(request, ours, theirs)
        seen[name] += 1
        seen["200"] += ours.status == 200
        assert name, f"{request}\nours:   {ours}\ntheirs: {theirs}"

    compare()
    record_property("measured", f"made-up requests: {dict(seen.most_common())}")
