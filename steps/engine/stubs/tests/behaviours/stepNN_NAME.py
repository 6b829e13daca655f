"""NAME: STUB what it can do, in a line."""

from tests.behaviours import step

behaviour, flaw, view = step("NAME")


@view("/stub-of-NAME")
def stub_of_NAME(request):
    return "STUB what the new framework makes of it"


@behaviour("STUB what holds since this step, in a sentence", before="Wrong: STUB what came back")
def stub_of_NAME_holds(client):
    client.get("/stub-of-NAME").expect(text="STUB what comes back now")
