"""OwnFlask, step 1: a skeleton.

New: an app object, a decorator that gives the view back, a run() that returns at once.
Still missing: nothing is kept, and nothing listens.
The story: docs/01_skeleton.md
"""


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods=("GET",)):
        def wrapper(f):
            return f
        return wrapper

    def run(self):
        pass
