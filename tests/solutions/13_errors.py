# %% exercise-1
def with_json_errors(app):
    @app.errorhandler(ownflask.HTTPException)
    def in_json(error):
        told = {"code": error.code, "name": error.name, "description": error.description}
        allow = error.headers.get("Allow")
        return told, error.code, {"Allow": allow} if allow else {}

    return app

# %% exercise-2
class Missing(LookupError):
    """There is no such book."""


class SoldOut(Missing):
    """There was one."""


def with_statuses(app):
    app.errorhandler(Missing)(lambda error: (ownflask.escape(str(error)), 404))
    app.errorhandler(SoldOut)(lambda error: (ownflask.escape(str(error)), 410))
    return app

# %% exercise-3
import hmac

KEY = b"nobody knows this"


def signature(text):
    return hmac.new(KEY, text.encode(), "sha256").hexdigest()


def sign(text):
    return f"{text}.{signature(text)}"


def unsign(signed):
    text, _, given = signed.rpartition(".")
    if not hmac.compare_digest(given.encode(), signature(text).encode()):
        ownflask.abort(403)
    return text
