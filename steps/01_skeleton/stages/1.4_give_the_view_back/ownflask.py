"""OwnFlask, stage 1.4: the decorator gives the view back.

New: the name below @app.route is still the view.
"""


class Flask:
    def __init__(self, name):
        self.name = name

    def route(self, path, methods):
        def wrapper(f):
            return f
        return wrapper

    def run(self):
        pass
