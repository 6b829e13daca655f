"""OwnFlask, stage 9.1: the app can be called.

New: a WSGI server can run the app, and gets the same two words for everything, for now.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

routes = {}     # {path: {method: view}}


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
    def process_request(self):
        try:
            request = Request(self, self.command)
            if request.path not in routes:
                return self.not_found()
            views = routes[request.path]
            if request.method not in views:
                return self.method_not_supported(views)
            resp = views[request.method](request)
        except BadRequest as error:
            return self.send_error(400, explain=str(error))
        self.write_response(resp)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = process_request

    def not_found(self):
        self.write_response("404 Not Found", 404)

    def method_not_supported(self, views):
        allow = ", ".join(sorted(views))
        self.write_response("405 Method Not Allowed", 405, [("Allow", allow)])

    def write_response(self, resp, status_code=200, headers=()):
        content_type = "text/html; charset=utf-8"
        if isinstance(resp, (dict, list)):
            resp = json.dumps(resp, allow_nan=False)
            content_type = "application/json"
        body = resp.encode()
        self.send_response(status_code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    # Room for many clients to connect at the same moment; the default is five.
    request_queue_size = 128


class Flask:
    def __init__(self, name):
        self.name = name

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"Handling WSGI"]

    def route(self, path, methods=("GET",)):
        if isinstance(methods, str):
            raise TypeError('methods takes a list, such as ["POST"]')

        def wrapper(f):
            for method in methods:
                routes.setdefault(path, {})[method.upper()] = f
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
        try:
            host, port = server.server_address      # port 0 has become a free one
            print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
