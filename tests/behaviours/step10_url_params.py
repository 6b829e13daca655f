"""Step 10: a path may have variables, as in /book/<int:id>."""

from tests.behaviours import step
from tests.behaviours.step07_method_checks import allowed

behaviour, _, view = step("url_params")

# A program's views take values only, with the request before them where it is handed in.
ASK = """
from wsgiref.util import setup_testing_defaults
from ownflask import Flask
app = Flask(__name__)

def ask(path, method="GET"):
    environ, started = {"PATH_INFO": path, "REQUEST_METHOD": method}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
    return body.decode() if started[0][:3] == "200" else started[0][:3]

def expect(path, *expected):
    said = ask(path)
    assert said.startswith(expected), f"{path} leads to {said}, and not to {' or '.join(expected)}"

def add(rule, name=None):
    def view(*request, **values):
        return f"{rule} {values}"
    view.__name__ = name or f"view{len(rules)}"
    rules.append(rule)
    app.route(rule)(view)

rules = []
"""


@view("/hello/<name>")
def hello_to(request, name):
    return f"hello {name}"


@view("/pair/<a>/and/<b>")
def pair(request, b, a):      # in another order: a variable comes by its name
    return f"{a} and {b}"


@view("/a.b/<name>.c")
def dotted(request, name):
    return name


@behaviour("a variable of the path reaches the view", stage="names_in_a_path",
           before="Wrong: 404 Not Found")
def variable_reaches_the_view(client):
    client.get("/hello/Joe").expect(text="hello Joe")
    client.get("/hello/Ann").expect(text="hello Ann")


@behaviour("%XX in a variable is decoded", stage="names_in_a_path",
           before="Wrong: 404 Not Found")
def variable_is_decoded(client):
    client.get("/hello/Zo%C3%AB%20%26%20co?name=x").expect(text="hello Zoë & co")
    client.get("/hello/50%2525").expect(text="hello 50%25")


@behaviour("a rule may have several variables", stage="names_in_a_path",
           before="Wrong: 404 Not Found")
def several_variables(client):
    client.get("/pair/x/and/y").expect(text="x and y")


@behaviour("a variable is one part of the path, and not an empty one", stage="names_in_a_path",
           before="Wrong: 404 Not Found")
def variable_is_one_part(client):
    client.get("/hello/a").expect(text="hello a")
    for path in ("/hello/", "/hello", "/hello/a/", "/hello/a/b", "/hello/a%2Fb", "/x/hello/a"):
        client.get(path).expect(404)


@behaviour("the fixed text of a rule is text, and no pattern", stage="names_in_a_path",
           before="Wrong: 404 Not Found")
def fixed_text_is_no_pattern(client):
    client.get("/a.b/x.c").expect(text="x")
    for path in ("/axb/x.c", "/a.b/xyc", "/a.b/x.C"):
        client.get(path).expect(404)


@view("/shelf/new", methods=["POST"])
def new_on_the_shelf(request):
    return "put there"


@view("/shelf/<title>")
def on_the_shelf(request, title):
    return f"there is {title}"


@view("/shelf/<title>", methods=["DELETE"])
def off_the_shelf(request, title):
    return f"no {title} any more"


@behaviour("of all rules that fit a path, the one for the method is taken",
           stage="every_rule_that_fits", before="Wrong: 405 Method Not Allowed")
def method_chooses_among_rules(client):
    client.get("/shelf/new").expect(text="there is new")
    client.post("/shelf/new").expect(text="put there")
    client.send("DELETE", "/shelf/new").expect(text="no new any more")


@behaviour("405 and Allow speak for all rules that fit the path", stage="every_rule_that_fits",
           before="Wrong: 405 Method Not Allowed")
def allow_speaks_for_all_rules(client):
    reply = client.send("PATCH", "/shelf/new").expect(405)
    if not {"GET", "POST", "DELETE"} <= allowed(reply):
        named = ", ".join(sorted(allowed(reply)))
        raise reply.wrong(f"an Allow header with GET, POST and DELETE, not only with {named}")


@view("/same")
def first_of_two(request):
    return "the first"


@view("/same")
def second_of_two(request):
    return "the second"


@view("/alike/<z>")
def first_of_two_alike(request, z):
    return "the first"


@view("/alike/<a>")
def second_of_two_alike(request, a):
    return "the second"


