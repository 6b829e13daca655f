"""Edits of a text, pairs (old, new): what mutants, solutions, notebooks and pages are made of."""


class DoesNotFit(ValueError):
    """The old text of an edit does not stand where it is to be replaced, or too often."""


def edited(text, edits, where="the text", once=True):
    """Return TEXT with each pair's old text replaced by its new one, in order.

    where: what TEXT is, for the words of the DoesNotFit that is raised unless each old text
    stands there exactly once; with once=False, at least once.
    """
    for old, new in edits:
        count = text.count(old)
        if count == 0 or once and count > 1:
            raise DoesNotFit(f"the text {old!r} stands {count} times in {where}"
                             + (", not once" if once else ""))
        text = text.replace(old, new)
    return text
