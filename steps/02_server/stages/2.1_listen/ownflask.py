"""OwnFlask, stage 2.1: run() listens.

New: a server of the standard library, which answers every request with 501.
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
        server.serve_forever()