@behaviour("of two views for one path and method the first is asked", stage="one_object_a_rule",
           before="Wrong: the second")
def first_of_two_is_asked(client):
    client.get("/same").expect(text="the first")
    client.get("/alike/x").expect(text="the first")


@behaviour("the pattern of a rule is made once, and not for each request",
           stage="one_object_a_rule", before="Crashed: made anew")
def patterns_are_made_once(program):
    program(ASK + """
import re
made = []

def counted(function):
    def count(*arguments, **options):
        made.append(arguments)
        return function(*arguments, **options)
    return count

for name in ("compile", "escape", "sub"):
    setattr(re, name, counted(getattr(re, name)))

def made_for_a_request(number):
    global app
    app = Flask("app")
    for each in range(number):
        add(f"/<name>/r{each}")
    ask("/Joe/r0")      # whoever makes them late has made them now
    made.clear()
    expect("/Joe/r0", "/<name>/r0 {'name': 'Joe'}")
    return len(made)

few, many = made_for_a_request(2), made_for_a_request(12)
if many > few:
    raise SystemExit(f"with more rules a request makes {many - few} more patterns: "
                     "they are made anew each time")
""").expect()


@view("/book/<int:id>")
def book_of_number(request, id):
    return {"id": id}


@view("/span/<int:first>-<int:last>")
def span(request, first, last):
    return f"{first + last}"


@view("/rack/<string:name>")
def on_the_rack(request, name):
    return f"there is {name}"


@behaviour("<string:name> is the same as <name>", stage="int_variables",
           before="Wrong: 404 Not Found")
def string_is_the_default(client):
    client.get("/rack/7").expect(text="there is 7")
    client.get("/rack/a/b").expect(404)


@behaviour("<int:id> gives the view an int", stage="int_variables",
           before="Wrong: 404 Not Found")
def int_is_an_int(client):
    client.get("/book/10").expect(json={"id": 10})
    client.get("/book/007").expect(json={"id": 7})
    client.get("/span/3-4").expect(text="7")


@behaviour("<int:id> takes digits only, and all else is 404", stage="int_variables",
           before="Wrong: 404 Not Found")
def int_takes_digits_only(client):
    client.get("/book/0").expect(json={"id": 0})
    for value in ("-1", "+1", "1.0", "1e3", "1_0", "0x1", "ten", "", "%201", "1%20", "1%0A"):
        client.get(f"/book/{value}").expect(404)


@behaviour("the digits of all languages are digits", stage="int_variables",
           before="Wrong: 404 Not Found")
def digits_of_all_languages(client):
    client.get("/book/%D9%A1%D9%A0").expect(json={"id": 10})


@behaviour("a number that int() refuses is 404", stage="more_digits_than_int_takes",
           before="Wrong: 500 Internal Server Error")
def number_that_int_refuses(client):
    client.get(f"/book/{'1' * 4300}").expect(200)
    client.get(f"/book/{'1' * 5000}").expect(404)


@behaviour("<path:name> takes slashes, too", stage="float_uuid_and_path",
           before="Crashed: KeyError: 'path'")
def path_takes_slashes(program):
    program(ASK + """
add("/files/<path:name>/edit")
add("/files/<path:name>")
add("/<path:a>/to/<path:b>")
for path, name in (("/files/a", "a"), ("/files/a/b.txt", "a/b.txt"), ("/files/a//b/", "a//b/"),
                   ("/files/.a/b", ".a/b")):
    expect(path, "/files/<path:name> " + repr({"name": name}))
expect("/files/a/b/edit", "/files/<path:name>/edit {'name': 'a/b'}")
for path in ("/files/", "/files"):
    expect(path, "404")
expect("/files//a", "404", "308")
expect("/x/to/y/to/z", "/<path:a>/to/<path:b> " + repr({"a": "x", "b": "y/to/z"}))
""").expect()


@behaviour("<float:x> gives the view a float", stage="float_uuid_and_path",
           before="Crashed: KeyError: 'float'")
def float_is_a_float(program):
    program(ASK + """
add("/at/<float:x>")
expect("/at/02.50", "/at/<float:x> {'x': 2.5}")
for value in ("2", "2.", ".5", "-2.5", "+2.5", "2,5", "1e3", "2.5.1", "inf", "nan", "2.5/"):
    expect(f"/at/{value}", "404")
""").expect()


