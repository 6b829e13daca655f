"""How long an answer takes, ours beside Flask, Bottle and Falcon, in one run.

    python3 -m tests.speed [ROUNDS]

Each framework answers the same three requests, called as a server calls it, in this process:
no socket, no parsing of HTTP. The frameworks take turns, a few requests at a time, and what is
printed is the fastest turn of each, as other work on the machine can only make a turn slower.
Nothing fails if a number is a bad one.
"""

import importlib.util
import io
import sys
import time

import bottle
import falcon
import flask

import steps

TURN = 40       # requests; short enough to fall between two interruptions
ROUNDS = 150
RULES = 10, 100, 1000, 10_000
BODY = b'{"title": "Dune", "tags": ["sand", "worms"]}'
ENVIRON = {
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "",
    "CONTENT_TYPE": "", "CONTENT_LENGTH": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_USER_AGENT": "curl/8.5.0", "HTTP_ACCEPT": "*/*", "HTTP_ACCEPT_ENCODING": "gzip",
    "HTTP_CONNECTION": "keep-alive", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
REQUESTS = {
    "hello": ({"PATH_INFO": "/"}, b"", b"hello world"),
    "JSON": ({"PATH_INFO": "/todo", "REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json",
              "CONTENT_LENGTH": str(len(BODY))}, BODY, b"worms"),
    "/book/10": ({"PATH_INFO": "/book/10"}, b"", b"10"),
}


def our_module(step):
    """Return the ownflask.py of a step as a module of its own."""
    step = steps.find(step)
    spec = importlib.util.spec_from_file_location(f"ownflask_{step}", step.folder / "ownflask.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_request(module):
    """Return an app whose views take the request, as they did before request_global."""
    app = module.Flask("speed")
    app.route("/")(lambda request: "hello world")
    app.route("/todo", methods=["POST"])(lambda request: {"data": request.json})
    return app


def flask_like(module):
    """Return an app of Flask, or of ours since request_global."""
    app, request = module.Flask("speed"), module.request

    @app.route("/")
    def hello():
        return "hello world"

    @app.route("/todo", methods=["POST"])
    def todo():
        return {"data": request.json}

    @app.route("/book/<int:id>")
    def book(id):
        return {"id": id}

    return app


def bottle_app():
    """Return the same app, written for Bottle."""
    app = bottle.Bottle()
    app.route("/")(lambda: "hello world")
    app.route("/todo", method="POST")(lambda: {"data": bottle.request.json})
    app.route("/book/<id:int>")(lambda id: {"id": id})
    return app


def falcon_app():
    """Return the same app, written for Falcon."""
    class Hello:
        def on_get(self, request, response):
            response.content_type, response.text = falcon.MEDIA_HTML, "hello world"

    class Todo:
        def on_post(self, request, response):
            response.media = {"data": request.media}

    class Book:
        def on_get(self, request, response, id):
            response.media = {"id": id}

    app = falcon.App()
    app.add_route("/", Hello())
    app.add_route("/todo", Todo())
    app.add_route("/book/{id:int}", Book())
    return app


def turn(app, environ, body, requests=TURN):
    """Call the app a few times; return the seconds that one call took, and its answer."""
    environs = []
    for _ in range(requests):
        environs.append({**environ, "wsgi.input": io.BytesIO(body)})
    started = []
    begin = time.perf_counter()
    for each in environs:
        answer = app(each, lambda status, headers, exc_info=None: started.append(status))
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
    seconds = (time.perf_counter() - begin) / requests
    return seconds, started[-1], text


def fastest(apps, rounds):
    """Return {(name of an app, name of a request): microseconds} of the fastest turns."""
    best = {}
    for _ in range(rounds):
        for request, (more, body, expected) in REQUESTS.items():
            for name, app in apps.items():
                seconds, status, text = turn(app, {**ENVIRON, **more}, body)
                if status[:3] == "200" and expected in text:
                    key = name, request
                    best[key] = min(best.get(key, 1e9), seconds * 1e6)
    return best


def table(apps, best):
    """Return the numbers as text: microseconds, and how they compare with Bottle and Flask."""
    rows = [f"{'':16}" + "".join(f"{request:>10}" for request in REQUESTS)
            + "   time / Bottle's        Flask's time / this"]
    for name in apps:
        times = [best.get((name, request)) for request in REQUESTS]
        row = f"{name:16}" + "".join(f"{t:>7.1f} us" if t else f"{'-':>10}" for t in times)
        for against, turned in (("Bottle", False), ("Flask", True)):
            row += "   " + "".join(
                f"{best[against, r] / t if turned else t / best[against, r]:>7.2f}" if t
                else f"{'-':>7}" for r, t in zip(REQUESTS, times, strict=True))
        rows.append(row)
    return "\n".join(rows)


def many_rules(module, rounds):
    """Return what a path costs among more and more rules, as text."""
    apps = {}
    for number in RULES:
        app = apps[number] = module.Flask("speed")
        for each in range(number):
            app.route(f"/r{each}/<int:id>")(lambda id: str(id))
    best = dict.fromkeys(apps, 1e9)
    for _ in range(rounds):
        for number, app in apps.items():
            seconds, status, text = turn(app, {**ENVIRON, "PATH_INFO": "/r7/10"}, b"")
            best[number] = min(best[number], seconds * 1e6)
    slashes, status, text = min(turn(app, {**ENVIRON, "PATH_INFO": "/x" + "/" * 60_000}, b"", 5)
                                for _ in range(5))
    costs = ", ".join(f"{number:,}: {best[number]:.1f} us" for number in RULES)
    return (f"{costs};\nthe last is {best[RULES[-1]] / best[RULES[0]]:.2f} times the first. "
            f"60,000 slashes: {slashes * 1e3:.2f} ms.")


def main(rounds=ROUNDS):
    """Measure, and print what came out."""
    ours = {step.number: our_module(step) for step in steps.STEPS if step.number >= 9}
    apps = {"Flask": flask_like(flask), "Bottle": bottle_app(), "Falcon": falcon_app()}
    for number, module in ours.items():
        step = steps.find(number)
        if hasattr(module, "request"):
            apps[str(step)] = flask_like(module)
        elif step.name == "wsgi":
            apps[str(step)] = with_request(module)
    print(table(apps, fastest(apps, rounds)))
    last = max(ours)
    print(f"\nRules at {steps.find(last)}, each with a prefix of its own:\n"
          f"{many_rules(ours[last], rounds // 3)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
