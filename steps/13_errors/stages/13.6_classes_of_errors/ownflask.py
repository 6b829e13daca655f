"""OwnFlask, stage 13.6: a handler is for a class of exceptions.

New: handlers for classes of exceptions; of several, the nearest answers.
"""

import json
import re
import sys
import uuid
from bisect import insort
from collections.abc import Iterator, Mapping
from contextvars import ContextVar, copy_context
from functools import cached_property
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit
from wsgiref.headers import Headers
from wsgiref.simple_server import ServerHandler

# json.dumps() with an option makes an encoder for each call; this one is made once.
to_json = json.JSONEncoder(allow_nan=False).encode
PHRASES = {status.value: status.phrase for status in HTTPStatus}


def encoded(pieces):
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece


class Response:
    def __init__(self, response="", status=200, headers=(), mimetype="text/html"):
        body = response.encode() if isinstance(response, str) else response
        if mimetype.startswith("text/"):
            mimetype += "; charset=utf-8"
        fields = [("Content-Type", mimetype)]
        if isinstance(body, bytes):
            fields.append(("Content-Length", str(len(body))))
        self.response = [body] if isinstance(body, bytes) else encoded(body)
        self.status_code = status
        self.headers = Headers(fields)
        self.update_headers(headers)

    def update_headers(self, headers):
        """Put these in the place of all headers of the same names."""
        pairs = list(headers.items() if hasattr(headers, "items") else headers)
        for name, _ in pairs:
            del self.headers[name]
        for name, value in pairs:
            self.headers.add_header(name, str(value))

    def __call__(self, environ, start_response):
        phrase = PHRASES.get(self.status_code, "Unknown")
        if self.status_code in (204, 304):
            del self.headers["Content-Type"], self.headers["Content-Length"]
        start_response(f"{self.status_code} {phrase}", self.headers.items())
        if environ["REQUEST_METHOD"] == "HEAD" or self.status_code in (204, 304):
            return iter([b""])      # for an empty list wsgiref would send a length of 0
        return self.response


def jsonify(*args, **kwargs):
    if args and kwargs:
        raise TypeError("jsonify takes values or named values, not both")
    data = args[0] if len(args) == 1 else args or kwargs or None
    return Response(to_json(data), mimetype="application/json")


def redirect(location, code=302):
    # What RFC 3986 reserves stays, and so does a line break: it is not to be hidden.
    location = quote(location, safe="%:/?#[]@!$&'()*+,;=\r\n")
    link = f'<a href="{escape(location)}">{escape(location)}</a>'
    return Response(link, code, {"Location": location})


def make_response(resp, status=None, headers=()):
    if isinstance(resp, tuple) and len(resp) in (2, 3):
        return make_response(*resp)
    if isinstance(status, (dict, list, tuple, Headers)):     # (body, headers)
        status, headers = None, status
    if isinstance(resp, (dict, list)):
        resp = jsonify(resp)
    elif isinstance(resp, (str, bytes, Iterator)):
        resp = Response(resp)
    elif not isinstance(resp, Response):
        raise TypeError(f"the view {request.endpoint!r} returned {resp!r:.60}")
    if status is not None:
        resp.status_code = int(status)
    resp.update_headers(headers)
    for name, value in resp.headers.items():
        field = f"{name}: {value}".encode("latin-1")        # as it will be sent
        if b"\r" in field or b"\n" in field:
            raise ValueError(f"a line break in a header: {field!r}")
    return resp


class HTTPException(Exception, Response):
    """An answer that can be raised, from however deep below a view."""

    code = 500
    description = ""

    def __init__(self, description=None):
        if description is not None:
            self.description = description
        self.name = PHRASES.get(self.code, "Unknown")
        page = f"<h1>{self.name}</h1>\n<p>{escape(str(self.description))}</p>\n"
        Response.__init__(self, page, self.code)

    def __str__(self):
        return f"{self.code} {self.name}: {self.description}"


def error_class(status):
    """Return the subclass of HTTPException for a status, such as NotFound for 404."""
    name = status.name.title().replace("_", "")
    content = {"code": status.value, "description": status.description}
    return type(name, (HTTPException,), content)


default_exceptions = {code: error_class(code) for code in HTTPStatus if code >= 400}
BadRequest = default_exceptions[400]
NotFound = default_exceptions[404]
MethodNotAllowed = default_exceptions[405]


