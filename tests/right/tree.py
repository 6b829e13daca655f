# Right at the steps 13 to 13: rules in a tree, errors that make their response, no wsgiref.

import json
import re
import sys
import threading
import traceback
import urllib.parse
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.client import responses as reasons
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from uuid import UUID

__all__ = ["Flask", "HTTPException", "Response", "abort", "jsonify", "make_response", "redirect",
           "request"]

# --- what goes out


class Fields:
    def __init__(self):
        self.pairs = []

    def items(self):
        return list(self.pairs)

    def get(self, name, default=None):
        return next((v for n, v in self.pairs if n.lower() == name.lower()), default)

    def __contains__(self, name):
        return self.get(name) is not None

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(name)
        return self.get(name)

    def __delitem__(self, name):
        self.pairs = [pair for pair in self.pairs if pair[0].lower() != name.lower()]

    def __setitem__(self, name, value):
        del self[name]
        self.add_header(name, value)

    def add_header(self, name, value):
        line = f"{name}: {value}"
        line.encode("iso-8859-1")
        if "\r" in line or "\n" in line:
            raise ValueError("a header is one line")
        self.pairs.append((str(name), str(value)))

    def update(self, more):
        more = list(more.items()) if isinstance(more, (dict, Fields)) else list(more)
        for name in {name for name, _ in more}:
            del self[name]
        for pair in more:
            self.add_header(*pair)


class Response:
    def __init__(self, response=None, status=200, headers=None, mimetype="text/html"):
        self.status_code = status
        self.body = b"" if response is None else response
        if isinstance(self.body, str):
            self.body = bytes(self.body, "utf-8")
        self.headers = Fields()
        charset = "; charset=utf-8" if mimetype.startswith("text/") else ""
        self.headers["Content-Type"] = mimetype + charset
        self.headers.update(headers or {})

    def __call__(self, environ, start_response):
        bare = self.status_code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if bare:
            del self.headers["Content-Type"]
        elif isinstance(self.body, bytes):
            self.headers["Content-Length"] = len(self.body)
        reason = reasons.get(self.status_code, "Custom")
        start_response(f"{self.status_code} {reason}", self.headers.items())
        if bare or environ["REQUEST_METHOD"] == "HEAD":
            return []
        return [self.body] if isinstance(self.body, bytes) else Stream(self.body)


class Stream:
    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        return self

    def __next__(self):
        piece = next(self.pieces)
        return piece if isinstance(piece, bytes) else piece.encode("utf-8")

    def close(self):
        getattr(self.pieces, "close", lambda: None)()


def jsonify(*values, **members):
    match values:
        case ():
            data = members
        case (data,):
            pass
        case _:
            data = list(values)
    return Response(json.dumps(data, allow_nan=False, indent=1), mimetype="application/json")


def redirect(location, code=302):
    # RFC 3986, section 2: unreserved, reserved, and the percent sign of what is encoded already.
    location = re.sub(r"[^\w.~:/?#\[\]@!$&'()*+,;=%\r\n-]", quoted, location, flags=re.ASCII)
    page = f"<p>It is <a href='{escape(location)}'>elsewhere</a>."
    return Response(page, code, [("Location", location)])


def quoted(letter):
    return "".join(f"%{byte:02X}" for byte in letter[0].encode())


def make_response(*answer):
    if len(answer) == 1 and type(answer[0]) is tuple and len(answer[0]) > 1:
        [answer] = answer
    match answer:
        case [body]:
            status, headers = None, {}
        case [body, dict() | list() | tuple() | Fields() as headers]:
            status = None
        case [body, status]:
            headers = {}
        case [body, status, headers]:
            pass
        case _:
            raise TypeError(f"{request.endpoint} returned {len(answer)} things")
    if isinstance(body, HTTPException):
        response = body.get_response()
    elif isinstance(body, Response):
        response = body
    elif isinstance(body, list | dict):
        response = jsonify(body)
    elif isinstance(body, str | bytes) or hasattr(body, "__next__"):
        response = Response(body)
    else:
        raise TypeError(f"{request.endpoint} returned {type(body).__name__}, which is no answer")
    if status is not None:
        response.status_code = int(status)
    response.headers.update(headers)
    return response


