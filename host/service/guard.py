"""Keeps foreign web pages away from a box that has no password.

A page from the internet, open in a browser of the clinic, may send requests to a local service. Two
checks stop it: the ``Host`` must be one of ours (against names that are made to point here), and a
request that changes something must not come from a page of another origin. Every answer forbids
the browser to load anything from elsewhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from host.codes import ErrorCode
from host.service.problems import problem_response

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_CONTENT_ONLY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
)


class Guard:
    """ASGI middleware.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        Accepted host names; None accepts every name (the box listens to a network, where its
        name is not known to itself).
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refused_origin(scope["method"], Headers(scope=scope))
        if refused is not None:
            response = problem_response(ErrorCode.ORIGIN_REFUSED, {"origin": refused})
            await response(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", OWN_CONTENT_ONLY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)

    def _refused_origin(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if self._hosts is not None and urlsplit(f"//{host}").hostname not in self._hosts:
            return host
        origin = headers.get("origin")
        if origin is not None and method not in SAFE_METHODS and urlsplit(origin).netloc != host:
            return origin
        return None
