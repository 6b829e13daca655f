"""routing: a path leads to a view, and GET answers.

The views take the request, as those of step 4 do; for this step app.py registers them
without it.
"""

from tests.behaviours import step

behaviour, flaw, view = step("routing")


@behaviour("GET runs the view", before="Wrong: 501")
def get_runs_the_view(client):
    client.get("/").expect(text="hello")


@behaviour("a str is sent as HTML in UTF-8", before="Wrong: 501")
def str_is_html(client):
    client.get("/").expect(content_type="text/html; charset=utf-8")


@view("/accents")
def accents(request):
    return "Zoë says été"


@behaviour("Content-Length counts bytes, and accents arrive whole", before="Wrong: 501")
def length_counts_bytes(client):
    text = "Zoë says été"
    client.get("/accents").expect(text=text, content_length=str(len(text.encode())))


@view("/looks-like-json")
def looks_like_json(request):
    return '{"not": "a dict"}'


@behaviour("a str that looks like JSON is text all the same", before="Wrong: 501")
def text_stays_text(client):
    client.get("/looks-like-json").expect(content_type="text/html; charset=utf-8")


@view("/stacked/a", "/stacked/b", methods=["GET"])
def stacked(request):
    return "stacked"


@behaviour("both paths of a twice decorated view lead to it", before="Wrong: 501")
def stacked_routes_answer(client):
    client.get("/stacked/a").expect(text="stacked")
    client.get("/stacked/b").expect(text="stacked")


@view("/a+b")
def plus(request):
    return "a plus is a plus"


@behaviour("a + in a path is a plus", before="Wrong: 501")
def plus_in_a_path(client):
    client.get("/a+b").expect(text="a plus is a plus")


@view("/semi;x=1")
def semicolon(request):
    return "a semicolon is a semicolon"


@behaviour("a ; in a path is part of the path", before="Wrong: 501")
def semicolon_in_a_path(client):
    client.get("/semi;x=1").expect(text="a semicolon is a semicolon")


@flaw("an unknown path drops the connection", before="Wrong: 501",
      until="method_checks", after="Wrong: 404")
def unknown_path_drops(client):
    for path in ("/nope", "/ACCENTS", "/accents/"):
        client.expect_dropped(path)


@view("/boom")
def boom(request):
    raise ValueError("boom")


@flaw("a view that raises drops the connection", before="Wrong: 501",
      until="wsgi", after="Wrong: 500")
def raising_view_drops(client):
    client.expect_dropped("/boom")


NOT_SENDABLE = {
    "/none": None, "/number": 42, "/true": True, "/surrogate": "\ud800", "/set": {"set": {1, 2}},
    "/bytes-inside": {"bytes": b"x"}, "/tuple-key": {(1, 2): 3},
}


def returning(value):
    """Return a view that returns VALUE."""
    def returns(request):
        return value

    return returns


for path, value in NOT_SENDABLE.items():
    named = returning(value)
    named.__name__ = path.strip("/").replace("-", "_")
    view(path)(named)


@flaw("a value that cannot be sent drops the connection", before="Wrong: 501",
      until="wsgi", after="Wrong: 500")
def unsendable_value_drops(client):
    for path in NOT_SENDABLE:
        client.expect_dropped(path)


@view("/nan")
def nan(request):
    return {"nan": float("nan")}


@flaw("NaN, which JSON does not know, drops the connection", before="Wrong: 501",
      until="wsgi", after="Wrong: 500")
def nan_drops(client):
    client.expect_dropped("/nan")


@view("/bytes")
def some_bytes(request):
    return b"bytes"


@flaw("a view cannot return bytes yet", before="Wrong: 501", until="wsgi", after="Wrong: 500")
def bytes_drop(client):
    client.expect_dropped("/bytes")


@view("/post-only", methods=["POST"])
def post_only(request):
    return "the view ran"


@flaw("GET reaches a view that is for POST only", before="Wrong: 501",
      until="method_checks", after="Wrong: 405")
def get_reaches_a_post_only_view(client):
    client.get("/post-only").expect(text="the view ran")


@view("/twice", methods=["GET"])
def twice(request):
    return "first"


@view("/twice", methods=["POST"])
def twice_again(request):
    return "second"


@flaw("a second view on a path takes it over, even for another method",
      before="Wrong: 501", until="method_checks", after="Wrong: 405")
def second_view_takes_the_path(client):
    client.get("/twice").expect(text="second")


@view("/elsewhere", app="other")
def elsewhere(request):
    return "the other app"


@flaw("two apps in one process share their routes", before="Wrong: 501",
      until="wsgi", after="Wrong: 404")
def apps_share_routes(client):
    client.get("/elsewhere").expect(text="the other app")
