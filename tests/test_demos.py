"""Every demo from end to end, with requests, as its reader would try it."""

import os
import socket
import subprocess
import sys

import pytest
import requests

import steps
from tests.course import PATIENCE

FIRST_THAT = {what: steps.find(name).number for what, name in {
    "answers": "routing", "knows names": "query_params", "has books": "json",
    "takes posts": "post", "refuses": "method_checks", "sleeps": "threading",
    "has variables": "url_params", "chooses a status": "responses", "handles errors": "errors",
}.items()}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="session")
def demo():
    """A function number -> a requests session's `request` for the running demo of that step."""
    servers = {}

    def get(number):
        if number not in servers:
            servers[number] = launch(number)
        server = servers[number]

        def request(method, path, **options):
            with requests.Session() as session:
                session.trust_env = False       # a proxy set for the web breaks loopback
                return session.request(method, server.url + path, timeout=PATIENCE, **options)

        return request

    yield get
    for server in servers.values():
        server.stop()


def launch(number):
    """Start the demo of a step, as steps.start() does, with all the time that it may need."""
    step = steps.find(number)
    return steps.launch(step.folder, step.demo, cwd=step.folder, wait=PATIENCE)


def since(what, until=None, slow=False):
    """Return a parametrization over the steps from the first that WHAT names, to before UNTIL.

    slow: the quick test tries the first one only.
    """
    end = FIRST_THAT[until] if until else len(steps.STEPS) + 1
    chosen = [step for step in steps.STEPS if FIRST_THAT[what] <= step.number < end]
    return pytest.mark.parametrize("number", [
        pytest.param(step.number, id=str(step),
                     marks=pytest.mark.all if slow and step is not chosen[0] else ())
        for step in chosen
    ])


def test_01_ends_in_silence():
    run = subprocess.run(
        [sys.executable, "-S", "demo.py"], cwd=steps.find(1).folder, env=bare_environment(),
        capture_output=True, text=True, timeout=PATIENCE,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_02_answers_501(demo):
    assert demo(2)("GET", "/").status_code == 501


@since("answers")
def test_hello(demo, number):
    reply = demo(number)("GET", "/")
    assert reply.status_code == 200
    assert reply.text == ("hello" if number < FIRST_THAT["knows names"] else "hello world")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


@since("knows names")
def test_hello_by_name(demo, number):
    assert demo(number)("GET", "/?name=Joe").text == "hello Joe"
    assert demo(number)("GET", "/?name=<b>").text == "hello &lt;b&gt;"


@since("has books")
def test_books(demo, number):
    books = [{"id": 10, "title": "Les Misérables"}, {"id": 11, "title": "Dune"}]
    assert demo(number)("GET", "/books").json() == books
    book = "/book/10" if number >= FIRST_THAT["has variables"] else "/book?id=10"
    assert demo(number)("GET", book).json() == books[0]


@since("has variables")
def test_variables(demo, number):
    assert demo(number)("GET", "/hello/Zo%C3%AB%3Cb%3E").text == "hello Zoë&lt;b&gt;"
    assert demo(number)("GET", "/hello/Joe?name=Ann").text == "hello Ann"
    for path in ("/book/-1", "/book/ten", "/book/"):
        assert demo(number)("GET", path).status_code == 404


@since("chooses a status")
def test_head_and_options(demo, number):
    head = demo(number)("HEAD", "/books")
    assert (head.status_code, head.text, head.headers["Content-Type"]) == (
        200, "", "application/json")
    assert "HEAD" in demo(number)("OPTIONS", "/books").headers["Allow"].split(", ")


@since("handles errors")
def test_errors(demo, number):
    for path, why in (("/book/12", "There is no book 12"), ("/nope", "Nothing matches")):
        reply = demo(number)("GET", path)
        assert reply.status_code == 404
        assert reply.json()["error"].startswith(f"404 Not Found: {why}")
    assert demo(number)("POST", "/todo", data="a=b").status_code == 415


@since("takes posts")
def test_todo(demo, number):
    reply = demo(number)("POST", "/todo", json={"what": "read on"})
    assert reply.status_code == (201 if number >= FIRST_THAT["chooses a status"] else 200)
    assert reply.json() == {"status": "success", "data": {"what": "read on"}}
    assert demo(number)("POST", "/todo", data="{oops", headers=JSON).status_code == 400
    assert demo(number)("POST", "/").text == "hello world"


@since("refuses")
def test_refusals(demo, number):
    assert demo(number)("GET", "/nope").status_code == 404
    refused = demo(number)("GET", "/todo")
    allowed = "OPTIONS, POST" if number >= FIRST_THAT["chooses a status"] else "POST"
    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)


@since("sleeps", until="chooses a status", slow=True)
def test_the_multithreading_script_draws_four_answers(number):
    script = steps.find("threading").folder / "many_requests.py"
    with launch(number) as server:
        run = subprocess.run(
            [sys.executable, script, f"{server.url}/slow"], capture_output=True, text=True,
            timeout=PATIENCE,
        )
    assert run.returncode == 0, run.stderr
    rows = run.stdout.splitlines()[1:]
    assert [row.split()[-1] for row in rows] == ["200"] * 4
    # Each takes a second and more, a busy machine's time; that they run together, and not one
    # after the other, is a behaviour.
    assert all(float(row.split()[-3]) >= 1 for row in rows), run.stdout


def test_the_multithreading_script_says_when_nobody_listens():
    script = steps.find("threading").folder / "many_requests.py"
    run = subprocess.run(
        [sys.executable, script, "http://127.0.0.1:1/", "1"], capture_output=True, text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 1
    assert "nobody listens there" in run.stdout


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_importing_a_demo_starts_no_server(step):
    code = "import sys; sys.path.insert(0, ''); import demo; print(demo.app.name)"
    run = subprocess.run(
        [sys.executable, "-I", "-B", "-S", "-c", code], cwd=step.folder, timeout=PATIENCE,
        env=bare_environment(), capture_output=True, text=True,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "demo\n", "")


@pytest.mark.all
def test_each_demo_runs_as_its_reader_types_it():
    # On the port that app.run() takes by itself, so one after the other.
    try:
        socket.create_server(("127.0.0.1", 8000)).close()
    except OSError:
        pytest.skip("port 8000, where the demos listen, is taken")
    for step in steps.STEPS[1:]:
        with subprocess.Popen(
            [sys.executable, "-S", "-B", "demo.py"], cwd=step.folder, env=bare_environment(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as process:
            try:
                announced = process.stdout.readline()
                assert announced == "Running on http://127.0.0.1:8000 (Ctrl-C stops it)\n"
            finally:
                process.terminate()


@pytest.mark.parametrize("words", [["127.0.0.1:8000/slow"], ["https://a/"], ["http://a/", "0"],
                                   ["http://a/", "many"]])
def test_the_multithreading_script_says_what_it_takes(words):
    script = steps.find("threading").folder / "many_requests.py"
    run = subprocess.run(
        [sys.executable, script, *words], capture_output=True, text=True, timeout=PATIENCE
    )
    assert run.returncode == 2
    assert "error: " in run.stderr and "Traceback" not in run.stderr


def bare_environment():
    """Return an empty environment; Windows cannot open sockets without its SYSTEMROOT."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
