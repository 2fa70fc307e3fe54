"""The page of a list that was asked for, and the addresses of the others."""

from flask import request, url_for

MOST = 10_000
"""No list has more pages; a larger number is somebody's play with the address."""


def page_asked() -> int:
    """The number in the address, from 1."""
    asked = request.args.get("page", 1, type=int)
    return min(max(asked, 1), MOST)


def page_address(page: int) -> str:
    """This list's address with another page, and everything else as it was asked for."""
    words = {**(request.view_args or {}), **request.args.to_dict(), "page": page}
    return url_for(request.endpoint or "home.landing", **words)
