"""OwnFlask, stage 4.4: a blank value is kept.

New: ?name= is a name too, an empty one.
"""

from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

routes = {}
route_methods = {}


class Request:
    def __init__(self, handler, method):
        url = urlsplit(handler.path)
        self.method = method
        self.path = url.path
        self.qs = parse_qs(url.query, keep_blank_values=True)
        self.headers = handler.headers


class RequestHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        request = Request(self, "GET")
        resp = routes[request.path](request)
        body = resp.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
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
