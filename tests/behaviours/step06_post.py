"""post: a body arrives, and request.json reads it."""

import json

from tests.behaviours import step
from tests.behaviours.kit import Wrong
from tests.behaviours.step03_routing import fails
from tests.behaviours.views import body

behaviour, flaw, view = step("post")

JSON = [("Content-Type", "application/json")]


@view("/todo", methods=["POST"])
def todo(request):
    return {"status": "success", "data": request.json}


@view("/size", methods=["GET", "POST"])
def size(request):
    return {"bytes": len(body(request))}


@view("/reverse", methods=["POST"])
def reverse(request):
    return body(request)[::-1].decode("latin-1")


@view("/read", methods=["GET", "POST"])
def read(request):
    return {"read": request.json}


def request(line, *fields, data=b""):
    """Return the bytes of a request with these header lines, the length among them."""
    head = [f"{line} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
            "Content-Type: application/json", *fields, "", ""]
    return "\r\n".join(head).encode("latin-1") + data


@behaviour("POST runs its view", stage="answer_post", before="Wrong: 501")
def post_runs_the_view(client):
    client.post("/hook").expect(text="hooked")


@behaviour("POST finds its view by the path alone, as GET does", stage="answer_post",
           before="Wrong: 501")
def post_finds_its_view(client):
    client.post("/hook?x=1").expect(text="hooked")
    client.post("/h%6Fok").expect(text="hooked")


@view("/post/raises", methods=["POST"])
def post_raises(request):
    return int("oops")


@view("/post/json", methods=["POST"])
def post_json(request):
    return json.loads("{oops")


@view("/post/none", methods=["POST"])
def post_none(request):
    return None


@view("/post/set", methods=["POST"])
def post_set(request):
    return {"set": {1, 2}}


@view("/post/key", methods=["POST"])
def post_key(request):
    raise KeyError("boom")


@behaviour("a view for POST that fails is no success, nor the client's mistake",
           stage="answer_post", before="Wrong: 501")
def failing_post_is_no_success(client):
    client.post("/hook").expect(text="hooked")
    before = len(client.server.log())
    for name in ("raises", "json", "none", "set", "key"):
        fails(client, "POST", f"/post/{name}")
        if f'"POST /post/{name} HTTP/1.1" 200' in client.server.log()[before:]:
            raise Wrong(f"POST /post/{name}", "no answer, and 200 in the log",
                        "the status is made when all that can fail is done")


@view("/post/text", methods=["POST"])
def post_text(request):
    return "Zoë says été"


@view("/post/list", methods=["POST"])
def post_list(request):
    return ["Émile"]


@behaviour("POST is answered as GET is: HTML or JSON, with its length in bytes",
           stage="answer_post", before="Wrong: 501")
def post_is_answered_as_get(client):
    text = "Zoë says été"
    client.post("/post/text").expect(text=text, content_type="text/html; charset=utf-8",
                                     content_length=str(len(text.encode())))
    reply = client.post("/post/list").expect(json=["Émile"], content_type="application/json")
    reply.expect(content_length=str(len(reply.body)))


@view("/method", methods=["GET", "POST"])
def method(request):
    return request.method


@behaviour("request.method says POST", stage="answer_post", before="Wrong: 501")
def method_is_post(client):
    client.post("/method").expect(text="POST")


@behaviour("request.body holds the bytes of the body", stage="read_the_body",
           before="Dropped: 'Request' object has no attribute 'body'")
def body_is_bytes(client):
    client.post("/reverse", b" a\r\n\x00b\n").expect(text="\nb\x00\n\ra ")
    client.raw(request("POST /reverse", "content-length: 3", data=b"abc")).expect(text="cba")


@behaviour("request.body is empty when there is none", stage="read_the_body",
           before="Dropped: 'Request' object has no attribute 'body'")
def no_body_is_empty(client):
    client.get("/size").expect(json={"bytes": 0})
    client.send("POST", "/size").expect(json={"bytes": 0})


@behaviour("request.json holds the parsed body", stage="parse_json",
           before="Dropped: 'Request' object has no attribute 'json'")