@behaviour("<uuid:id> gives the view a UUID", stage="float_uuid_and_path",
           before="Crashed: KeyError: 'uuid'")
def uuid_is_a_uuid(program):
    program(ASK + """
import uuid
add("/job/<uuid:id>")
job = uuid.uuid4()
for value in (str(job), str(job).upper()):
    expect(f"/job/{value}", "/job/<uuid:id> " + repr({"id": job}))
for value in (job.hex, "{%s}" % job, job.urn, str(job)[:-1], f"{job}0", "g" + str(job)[1:],
              "-".join((job.hex[:9], job.hex[9:12], job.hex[12:16], job.hex[16:20], job.hex[20:]))):
    expect(f"/job/{value}", "404")
""").expect()


@behaviour("a malformed rule is an error at the decorator, and the error names it",
           stage="mistakes_in_a_rule", before="Crashed: no error")
def malformed_rule_is_told(program):
    program(ASK + """
for rule in ("/book/<int:id", "/book/<>", "/book/<int:>", "/<:x>", "/<1x>", "/<a b>", "/<a-b>",
             "/<<x>>", "/<int :x>", "/<x", "/<aé>", "<x>", "book/<id>", "book", ""):
    try:
        add(rule)
    except Exception as error:
        assert rule in str(error), f"{rule!r} is not named: {error!r}"
    else:
        raise SystemExit(f"{rule!r}: no error")
for rule, path in (("/a>b", "/a>b"), ("/big/<Name>", "/big/x"), ("/under/<_x>", "/under/x")):
    add(rule)       # these are right
for rule, path in (("/a>b", "/a>b"), ("/big/<Name>", "/big/x"), ("/under/<_x>", "/under/x")):
    expect(path, rule)
""").expect()


@behaviour("a converter that does not exist is an error at the decorator, and the rule is named",
           stage="mistakes_in_a_rule", before="Crashed: KeyError: 'number'",
           flask=("Crashed: the converter 'number' does not exist", "it names the converter only"))
def unknown_converter_is_told(program):
    program(ASK + """
try:
    add("/book/<number:id>")
except Exception as error:
    if "/book/<number:id>" not in str(error):
        raise
else:
    raise SystemExit("no error")
""").expect()


@behaviour("one name for two variables is an error at the decorator, and the rule is named",
           stage="mistakes_in_a_rule", before="Crashed: redefinition of group name",
           flask=("Crashed: duplicate argument", "it fails where it makes a function of the rule"))
def one_name_twice_is_told(program):
    program(ASK + """
for rule in ("/pair/<a>/<a>", "/pair/<int:a>/<path:a>"):
    try:
        add(rule)
    except Exception as error:
        if rule not in str(error):
            raise
    else:
        raise SystemExit(f"{rule}: no error")
""").expect()


@view("/hello/you")
def hello_yourself(request):
    return "hello yourself"


@view("/doc/<name>")
def doc(request, name):
    return f"text of {name}"


@view("/doc/<name>.json")
def doc_as_json(request, name):
    return f"JSON of {name}"


@view("/doc/v<name>")
def doc_of_a_version(request, name):
    return f"version {name}"


@view("/doc/日<name>")
def doc_of_a_day(request, name):
    return f"day {name}"


@behaviour("fixed text comes before a variable, whatever was registered first",
           stage="fixed_text_first", before="Wrong: hello you")
def fixed_text_comes_first(client):
    client.get("/hello/you").expect(text="hello yourself")
    client.get("/hello/your").expect(text="hello your")


@behaviour("the more fixed text a part of a rule has, the sooner it is asked",
           stage="fixed_text_first", before="Wrong: 'text of a.json'")
def more_fixed_text_comes_first(client):
    client.get("/doc/a.json").expect(text="JSON of a")
    client.get("/doc/v2").expect(text="version 2")
    client.get("/doc/%E6%97%A52").expect(text="day 2")
    client.get("/doc/a").expect(text="text of a")


@behaviour("<int:n> and <float:x> come before <name>, and <path:name> last",
           stage="fixed_text_first", before="Crashed: /at/7 leads to /at/<path:name>")
