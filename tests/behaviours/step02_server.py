"""Step 2: run() listens, and every request gets 501."""

import signal
import socket
import subprocess

from tests.behaviours import step
from tests.behaviours.kit import Blocked, Dropped, Wrong

behaviour, flaw, view = step(2)


@view("/")
def hello(request):
    return "hello"


@view("/hook", methods=["POST"])
def hook(request):
    return "hooked"


APP = """
from ownflask import Flask
app = Flask(__name__)

@app.route("/", methods=["GET"])
def hello(*request):
    return "hello"
"""


@behaviour("run() announces its URL once it listens", before="NoServer")
def announces_its_url(client):
    client.get("/")


@behaviour("every request is answered with 501", before="NoServer", until=2, after="Wrong: 200")
def every_request_gets_501(client):
    for method in ("GET", "POST", "HEAD", "PUT"):
        client.send(method, "/", b"").expect(501)


@behaviour("only this machine can connect", before="NoServer")
def only_this_machine_can_connect(client):
    # All of 127.0.0.0/8 is this machine; a server bound to 127.0.0.1 answers there alone.
    try:
        socket.create_connection(("127.0.0.2", client.port), timeout=2).close()
    except OSError:
        return
    raise Wrong("a connection to 127.0.0.2", "it was accepted", "it is refused")


@behaviour("run(host, port) listens there", before="NoServer: TypeError")
def listens_where_it_is_told(program):
    port = free_port()
    with program.serving(APP + f"app.run('127.0.0.1', {port})") as client:
        if client.port != port:
            raise Wrong(f"run('127.0.0.1', {port})", f"port {client.port}", f"port {port}")


@behaviour("port=0 takes a free port, and two apps can run", before="NoServer: TypeError")
def port_0_takes_a_free_one(program):
    source = APP + "app.run(port=0)"
    with program.serving(source) as one, program.serving(source) as other:
        if 0 in (one.port, other.port) or one.port == other.port:
            ports = f"ports {one.port} and {other.port}"
            raise Wrong("run(port=0), twice", ports, "two free ports")


@behaviour("a port in use ends the program with a sentence", before="Wrong: TypeError")
def port_in_use_is_said_plainly(program):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = program(APP + f"app.run(port={port})")
    said = finished.out.strip()
    if finished.code == 0 or str(port) not in said or "Traceback" in said:
        got = f"exit code {finished.code}: {said}"
        raise Wrong("run() on a port in use", got, "an error that names the port, no traceback")


@behaviour("Ctrl-C ends run() quietly", before="NoServer: TypeError",
           posix_only=True)
def ctrl_c_ends_it_quietly(program):
    with program.serving(APP + "app.run(port=0)") as client:
        press_ctrl_c(client)


@behaviour("no request shows a file of the working directory", before="NoServer")
def files_are_not_served(client):
    for path in ("/app.py", "/", "/../behaviours/app.py"):
        for method in ("GET", "HEAD"):
            try:
                reply = client.send(method, path)
            except Dropped:
                continue
            if "app.py" in reply.text or "Last-Modified" in reply.headers:
                raise reply.wrong("no trace of the file app.py that lies there")


@flaw("a method that HTTP does not know gets 501", before="NoServer",
      until=8, after="Wrong: 405")
def unknown_method_gets_501(client):
    client.send("BREW", "/").expect(501)


@flaw("HEAD and OPTIONS get 501", before="NoServer", until=8, after="Wrong: 405")
def head_and_options_get_501(client):
    client.send("HEAD", "/").expect(501)
    client.send("OPTIONS", "/").expect(501)


@flaw("POST gets 501", before="NoServer", until=5, after="Wrong: 200")
def post_gets_501(client):
    client.post("/hook", b"{}").expect(501)


def free_port():
    """Return a port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def press_ctrl_c(client):
    """Interrupt the program as the keyboard would; raise Wrong unless it ends well."""
    process = client.server.process
    process.send_signal(signal.SIGINT)
    try:
        code = process.wait(5)
    except subprocess.TimeoutExpired:
        raise Blocked("Ctrl-C while app.run() serves", "it went on for 5 s", "it ends")
    printed = client.server.log()
    if code != 0 or "Traceback" in printed:
        got = f"exit code {code}: {printed.strip()}"
        raise Wrong("Ctrl-C while app.run() serves", got, "exit code 0, no traceback")