def json_is_parsed(client):
    data = {"what": "écrire", "tags": [1, None, True]}
    body = '{"what": "écrire", "tags": [1, null, true]}'.encode()
    client.post("/todo", body, headers=JSON).expect(json={"status": "success", "data": data})


@behaviour("GET may have a body too", stage="parse_json",
           before="Dropped: 'Request' object has no attribute 'json'")
def get_may_have_a_body(client):
    sent = request("GET /read", "Content-Length: 3", data=b"[1]")
    client.raw(sent).expect(json={"read": [1]})


@view("/again", methods=["POST"])
def again(request):
    first, second = request.json, request.json
    return {"json": [first, second], "bytes": len(body(request))}


@behaviour("request.json and request.body may be asked for again", stage="parse_json",
           before="Dropped: 'Request' object has no attribute 'json'")
def body_may_be_asked_for_again(client):
    client.post("/again", b"[1]", headers=JSON).expect(json={"json": [[1], [1]], "bytes": 3})


@behaviour("null, false, 0 and empty values are JSON as well", stage="parse_json",
           before="Dropped: 'Request' object has no attribute 'json'")
def empty_values_are_json(client):
    for text, value in (("null", None), ("false", False), ("0", 0), ('""', ""), ("{}", {})):
        reply = client.post("/todo", text.encode(), headers=JSON)
        reply.expect(json={"status": "success", "data": value})


@flaw("JSON is read whatever Content-Type says", stage="parse_json",
      before="Dropped: 'Request' object has no attribute 'json'",
      until="json_that_says_so", after="Wrong: 415")
def content_type_is_not_looked_at(client):
    client.post("/todo", b"[1]").expect(json={"status": "success", "data": [1]})


@behaviour("a body of 2 MB arrives whole", stage="read_the_body",
           before="Dropped: 'Request' object has no attribute 'body'")
def large_body_arrives(client):
    client.post("/size", b"x").expect(json={"bytes": 1})
    client.post("/size", b"x" * 2_000_000).expect(json={"bytes": 2_000_000})


@behaviour("an empty body gets 400 where the view asks for JSON", stage="whose_mistake_it_is",
           before="Dropped: JSONDecodeError")
def empty_json_is_400(client):
    client.post("/todo", b"", headers=JSON).expect(400)
    client.post("/todo", b" \n", headers=JSON).expect(400)


@behaviour("malformed JSON gets 400", stage="whose_mistake_it_is",
           before="Dropped: JSONDecodeError")
def malformed_json_is_400(client):
    client.post("/todo", b'{"oops', headers=JSON).expect(400)
    client.post("/todo", b"[1] [2]", headers=JSON).expect(400)


@behaviour("JSON that is not UTF-8 gets 400", stage="whose_mistake_it_is",
           before="Dropped: UnicodeDecodeError")
def undecodable_json_is_400(client):
    client.post("/todo", b'"caf\xe9 au lait"', headers=JSON).expect(400)


@behaviour("JSON nested too deep gets 400", stage="too_deep", before="Dropped: RecursionError",
           flask=("Wrong: 500", "it lets the RecursionError through"))
def deep_json_is_400(client):
    client.post("/todo", b"[" * 100_000, headers=JSON).expect(400)


def expect_400(client, *fields, data=b"", half_close=False):
    """Send a GET with a body to a view that asks for its JSON, and expect 400.

    An answer that waits for more of a body never comes.
    """
    sent = request("GET /read", *fields, data=data)
    client.raw(sent, half_close=half_close).expect(400)


@behaviour("a negative Content-Length gets 400 at once", stage="one_plain_number",
           before="Blocked")
def negative_length_is_400(client):
    expect_400(client, "Content-Length: -1")


@behaviour("a Content-Length that is no number gets 400", stage="one_plain_number",
           before="Dropped: ValueError")
def wordy_length_is_400(client):
    for length in ("abc", "0x8", "8.0", "\N{SUPERSCRIPT THREE}"):
        expect_400(client, f"Content-Length: {length}")


@behaviour("a Content-Length that only int() would read gets 400", stage="one_plain_number",
           before="Wrong: 200")
