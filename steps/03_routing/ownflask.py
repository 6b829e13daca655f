"""OwnFlask, step 3: routing.

New: a path leads to a view, and GET answers with what the view returns.
Still missing: a query string hides its route, the methods are kept but not looked at,
an unknown path or a view that raises drops the connection, and clients wait in line.
The story: docs/03_routing.md
"""

from http.server import BaseHTTPRequestHandler, HTTPServer

routes = {}
route_methods = {}


class RequestHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        resp = routes[self.path]()
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
