"""threading: a slow request no longer blocks the others."""

import contextlib
import signal
import socket
import threading

from tests.behaviours import step
from tests.behaviours.kit import Wrong
from tests.behaviours.views import query

behaviour, _, view = step("threading")

both_inside = threading.Barrier(2)


@view("/meet")
def meet(request):
    both_inside.wait()
    return f"met {query(request)['name'][0]}"


@behaviour("two requests are inside views at the same time, each with its own Request",
           stage="threads", before="Blocked", until="a_name_for_all", after="Wrong: met")
def two_requests_at_once(client):
    a, b = client.together("/meet?name=a", "/meet?name=b")
    a.expect(text="met a")
    b.expect(text="met b")


MANY = 12
all_inside = threading.Barrier(MANY)


@view("/crowd")
def crowd(request):
    all_inside.wait()
    return "all are here"


@behaviour("a dozen requests are inside views at the same time", stage="threads",
           before="Blocked")
def many_requests_at_once(client):
    for reply in client.together(*(f"/crowd?{number}" for number in range(MANY))):
        reply.expect(text="all are here")


@behaviour("clients that say nothing block nobody", stage="threads", before="Blocked")
def silent_clients_block_nobody(client):
    with contextlib.ExitStack() as silent:
        # Five are as many as wait in line without being refused; one of them breaks off.
        *_, halfway = [silent.enter_context(client.silence()) for _ in range(5)]
        halfway.sendall(b"POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n[1]")
        client.post("/hook", b"[1]").expect(text="hooked")
        client.get("/").expect(text="hello")


@behaviour("many clients may come at the same moment", stage="a_longer_queue",
           before="Wrong: timed out", posix_only=True)
def many_clients_may_come(client):
    signals = {name: getattr(signal, name) for name in ("SIGSTOP", "SIGCONT")}   # not on Windows
    client.server.process.send_signal(signals["SIGSTOP"])       # nobody is let in meanwhile
    try:
        with contextlib.ExitStack() as come:
            for number in range(20):
                try:
                    # The system answers for the server; nobody has to run for it.
                    one = socket.create_connection(("127.0.0.1", client.port), timeout=2)
                except TimeoutError:
                    raise Wrong("20 clients at once", f"after {number} of them it timed out",
                                "all of them may wait in line")
                come.enter_context(one)
    finally:
        client.server.process.send_signal(signals["SIGCONT"])
