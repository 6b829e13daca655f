"""OwnFlask, stage 2.3: port 0 becomes a real port.

New: with port=0 the system picks a free port, and run() prints that one.
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
        server = HTTPServer((host, port), BaseHTTPRequestHandler)
        host, port = server.server_address      # port 0 has become a free one
        print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
        server.serve_forever()
