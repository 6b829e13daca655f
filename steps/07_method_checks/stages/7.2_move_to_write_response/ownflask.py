"""OwnFlask, stage 7.2: what both handlers send moves to one method.

New: write_response, which both handlers call. No answer changes.
"""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

routes = {}
route_methods = {}


class BadRequest(Exception):
    """The client's mistake, answered with 400; any other exception is ours."""


class Request:
    def __init__(self, handler, method):
        url = urlsplit(handler.path)
        self.method = method
        self.path = unquote(url.path)
        self.qs = parse_qs(url.query, keep_blank_values=True)
        self.headers = handler.headers
        self.body = self.read_body(handler.rfile)

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


class RequestHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            request = Request(self, "GET")
            if "GET" not in route_methods[request.path]:
                return self.send_error(405)
            resp = routes[request.path](request)
        except BadRequest as error:
            return self.send_error(400, explain=str(error))
        self.write_response(resp)

    def do_POST(self):
        try:
            request = Request(self, "POST")
            resp = routes[request.path](request)
        except BadRequest as error:
            return self.send_error(400, explain=str(error))
        self.write_response(resp)

    def write_response(self, resp):
        content_type = "text/html; charset=utf-8"
        if isinstance(resp, (dict, list)):
            resp = json.dumps(resp, allow_nan=False)
            content_type = "application/json"
        body = resp.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods=("GET",)):
        def wrapper(f):
            routes[path] = f
            route_methods[path] = methods
            return f
        return wrapper

    def run(self, host="127.0.0.1", port=8000):
        try:
            server = HTTPServer((host, port), RequestHandler)
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "If the port is in use, app.run(port=0) takes a free one."
            )
        try:
            host, port = server.server_address      # port 0 has become a free one
            print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
