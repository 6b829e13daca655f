"""json: dict and list become JSON."""

from collections import OrderedDict

from tests.behaviours import step
from tests.behaviours.step03_routing import fails

behaviour, _, view = step("json")


@view("/dict")
def a_dict(request):
    return {"title": "Émile", "pages": [1, 2], "lent": None, "old": True}


@view("/list")
def a_list(request):
    return ["Émile", {"n": 1}]


@view("/empty/dict")
def empty_dict(request):
    return {}


@view("/empty/list")
def empty_list(request):
    return []


@view("/subclasses")
def subclasses(request):
    return OrderedDict(list=type("List", (list,), {})([1]))


@behaviour("a dict is sent as JSON", stage="a_dict",
           before="Dropped: 'dict' object has no attribute 'encode'")
def dict_is_json(client):
    client.get("/dict").expect(
        json={"title": "Émile", "pages": [1, 2], "lent": None, "old": True},
    )


@behaviour("JSON is announced as application/json", stage="application_json",
           before="Wrong: text/html")
def json_says_what_it_is(client):
    client.get("/dict").expect(content_type="application/json")


@behaviour("a list is sent as JSON", stage="a_list",
           before="Dropped: 'list' object has no attribute 'encode'")
def list_is_json(client):
    client.get("/list").expect(json=["Émile", {"n": 1}], content_type="application/json")


@behaviour("an empty dict and an empty list are JSON too", stage="a_list",
           before="Dropped: AttributeError")
def empty_is_json_too(client):
    client.get("/empty/dict").expect(json={}, content_type="application/json")
    client.get("/empty/list").expect(json=[], content_type="application/json")


@behaviour("JSON has its length in bytes", stage="a_list", before="Dropped: AttributeError")
def json_length_counts_bytes(client):
    reply = client.get("/list").expect(json=["Émile", {"n": 1}])
    reply.expect(content_length=str(len(reply.body)))


@behaviour("what inherits from dict and list is JSON too", stage="application_json",
           before="Wrong: text/html")
def subclasses_are_json_too(client):
    client.get("/subclasses").expect(json={"list": [1]}, content_type="application/json")


@view("/nan", methods=["GET", "POST"])
def nan(request):
    return {"nan": float("nan")}


@view("/infinity")
def infinity(request):
    return [[float("-inf")]]


@behaviour("NaN, which JSON does not know, is never sent", stage="no_nan", before="Wrong: NaN",
           flask=("Wrong: NaN", "it sends NaN, and most JSON parsers refuse that"))
def nan_is_never_sent(client):
    for path in ("/nan", "/infinity"):
        fails(client, "GET", path)
    fails(client, "POST", "/nan")       # as long as nothing is posted, this gets 501
