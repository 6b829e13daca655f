"""What the views of the app under test need, where steps or real Flask say it differently."""

from tests.behaviours import number_of

REQUEST_IS_HANDED_IN = number_of("query_params")    # from this step on, a view takes the request
REQUEST_IS_GLOBAL = number_of("request_global")     # from this one on, it imports it instead


def query(request):
    """Return the query string as a dict of lists: request.qs, or what request.args holds."""
    return request.qs if hasattr(request, "qs") else request.args.to_dict(flat=False)


def body(request):
    """Return the bytes of the request's body: request.body, in real Flask get_data()."""
    return request.get_data() if hasattr(request, "get_data") else request.body
