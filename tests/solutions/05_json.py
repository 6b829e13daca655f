# %% exercise-1
%%app library
from ownflask import Flask

app = Flask(__name__)
books = [f"Volume {number}" for number in range(1, 26)]


def number(request, key, default):
    return int(request.qs.get(key, [""])[0] or default)


@app.route("/books")
def page(request):
    start = number(request, "from", 0)
    end = start + number(request, "count", 10)
    return {"books": books[start:end], "next": end if end < len(books) else None}


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app nulls
import json
import math

import ownflask


def without_nan(value):
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class Json:
    @staticmethod
    def dumps(value, allow_nan):
        return json.dumps(without_nan(value), allow_nan=allow_nan)


ownflask.json = Json            # do_GET looks the name up when it is called
app = ownflask.Flask(__name__)


@app.route("/list")
def as_list(request):
    return [float(text) for text in request.qs["n"]]


@app.route("/dict")
def as_dict(request):
    return {text: [{"is": (float(text),)}] for text in request.qs["n"]}


if __name__ == "__main__":
    app.run()

# %% exercise-3
%%app pretty
import json

import ownflask


class Json:
    indent = None

    @staticmethod
    def dumps(value, allow_nan):
        return json.dumps(value, allow_nan=allow_nan, indent=Json.indent)


class Handler(ownflask.RequestHandler):
    def do_GET(self):
        asked = ownflask.Request(self, "GET").qs.get("pretty")
        Json.indent = 4 if asked == ["1"] else None
        super().do_GET()


ownflask.json = Json
ownflask.RequestHandler = Handler       # run() looks the name up when it is called
app = ownflask.Flask(__name__)


@app.route("/")
def hello(request):
    return "hello"


@app.route("/books")
def all_books(request):
    return [{"id": 10, "title": "Candide"}, {"id": 11, "title": "Dune"}]


@app.route("/settings")
def settings(request):
    return {"pages": {"size": 10}}


if __name__ == "__main__":
    app.run()
