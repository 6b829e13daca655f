# Right at the steps 10 to 10: a path is split at its slashes and compared with rules part by part.

import json
import re
import socketserver
import sys
import uuid
from email.message import Message
from functools import cached_property
from heapq import merge
from operator import attrgetter
from urllib.parse import parse_qs
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
WEIGHTS = {"int": 1, "float": 2, "uuid": 3, "string": 4, "path": 5}
NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class Refused(Exception):
    pass


def is_a_path(text):
    return not text.startswith("/")


def is_a_uuid(text):
    sizes = [len(part) for part in text.split("-")]
    return sizes == [8, 4, 4, 4, 12] and all(each in "0123456789abcdefABCDEF-" for each in text)


def is_a_float(text):
    return [part.isdecimal() for part in text.split(".")] == [True, True]


LOOKS = {"int": str.isdecimal, "float": is_a_float, "uuid": is_a_uuid, "path": is_a_path}
MAKES = {"int": int, "float": float, "uuid": uuid.UUID}


class Variable:
    def __init__(self, text, rule):
        kind, colon, self.name = text.rpartition(":")
        self.kind = kind if colon else "string"
        if not NAME.fullmatch(self.name) or colon and not NAME.fullmatch(kind):
            raise ValueError(f"{text!r} is no variable: {rule!r}")
        if self.kind not in WEIGHTS:
            raise KeyError(f"{kind} is no type: {rule!r}")

    def takes(self, text):
        return text and LOOKS.get(self.kind, bool)(text)


def tokens_of(part, rule):
    while part:
        fixed, opening, part = part.partition("<")
        if fixed:
            yield fixed
        if opening:
            text, closing, part = part.partition(">")
            if not closing:
                raise ValueError(f"a > is missing: {rule!r}")
            yield Variable(text, rule)


def weight_of(token):
    return (1, WEIGHTS[token.kind]) if isinstance(token, Variable) else (0, -len(token))


def compare(tokens, text):
    """Yield the texts of the variables in each way in which a text fits."""
    if not tokens:
        if not text:
            yield {}
        return
    first, *rest = tokens
    if isinstance(first, str):
        if text.startswith(first):
            yield from compare(rest, text[len(first):])
        return
    ends = [len(text)]
    if rest and isinstance(rest[0], str):
        ends = [found.start() for found in re.finditer(f"(?={re.escape(rest[0])})", text)]
    elif rest:
        ends = range(len(text) + 1)
    for end in ends if first.kind == "path" else reversed(ends):
        if first.takes(text[:end]):
            for more in compare(rest, text[end:]):
                yield {first.name: text[:end], **more}


class Rule:
    def __init__(self, text, methods, view):
        if not text.startswith("/"):
            raise ValueError(f"a rule begins with a slash: {text!r}")
        self.methods, self.view = methods, view
        self.parts = [list(tokens_of(part, text)) for part in text.split("/")[1:]]
        self.variables = {token.name: token for part in self.parts for token in part
                          if isinstance(token, Variable)}
        if len(self.variables) < sum(isinstance(each, Variable) for p in self.parts for each in p):
            raise ValueError(f"two variables have one name: {text!r}")
        self.whole = any(each.kind == "path" for each in self.variables.values())
        self.order = [[*map(weight_of, part), (2, 0)] for part in self.parts] + [[(3, 0)]]
        first = text.split("/")[1]
        self.key = 0 if self.whole else len(self.parts), None if "<" in first else first
        if self.whole:
            self.parts = [list(tokens_of(text[1:], text))]

    def values(self, parts):
        found, texts = {}, ["/".join(parts)] if self.whole else parts
        for tokens, text in zip(self.parts, texts, strict=True):
            fits = next(compare(tokens, text), None)
            if fits is None:
                return None
            found |= fits
        try:
            return {name: MAKES.get(self.variables[name].kind, str)(text)
                    for name, text in found.items()}
        except ValueError:
            return None


class Request:
    def __init__(self, environ):
        self.environ, self.method = environ, environ["REQUEST_METHOD"]
        self.path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        self.qs = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        size = environ.get("CONTENT_LENGTH", "") or "0"
        if "HTTP_TRANSFER_ENCODING" in environ or not re.fullmatch("[ \t]*[0-9]{1,9}[ \t]*", size):
            raise Refused("I need a length")
        self.body = environ["wsgi.input"].read(int(size))
        if len(self.body) < int(size):
            raise Refused("cut off")

    @cached_property
    def headers(self):
        headers = Message()
        for key, value in self.environ.items():
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
                headers[key.removeprefix("HTTP_").replace("_", "-")] = value
        return headers

    @cached_property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused("no JSON") from None


class Flask:
    def __init__(self, name):
        self.rules = {}

    def route(self, rule, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError("a list of methods, please")

        def decorator(view):
            new = Rule(rule, [method.upper() for method in methods], view)
            rules = self.rules.setdefault(new.key, [])
            rules.append(new)
            rules.sort(key=attrgetter("order"))
            return view

        return decorator

    def __call__(self, environ, start_response):
        more = []
        try:
            request = Request(environ)
            status, answer = 404, "<h1>404</h1>"
            for rule, values in self.fitting(request.path.split("/")[1:]):
                if request.method in rule.methods:
                    status, answer = 200, rule.view(request, **values)
                    break
                status, answer = 405, "<h1>405</h1>"
                more += rule.methods
        except Refused as refusal:
            status, answer = 400, str(refusal)
        kind = "text/html; charset=utf-8"
        if isinstance(answer, (dict, list)):
            kind, answer = "application/json", json.dumps(answer, allow_nan=False)
        headers = [("Content-Type", kind), ("Content-Length", str(len(answer.encode())))]
        if status == 405:
            headers.append(("Allow", ", ".join(dict.fromkeys(more))))
        start_response(f"{status} {REASONS[status]}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.encode()]

    def fitting(self, parts):
        first = parts[0] if parts else ""
        lists = [self.rules.get(key, []) for key in
                 ((len(parts), first), (len(parts), None), (0, first), (0, None))]
        for rule in merge(*lists, key=attrgetter("order")):
            values = rule.values(parts)
            if values is not None:
                yield rule, values

    def run(self, host="127.0.0.1", port=8000):
        try:
            server = Server((host, port), Handler)
        except OSError as error:
            sys.exit(f"{host}:{port}: {error}")
        server.set_app(self)
        print(f"http://{host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()


class Gateway(ServerHandler):
    os_environ = {}


class Handler(WSGIRequestHandler):
    def get_environ(self):
        environ = {k: v for k, v in super().get_environ().items() if not k.startswith("HTTP_")}
        for name in dict.fromkeys(map(str.upper, self.headers)):
            if "_" not in name:
                key = "HTTP_" + name.replace("-", "_")
                environ[key] = ",".join(self.headers.get_all(name))
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = environ.pop("HTTP_" + key, "")
        environ["PATH_INFO"] = re.sub("^https?://[^/]*", "", environ["PATH_INFO"])
        return environ

    def respond(self):
        if self.headers.get("Content-Length") == "":
            return self.send_error(400)
        gateway = Gateway(self.rfile, self.wfile, sys.stderr, self.get_environ())
        gateway.request_handler = self
        gateway.run(self.server.get_app())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def handle(self):
        self.raw_requestline = self.rfile.readline(65537)
        if self.parse_request():
            getattr(self, f"do_{self.command}", lambda: self.send_error(501))()


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads, request_queue_size = True, 64

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()
