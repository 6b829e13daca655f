"""The map's journey of one request, held against a request that real Flask answers."""

import logging
import threading
import urllib.request

import pytest

pytestmark = pytest.mark.all


def reached():
    """Return "module:name" of what a request calls, in the order of the first calls."""
    from flask import Flask
    from werkzeug.serving import make_server

    app, calls = Flask("demo"), {}

    @app.route("/")
    def hello():
        return "hello"

    def watch(frame, event, argument):
        if event == "call":
            module = frame.f_globals.get("__name__", "")
            name = f"{module}:{frame.f_code.co_qualname}"
            calls.setdefault(name, frame.f_code is hello.__code__)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.setprofile(watch)
    thread = threading.Thread(target=server.serve_forever)
    try:
        thread.start()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert opener.open(f"http://127.0.0.1:{server.port}/").read() == b"hello"
    finally:
        threading.setprofile(None)
        server.shutdown()
        thread.join()
        server.server_close()
    return ["demo:hello" if is_view else name for name, is_view in calls.items()]


def test_the_stops_are_reached_in_this_order():
    from docs.tools.flask_map import stops

    told = [stop["symbol"] for stop in stops()]
    assert [name for name in reached() if name in told] == told
