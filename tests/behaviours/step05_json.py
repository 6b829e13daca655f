"""json: dict and list become JSON."""

from collections import OrderedDict

from tests.behaviours import step

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


@behaviour("a dict is sent as JSON", before="Dropped: 'dict' object has no attribute 'encode'")
def dict_is_json(client):
    client.get("/dict").expect(
        json={"title": "Émile", "pages": [1, 2], "lent": None, "old": True},
        content_type="application/json",
    )


@behaviour("a list is sent as JSON", before="Dropped: 'list' object has no attribute 'encode'")
def list_is_json(client):
    client.get("/list").expect(json=["Émile", {"n": 1}], content_type="application/json")


@behaviour("an empty dict and an empty list are JSON too", before="Dropped: AttributeError")
def empty_is_json_too(client):
    client.get("/empty/dict").expect(json={}, content_type="application/json")
    client.get("/empty/list").expect(json=[], content_type="application/json")


@behaviour("JSON has its length in bytes", before="Dropped: AttributeError")
def json_length_counts_bytes(client):
    reply = client.get("/list").expect(json=["Émile", {"n": 1}])
    reply.expect(content_length=str(len(reply.body)))


@behaviour("what inherits from dict and list is JSON too", before="Dropped: AttributeError")
def subclasses_are_json_too(client):
    client.get("/subclasses").expect(json={"list": [1]}, content_type="application/json")
