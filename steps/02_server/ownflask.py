"""OwnFlask, step 2: a server.

New: run() listens, and the standard library answers every request with 501.
Still missing: no request reaches a view, and a silent client keeps the others waiting.
The story: docs/02_server.md
"""

from http.server import BaseHTTPRequestHandler, HTTPServer


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods=("GET",)):
        def wrapper(f):
            return f
        return wrapper

    def run(self, host="127.0.0.1", port=8000):
        try:
            server = HTTPServer((host, port), BaseHTTPRequestHandler)
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