def lax_length_is_400(client):
    for length in ("+3", "0_3", "\N{NO-BREAK SPACE}3"):
        expect_400(client, f"Content-Length: {length}", data=b"[1]")


@behaviour("a Content-Length beyond all memory gets 400 or 413 at once",
           stage="below_a_billion", before="Dropped: OverflowError",
           flask=("Blocked", "it waits for all that was promised"))
def endless_length_is_400(client):
    # RFC 9110, section 15.5.14: 413 is for content larger than the server is willing to process.
    for length in ("9" * 30, "9" * 5000, "9" * 12):
        reply = client.raw(request("GET /read", f"Content-Length: {length}"))
        if reply.status not in (400, 413):
            raise reply.wrong("status 400 or 413")


@behaviour("two Content-Length that differ get 400", stage="all_the_lengths",
           before="Wrong: 200",
           flask=("Wrong: 200", "its development server believes the last one"))
def two_lengths_are_400(client):
    lengths = "Content-Length: 3", "Content-Length: 4"
    expect_400(client, *lengths, data=b"[1]", half_close=True)
    expect_400(client, "Content-Length: 4", "Content-Length: 3", data=b"[1]")


@behaviour("blanks around a Content-Length do no harm", stage="parse_json",
           before="Dropped: 'Request' object has no attribute 'json'")
def blanks_around_a_length(client):
    sent = request("GET /read", "Content-Length:  3 \t", data=b"[1]")
    client.raw(sent).expect(json={"read": [1]})


@behaviour("a bad Content-Length gets 400 even where no view asks for the body",
           stage="one_plain_number", before="Dropped: ValueError",
           flask=("Wrong: 200", "it looks at the body only when a view asks for it"))
def bad_length_is_400_unasked(client):
    client.raw(request("GET /", "Content-Length: ")).expect(400)
    client.raw(request("GET /", "Content-Length: -1")).expect(400)
    client.raw(request("GET /", "Content-Length: 3\v", data=b"[1]")).expect(400)


@behaviour("a bad Content-Length runs no view", stage="one_plain_number",
           before="Dropped: ValueError",
           flask=("Wrong: 200", "it looks at the body only when a view asks for it"))
def bad_length_runs_no_view(client):
    before = client.get("/visits").expect(200)
    client.raw(request("GET /visits", "Content-Length: abc")).expect(400)
    after = client.get("/visits").expect(200)
    if int(after.text) != int(before.text) + 1:
        raise after.wrong(f"one visit more than the {before.text!r} before")


@behaviour("a body that ends before its Content-Length gets 400", stage="a_whole_body",
           before="Wrong: 200")
def short_body_is_400(client):
    for data in (b"[1]", b""):
        sent = request("POST /size", "Content-Length: 20", data=data)
        client.raw(sent, half_close=True).expect(400)


@behaviour("Transfer-Encoding is refused with 400", stage="no_chunks", before="Wrong: 200",
           flask=("Wrong: 200", "its development server decodes a chunked body"))
def chunked_body_is_refused(client):
    data = b"3\r\n[1]\r\n0\r\n\r\n"
    for line in ("GET /", "POST /size"):
        client.raw(request(line, "Transfer-Encoding: chunked", data=data)).expect(400)
        client.raw(request(line, "Transfer-Encoding: gzip, chunked", data=data)).expect(400)
        client.raw(request(line, "Transfer-Encoding: gzip", data=data)).expect(400)
        client.raw(request(line, "transfer-encoding: chunked", data=data)).expect(400)
        client.raw(request(line, "Transfer-Encoding: identity", data=data)).expect(400)
        both = "Transfer-Encoding: chunked", "Content-Length: 3"
        client.raw(request(line, *both, data=data)).expect(400)


@behaviour("a 400 page never repeats what the client sent as HTML", stage="one_plain_number",
           before="Dropped: ValueError")
def bad_request_does_not_echo(client):
    lines = [("Content-Length: <script>", b""), ("Content-Length: 8", b"<script>")]
    for field, data in lines:
        reply = client.raw(request("GET /read", field, data=data)).expect(400)
        if "<script>" in reply.text + reply.reason:
            raise reply.wrong("no <script> in the page")
