"""query_params: path and query string part ways, and a Request is handed to the view."""

from tests.behaviours import SHELL, step
from tests.behaviours.views import query

behaviour, _, view = step("query_params")


@view("/greet")
def greet(request):
    return f"hello {query(request)['name'][0]}"


@view("/tags")
def tags(request):
    return "|".join(query(request).get("tag", []))


@view("/café")
def cafe(request):
    return "un café"


@view("/what?")
def what(request):
    return "a question mark in a path"


@view("/echo", "/écho")
def echo(request):
    return f"{request.method} {request.path}"


@view("/agent")
def agent(request):
    return f"{request.headers['User-Agent']} {request.headers['user-agent']}"


@view("/50%25")
def still_encoded(request):
    return "decoded once"


@view("/headers", methods=["GET", "POST"])
def headers(request):
    names = request.headers.get("X-Names", "").split()
    return "|".join(repr(request.headers.get(name)) for name in names)


@behaviour("the query string is no part of the path", stage="cut_off_the_query",
           before="Dropped: KeyError: '/?name=Joe'")
def query_is_no_part_of_the_path(client):
    client.get("/?name=Joe").expect(text="hello")


@behaviour("the query string reaches the view", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def query_reaches_the_view(client):
    client.get("/greet?name=Joe").expect(text="hello Joe")


@behaviour("%XX and + in a query string are decoded", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def query_is_decoded(client):
    client.get("/greet?name=Zo%C3%AB+%26+co").expect(text="hello Zoë & co")
    client.get("/greet?n%61me=50%2525").expect(text="hello 50%25")


@behaviour("%XX that is no UTF-8 becomes a replacement character", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'",
           flask=("Wrong: %FF", "it leaves such a query value as it came"))
def undecodable_query_is_replaced(client):
    client.get("/greet?name=J%FFe").expect(text="hello J\N{REPLACEMENT CHARACTER}e")


@behaviour("a key may come twice, and both values are kept in order", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def repeated_keys_are_kept(client):
    client.get("/tags?tag=b&tag=a").expect(text="b|a")


@behaviour("a blank value is kept", stage="blank_values", before="Dropped: KeyError: 'name'")
def blank_values_are_kept(client):
    client.get("/greet?name=").expect(text="hello ")
    client.get("/greet?name").expect(text="hello ")


@behaviour("without a query string there are no values", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def no_query_no_values(client):
    client.get("/tags").expect(text="")


@behaviour("%XX in a path is decoded as UTF-8", stage="decode_the_path",
           before="Dropped: KeyError: '/caf%C3%A9'")
def path_is_decoded(client):
    client.get("/caf%C3%A9").expect(text="un café")
    client.get("/t%61gs").expect(text="")
    client.get("/50%2525").expect(text="decoded once")
    client.get("/%C3%A9cho").expect(text="GET /écho")


@behaviour("an encoded ? belongs to the path", stage="decode_the_path",
           before="Dropped: KeyError: '/what%3F'")
def encoded_question_mark_in_a_path(client):
    client.get("/what%3F").expect(text="a question mark in a path")


@behaviour("the view sees the method and the path", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def view_sees_method_and_path(client):
    client.get("/echo?x=1").expect(text="GET /echo")


@behaviour("request.headers knows a header in any case", stage="request_headers",
           before="Dropped: 'Request' object has no attribute 'headers'")
def headers_in_any_case(client):
    client.get("/agent", headers=[("User-Agent", "me")]).expect(text="me me")


@behaviour("request.headers keeps every header as it was sent", stage="request_headers",
           before="Dropped: 'Request' object has no attribute 'headers'")
def every_header_is_kept(client):
    sent = [("Content-Type", "text/x; a=b"), ("Content-Length", "0"), ("Cookie", "a=b; c=d"),
            ("Authorization", "Basic YTpi"), ("X-A", "b"), ("X-Blank", "")]
    names = " ".join(name for name, value in sent)
    reply = client.get("/headers", headers=[*sent, ("X-Names", names)])
    reply.expect(text="|".join(repr(value) for name, value in sent))


@behaviour("a header with _ in its name is not taken for the one with -",
           stage="request_headers",
           before="Dropped: 'Request' object has no attribute 'headers'")
def underscore_is_no_dash(client):
    client.get("/headers", headers=[("X_A", "b"), ("X-Names", "X-A")]).expect(text="None")


@behaviour("a header that was not sent is not in request.headers", stage="request_headers",
           before="Dropped: 'Request' object has no attribute 'headers'")
def headers_not_sent_are_not_there(client):
    names = "Content-Type Content-Length X-A"
    reply = client.get("/headers", headers=[("X-Names", names)])
    # What the shell brings in has a behaviour and a stage of its own, in step09_wsgi.py.
    if reply.text.replace(repr(SHELL["CONTENT_TYPE"]), "None") != "None|None|None":
        raise reply.wrong("status 200, the text 'None|None|None'")


@behaviour("a request line with a whole URL finds its route", stage="a_request",
           before="Dropped: missing 1 required positional argument: 'request'")
def absolute_url_is_understood(client):
    client.get("http://127.0.0.1/echo").expect(text="GET /echo")
