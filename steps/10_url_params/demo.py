import time
from html import escape

from ownflask import Flask

app = Flask(__name__)
books = {10: "Les Misérables", 11: "Dune"}


@app.route("/", methods=["GET", "POST"])
@app.route("/hello/<name>")
def hello(request, name="world"):
    name = request.qs.get("name", [name])[0]
    return f"hello {escape(name)}"


@app.route("/books")
def all_books(request):
    return [{"id": id, "title": title} for id, title in books.items()]


@app.route("/book/<int:id>")
def book(request, id):
    return {"id": id, "title": books[id]}


@app.route("/todo", methods=["POST"])
def todo(request):
    return {"status": "success", "data": request.json}


@app.route("/slow")
def slow(request):
    time.sleep(1)
    return "slow"


if __name__ == "__main__":
    app.run()