# --- errors


class HTTPException(Exception):
    code = None
    description = "Something went wrong."

    def __init__(self, description=None, headers=()):
        super().__init__(description)
        self.description = description or type(self).description
        self.headers = headers

    @property
    def name(self):
        return reasons.get(self.code, "Custom")

    def __str__(self):
        return f"{self.code} {self.name}: {self.description}"

    def get_response(self):
        page = f"<h1>{self.name}</h1><p>{escape(self.description)}</p>"
        return Response(page, self.code, self.headers)


class BadRequest(HTTPException):
    code, description = 400, "That cannot be understood."


class BadRequestKeyError(BadRequest, KeyError):
    pass


class NotFound(HTTPException):
    code, description = 404, "Nothing is here."


class MethodNotAllowed(HTTPException):
    code, description = 405, "Not with this method."


class RequestEntityTooLarge(HTTPException):
    code, description = 413, "Too much."


class UnsupportedMediaType(HTTPException):
    code, description = 415, "Say application/json."


class InternalServerError(HTTPException):
    code, description, original_exception = 500, "It is our fault.", None


KNOWN = {cls.code: cls for cls in HTTPException.__subclasses__()}
for status in HTTPStatus:
    if status >= 400:
        KNOWN.setdefault(int(status), type(status.name, (HTTPException,), {"code": int(status)}))


def abort(code, description=None):
    if code not in KNOWN:
        raise LookupError(f"{code!r} is no error of HTTP")
    raise KNOWN[code](description)


# --- what comes in


class Args(dict):
    def __init__(self, pairs):
        self.pairs = pairs
        super().__init__(reversed(pairs))

    def __getitem__(self, key):
        if key not in self:
            raise BadRequestKeyError(f"{key} is missing")
        return super().__getitem__(key)

    def get(self, key, default=None, type=None):
        if key not in self:
            return default
        try:
            return type(self[key]) if type else self[key]
        except (ValueError, TypeError):
            return default

    def getlist(self, key):
        return [value for name, value in self.pairs if name == key]


class Headers(dict):
    """All names in title case; asked in any."""

    def __getitem__(self, name):
        return super().__getitem__(name.title())

    def __contains__(self, name):
        return super().__contains__(name.title())

    def get(self, name, default=None):
        return super().get(name.title(), default)


def utf8(latin):
    return str(latin.encode("iso-8859-1"), "utf-8", "replace")


