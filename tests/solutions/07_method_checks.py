# %% exercise-1
%%app shown
from ownflask import Flask, routes

app = Flask(__name__)


@app.route("/", methods=["POST", "GET"])
def hello(request):
    return "hello"


@app.route("/routes")
def all_routes(request):
    return "\n".join(f"{path} {', '.join(sorted(routes[path]))}" for path in sorted(routes))


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app optional
import ownflask


class Handler(ownflask.RequestHandler):
    def do_OPTIONS(self):
        try:
            request = ownflask.Request(self, self.command)
        except ownflask.BadRequest as error:
            return self.send_error(400, explain=str(error))
        if request.path not in ownflask.routes:
            return self.not_found()
        allow = ", ".join(sorted({*ownflask.routes[request.path], "OPTIONS"}))
        self.write_response("", headers=[("Allow", allow)])


ownflask.RequestHandler = Handler       # run() looks the name up when it is called
app = ownflask.Flask(__name__)
runs = 0


@app.route("/", methods=["GET", "POST"])
def count(request):
    global runs
    runs = runs + 1
    return f"run {runs}"


if __name__ == "__main__":
    app.run()

# %% exercise-3
%%app nightly
import ownflask

closed = False


class Handler(ownflask.RequestHandler):
    def process_request(self):
        if closed and self.path != "/switch":
            return self.write_response("closed", 503, [("Retry-After", "60")])
        super().process_request()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = process_request


ownflask.RequestHandler = Handler
app = ownflask.Flask(__name__)
visits = 0


@app.route("/", methods=["GET", "POST"])
def visit(request):
    global visits
    visits = visits + 1
    return f"visit {visits}"


@app.route("/switch", methods=["POST"])
def switch(request):
    global closed
    closed = not closed
    return {"closed": closed}


if __name__ == "__main__":
    app.run()
