# %% exercise-1
def plain(environ, start_response):
    if environ["PATH_INFO"] == "/hello":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"not found"]

# %% exercise-2
class ServedBy:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Served-By", "ownflask")], exc_info)

        return self.app(environ, start)

# %% exercise-3
def mount(first, prefix, second):
    def app(environ, start_response):
        path = environ["PATH_INFO"]
        if path == prefix or path.startswith(prefix + "/"):
            moved = {**environ, "SCRIPT_NAME": environ["SCRIPT_NAME"] + prefix,
                     "PATH_INFO": path[len(prefix):]}
            return second(moved, start_response)
        return first(environ, start_response)
    return app