class Request:
    endpoint = None

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = re.sub("^/*", "/", utf8(environ.get("PATH_INFO", "")))

    def __getattr__(self, name):
        if not name.startswith("make_") and hasattr(Request, "make_" + name):
            value = self.__dict__[name] = getattr(self, "make_" + name)()
            return value
        raise AttributeError(name)

    def make_args(self):
        query = utf8(self.environ.get("QUERY_STRING", ""))
        return Args(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def make_headers(self):
        found = Headers()
        for key, value in self.environ.items():
            if key[:5] == "HTTP_":
                found[key[5:].replace("_", "-").title()] = value
        for key in ("Content-Type", "Content-Length"):
            if value := self.environ.get(key.upper().replace("-", "_")):
                found[key] = value
        return found

    def make_json(self):
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        main, _, sub = kind.partition("/")
        if main != "application" or sub != "json" and not sub.endswith("+json"):
            raise UnsupportedMediaType
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            raise BadRequest("no JSON") from None

    def get_json(self, silent=False):
        try:
            return self.json
        except (BadRequest, UnsupportedMediaType):
            if silent:
                return None
            raise

    def receive(self, limit):
        if self.environ.get("HTTP_TRANSFER_ENCODING") is not None:
            raise BadRequest("in one piece, please")
        length = self.environ.get("CONTENT_LENGTH", "").strip(" \t") or "0"
        if self.environ.get("CONTENT_LENGTH", "").isspace():
            raise BadRequest("a blank length")
        if not re.fullmatch("[0-9]{1,9}", length):
            raise BadRequest(f"{length} is no length")
        if limit is not None and int(length) > limit:
            raise RequestEntityTooLarge
        self.data = self.environ["wsgi.input"].read(int(length))
        if len(self.data) != int(length):
            raise BadRequest("cut off")


class TheRequest:
    def __init__(self):
        object.__setattr__(self, "of", threading.local())

    def __getattr__(self, name):
        if getattr(self.of, "requests", None):
            return getattr(self.of.requests[-1], name)
        raise RuntimeError(f"there is no request whose {name} could be told")

    def __setattr__(self, name, value):
        if not getattr(self.of, "requests", None):
            raise RuntimeError("there is no request")
        setattr(self.of.requests[-1], name, value)


request = TheRequest()

# --- which view

KINDS = {
    "int": (50, r"\d+", int),
    "float": (50, r"\d+\.\d+", float),
    "uuid": (75, "-".join(f"[0-9a-fA-F]{{{size}}}" for size in (8, 4, 4, 4, 12)), UUID),
    "string": (100, "[^/]+", str),
    "path": (200, "[^/].*?", str),
}
PART = re.compile(r"([^<]*)(?:<(?:([a-zA-Z]\w*):)?([a-zA-Z_]\w*)>)?", re.ASCII)


@dataclass
class Route:
    rule: str
    verbs: set
    view: object
    kinds: dict = field(default_factory=dict)

    def values(self, texts):
        return {name: KINDS[kind][2](texts[name]) for name, kind in self.kinds.items()}

    def understood(self, part):
        """Return the weight of a part that has variables, and its pattern."""
        weight, pattern, at = [], "", 0
        while at < len(part):
            found = PART.match(part, at)
            if found.end() == at:
                raise ValueError(f"nobody understands the rule {self.rule!r}")
            text, kind, name = found.groups()
            at = found.end()
            pattern += re.escape(text)
            weight += [(0, -len(text))] if text else []
            if name:
                kind = kind or "string"
                if kind not in KINDS:
                    raise LookupError(f"{self.rule!r} has a {kind}, which does not exist")
                if name in self.kinds:
                    raise ValueError(f"{self.rule!r} has two variables {name}")
                self.kinds[name] = kind
                pattern += f"(?P<{name}>{KINDS[kind][1]})"
                weight.append((1, KINDS[kind][0]))
        return (*weight, (2, 0)), pattern


class Branch:
    def __init__(self):
        self.fixed, self.open, self.ends = {}, [], []

    def grow(self, route, parts):
        if not parts:
            self.ends.append(route)
            return
        part, *rest = parts
        if "<" not in part:
            return self.fixed.setdefault(part, Branch()).grow(route, rest)
        if "<path:" in part:
            part, rest = "/".join(parts), []
        weight, pattern = route.understood(part)
        for _, text, _, branch in self.open:
            if text == part:
                return branch.grow(route, rest)
        branch = Branch()
        branch.grow(route, rest)
        self.open.append((weight, part, re.compile(pattern), branch))
        self.open.sort(key=lambda each: each[0])

    def routes(self, parts, texts=()):
        """Yield (route, values) of all that fit, the most special first."""
        if not parts:
            for route in self.ends:
                try:
                    yield route, route.values(dict(texts))
                except ValueError:
                    pass
            return
        if parts[0] in self.fixed:
            yield from self.fixed[parts[0]].routes(parts[1:], texts)
        for _, part, pattern, branch in self.open:
            whole = "<path:" in part
            found = pattern.fullmatch("/".join(parts) if whole else parts[0])
            if found:
                more = (*texts, *found.groupdict().items())
                yield from branch.routes([] if whole else parts[1:], more)


class Flask:
    def __init__(self, import_name):
        self.import_name = import_name
        self.root, self.handlers = Branch(), {}
        self.config = dict.fromkeys(["MAX_CONTENT_LENGTH"])

    def route(self, rule, methods=None, **options):
        if isinstance(methods, str):
            raise TypeError("methods is no text")
        verbs = {verb.upper() for verb in methods or ["GET"]}
        if "GET" in verbs:
            verbs.add("HEAD")

        def decorate(view):
            if not rule.startswith("/"):
                raise ValueError(f"the rule {rule!r} has no slash in front")
            self.root.grow(Route(rule, verbs, view), rule.split("/")[1:])
            return view

        return decorate

    def errorhandler(self, which):
        if isinstance(which, int):
            which = KNOWN[which]

        def decorate(handler):
            self.handlers[which] = handler
            return handler

        return decorate

    def __call__(self, environ, start_response):
        stack = request.of.__dict__.setdefault("requests", [])
        stack.append(Request(environ))
        try:
            try:
                response = make_response(self.answer(stack[-1]))
            except Exception as problem:
                environ["wsgi.errors"].write(traceback.format_exc())
                failure = InternalServerError()
                failure.original_exception = problem
                response = make_response(self.handled(failure))
        finally:
            stack.pop()
        return response(environ, start_response)

    def answer(self, request):
        try:
            request.receive(self.config["MAX_CONTENT_LENGTH"])
            chosen, verbs = None, set()
            for route, values in self.root.routes(request.path.split("/")[1:]):
                verbs |= route.verbs
                if request.method in route.verbs and not chosen:
                    chosen = route.view, values
            if chosen:
                view, values = chosen
                request.endpoint = view.__name__
                return view(**values)
            if not verbs:
                raise NotFound
            allow = {"Allow": ", ".join(verbs | {"OPTIONS"})}
            if request.method != "OPTIONS":
                raise MethodNotAllowed(headers=allow)
            return Response(headers=allow)
        except Exception as problem:
            return self.handled(problem)

    def handled(self, problem):
        for cls in type(problem).mro():
            if handler := self.handlers.get(cls):
                return handler(problem)
        if not isinstance(problem, HTTPException):
            raise problem
        return problem

    def run(self, host="127.0.0.1", port=8000):
        handler = type("MyHandler", (Handler,), {"app": self})
        try:
            server = Server((host, port), handler)
        except OSError as problem:
            sys.exit(f"no server at {host}:{port}: {problem}")
        print(f"Serving http://{host}:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads, request_queue_size = True, 100


class Handler(BaseHTTPRequestHandler):
    def serve(self):
        if self.headers.get("Content-Length", "0").strip() == "":
            return self.send_error(400)
        started = []
        body = self.app(self.environ(), lambda *told: started.append(told) or self.wfile.write)
        try:
            sent = False
            for piece in body:
                if not sent:
                    self.begin(*started[-1])
                    sent = True
                self.wfile.write(piece)
            if not sent:
                self.begin(*started[-1])
        finally:
            if hasattr(body, "close"):
                body.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def begin(self, status, fields, exc_info=None):
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    def environ(self):
        target = urllib.parse.urlsplit(self.path)
        headers = {}
        for name, value in self.headers.items():
            if "_" not in name:
                key = name.upper().replace("-", "_")
                headers[key] = f"{headers[key]},{value}" if key in headers else value
        environ = {"HTTP_" + key: value for key, value in headers.items()}
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.pop("HTTP_" + key, ""):
                environ[key] = headers[key]
        return environ | {
            "REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": target.query,
            "PATH_INFO": urllib.parse.unquote_to_bytes(target.path.encode("latin-1"))
            .decode("latin-1"),
            "SERVER_NAME": "localhost", "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": self.rfile,
            "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
