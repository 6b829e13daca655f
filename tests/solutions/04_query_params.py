# %% exercise-1
%%app adder
from ownflask import Flask

app = Flask(__name__)


@app.route("/sum")
def add_up(request):
    return str(sum(int(number) for number in request.qs.get("n", []) if number))


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app cookies
from html import escape

import ownflask


class Request(ownflask.Request):
    def __init__(self, handler, method):
        super().__init__(handler, method)
        self.cookies = {}
        for cookie in self.headers.get("Cookie", "").split(";"):
            name, _, value = cookie.strip().partition("=")
            self.cookies[name] = value


ownflask.Request = Request      # do_GET looks the name up when it is called
app = ownflask.Flask(__name__)


@app.route("/cookie")
def cookie(request):
    name = request.qs["name"][0]
    return escape(request.cookies.get(name, "not there"))


if __name__ == "__main__":
    app.run()

# %% exercise-3
from urllib.parse import quote, urlencode


def make_target(path, query):
    return quote(path) + "?" + urlencode(query, doseq=True)
