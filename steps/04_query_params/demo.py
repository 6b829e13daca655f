from html import escape

from ownflask import Flask

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def hello(request):
    name = request.qs.get("name", ["world"])[0]
    return f"hello {escape(name)}"


if __name__ == "__main__":
    app.run()
