"""skeleton: an app object, a decorator that registers, a run() that does nothing."""

from tests.behaviours import step

behaviour, _, view = step("skeleton")


@behaviour("Flask(__name__) makes an app")
def makes_an_app(program):
    program("from ownflask import Flask\napp = Flask(__name__)\n").expect()


@behaviour("the decorated name is still the view")
def decorator_gives_the_view_back(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

def hello():
    return "hello"

given_back = app.route("/", methods=["GET", "POST"])(hello)
assert given_back is hello, f"after @app.route, hello is {given_back!r}"
""").expect()


@behaviour("a view may carry two decorators")
def decorators_may_be_stacked(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

def both():
    return "both"

given_back = app.route("/a", methods=["GET"])(app.route("/b", methods=["GET"])(both))
assert given_back is both, f"after two @app.route, both is {given_back!r}"
""").expect()


@behaviour("route() works without methods")
def methods_may_be_left_out(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/")
def hello():
    return "hello"
""").expect()


@behaviour("run() returns at once and prints nothing", until="server", after="Wrong: it serves")
def run_returns(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["GET"])
def hello():
    return "hello"

app.run()
print("after run()")
""", port=0).expect(out="after run()\n")
