"""OwnFlask, stage 1.2: route() is a decorator.

New: route() takes a path and methods, and returns a decorator that does nothing.
"""


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods):
        def wrapper(f):
            pass
        return wrapper
