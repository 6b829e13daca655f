"""method_checks: 404, and 405 with Allow; one process_request for all methods."""

from tests.behaviours import step
from tests.behaviours.step06_post import request as bytes_of_request
from tests.behaviours.views import body

behaviour, _, view = step("method_checks")

runs = []


@view("/counted", methods=["POST"])
def counted(request):
    runs.append(request)
    return "counted"


@view("/runs")
def count(request):
    return str(len(runs))


@view("/put", methods=["PUT"])
def put(request):
    return f"{request.method} {body(request)!r}"


@view("/patch", methods=["PATCH"])
def patch(request):
    return f"{request.method} {body(request)!r}"


@view("/delete", methods=["DELETE", "PUT"])
def delete(request):
    return f"{request.method} {body(request)!r}"


@view("/lower", methods=["post", "Put"])
def lower(request):
    return "lower"


def allowed(reply):
    """Return the names in the Allow header, as a set; HEAD and OPTIONS may be there or not."""
    names = {name.strip() for name in reply.headers.get("Allow", "").split(",")}
    return names - {"", "HEAD", "OPTIONS"}


@behaviour("an unknown path gets 404", stage="not_found", before="Dropped: KeyError: '/nope'")
def unknown_path_is_404(client):
    reply = client.get("/nope").expect(404)
    reply.expect(404, content_length=str(len(reply.body)))
    client.post("/nope", b"[1]").expect(404)
    client.send("DELETE", "/nope").expect(404)
    for path in ("/ACCENTS", "/accents/", "/%FF"):
        client.get(path).expect(404)


@behaviour("a view for POST is not for GET", stage="check_in_do_get",
           before="Wrong: the view ran")
def get_for_a_post_view_is_405(client):
    client.get("/post-only").expect(405)


@behaviour("a wrong method gets 405", stage="one_process_request", before="Wrong: 200")
def wrong_method_is_405(client):
    client.post("/", b"x" * 100_000).expect(405)


@behaviour("405 names the methods that are allowed", stage="allow", before="Wrong: 405")
def allow_names_the_methods(client):
    reply = client.get("/delete")
    if reply.status != 405 or allowed(reply) != {"DELETE", "PUT"}:
        raise reply.wrong("405 and an Allow header with DELETE and PUT, and no other")


@behaviour("a wrong method does not run the view", stage="check_in_do_get", before="Wrong: '1'")
def wrong_method_does_not_run_the_view(client):
    client.get("/counted")
    client.get("/runs").expect(text="0")


@behaviour("a view for PUT, PATCH or DELETE is reached, with the body", stage="one_process_request",
           before="Wrong: 501")
def other_methods_reach_their_views(client):
    for method in ("PUT", "PATCH", "DELETE"):
        reply = client.send(method, f"/{method.lower()}", method.encode())
        reply.expect(text=f"{method} b'{method}'")


@behaviour("methods may be given in lower case", stage="upper_case", before="Wrong: 405")
def lower_case_methods_work(client):
    client.post("/lower").expect(text="lower")
    client.send("PUT", "/lower", b"").expect(text="lower")
    client.get("/lower").expect(405)


@behaviour("a bare string as methods is a TypeError", stage="a_list_of_methods",
           before="Wrong: no error")
def bare_string_is_a_type_error(program):
    finished = program("""
from ownflask import Flask
app = Flask(__name__)
for methods in ("POST", ""):
    try:
        @app.route("/", methods=methods)
        def hello(request):
            return "hello"
    except Exception as error:
        print(type(error).__name__)
    else:
        print("no error")
""")
    finished.expect(out="TypeError\nTypeError\n")


@behaviour("the 404 and 405 pages never repeat what the client sent as HTML", stage="not_found",
           before="Dropped: KeyError")
def error_pages_do_not_echo(client):
    for method, path in (("GET", "/<script>"), ("GET", "/nope?<script>"), ("PUT", "/?<script>"),
                         ("<script>", "/")):
        reply = client.send(method, path)
        if reply.status not in (404, 405, 501) or "<script>" in reply.text:
            raise reply.wrong("404, 405 or 501, and no <script> in the page")
    reply = client.raw(bytes_of_request("GET /<script>", "Content-Length: abc"))
    if reply.status not in (400, 404) or "<script>" in reply.text + reply.reason:
        raise reply.wrong("400 or 404, and no <script> in the page")


@behaviour("the status line says what the status means", stage="not_found",
           before="Dropped: KeyError")
def status_has_its_reason(client):
    reply = client.get("/nope")
    if reply.reason.title() != "Not Found":
        raise reply.wrong("404 Not Found")


@behaviour("of two views on one path each gets its own method", stage="both_views",
           before="Wrong: 405")
def both_views_are_kept(client):
    client.get("/twice").expect(text="first")
    client.post("/twice").expect(text="second")
    reply = client.send("DELETE", "/twice").expect(405)
    if allowed(reply) != {"GET", "POST"}:
        raise reply.wrong("an Allow header with GET and POST, and no other")
