# Right at the steps 4 to 8: a table of routes, errors that know their status, one answer() for all.

import json
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote

VERBS = "GET", "POST", "PUT", "PATCH", "DELETE"
TABLE = []


class Refusal(Exception):
    def __init__(self, status, why="", **fields):
        super().__init__(why)
        self.status, self.fields = HTTPStatus(status), fields


@dataclass(frozen=True)
class Row:
    path: str
    verbs: frozenset
    view: object


@dataclass
class Answer:
    body: bytes
    kind: str = "text/html; charset=UTF-8"
    status: HTTPStatus = HTTPStatus.OK
    fields: dict = field(default_factory=dict)

    @classmethod
    def of(cls, value):
        if isinstance(value, str):
            return cls(value.encode("utf-8"))
        if isinstance(value, dict | list):
            return cls(json.dumps(value, allow_nan=False).encode(), "application/json")
        raise TypeError(f"nobody knows how to send {value!r}")


class Request:
    def __init__(self, method, target, headers, stream):
        target = target.partition("://")[2].partition("/")[2].join(("/", "")) \
            if "://" in target.partition("?")[0] else target
        path, _, query = target.partition("?")
        self.method, self.path, self.headers = method, unquote(path), headers
        self.qs = {}
        for key, value in parse_qsl(query, keep_blank_values=True):
            self.qs[key] = [*self.qs.get(key, []), value]
        self.body = b"".join(whole(stream, length_of(headers)))

    @property
    def json(self):
        try:
            return json.loads(self.body.decode("utf-8"))
        except (UnicodeError, json.JSONDecodeError, RecursionError):
            raise Refusal(400, "no JSON") from None


def length_of(headers):
    if headers["Transfer-Encoding"] is not None:
        raise Refusal(400, "no pieces, please")
    match headers.get_all("Content-Length"):
        case None:
            return 0
        case [one] if set(one.strip(" \t")) <= set("0123456789") and one.strip(" \t"):
            if len(one) > 12:
                raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            size = int(one)
            if size > 10**9:
                raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return size
        case _:
            raise Refusal(400, "one length, please")


def whole(stream, left):
    while left:
        piece = stream.read(min(left, 65536))
        if not piece:
            raise Refusal(400, "cut off")
        left -= len(piece)
        yield piece


def view_for(method, path):
    rows = [row for row in TABLE if row.path == path]
    if not rows:
        raise Refusal(404)
    for row in reversed(rows):
        if method in row.verbs:
            return row.view
    raise Refusal(405, Allow=", ".join(set().union(*(row.verbs for row in rows))))


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        try:
            request = Request(self.command, self.path, self.headers, self.rfile)
            view = view_for(request.method, request.path)
            answer = Answer.of(view(request))
        except Refusal as refusal:
            page = f"<h1>{refusal.status.phrase}</h1><p>{escape(str(refusal))}</p>"
            answer = Answer(page.encode(), status=refusal.status, fields=refusal.fields)
        self.send_response(answer.status)
        for name, value in answer.fields.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", len(answer.body))
        self.end_headers()
        self.wfile.write(answer.body)


for verb in VERBS:
    setattr(Handler, f"do_{verb}", Handler.answer)


class Flask:
    def __init__(self, import_name):
        self.import_name = import_name

    def route(self, rule, *, methods=None):
        if isinstance(methods, str):
            raise TypeError("methods is a list of names")

        def register(view):
            verbs = frozenset(map(str.upper, methods or ["GET"]))
            TABLE.append(Row(rule, verbs, view))
            return view

        return register

    def run(self, host="127.0.0.1", port=8000):
        class Server(ThreadingHTTPServer):
            request_queue_size = 200

        try:
            server = Server((host, port), Handler)
        except OSError as problem:
            raise SystemExit(f"Nobody can listen on {host}, port {port}: {problem}")
        with server:
            print(f"http://{host}:{server.server_port}/", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                pass
