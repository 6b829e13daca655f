"""Further exercises of request_global."""

from tests.exercises import step

exercise = step("request_global")

ASK = """
from wsgiref.util import setup_testing_defaults
from ownflask import Flask, request
app = Flask(__name__)

def ask(path="/", **more):
    environ, started = {"PATH_INFO": path, **more}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
    return body.decode() if started[0][:3] == "200" else started[0][:3]
"""

own_things = exercise(
    "g", "A place for things of the request",
    "Give the module a second name that views can import, `g`. What a view or a function below it "
    "sets there, such as `g.user`, is found there as long as the request lasts: by no other "
    "request, in no other thread, and not after the answer. An attribute that nobody has set is an "
    "AttributeError.",
)
WITH_G = ASK + """
from ownflask import g

def greet():
    return f"hello {g.user}"

@app.route("/hello/<name>")
def hello(name):
    g.user = name
    return greet()

@app.route("/me")
def me():
    return getattr(g, "user", "nobody")
"""


@own_things("what a view sets on g, a function below it finds",
            before="Crashed: cannot import name 'g'")
def g_is_found_below_the_view(program):
    program(WITH_G + """
for name in ("Joe", "Zoe"):
    said = ask(f"/hello/{name}")
    assert said == f"hello {name}", said
""").expect()


@own_things("the next request finds nothing on g, and afterwards nothing is there",
            before="Crashed: cannot import name 'g'")
def g_ends_with_the_request(program):
    program(WITH_G + """
ask("/hello/Joe")
assert ask("/me") == "nobody", f"the next request finds {ask('/me')}"
try:
    left = g.user
except (AttributeError, RuntimeError, LookupError):
    left = None
assert left is None, f"after the answer, {left} is left"
""").expect()


@own_things("two requests at once have their own", before="Crashed: cannot import name 'g'")
def g_is_kept_apart(program):
    program(WITH_G + """
import threading
both_have_set_it, said = threading.Barrier(2), {}

@app.route("/slow/<name>")
def slow(name):
    g.user = name
    both_have_set_it.wait()
    return g.user

def visit(name):
    said[name] = ask(f"/slow/{name}")

threads = [threading.Thread(target=visit, args=[name]) for name in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert said == {"a": "a", "b": "b"}, said
""").expect()


form = exercise(
    "form", "What a form sends",
    "Let `request.form` hold what a form on a page posts: it comes as a body of the type "
    "`application/x-www-form-urlencoded`, written as a query string is. It can be asked as "
    "`request.args` can. A body of another type, or of none, leaves it empty.",
)
POSTED = ASK + """
import io

@app.route("/", methods=["POST"])
def sent():
    form = request.form
    return [form.get("name"), form.getlist("tag"), form.get("size", 0, type=int), len(form)]

def post(body, content_type):
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body))}
    if content_type:
        environ["CONTENT_TYPE"] = content_type
    return ask("/", **environ, **{"wsgi.input": io.BytesIO(body)})

FORM = "application/x-www-form-urlencoded"

def expect(body, content_type, answer):
    got = post(body, content_type)
    assert got == answer, f"{content_type}: {got}"
"""


@form("request.form has what was posted",
      before="Crashed: 'Request' object has no attribute 'form'")
def form_has_what_was_posted(program):
    program(POSTED + """
expect(b"name=Zo%C3%AB+K&tag=b&tag=&size=20", FORM, '["Zo\\\\u00eb K", ["b", ""], 20, 3]')
expect("name=Zoë".encode(), FORM, '["Zo\\\\u00eb", [], 0, 1]')
expect(b"name=Joe", FORM.upper() + "; charset=utf-8", '["Joe", [], 0, 1]')
""").expect()


@form("a body of another type is no form",
      before="Crashed: 'Request' object has no attribute 'form'")
def other_bodies_are_no_form(program):
    program(POSTED + """
for content_type in ("application/json", "text/plain", FORM + "2", None):
    expect(b"name=Joe", content_type, "[null, [], 0, 0]")
""").expect()


thread = exercise(
    "thread", "The request in a thread of one's own",
    "A thread that a view starts sees no request. Add a decorator "
    "`copy_current_request_context`: used inside a view on a function, it makes one that can be "
    "called in any thread, also in several at once, and that sees there the request during which "
    "it was decorated, even when that has been answered. It takes and gives back what the function "
    "does.",
)
IN_THREADS = ASK + """
import threading
from concurrent.futures import ThreadPoolExecutor
from ownflask import copy_current_request_context
"""
NO_DECORATOR = "Crashed: cannot import name 'copy_current_request_context'"


@thread("a function in a thread sees the request of the view", before=NO_DECORATOR)
def thread_sees_the_request(program):
    program(IN_THREADS + """
@app.route("/<name>")
def hello(name):
    @copy_current_request_context
    def look(before, *, after):
        return before + request.path + after
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(look, "<", after=">").result()

for path in ("/a", "/b"):
    said = ask(path)
    assert said == f"<{path}>", said
""").expect()


@thread("it can be called in several threads at once", before=NO_DECORATOR)
def several_threads_see_the_request(program):
    program(IN_THREADS + """
@app.route("/a")
def hello():
    both = threading.Barrier(2, timeout=5)
    @copy_current_request_context
    def look():
        both.wait()
        return request.path
    with ThreadPoolExecutor(2) as pool:
        try:
            return [each.result() for each in [pool.submit(look), pool.submit(look)]]
        except threading.BrokenBarrierError:
            return "only one of two could begin"

said = ask("/a")
assert said == '["/a", "/a"]', said
""").expect()


@thread("it sees the request after the answer, too", before=NO_DECORATOR)
def answered_request_is_seen(program):
    program(IN_THREADS + """
kept = []

@app.route("/a")
def hello():
    kept.append(copy_current_request_context(lambda: request.path))
    return "hello"

ask("/a")
assert kept[0]() == "/a", kept[0]()
try:
    left = request.path
except RuntimeError:
    left = None
assert left is None, f"outside of it, {left} is left"
""").expect()