def numbers_come_before_str(program):
    program(ASK + """
for rule in ("/at/<path:name>", "/at/<name>", "/at/<float:x>", "/at/<int:n>"):
    add(rule)
for path, rule in (("/at/7", "/at/<int:n>"), ("/at/7.5", "/at/<float:x>"), ("/at/-7", "/at/<name>"),
                   ("/at/7/8", "/at/<path:name>")):
    expect(path, rule + " ")
""").expect()


@behaviour("<uuid:id> comes before <name>, whatever was registered first",
           stage="fixed_text_first", before="Crashed: /task/<name>",
           flask=("Crashed: /task/<name>", "both weigh the same, and the first registered wins"))
def uuid_comes_before_str(program):
    program(ASK + """
add("/task/<name>")
add("/task/<uuid:id>")
expect("/task/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "/task/<uuid:id> ")
expect("/task/x", "/task/<name> {'name': 'x'}")
""").expect()


@behaviour("what comes first decides, from left to right", stage="fixed_text_first",
           before="Crashed: /a/b leads to /<path:x>")
def left_decides(program):
    program(ASK + """
for rule in ("/<path:x>", "/<x>/b", "/<x>/<y>", "/a/<y>", "/<int:n>/<y>", "/<x>/b/c", "/a/<y>/<z>"):
    add(rule)
for path, rule in (("/a/b", "/a/<y>"), ("/x/b", "/<x>/b"), ("/7/b", "/<int:n>/<y>"),
                   ("/x/y", "/<x>/<y>"), ("/a/b/c", "/a/<y>/<z>"), ("/x/b/c", "/<x>/b/c"),
                   ("/x/y/z", "/<path:x>"), ("/x", "/<path:x>")):
    expect(path, rule + " ")
""").expect()


# What counts is how often a function is called, of ours or of Python's: a clock would count
# what else the machine does, too.
COUNT = ASK + """
import sys

def calls(path):
    count = 0

    def look(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(look)
    try:
        answer = ask(path)
    finally:
        sys.setprofile(None)
    return count, answer
"""


@behaviour("a path finds its rule among 2,000 as fast as among 20", stage="rules_by_prefix",
           before="Crashed: through all of them")
def many_rules_cost_nothing(program):
    program(COUNT + """
def app_with(number):
    global app
    app = Flask("app")
    for each in range(number):
        add(f"/r{each}/<int:id>")
        add(f"/s{each}")
    ask("/r5/1")

app_with(10)
few, answer = calls("/r5/1")
app_with(1000)
for path, expected in (("/r5/1", "/r5/<int:id> {'id': 1}"), ("/s999", "/s999 {}"),
                       ("/r999/2", "/r999/<int:id> {'id': 2}"), ("/nope/1", "404")):
    ask(path)       # whoever makes a pattern late has made it now
    many, answer = calls(path)
    assert answer == expected, (path, answer)
    if many > 2 * few + 100:
        raise SystemExit(f"{path}: {few} calls with 20 rules, {many} with 2,000: "
                         "it goes through all of them")
""").expect()


@behaviour("a path of 60,000 slashes costs no more than a short one",
           stage="as_far_as_the_longest", before="Crashed: all slashes")
def slashes_cost_nothing(program):
    program(COUNT + """
for rule in ("/book/<int:id>", "/<a>/<b>/<c>/<d>", "/a/b/c/d/e"):
    add(rule)
for path in ("/book/x", "/x/y/z", "/a/b/c/d/e", "/1/2/3/4"):
    ask(path)
few, answer = calls("/x/y/z")
for path in ("/x" + "/" * 60_000, "/book/" + "/" * 60_000, "/a" * 30_000):
    many, answer = calls(path)
    assert answer == "404", answer
    if many > 2 * few + 100:
        raise SystemExit(f"{many} calls: it stops at all slashes")
""").expect()


@behaviour("a path as long as a server takes is answered at once",
           stage="as_far_as_the_longest", before="Crashed: all slashes")
def long_paths_are_answered(program):
    program(COUNT + """
add("/files/<name>")
add("/files/<name>/<int:id>")
for path in ("/files" + "/x" * 30_000, "/files/" + "x" * 60_000 + "/-1", "/files/" + "/1" * 30_000):
    many, answer = calls(path)
    assert answer == "404", answer
    if many > 5000:
        raise SystemExit(f"{many} calls: it stops at all slashes")
""").expect()
