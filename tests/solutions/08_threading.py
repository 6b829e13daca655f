# %% exercise-1
%%app mended
import threading
import time

from ownflask import Flask

app = Flask(__name__)
visitors = 0
writing = threading.Lock()


@app.route("/visit")
def visit(request):
    global visitors
    began = time.time()
    with writing:
        seen = visitors
        time.sleep(0.1)
        visitors = seen + 1
    return {"began": began, "ended": time.time()}


@app.route("/visitors")
def count(request):
    return str(visitors)


if __name__ == "__main__":
    app.run()

# %% exercise-2
%%app polite
import threading
import time

from ownflask import Flask

app = Flask(__name__)
guests = threading.Semaphore(3)


@app.route("/nap")
def nap(request):
    with guests:
        began = time.time()
        time.sleep(0.1)
        return {"began": began, "ended": time.time()}


if __name__ == "__main__":
    app.run()

# %% exercise-3
from concurrent.futures import ThreadPoolExecutor


def ask(url):
    return requests.get(url).text


def ask_all(urls):
    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(ask, urls))
