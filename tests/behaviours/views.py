"""What the views of the app under test need, where steps or real Flask say it differently."""

from tests.behaviours import number_of

REQUEST_IS_HANDED_IN = number_of("query_params")    # from this step on, a view takes the request
REQUEST_IS_GLOBAL = number_of("request_global")     # from this one on, it imports it instead


def query(request):
    """Return the query string as a dict of lists: request.qs, or what request.args holds."""
    args = getattr(request, "args", None)
    if hasattr(request, "qs") or not hasattr(args, "getlist"):
        return request.qs       # and where that is missing, this is the name to ask for
    return {key: args.getlist(key) for key in args}


def body(request):
    """Return the bytes of the body: request.body, later request.data, in real Flask get_data()."""
    if hasattr(request, "get_data"):
        return request.get_data()
    return request.data if hasattr(request, "data") else request.body
