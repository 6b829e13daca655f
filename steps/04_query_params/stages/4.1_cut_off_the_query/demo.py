from ownflask import Flask

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def hello():
    return "hello"


if __name__ == "__main__":
    app.run()
