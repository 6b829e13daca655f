import time
from html import escape

from ownflask import Flask, abort, request

app = Flask(__name__)
books = {10: "Les Misérables", 11: "Dune"}


@app.route("/", methods=["GET", "POST"])
@app.route("/hello/<name>")
def hello(name="world"):
    name = request.args.get("name", name)
    return f"hello {escape(name)}"


@app.route("/books")
def all_books():
    return [{"id": id, "title": title} for id, title in books.items()]


@app.route("/book/<int:id>")
def book(id):
    if id not in books:
        abort(404, f"There is no book {id}")
    return {"id": id, "title": books[id]}


@app.route("/todo", methods=["POST"])
def todo():
    return {"status": "success", "data": request.json}, 201


@app.route("/slow")
def slow():
    yield "slow "
    time.sleep(1)
    yield "and done"


if __name__ == "__main__":
    app.run()
