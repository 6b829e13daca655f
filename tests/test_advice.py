"""The slips that everybody makes get one sentence that says what to write."""

import textwrap

import pytest

import steps
from steps.engine.command import advice

# How a failure reads -> a part of what there is to do.
READS = {
    "TypeError: 'NoneType' object is not callable": "`return wrapper`",
    "AssertionError: after @app.route, hello is None": "`return f`",
    "TypeError: RequestHandler.do_GET() takes 0 positional arguments but 1 was given": "`self`",
    "TypeError: hello() missing 1 required positional argument: 'request'": "take the request",
    "TypeError: hello() takes 0 positional arguments but 1 was given": "take no request",
    "TypeError: BaseRequestHandler.__init__() missing 3 required positional arguments: "
    "'request', 'client_address', and 'server'": "the class itself",
    "AttributeError: 'RequestHandler' object has no attribute 'command'": "Give it another",
    "no valid HTTP: BadStatusLine('Allow: POST\\r\\n')": "from top to bottom",
    "TypeError: bind(): AF_INET address must be tuple, not str": "(host, port)",
    "TypeError: 'str' object cannot be interpreted as an integer": "without quotes",
    "OverflowError: bind(): port must be 0-65535.": "from 0 to 65535",
    "Cannot listen on ::1:8000: Address family for hostname not supported.": "127.0.0.1",
    "TypeError: Flask.run() got an unexpected keyword argument 'debug'": "leave debug out",
    "TypeError: a bytes-like object is required, not 'str'": ".encode()",
    "TypeError: sequence item 0: expected a bytes-like object, int found": "`return [body]`",
    "nothing, the connection was closed (ownflask.BadRequest: no JSON)": "inside the `try`",
    "TypeError: '<' not supported between instances of 'Rule' and 'Rule'": "which Rule is less",
    "AttributeError: 'NoneType' object has no attribute 'encode'": "is there a `return`?",
    "UnboundLocalError: cannot access local variable 'json' where it is not associated with a "
    "value": "json is no longer the module",
    "AttributeError: 'dict' object has no attribute 'dumps'": "give it another name",
    "AttributeError: module 'json' has no attribute 'dumps'": "a file json.py beside yours",
    "AttributeError: module 'ownflask' has no attribute 'abort'": "take abort from your",
    "ImportError: cannot import name 'request' from 'ownflask'": "take request from your",
    "RecursionError: maximum recursion depth exceeded": "asks len() first",
    "TypeError: Object of type method is not JSON serializable": "@property",
    "KeyError: '/semi'": "urlsplit does not",
    'TypeError: methods takes a list, such as ["POST"]': 'methods=["POST"]',
    "RuntimeWarning: Enable tracemalloc to get the object allocation traceback": "write `def`",
    "AttributeError: 'coroutine' object has no attribute 'encode'": "write `def`",
    "AttributeError: 'Flask' object has no attribute 'post'": "methods=[...]",
    "ImportError: cannot import name 'Flask' from partially initialized module 'ownflask' (most "
    "likely due to a circular import)": "take that import out",
    "TypeError: the view 'book' returned None": "abort() with `raise`",
    "TypeError: exceptions must derive from BaseException": "class HTTPException(Exception",
    "NameError: name 'json' is not defined. Did you forget to import 'json'?": "does json come",
    "SyntaxError: source code string cannot contain null bytes": "save it as UTF-8",
}


@pytest.mark.parametrize("text", READS)
def test_a_failure_that_is_known_says_what_to_do(text):
    assert READS[text] in advice.about(text)


@pytest.mark.parametrize("text", ["", "404 Not Found", "KeyError: '/nope'",
                                  "RecursionError: maximum recursion depth exceeded while decoding "
                                  "a JSON array from a unicode string",
                                  "AttributeError: 'dict' object has no attribute 'encode'"])
def test_what_the_step_is_about_is_not_given_away(text):
    assert advice.about(text) == ""


DEMO = '''\
from ownflask import Flask
app = Flask(__name__)

@app.route({route})
def hello(request):
    {body}

if __name__ == "__main__":
    app.run({run})
'''
SLIPS = {       # what is typed -> (the line, a part of what there is to do)
    "route": {"'books'": (4, '`@app.route("/books")`'), "path='books'": (4, '"/books"'),
              "'/', methods='POST'": (4, 'methods=["POST"]'), "'/', 'POST'": (4, '["POST"]')},
    "body": {"'hello'": (5, "returns nothing"), "pass": (5, "returns nothing"),
             "return": (5, "returns nothing")},
    "run": {"port='8000'": (9, "`port=8000`"), "'127.0.0.1', '8000'": (9, "`port=8000`"),
            "host='::1'": (9, '`host="127.0.0.1"`'), "debug=True": (9, "does not take debug")},
}
RIGHT = {"route": "'/'", "body": "return 'hello'", "run": ""}


def slips(tmp_path, source, step=3):
    demo = tmp_path / "demo.py"
    demo.write_text(source)
    return advice.slips(demo, steps.find(step).folder / "ownflask.py")


@pytest.mark.parametrize("part, typed", [(part, typed) for part in SLIPS for typed in SLIPS[part]])
def test_a_slip_in_a_demo_is_told_with_its_line(tmp_path, part, typed):
    [(line, sentence)] = slips(tmp_path, DEMO.format(**{**RIGHT, part: typed}))
    assert line == SLIPS[part][typed][0] and SLIPS[part][typed][1] in sentence


