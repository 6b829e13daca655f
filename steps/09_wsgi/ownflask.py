"""OwnFlask, step 9: WSGI.

New: the app is a callable for any WSGI server, and every app has its own routes.
Still missing: paths are fixed text, a view cannot choose its status, and HEAD and
OPTIONS are refused.
The story: docs/09_wsgi.md
"""

import json
from email.message import Message
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class BadRequest(Exception):
    """The client's mistake, answered with 400; any other exception is ours."""


class Request:
    def __init__(self, environ):
        self.method = environ["REQUEST_METHOD"]
        path = environ.get("PATH_INFO", "")
        # PEP 3333: the server hands on each byte of the path as one latin-1 character.
        self.path = path.encode("latin-1").decode("utf-8", "replace")
        self.qs = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        self.headers = Message()
        for key, value in environ.items():
            name = key.removeprefix("HTTP_")
            if name != key or name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
                self.headers[name.replace("_", "-")] = value
        self.body = self.read_body(environ["wsgi.input"])

    def read_body(self, stream):
        if "Transfer-Encoding" in self.headers:
            raise BadRequest("Transfer-Encoding is refused: send a Content-Length")
        # All of them: a second one that differs must not go unseen.
        lengths = self.headers.get_all("Content-Length", ["0"])
        length = ",".join(lengths).strip(" \t")
        # int() alone would also take "-1", "+8", "1_0" and numbers beyond all memory.
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            raise BadRequest("Content-Length is not one plain number below a billion")
        body = stream.read(int(length))
        if len(body) < int(length):
            raise BadRequest("The body is shorter than its Content-Length")
        return body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON: {error}")


class RequestHandler(WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        # The base class keeps the first length only, and makes up a missing type.
        lengths = self.headers.get_all("Content-Length", [])
        environ["CONTENT_LENGTH"] = ",".join(length or "blank" for length in lengths)
        environ["CONTENT_TYPE"] = self.headers.get("Content-Type", "")
        return environ


class Server(ThreadingHTTPServer, WSGIServer):
    # Room for many clients to connect at the same moment; the default is five.
    request_queue_size = 128


class Flask:
    def __init__(self, name):
        self.name = name
        self.routes = {}
        self.route_methods = {}

    def __call__(self, environ, start_response):
        status, headers, body = self.process_request(environ)
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def process_request(self, environ):
        try:
            request = Request(environ)
            if request.path not in self.routes:
                return self.not_found()
            if request.method not in self.route_methods[request.path]:
                return self.method_not_supported(request)
            resp = self.routes[request.path](request)
        except BadRequest as error:
            return self.make_response(str(error), 400)
        return self.make_response(resp)

    def not_found(self):
        return self.make_response("404 Not Found", 404)

    def method_not_supported(self, request):
        allow = ", ".join(sorted(self.route_methods[request.path]))
        return self.make_response("405 Method Not Allowed", 405, [("Allow", allow)])

    def make_response(self, resp, status_code=200, headers=()):
        content_type = "text/html; charset=utf-8"
        if isinstance(resp, (dict, list)):
            resp = json.dumps(resp, allow_nan=False)
            content_type = "application/json"
        body = resp.encode()
        status = f"{status_code} {HTTPStatus(status_code).phrase}"
        fields = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        return status, [*fields, *headers], body

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError('methods takes a list, such as ["POST"]')
        methods = {method.upper() for method in methods}

        def wrapper(f):
            self.routes[path] = f
            self.route_methods[path] = methods
            return f
        return wrapper

    def run(self, host="127.0.0.1", port=8000):
        try:
            server = make_server(host, port, self, Server, RequestHandler)
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "app.run(port=0) takes a free port."
            )
        try:
            host, port = server.server_address      # port 0 has become a free one
            print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
