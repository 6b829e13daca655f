"""Step 8: a slow request no longer blocks the others."""

import threading

from tests.behaviours import step
from tests.behaviours.views import query

behaviour, view = step(8)

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
