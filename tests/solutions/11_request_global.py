# %% exercise-1
request = ownflask.request

def line(text):
    try:
        return f"{request.method} {request.path}: {text}"
    except RuntimeError:
        return text

# %% exercise-2
class Proxy:
    def __init__(self, variable):
        object.__setattr__(self, "variable", variable)

    def now(self):
        try:
            return self.variable.get()
        except LookupError:
            raise RuntimeError(f"{self.variable.name} has no value here")

    def __getattr__(self, name):
        return getattr(self.now(), name)

    def __setattr__(self, name, value):
        setattr(self.now(), name, value)

# %% exercise-3
def ask_all(app, paths):
    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(lambda path: ask(app, path), paths))