def abort(code, description=None):
    raise default_exceptions[code](description)


def decoded(text):
    # PEP 3333: the server hands on each byte that came as one latin-1 character.
    return text.encode("latin-1").decode("utf-8", "replace")


class MultiDict(dict):
    """The first value of each key; getlist() has them all."""

    def __init__(self, lists):
        super().__init__({key: values[0] for key, values in lists.items()})
        self.all_values = lists

    def get(self, key, default=None, type=str):
        try:
            return type(self[key])
        except (KeyError, ValueError, TypeError):
            return default

    def getlist(self, key):
        return self.all_values.get(key, [])


class EnvironHeaders(Mapping):
    """The headers of a request, looked up in its environ; their names in any case."""

    def __init__(self, environ):
        self.environ = environ

    def __getitem__(self, name):
        key = name.upper().replace("-", "_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH") and self.environ.get(key):
            return self.environ[key]
        return self.environ["HTTP_" + key]

    def __iter__(self):
        for key in self.environ:
            if key.startswith("HTTP_"):
                yield key.removeprefix("HTTP_").replace("_", "-").title()
        yield from (name for name in ("Content-Type", "Content-Length") if name in self)

    def __len__(self):
        return sum(1 for name in self)


class Request:
    def __init__(self, environ):
        self.method = environ["REQUEST_METHOD"]
        self.path = "/" + decoded(environ.get("PATH_INFO", "")).lstrip("/")
        self.environ = environ
        self.endpoint = None
        self.headers = EnvironHeaders(environ)

    @cached_property
    def args(self):
        query = decoded(self.environ.get("QUERY_STRING", ""))
        return MultiDict(parse_qs(query, keep_blank_values=True))

    def read_body(self):
        if "HTTP_TRANSFER_ENCODING" in self.environ:
            raise BadRequest("Transfer-Encoding is refused: send a Content-Length")
        length = (self.environ.get("CONTENT_LENGTH") or "0").strip(" \t")
        # int() alone would also take "-1", "+8", "1_0" and numbers beyond all memory.
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            raise BadRequest("Content-Length is not one plain number below a billion")
        size = int(length)
        body = self.environ["wsgi.input"].read(size)
        if len(body) < size:
            raise BadRequest("The body is shorter than its Content-Length")
        return body

    @cached_property
    def json(self):
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON: {error}")

    def get_json(self, silent=False):
        try:
            return self.json
        except BadRequest:
            if not silent:
                raise


class Gateway(ServerHandler):
    # The default is all variables of our shell: HTTP_PROXY would become a header.
    os_environ = {}


class RequestHandler(BaseHTTPRequestHandler):
    def respond(self):
        # In an environ, an empty length says that there is none.
        if self.headers.get("Content-Length") == "":
            return self.send_error(400, explain="Content-Length is blank")
        gateway = Gateway(self.rfile, self.wfile, sys.stderr, self.make_environ())
        gateway.request_handler = self      # for the line in the log
        gateway.run(self.server.app)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond
    do_HEAD = do_OPTIONS = respond

    def make_environ(self):
        url = urlsplit(self.path)
        host, port = self.server.server_address
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
        }
        for name in self.headers:
            # A name with "_" would look like one with "-".
            if "_" not in name:
                key = "HTTP_" + name.upper().replace("-", "_")
                environ[key] = ",".join(self.headers.get_all(name))
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
        environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH", "")
        return environ


class Server(ThreadingHTTPServer):
    # Room for many clients to connect at the same moment; the default is five.
    request_queue_size = 128


class LocalProxy:
    """Stands for the request that is being answered, whichever that is."""

    __slots__ = ()      # it has no place of its own where a view could leave something

    def __getattr__(self, name):
        try:
            now = current_request.get()
        except LookupError:
            raise RuntimeError(f"request.{name}: no request is being answered here")
        return getattr(now, name)


request = LocalProxy()
current_request = ContextVar("current_request")

# What a variable of a rule may look like, and what makes the view's value of it.
# Where several rules fit a path, the converter further up is asked first.
CONVERTERS = {
    "int": (r"\d+", int),
    "float": (r"\d+\.\d+", float),
    "uuid": ("[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}", uuid.UUID),
    "string": ("[^/]+", str),
    "path": ("[^/].*?", str),
}
VARIABLE = re.compile(r"<(?:([a-z]\w*):)?([a-z_]\w*)>", re.ASCII | re.IGNORECASE)
LAST_LETTER = "\U0010FFFF"


