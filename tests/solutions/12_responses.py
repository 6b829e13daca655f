# %% exercise-1
def never_kept(view):
    def inner(**values):
        response = ownflask.make_response(view(**values))
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    return inner

# %% exercise-2
def as_csv(rows):
    lines = (",".join(row) + "\n" for row in rows)
    return ownflask.Response(lines, mimetype="text/csv")

# %% exercise-3
def send_back(target):
    stays = target.startswith("/") and not target.startswith(("//", "/\\"))
    return ownflask.redirect(target if stays else "/")
