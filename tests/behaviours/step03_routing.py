"""Step 3: a path leads to a view, and GET answers."""

from tests.behaviours import step

behaviour, flaw, view = step(3)


@view("/accents")
def accents(request):
    return "Zoë says été"


@view("/stacked/a", "/stacked/b", methods=["GET"])
def stacked(request):
    return "stacked"


@view("/a+b")
def plus(request):
    return "a plus is a plus"


@view("/semi;x=1")
def semicolon(request):
    return "a semicolon is a semicolon"


@view("/boom")
def boom(request):
    raise ValueError("boom")


@view("/none")
def none(request):
    return None


@view("/number")
def number(request):
    return 42


@view("/set")
def a_set(request):
    return {"set": {1, 2}}


@view("/twice", methods=["GET"])
def twice(request):
    return "first"


@view("/twice", methods=["POST"])
def twice_again(request):
    return "second"


@view("/post-only", methods=["POST"])
def post_only(request):
    return "the view ran"


@view("/elsewhere", app="other")
def elsewhere(request):
    return "the other app"


@behaviour("GET runs the view", before="Wrong: 501")
def get_runs_the_view(client):
    client.get("/").expect(text="hello")


@behaviour("a str is sent as HTML in UTF-8", before="Wrong: 501")
def str_is_html(client):
    client.get("/").expect(content_type="text/html; charset=utf-8")


@behaviour("Content-Length counts bytes, and accents arrive whole", before="Wrong: 501")
def length_counts_bytes(client):
    text = "Zoë says été"
    client.get("/accents").expect(text=text, content_length=str(len(text.encode())))


@behaviour("both paths of a twice decorated view lead to it", before="Wrong: 501")
def stacked_routes_answer(client):
    client.get("/stacked/a").expect(text="stacked")
    client.get("/stacked/b").expect(text="stacked")


@behaviour("a + in a path is a plus", before="Wrong: 501")
def plus_in_a_path(client):
    client.get("/a+b").expect(text="a plus is a plus")


@behaviour("a ; in a path is part of the path", before="Wrong: 501")
def semicolon_in_a_path(client):
    client.get("/semi;x=1").expect(text="a semicolon is a semicolon")


@flaw("an unknown path drops the connection", before="Wrong: 501",
      until=6, after="Wrong: 404")
def unknown_path_drops(client):
    client.expect_dropped("/nope")


@flaw("a view that raises drops the connection", before="Wrong: 501",
      until=8, after="Wrong: 500")
def raising_view_drops(client):
    client.expect_dropped("/boom")


@flaw("a value that cannot be sent drops the connection", before="Wrong: 501",
      until=8, after="Wrong: 500")
def unsendable_value_drops(client):
    client.expect_dropped("/none")
    client.expect_dropped("/number")
    client.expect_dropped("/set")


@flaw("GET reaches a view that is for POST only", before="Wrong: 501",
      until=6, after="Wrong: 405")
def get_reaches_a_post_only_view(client):
    client.get("/post-only").expect(text="the view ran")


@flaw("a second view on a path takes it over, even for another method",
      before="Wrong: 501", until=6, after="Wrong: 405")
def second_view_takes_the_path(client):
    client.get("/twice").expect(text="second")


@flaw("two apps in one process share their routes", before="Wrong: 501",
      until=8, after="Wrong: 404")
def apps_share_routes(client):
    client.get("/elsewhere").expect(text="the other app")
