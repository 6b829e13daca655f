# Right at the steps 9 to 9: the app is a generator, and a Request looks things up when it is asked.

import json
import sys
from collections.abc import Mapping
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_to_bytes
from wsgiref.handlers import SimpleHandler


class Refused(ValueError):
    pass


class Headers(Mapping):
    """The headers of an environ, which is asked each time."""

    def __init__(self, environ):
        self.environ = environ

    @staticmethod
    def key(name):
        key = name.upper().replace("-", "_")
        return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"

    def __getitem__(self, name):
        value = self.environ[self.key(name)]
        if value == "" and not self.key(name).startswith("HTTP_"):
            raise KeyError(name)
        return value

    def __iter__(self):
        for key in self.environ:
            name = key.removeprefix("HTTP_").replace("_", "-").title()
            if self.key(name) == key and name in self:
                yield name

    def __contains__(self, name):
        return bool(self.get(name, ""))

    def __len__(self):
        return sum(1 for name in self)


class Request:
    def __init__(self, environ):
        self.environ, self.headers = environ, Headers(environ)
        if "Transfer-Encoding" in self.headers:
            raise Refused("no chunks")
        match self.headers.get("Content-Length", "0").strip(" \t"):
            case length if length.isascii() and length.isdecimal() and len(length) <= 9:
                self.body = environ["wsgi.input"].read(int(length))
                if len(self.body) < int(length):
                    raise Refused("cut off")
            case _:
                raise Refused("one length")

    @property
    def method(self):
        return self.environ["REQUEST_METHOD"]

    @cached_property
    def path(self):
        return bytes(self.environ.get("PATH_INFO") or "/", "latin-1").decode("utf-8", "replace")

    @cached_property
    def qs(self):
        return parse_qs(self.environ.get("QUERY_STRING", ""), keep_blank_values=True)

    @cached_property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused("no JSON") from None


class Response:
    reasons = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}

    def __init__(self, value, status=200, **headers):
        if isinstance(value, (dict, list)):
            value, kind = json.dumps(value, allow_nan=False), "application/json"
        else:
            kind = "text/html; charset=utf-8"
        self.body, self.status = value.encode(), f"{status} {self.reasons[status]}"
        self.headers = [("Content-Length", str(len(self.body))), ("Content-Type", kind),
                        *headers.items()]

    def __call__(self, environ, start_response):
        start_response(self.status, self.headers)
        if environ["REQUEST_METHOD"] != "HEAD":
            for start in range(0, len(self.body), 4096):
                yield self.body[start:start + 4096]


class Flask(dict):
    """A dict: {path: {method: view}}."""

    def __init__(self, import_name):
        super().__init__()
        self.import_name = import_name

    __hash__ = object.__hash__

    def __bool__(self):
        return True

    def __call__(self, environ, start_response):
        yield from self.answer(environ)(environ, start_response)

    def answer(self, environ):
        refused = None
        try:
            request = Request(environ)
            match self.get(request.path):
                case None:
                    return Response("<p>404", 404)
                case views if request.method in views:
                    view = views[request.method]
                case views:
                    return Response("<p>405", 405, Allow=",".join(views))
            value = view(request)
        except Refused as error:
            refused = error
        return Response(f"<p>{refused}", 400) if refused else Response(value)

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError("methods")

        def decorator(view):
            self[path] = self.get(path, {}) | {method.upper(): view for method in methods}
            return view
        return decorator

    def run(self, host="127.0.0.1", port=8000):
        class Handler(BaseHTTPRequestHandler):
            app = self

            def go(self):
                if self.headers.get_all("Content-Length") == [""]:
                    return self.send_error(400)
                path, _, query = self.path.partition("?")
                if "://" in path:
                    path = "/" + path.split("/", 3)[3]
                environ = {"CONTENT_TYPE": "", "CONTENT_LENGTH": ""}
                for name, value in self.headers.items():
                    if "_" in name:
                        continue
                    key = Headers.key(name)
                    environ[key] = f"{environ[key]},{value}" if environ.get(key) else value
                environ |= {
                    "REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": query,
                    "PATH_INFO": str(unquote_to_bytes(path), "latin-1"), "SERVER_NAME": host,
                    "SERVER_PORT": str(port), "SERVER_PROTOCOL": self.protocol_version,
                }
                gateway = SimpleHandler(self.rfile, self.wfile, sys.stderr, environ)
                gateway.os_environ = {}
                gateway.http_version = "1.0"
                gateway.run(self.app)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = go

        try:
            server = ThreadingHTTPServer.__new__(ThreadingHTTPServer)
            server.request_queue_size = 128
            server.__init__((host, port), Handler)
        except OSError as error:
            raise SystemExit(f"{host}:{port}: {error}")
        host, port = server.server_address
        print(f"Running on http://{host}:{port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
