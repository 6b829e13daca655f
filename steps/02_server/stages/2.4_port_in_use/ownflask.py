"""OwnFlask, stage 2.4: a port in use is said in a sentence.

New: where run() cannot listen, the program ends with the reason, not with a traceback.
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
        host, port = server.server_address      # port 0 has become a free one
        print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)
        server.serve_forever()
