"""OwnFlask, stage 10.3: a rule is an object, made once.

New: class Rule: its pattern is made once, at the decorator.
"""

import json
import re
import sys
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from wsgiref.simple_server import ServerHandler


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
            if key.startswith("HTTP_"):
                self.headers[key.removeprefix("HTTP_").replace("_", "-")] = value
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(key):
                self.headers[key.replace("_", "-")] = environ[key]
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
        size = int(length)
        body = stream.read(size)
        if len(body) < size:
            raise BadRequest("The body is shorter than its Content-Length")
        return body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON: {error}")


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


class Rule:
    def __init__(self, path, methods, view):
        self.methods = methods
        self.view = view
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", re.escape(path))
        self.pattern = re.compile(pattern)


class Flask:
    def __init__(self, name):
        self.name = name
        self.rules = []

    def __call__(self, environ, start_response):
        status, headers, body = self.process_request(environ)
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def process_request(self, environ):
        try:
            request = Request(environ)
            views = self.match(request.path)
            if not views:
                return self.not_found()
            if request.method not in views:
                return self.method_not_supported(views)
            view, values = views[request.method]
            resp = view(request, **values)
        except BadRequest as error:
            return self.make_response(str(error), 400)
        return self.make_response(resp)

    def match(self, path):
        """Return {method: (view, values)} of all rules that fit a path."""
        views = {}
        for rule in self.rules:
            found = rule.pattern.fullmatch(path)
            if found:
                for method in rule.methods:
                    views.setdefault(method, (rule.view, found.groupdict()))
        return views

    def not_found(self):
        return self.make_response("404 Not Found", 404)

    def method_not_supported(self, views):
        allow = ", ".join(sorted(views))
        return self.make_response("405 Method Not Allowed", 405, [("Allow", allow)])

    def make_response(self, resp, status_code=200, headers=()):
        content_type = "text/html; charset=utf-8"
        if isinstance(resp, (dict, list)):
            resp = json.dumps(resp, allow_nan=False)
            content_type = "application/json"
        body = resp.encode()
        fields = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        return status_code, [*fields, *headers], body

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError('methods takes a list, such as ["POST"]')

        def wrapper(f):
            self.rules.append(Rule(path, [method.upper() for method in methods], f))
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
