"""OwnFlask, stage 1.3: run() is there.

New: run(), which returns at once.
"""


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods):
        def wrapper(f):
            pass
        return wrapper

    def run(self):
        pass
