"""server: run() listens, and every request gets 501."""

import contextlib
import errno
import re
import signal
import socket

from steps.engine.server import free_port
from tests.behaviours import step
from tests.behaviours.kit import Blocked, Crashed, Dropped, Failure, Finished, Wrong

behaviour, flaw, view = step("server")


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


@behaviour("run() listens", stage="listen", before="NoServer: it ended without a server")
def run_listens(program):
    port = free_port()
    with program.serving(APP + f"app.run(port={port})", at=port) as client, client.silence():
        if client.port != port:
            raise Wrong(f"app.run(port={port})", f"port {client.port}", f"port {port}")


@behaviour("run() without arguments is for 127.0.0.1, port 8000", stage="listen",
           before="Crashed: it asks for nothing",
           flask=("Crashed: 5000", "its port is 5000 unless you say otherwise"))
def default_address(program):
    # Nobody listens: port 8000 may be in use here.
    program(APP + """
import contextlib, io, socket

class Asked(BaseException):
    pass

def bind(self, address):
    asked.append(address)
    raise Asked

asked, socket.socket.bind, said = [], bind, io.StringIO()
try:
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        app.run()
except BaseException:
    pass
first = asked[0] if asked else "nothing"
assert first in [("127.0.0.1", 8000), ("localhost", 8000)], f"it asks for {first}"
assert "http" not in said.getvalue(), "it says its URL before it has the port"
""").expect()


@behaviour("run() announces its URL once it listens", stage="the_real_port",
           before="NoServer: port 0")
def announces_its_url(client):
    with client.silence():
        printed = client.server.log()
    if f"http://127.0.0.1:{client.port}" not in printed:
        raise Wrong("app.run()", f"it printed {printed!r}", "http://127.0.0.1 and the port")


@behaviour("every request is answered with 501", stage="the_real_port",
           before="NoServer: port 0", until="handling_get", after="Wrong: 200")
def every_request_gets_501(client):
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE"):
        client.send(method, "/", b"").expect(501)


@behaviour("only this machine can connect", stage="the_real_port", before="NoServer: port 0")
def only_this_machine_can_connect(client):
    # All of 127.0.0.0/8 is this machine; a server bound to 127.0.0.1 answers there alone.
    # Where a system has no 127.0.0.2, its address in the network shows the same.
    client.silence().close()
    for address in {"127.0.0.2", outward_address()}:
        try:
            socket.create_connection((address, client.port), timeout=2).close()
        except OSError as error:
            if error.errno == errno.EMFILE:     # nobody was asked
                raise
            continue
        raise Wrong(f"a connection to {address}", "it was accepted", "it is refused")


@behaviour("run(host, port) listens there", stage="announce", before="NoServer: no URL")
def listens_where_it_is_told(program):
    port = free_port()
    with program.serving(APP + f"app.run('127.0.0.1', {port})") as client:
        if client.port != port:
            raise Wrong(f"run('127.0.0.1', {port})", f"port {client.port}", f"port {port}")


@behaviour("port=0 takes a free port, and two apps can run", stage="the_real_port",
           before="NoServer: port 0")
def port_0_takes_a_free_one(program):
    source = APP + "app.run(port=0)"
    with program.serving(source) as one, program.serving(source) as other:
        if 0 in (one.port, other.port) or one.port == other.port:
            ports = f"ports {one.port} and {other.port}"
            raise Wrong("run(port=0), twice", ports, "two free ports")


@behaviour("a port in use ends the program with a sentence", stage="port_in_use",
           before="Wrong: OSError", posix_only=True)
def port_in_use_is_said_plainly(program):
    with program.serving(APP + "app.run(port=0)") as client:
        finished = ended(program, f"app.run(port={client.port})")
    ends_with_a_sentence(finished, str(client.port), "in use|already|taken|busy|occupied")


@behaviour("an address of another machine ends the program with a sentence", stage="port_in_use",
           before="Wrong: OSError")
def foreign_address_is_said_plainly(program):
    # RFC 5737, section 3: no machine has an address of this block.
    ends_with_a_sentence(ended(program, "app.run(host='192.0.2.1', port=0)"), "assign")


@behaviour("Ctrl-C ends run() quietly, and closes the port", stage="ctrl_c",
           before="Wrong: KeyboardInterrupt", posix_only=True)
