"""threading: a slow request no longer blocks the others."""

import contextlib
import threading

from tests.behaviours import step
from tests.behaviours.views import query

behaviour, _, view = step("threading")

both_inside = threading.Barrier(2)


@view("/meet")
def meet(request):
    both_inside.wait()
    return f"met {query(request)['name'][0]}"


@behaviour("two requests are inside views at the same time, each with its own Request",
           before="Blocked")
def two_requests_at_once(client):
    a, b = client.together("/meet?name=a", "/meet?name=b")
    a.expect(text="met a")
    b.expect(text="met b")


@behaviour("clients that say nothing block nobody", before="Blocked")
def silent_clients_block_nobody(client):
    with contextlib.ExitStack() as silent:
        for _ in range(5):      # as many as wait in line without being refused
            silent.enter_context(client.silence())
        client.get("/").expect(text="hello")