def late_letter(variable):
    converter = variable[1] or "string"
    return chr(0x10FF00 + list(CONVERTERS).index(converter))


class Rule:
    def __init__(self, path, methods, view):
        if not path.startswith("/") or "<" in VARIABLE.sub("", path):
            raise ValueError(f"malformed url rule: {path!r}")
        self.path = path
        self.methods = methods + ["HEAD"] if "GET" in methods else methods
        self.view = view
        self.types = {}
        pattern = VARIABLE.sub(self.variable_pattern, re.escape(path))
        self.pattern = re.compile(pattern)
        # Where it is looked up: its text up to the last slash before a variable.
        fixed, variable, _ = path.partition("<")
        self.prefix = fixed[:fixed.rindex("/") + 1] if variable else path
        # Sorted like words, with a late letter for a variable: fixed text comes first.
        self.order = VARIABLE.sub(late_letter, path) + LAST_LETTER

    def variable_pattern(self, variable):
        converter, name = variable.groups("string")
        if converter not in CONVERTERS:
            raise LookupError(f"no converter is called {converter!r}: {self.path!r}")
        if name in self.types:
            raise ValueError(f"two variables are called {name!r}: {self.path!r}")
        regex, self.types[name] = CONVERTERS[converter]
        return f"(?P<{name}>{regex})"

    def match(self, path):
        """Return the values of the variables in a path, or None if it does not fit."""
        found = self.pattern.fullmatch(path)
        if found:
            try:
                return {name: kind(found[name]) for name, kind in self.types.items()}
            except ValueError:      # int() refuses thousands of digits
                return None


class Flask:
    def __init__(self, name):
        self.name = name
        self.rules = {}         # {prefix: its rules, in order}
        self.longest_prefix = 0
        self.error_handlers = {}

    def __call__(self, environ, start_response):
        # What is set in a copy of the context is gone when the copy is.
        response = copy_context().run(self.process_request, environ)
        return response(environ, start_response)

    def process_request(self, environ):
        try:
            request = Request(environ)
            current_request.set(request)
            request.data = request.read_body()
            views = self.match(request.path)
            if not views:
                raise NotFound
            if request.method == "OPTIONS" and "OPTIONS" not in views:
                return Response(headers=self.allow(views))
            if request.method not in views:
                raise self.method_not_supported(views)
            view, values = views[request.method]
            request.endpoint = view.__name__
            resp = view(**values)
        except Exception as error:
            resp = self.handle_error(error)
        return make_response(resp)

    def handle_error(self, error):
        for cls in type(error).__mro__:     # from its own class up
            if cls in self.error_handlers:
                return self.error_handlers[cls](error)
        if isinstance(error, HTTPException):
            return error
        raise error

    def match(self, path):
        """Return {method: (view, values)} of all rules that fit a path."""
        views = {}
        end = min(len(path), self.longest_prefix)
        while end > 0:      # /a/b is looked up as "/a/b", "/a/" and "/"
            for rule in self.rules.get(path[:end], []):
                values = rule.match(path)
                if values is not None:
                    for method in rule.methods:
                        views.setdefault(method, (rule.view, values))
            end = path.rfind("/", 0, end - 1) + 1
        return views

    def method_not_supported(self, views):
        error = MethodNotAllowed()
        error.update_headers(self.allow(views))
        return error

    def allow(self, views):
        return {"Allow": ", ".join(sorted({*views, "OPTIONS"}))}

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError('methods takes a list, such as ["POST"]')

        def wrapper(f):
            rule = Rule(path, [method.upper() for method in methods], f)
            rules = self.rules.setdefault(rule.prefix, [])
            insort(rules, rule, key=lambda rule: rule.order)
            self.longest_prefix = max(self.longest_prefix, len(rule.prefix))
            return f
        return wrapper

    def errorhandler(self, code_or_class):
        is_code = isinstance(code_or_class, int)
        cls = default_exceptions[code_or_class] if is_code else code_or_class

        def wrapper(f):
            self.error_handlers[cls] = f
            return f
        return wrapper

    def run(self, host="127.0.0.1", port=8000):
        try:
            server = Server((host, port), RequestHandler)
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "If the port is in use, app.run(port=0) takes a free one."
            )
        server.app = self
        try:
            host, port = server.server_address      # port 0 has become a free one
            print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
