# %% exercise-1
%%app greeter
from ownflask import Flask

app = Flask(__name__)


@app.route("/hi")
@app.route("/hello")
def hello():
    return "hello"


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app with_404
import ownflask


class Handler(ownflask.RequestHandler):
    def do_GET(self):
        if self.path not in ownflask.routes:
            return self.send_error(404)
        super().do_GET()


ownflask.RequestHandler = Handler       # run() looks the name up when it is called
app = ownflask.Flask(__name__)


@app.route("/")
def hello():
    return "hello"


if __name__ == "__main__":
    app.run()

# %% exercise-3
request = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
