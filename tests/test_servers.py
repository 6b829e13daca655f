"""From step 9 on, other people's WSGI servers run the demo unchanged: gunicorn, waitress."""

import os
import subprocess
import sys

import pytest
import requests

import steps
from tests.course import PATIENCE

WSGI_STEPS = [step for step in steps.STEPS if step.number >= steps.find("wsgi").number]
PATH_HAS_THE_ID, HEAD_IS_ANSWERED = (
    steps.find(name).number for name in ("url_params", "responses"))
JSON = {"Content-Type": "application/json"}
PYTHON = [sys.executable, "-B", "-m"]
GUNICORN = [*PYTHON, "gunicorn", "demo:app", "--bind", "127.0.0.1:0", "--no-control-socket"]
WAITRESS = [*PYTHON, "waitress", "--listen=127.0.0.1:0", "demo:app"]

needs_fork = pytest.mark.skipif(os.name != "posix", reason="gunicorn needs fork()")


@pytest.mark.parametrize("step", WSGI_STEPS, ids=str)
@pytest.mark.parametrize("command", [
    pytest.param(GUNICORN, id="gunicorn", marks=needs_fork), pytest.param(WAITRESS, id="waitress"),
])
def test_runs_the_demo(command, step):
    with steps.Server(command, cwd=step.folder, wait=PATIENCE) as server, \
            requests.Session() as session:
        session.trust_env = False       # a proxy set for the web breaks loopback

        def ask(method, path, **options):
            return session.request(method, server.url + path, timeout=PATIENCE, **options)

        assert ask("GET", "/?name=Zo%C3%AB").text == "hello Zoë"
        book = "/book/11" if step.number >= PATH_HAS_THE_ID else "/book?id=11"
        assert ask("GET", book).json() == {"id": 11, "title": "Dune"}
        assert ask("POST", "/todo", json=[1]).json() == {"status": "success", "data": [1]}
        assert ask("POST", "/todo", data="[1", headers=JSON).status_code == 400
        assert "POST" in ask("GET", "/todo").headers["Allow"].split(", ")
        assert ask("GET", "/nope").status_code == 404
        # One connection serves all of these: a body after HEAD would spoil the next answer.
        answered = step.number >= HEAD_IS_ANSWERED
        assert ask("HEAD", "/").status_code == (200 if answered else 405)
        assert ask("GET", "/").text == "hello world"


@needs_fork
def test_gunicorn_refuses_the_app_of_the_step_before():
    before = steps.before("wsgi")
    checked = subprocess.run(
        [*GUNICORN, "--check-config"], cwd=before.folder, timeout=PATIENCE,
        capture_output=True, text=True,
    )
    assert checked.returncode != 0
    assert "Application object must be callable" in checked.stderr
