# %% exercise-1
body = b'{"title": "Les Mis\xc3\xa9rables"}'
request = b"POST /todo HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

# %% exercise-2
%%app todos
from ownflask import BadRequest, Flask

app = Flask(__name__)
tasks = []


@app.route("/add", methods=["POST"])
def add(request):
    sent = request.json
    if not isinstance(sent, dict) or not isinstance(sent.get("task"), str):
        raise BadRequest('Send {"task": "..."}')
    tasks.append(sent["task"])
    return tasks


@app.route("/tasks")
def all_tasks(request):
    return tasks


if __name__ == "__main__":
    app.run()

# %% exercise-3
%%app reader
import ownflask


class Request(ownflask.Request):
    @property
    def text(self):
        charset = self.headers.get_content_charset() or "utf-8"
        try:
            return self.body.decode(charset)
        except (LookupError, ValueError) as error:
            raise ownflask.BadRequest(f"The body is not {charset}: {error}")


ownflask.Request = Request      # the handler looks the name up for each request
app = ownflask.Flask(__name__)


@app.route("/text", methods=["POST"])
def text(request):
    return {"text": request.text}


if __name__ == "__main__":
    app.run()
