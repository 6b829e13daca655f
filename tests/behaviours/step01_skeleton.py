"""skeleton: an app object, a decorator that registers, a run() that does nothing."""

from tests.behaviours import step

behaviour, _, view = step("skeleton")


@behaviour("Flask(__name__) makes an app", stage="an_app")
def makes_an_app(program):
    program("from ownflask import Flask\napp = Flask(__name__)\n").expect()


@behaviour("route(path, methods) makes a decorator, which does not run the view",
           stage="a_decorator", before="Crashed: 'Flask' object has no attribute 'route'")
def route_makes_a_decorator(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["GET", "POST"])
def hello(*request):
    raise RuntimeError("the view ran, and nobody has asked for it")
""").expect()


@behaviour("the decorated name is still the view", stage="give_the_view_back",
           before="Crashed: 'NoneType' object is not callable")
def decorator_gives_the_view_back(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["GET", "POST"])
def hello():
    return "hello"

assert hello() == "hello"
""").expect()


@behaviour("a view may carry two decorators", stage="give_the_view_back",
           before="Crashed: both is None")
def decorators_may_be_stacked(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

def both():
    return "both"

given_back = app.route("/a", methods=["GET"])(app.route("/b", methods=["GET"])(both))
assert given_back is both, f"after two @app.route, both is {given_back!r}"
""").expect()


@behaviour("route() works without methods", stage="get_by_default",
           before="Crashed: missing 1 required positional argument: 'methods'")
def methods_may_be_left_out(program):
    program("""
from ownflask import Flask
app = Flask(__name__)

@app.route("/")
def hello():
    return "hello"
""").expect()


@behaviour("run() returns at once and prints nothing", stage="a_run",
           before="Crashed: has no attribute 'run'", until="listen", after="Blocked: it goes on")
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
