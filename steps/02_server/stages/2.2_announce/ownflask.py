"""OwnFlask, stage 2.2: run() says where, once it is true.

New: run() prints its URL as soon as it listens.
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
        print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
        server.serve_forever()
