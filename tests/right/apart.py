# Right at the steps 4 to 9: wsgiref's own server and handler, the app and its requests apart.

import functools
import io
import json
import socketserver
import sys
from email.message import Message
from types import SimpleNamespace
from urllib.parse import parse_qs
from wsgiref.headers import Headers
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


class ClientError(Exception):
    pass


class LazyJson(SimpleNamespace):
    @functools.cached_property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ClientError("that is no JSON") from error


def read_request(environ):
    headers = Message()
    for key in environ:
        if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH") and environ[key]:
            headers[key.removeprefix("HTTP_").replace("_", "-").title()] = environ[key]
    if "transfer-encoding" in headers:
        raise ClientError("send a length")
    length = headers.get("content-length", "0").strip(" \t")
    if not length.isdecimal() or not length.isascii() or len(length) > 9:
        raise ClientError("a length is a number")
    body = environ["wsgi.input"].read(int(length))
    if len(body) != int(length):
        raise ClientError("there was to be more")
    return LazyJson(
        method=environ["REQUEST_METHOD"], headers=headers, body=body,
        path=environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace"),
        qs=parse_qs(environ.get("QUERY_STRING", ""), True),
    )


class Bridge(ServerHandler):
    os_environ, wsgi_multithread = {}, True


class Handler(WSGIRequestHandler):
    def get_environ(self):
        for name in {*self.headers}:
            values = self.headers.get_all(name)
            del self.headers[name]
            if "_" not in name:
                self.headers[name] = ", ".join(values)
        environ = {k: v for k, v in super().get_environ().items() if not k.startswith("HTTP_")}
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[name] = environ.pop("HTTP_" + name, "")
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("http://127.0.0.1")
        return environ

    def handle(self):
        self.raw_requestline = self.rfile.readline(65537)
        if not self.parse_request():
            return
        if self.command not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            self.send_error(501)
        elif self.headers.get("Content-Length") == "":
            self.send_error(400)
        else:
            bridge = Bridge(self.rfile, self.wfile, sys.stderr, self.get_environ())
            bridge.request_handler = self
            bridge.run(self.server.get_app())


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads, request_queue_size = True, 64

    def server_bind(self):
        super().server_bind()
        self.base_environ["SERVER_NAME"] = "127.0.0.1"


class Flask:
    def __init__(self, name):
        self.views = {}

    def __call__(self, environ, start_response):
        try:
            status, more, value = self.find(read_request(environ))
        except ClientError as error:
            status, more, value = 400, {}, str(error)
        kind = "text/html; charset=utf-8"
        if isinstance(value, (list, dict)):
            kind, value = "application/json", json.dumps(value, allow_nan=False)
        out = io.BytesIO(value.encode())
        headers = Headers(list(more.items()))
        headers.add_header("Content-Type", kind)
        headers["Content-Length"] = str(len(out.getvalue()))
        start_response(f"{status} {REASONS[status]}", headers.items())
        return iter(()) if environ["REQUEST_METHOD"] == "HEAD" else out

    def find(self, request):
        views = {method: self.views[path, method] for path, method in self.views
                 if path == request.path}
        if not views:
            return 404, {}, "nothing here"
        if request.method not in views:
            return 405, {"Allow": ",".join(views)}, "not like that"
        return 200, {}, views[request.method](request)

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError(f"[{methods!r}] is a list")
        return functools.partial(self.add, path, methods)

    def add(self, path, methods, view):
        self.views.update({(path, method.upper()): view for method in methods})
        return view

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
            pass
        server.server_close()
