"""Which language an answer speaks: the one chosen on a page, else the browser's."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from host.text import ENGLISH, LANGUAGES, speaking

NAME = "lang"
"""Name of the query parameter, which is remembered, and of the cookie that remembers it."""
_KEPT = f"{NAME}={{}}; Path=/; Max-Age=31536000; SameSite=Strict"


class Languages:
    """ASGI middleware that lets each request speak its language.

    ``?lang=zh`` chooses and is remembered in a cookie; then the cookie counts, then
    ``Accept-Language`` (RFC 9110, section 12.5.4), then English. A language that nobody speaks here
    is passed over.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get(NAME, [])
        chosen = _known(asked)
        language = chosen or _remembered(headers) or _preferred(headers) or ENGLISH

        async def with_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.setdefault("Content-Language", language)
                answer.add_vary_header("Accept-Language")
                if chosen:
                    answer.append("Set-Cookie", _KEPT.format(chosen))
            await send(message)

        with speaking(language):
            await self._app(scope, receive, with_language)


def _known(tags: Iterable[str]) -> str | None:
    """First of the languages that is spoken here; ``zh-CN`` counts as ``zh``."""
    return next((code for tag in tags if (code := tag.split("-")[0].lower()) in LANGUAGES), None)


def _remembered(headers: Headers) -> str | None:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(NAME)
    except CookieError:
        return None
    return None if cookie is None else _known([cookie.value])


def _preferred(headers: Headers) -> str | None:
    weighted = []
    for place, entry in enumerate(headers.get("accept-language", "").split(",")):
        tag, _, quality = entry.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if weight > 0:
            weighted.append((-weight, place, tag))
    return _known(tag for _, _, tag in sorted(weighted))