APP = """\
from ownflask import Flask, abort, request
app = Flask(__name__)

@app.route("/book/<int:id>", methods=["GET", "POST"])
def book(id):
    if request.args.get("a"):
        return request.json
    return [id], 200

@app.route("/admin")
def admin():
    abort(403, "no")

@app.errorhandler(404)
def lost(error):
    return "lost", 404

@app.errorhandler(KeyError)
@app.route("/any/<path:rest>")
def any(*error, **values):
    raise ValueError

if __name__ == "__main__":
    app.run()
"""
EDITS = {       # what stands there, and what is typed -> (the line, a part of what there is to do)
    (", request", ""): (6, "`from ownflask import request`"),
    ("return [id]", "return jsonify([id])"): (8, "`from ownflask import jsonify`"),
    ("return [id], 200", "return 404"): (8, 'the body comes first: `return "...", 404`'),
    ("return [id], 200", "return 404, 'no'"): (8, 'the body comes first: `return "...", 404`'),
    ("Flask(__name__)", "Flask"): (2, "`app = Flask(__name__)`"),
    ("Flask(__name__)", "Flask()"): (2, "`app = Flask(__name__)`"),
    ("<int:id>", "<id:int>"): (4, "`<int:id>`"), ("<int:id>", "{id}"): (4, "`<id>`"),
    ("<int:id>", ":id"): (4, "`<id>`"), ("<int:id>", "<int id>"): (4, "without blanks"),
    ("<int:id>", "<int: id>"): (4, "without blanks"), ("<int:id>", "<int:id"): (4, "both brackets"),
    ("<int:id>", "id>"): (4, "both brackets"), ("book(id)", "book(number)"): (4, "hands on id"),
    ('methods=["GET", "POST"]', 'method="POST"'): (4, '`methods=["POST"]`'),
    ('route("/admin")', "route()"): (10, '`@app.route("/")`'),
    ("def admin():", "def admin(self):"): (11, "outside of the class"),
    ('abort(403, "no")', "abort()"): (12, "`abort(404)`"),
    ('abort(403, "no")', 'abort("403")'): (12, "`abort(404)`"),
    ('abort(403, "no")', "abort(200)"): (12, "`abort(404)`"),
    ('abort(403, "no")', "pass"): (11, "returns nothing"),
    ("errorhandler(404)", "errorhandler"): (14, "`@app.errorhandler(404)`"),
    ("errorhandler(404)", "errorhandler()"): (14, "`@app.errorhandler(404)`"),
    ("errorhandler(404)", 'errorhandler("404")'): (14, "`@app.errorhandler(404)`"),
    ("errorhandler(404)", "errorhandler(200)"): (14, "`@app.errorhandler(404)`"),
    ("lost(error)", "lost()"): (15, "`def lost(error):`"),
    ('args.get("a")', 'args("a")'): (6, '`request.args.get("name")`'),
    ("request.json", "request.json()"): (7, "no function: `request.json`"),
    ('"__main__"', '"main"'): (23, '`if __name__ == "__main__":`'),
    ("app.run()", "app.run"): (24, "call it, `app.run()`"),
    ("app.run()", 'app.run(port="http")'): (24, "`port=8000`"),
    ("app = Flask(__name__)\n", "app = Flask(__name__)\napp.run()"): (3, "at the end"),
}


@pytest.mark.parametrize("old, new", EDITS)
def test_a_slip_of_the_later_steps_is_told_with_its_line(tmp_path, old, new):
    assert slips(tmp_path, APP, 13) == []
    assert APP.count(old) == 1
    [(line, sentence)] = slips(tmp_path, APP.replace(old, new), 13)
    assert line == EDITS[old, new][0] and EDITS[old, new][1] in sentence


@pytest.mark.parametrize("right", [
    {}, {"body": "raise ValueError"}, {"body": "yield 'a'"}, {"run": "'127.0.0.1', 8001"},
    {"route": "'/', methods=['POST']"}, {"run": "port=0"},
    {"body": "subprocess.run(['ls'], capture_output=True)\n    return 'hello'"},
])
def test_what_is_right_is_left_in_peace(tmp_path, right):
    assert slips(tmp_path, DEMO.format(**{**RIGHT, **right})) == []


def test_what_run_takes_is_asked_of_the_readers_own_file(tmp_path):
    framework = tmp_path / "ownflask.py"
    framework.write_text("class Flask:\n    def run(self, host, port, *, browser=False): pass\n")
    demo = tmp_path / "demo.py"
    demo.write_text("app.run(browser=True)\napp.run(debug=True)\n")
    assert [line for line, _ in advice.slips(demo, framework)] == [2]
    framework.write_text("class Flask:\n    def run(self, **options): pass\n")
    assert advice.slips(demo, framework) == []


def test_route_without_brackets_and_the_real_flask_are_told(tmp_path):
    found = slips(tmp_path, textwrap.dedent("""\
        from flask import Flask
        app = Flask(__name__)
        @app.route
        def hello(): return "hello"
    """))
    assert [line for line, _ in found] == [1, 3]


@pytest.mark.parametrize("step", (*steps.STEPS, *steps.STAGES), ids=str)
def test_our_own_demos_have_no_slips(step):
    assert advice.slips(step.demo, step.folder / "ownflask.py") == []


@pytest.mark.parametrize("source", [b"\xff\xfe", b"def", b"\0", b""])
def test_a_demo_that_is_no_python_is_left_to_python(tmp_path, source):
    (tmp_path / "demo.py").write_bytes(source)
    assert advice.slips(tmp_path / "demo.py", tmp_path / "ownflask.py") == []
