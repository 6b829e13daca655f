# %% exercise-1
class Remembering(ownflask.Flask):
    def __init__(self, name):
        super().__init__(name)
        self.views = {}

    def route(self, path, methods=("GET",)):
        def wrapper(f):
            self.views[path] = f
            return f
        return wrapper

# %% exercise-2
def counted(f):
    def counting(*arguments, **options):
        counting.calls += 1
        return f(*arguments, **options)
    counting.calls = 0
    return counting

# %% exercise-3
class Strict(ownflask.Flask):
    def route(self, path, methods=("GET",)):
        if not isinstance(path, str):
            raise TypeError(f"route() wants a path, as in @app.route('/'), and got {path!r}")

        def wrapper(f):
            if not callable(f):
                raise TypeError(f"the view for {path} cannot be called: it is {f!r}")
            return f
        return wrapper
