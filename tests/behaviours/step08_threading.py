"""Step 8: a slow request no longer blocks the others."""

import threading

from tests.behaviours import step
from tests.behaviours.step02_server import APP, press_ctrl_c
from tests.behaviours.views import query

behaviour, _, view = step(8)

both_inside = threading.Barrier(2, timeout=2)


@view("/meet")
def meet(request):
    both_inside.wait()
    return f"met {query(request)['name'][0]}"


@behaviour("two requests are inside views at the same time, each with its own Request",
           before="Dropped: BrokenBarrierError")
def two_requests_at_once(client):
    a, b = client.together("/meet?name=a", "/meet?name=b")
    a.expect(text="met a")
    b.expect(text="met b")


@behaviour("a client that says nothing blocks nobody", before="Blocked")
def silent_client_blocks_nobody(client):
    with client.silence():
        client.get("/", timeout=2).expect(text="hello")


@behaviour("Ctrl-C does not wait for a client that says nothing", before="Blocked",
           posix_only=True)
def ctrl_c_does_not_wait_for_clients(program):
    with program.serving(APP + "app.run(port=0)") as client, client.silence():
        client.get("/", timeout=2)      # answered: the silent one has its thread by now
        press_ctrl_c(client)
