# %% exercise-1
%%app echo
import ownflask


class Handler(ownflask.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ownflask.BaseHTTPRequestHandler = Handler       # run() looks the name up when it is called
app = ownflask.Flask(__name__)


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app patient
import ownflask


class Handler(ownflask.BaseHTTPRequestHandler):
    timeout = 0.3


ownflask.BaseHTTPRequestHandler = Handler
app = ownflask.Flask(__name__)


if __name__ == "__main__":
    app.run()

# %% exercise-3
request = b"A / HTTP/1.1\n\n"
