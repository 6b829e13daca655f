"""Further exercises of json."""

import contextlib

from tests.behaviours.kit import Dropped
from tests.exercises import step

exercise = step("json")

START = """
import datetime
from ownflask import Flask
app = Flask(__name__)
def add(path, value):
    app.route(path)(lambda request: value)
add("/", "hello")
add("/set", {"set": {1, 2}})
"""


def sets_are_refused(program, more):
    """Raise Wrong if a set is sent, or if text is not."""
    with program.serving(START + more + "app.run(port=0)") as client:
        with contextlib.suppress(Dropped):
            reply = client.get("/set")
            if reply.status < 500:
                raise reply.wrong("no success: JSON has no sets")
        client.get("/").expect(text="hello", content_type="text/html; charset=utf-8")


some_bytes = exercise(
    "bytes", "Bytes, as they are",
    "Let a view return bytes. They are sent as they are, with the `Content-Type` "
    "`application/octet-stream` and their length.",
)


@some_bytes("bytes are sent as they are", before="Dropped: AttributeError")
def bytes_are_sent(program):
    values = {"/png": b"\x89PNG\r\n\x1a\n\x00\xff", "/blank": b""}
    add = "".join(f"add({path!r}, {value!r})\n" for path, value in values.items())
    with program.serving(START + add + "app.run(port=0)") as client:
        for path, expected in values.items():
            length = str(len(expected))
            reply = client.get(path)
            reply.expect(content_type="application/octet-stream", content_length=length)
            if reply.body != expected:
                raise reply.wrong(f"the bytes {expected}")
        client.get("/").expect(text="hello", content_type="text/html; charset=utf-8")


dates = exercise(
    "dates", "Dates in JSON",
    "JSON has no dates. Let a `datetime.date` or `datetime.datetime` that is a value anywhere in "
    "the dict or list that a view returns arrive as the text that its `isoformat()` makes, such as "
    '"2026-11-22T10:00:00". What JSON does not know besides, a set for one, is an error as before.',
)


@dates("a date and a datetime arrive as ISO text", before="Dropped: TypeError")
def dates_are_iso_text(program):
    add = """
noon = datetime.datetime(2026, 11, 22, 12)
add("/dict", {"day": noon.date(), "time": noon})
add("/list", [{"deep": [noon.replace(tzinfo=datetime.timezone.utc)]}])
app.run(port=0)
"""
    with program.serving(START + add) as client:
        client.get("/dict").expect(json={"day": "2026-11-22", "time": "2026-11-22T12:00:00"})
        client.get("/list").expect(json=[{"deep": ["2026-11-22T12:00:00+00:00"]}])


@dates("a set is still no JSON")
def dates_alone_are_new(program):
    sets_are_refused(program, "")


to_json = exercise(
    "to-json", "Objects that know their JSON",
    "Let a view return objects of its own classes. Where an object has a method `to_json()`, what "
    "that returns, a dict or a list, is sent as JSON in its place. The object may be "
    "what the view returns, or stand anywhere in a dict or list. "
    "What JSON does not know besides, a set for one, is an error as before.",
)
BOOKS = """
class Book:
    def __init__(self, title, *others):
        self.title, self.others = title, others
    def to_json(self):
        return {"title": self.title, "see": list(self.others)}
dune = Book("Dune")
add("/book", dune)
add("/books", [{"book": Book("Candide", dune)}])
"""


@to_json("an object is sent as its JSON, wherever it stands", before="Dropped: AttributeError")
def object_is_sent(program):
    dune = {"title": "Dune", "see": []}
    candide = {"title": "Candide", "see": [dune]}
    with program.serving(START + BOOKS + "app.run(port=0)") as client:
        client.get("/book").expect(json=dune, content_type="application/json")
        client.get("/books").expect(json=[{"book": candide}], content_type="application/json")


@to_json("a set is still no JSON")
def other_objects_are_refused(program):
    sets_are_refused(program, BOOKS)
