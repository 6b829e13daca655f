"""Step 6: a body arrives, and request.json reads it."""

from tests.behaviours import step
from tests.behaviours.views import body

behaviour, flaw, view = step(6)

AT_ONCE = 3.0       # seconds; an answer that waits for more of a body never comes
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


@view("/headers", methods=["POST"])
def headers(request):
    return {name: request.headers.get(name) for name in ("Content-Type", "Content-Length", "X-A")}


def post(path, *fields, data=b""):
    """Return the bytes of a POST to path with these header lines, the length among them."""
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
            "Content-Type: application/json", *fields, "", ""]
    return "\r\n".join(head).encode("latin-1") + data


@behaviour("POST runs its view", before="Wrong: 501")
def post_runs_the_view(client):
    client.post("/hook").expect(text="hooked")


@behaviour("request.body holds the bytes of the body", before="Wrong: 501")
def body_is_bytes(client):
    client.post("/reverse", b"a\r\n\x00b").expect(text="b\x00\n\ra")


@behaviour("request.body is empty when there is none", before="Dropped: AttributeError")
def no_body_is_empty(client):
    client.get("/size").expect(json={"bytes": 0})
    client.send("POST", "/size").expect(json={"bytes": 0})


@behaviour("request.json holds the parsed body", before="Wrong: 501")
def json_is_parsed(client):
    data = {"what": "écrire", "tags": [1, None, True]}
    body = '{"what": "écrire", "tags": [1, null, true]}'.encode()
    client.post("/todo", body, headers=JSON).expect(json={"status": "success", "data": data})


@behaviour("null, false, 0 and empty values are JSON as well", before="Wrong: 501")
def empty_values_are_json(client):
    for text, value in (("null", None), ("false", False), ("0", 0), ('""', ""), ("{}", {})):
        reply = client.post("/todo", text.encode(), headers=JSON)
        reply.expect(json={"status": "success", "data": value})


@flaw("JSON is read whatever Content-Type says", before="Wrong: 501",
      flask=("Wrong: 415", "it wants a Content-Type that says JSON"))
def content_type_is_not_looked_at(client):
    client.post("/todo", b"[1]").expect(json={"status": "success", "data": [1]})


@behaviour("a body of 2 MB arrives whole", before="Wrong: 501")
def large_body_arrives(client):
    client.post("/size", b"x" * 2_000_000).expect(json={"bytes": 2_000_000})


@behaviour("request.headers keeps every header of a POST", before="Wrong: 501")
def every_header_is_kept(client):
    reply = client.post("/headers", b"{}", headers=[*JSON, ("X-A", "b")])
    reply.expect(json={"Content-Type": "application/json", "Content-Length": "2", "X-A": "b"})


@behaviour("an empty body gets 400 where the view asks for JSON", before="Wrong: 501")
def empty_json_is_400(client):
    client.post("/todo", b"", headers=JSON).expect(400)


@behaviour("malformed JSON gets 400", before="Wrong: 501")
def malformed_json_is_400(client):
    client.post("/todo", b'{"oops', headers=JSON).expect(400)
    client.post("/todo", b"[1] [2]", headers=JSON).expect(400)


@behaviour("JSON that is not UTF-8 gets 400", before="Wrong: 501")
def undecodable_json_is_400(client):
    client.post("/todo", b'"caf\xe9 au lait"', headers=JSON).expect(400)


@behaviour("JSON nested too deep gets 400", before="Wrong: 501",
           flask=("Wrong: 500", "it lets the RecursionError through"))
def deep_json_is_400(client):
    client.post("/todo", b"[" * 100_000, headers=JSON).expect(400)


@behaviour("a negative Content-Length gets 400 at once", before="Wrong: 501")
def negative_length_is_400(client):
    client.raw(post("/todo", "Content-Length: -1"), timeout=AT_ONCE).expect(400)


@behaviour("a Content-Length that is no number gets 400", before="Wrong: 501")
def wordy_length_is_400(client):
    client.raw(post("/todo", "Content-Length: abc")).expect(400)
    client.raw(post("/todo", "Content-Length: 0x8")).expect(400)
    client.raw(post("/todo", "Content-Length: 8.0")).expect(400)


@behaviour("a Content-Length that only int() would read gets 400", before="Wrong: 501")
def lax_length_is_400(client):
    client.raw(post("/todo", "Content-Length: +3", data=b"[1]")).expect(400)
    client.raw(post("/todo", "Content-Length: 0_3", data=b"[1]")).expect(400)


@behaviour("a Content-Length of five thousand digits gets 400", before="Wrong: 501")
def endless_length_is_400(client):
    client.raw(post("/todo", "Content-Length: " + "9" * 5000)).expect(400)


@behaviour("two Content-Length that differ get 400", before="Wrong: 501",
           flask=("Wrong: 200", "its development server believes the last one"))
def two_lengths_are_400(client):
    request = post("/todo", "Content-Length: 4", "Content-Length: 3", data=b"[1]")
    client.raw(request, timeout=AT_ONCE).expect(400)


@behaviour("blanks around a Content-Length do no harm", before="Wrong: 501")
def blanks_around_a_length(client):
    reply = client.raw(post("/todo", "Content-Length:  3 ", data=b"[1]"))
    reply.expect(json={"status": "success", "data": [1]})


@behaviour("a bad Content-Length gets 400 on GET as well", before="Wrong: 200",
           flask=("Wrong: 200", "it looks at the body only when a view asks for it"))
def bad_length_on_get_is_400(client):
    client.raw(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n").expect(400)


@behaviour("a body that ends before its Content-Length gets 400", before="Wrong: 501")
def short_body_is_400(client):
    request = post("/todo", "Content-Length: 20", data=b"[1]")
    client.raw(request, half_close=True).expect(400)


@behaviour("Transfer-Encoding is refused with 400", before="Wrong: 501",
           flask=("Wrong: 200", "its development server decodes a chunked body"))
def chunked_body_is_refused(client):
    data = b"3\r\n[1]\r\n0\r\n\r\n"
    client.raw(post("/size", "Transfer-Encoding: chunked", data=data)).expect(400)