def ctrl_c_ends_it_quietly(program):
    port = free_port()
    with program.serving(APP + f"""
import socket
app.run(port={port})
print("after run()")
try:
    socket.create_connection(("127.0.0.1", {port}))
    print("the port is open")
except OSError:
    pass
""", port) as client:
        with contextlib.suppress(Failure):      # what it answers is not the question here
            client.get("/")
        press_ctrl_c(client)
        printed = client.server.log()
    if "after run()" not in printed:
        raise Wrong("Ctrl-C while app.run() serves", "the program ended", "run() returns")
    if "the port is open" in printed:
        raise Wrong("Ctrl-C while app.run() serves", "the port is open after run()",
                    "the port is closed")


@behaviour("Ctrl-C does not wait for a client that says nothing", stage="ctrl_c",
           before="Wrong: KeyboardInterrupt", posix_only=True)
def ctrl_c_does_not_wait_for_clients(program):
    with program.serving(APP + "app.run(port=0)") as client, client.silence():
        # An answer to another client means that the silent one has been accepted; up to
        # step 7 there is none, and that takes no longer than this.
        with contextlib.suppress(Failure):
            client.get("/", timeout=0.3)
        press_ctrl_c(client)


@behaviour("no request shows a file of the working directory", stage="the_real_port",
           before="NoServer: port 0")
def files_are_not_served(client):
    # A page may well repeat the path. What lies there has more to tell: a line of app.py, and
    # in a list of the files the name of another one.
    for path in ("/app.py", "/", "/../behaviours/app.py"):
        for method in ("GET", "HEAD"):
            try:
                reply = client.send(method, path)
            except Dropped:
                continue
            if "import ownflask" in reply.text or "kit.py" in reply.text \
                    or "Last-Modified" in reply.headers:
                raise reply.wrong("no trace of the files that lie there, nor their Last-Modified")


@behaviour("an answer to HEAD ends with its headers", stage="the_real_port",
           before="NoServer: port 0")
def head_has_no_body(client):
    asked = "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    head, _, body = client.wire(asked.encode()).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.") or body:
        raise Wrong("HEAD /", f"{head!r} and {body!r}", "headers, and nothing after them")


@flaw("a method that HTTP does not know gets 501", stage="the_real_port",
      before="NoServer: port 0",
      flask=("Wrong: 405", "it says that the path does not know the method"))
def unknown_method_gets_501(client):
    client.send("BREW", "/").expect(501)
    client.send("get", "/").expect(501)


@flaw("HEAD and OPTIONS get 501", stage="the_real_port", before="NoServer: port 0",
      until="responses", after="Wrong: 200")
def head_and_options_get_501(client):
    client.send("HEAD", "/").expect(501)
    client.send("OPTIONS", "/").expect(501)


@flaw("POST gets 501", stage="the_real_port", before="NoServer: port 0", until="answer_post",
      after="Wrong: 200")
def post_gets_501(client):
    client.post("/hook", b"{}").expect(501)


def outward_address():
    """Return this machine's address in its network; 127.0.0.2 where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))     # sends nothing: UDP only picks an address
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.2"


def ended(program, last):
    """Return the app with this last line as Finished, however it has ended."""
    try:
        return program(APP + last)
    except Crashed:                             # by an exit with code 0
        return Finished(0, program.printed)


def ends_with_a_sentence(finished, *words):
    """Raise Wrong unless a program ended in an error with these words and no traceback.

    words: str, in each of them | between words of which one will do.
    """
    said = finished.out.strip()
    first = " and ".join(repr(word.partition("|")[0]) for word in words)
    if finished.code == 0 or "Traceback" in said \
            or not all(re.search(word, said) for word in words):
        raise Wrong("run() where it cannot listen", f"exit code {finished.code}: {said}",
                    f"a sentence with {first} in it, no traceback, and another exit code than 0")


def press_ctrl_c(client):
    """Interrupt the program as the keyboard would; raise Wrong unless it ends well."""
    before = len(client.server.log())
    client.server.process.send_signal(signal.SIGINT)
    code = client.server.ended(client.patience)
    if code is None:
        raise Blocked("Ctrl-C while app.run() serves", f"it goes on for {client.patience:g} s",
                      "it ends", client.server.stack())
    printed = client.server.log()[before:]
    if code != 0 or "Traceback" in printed:
        got = f"exit code {code}: {printed.strip()}"
        raise Wrong("Ctrl-C while app.run() serves", got, "exit code 0, no traceback")
