"""How the calls of Schemathesis reach a deployment: with the variables of `tracepass-check` for headers, certificates,
a proxy and a rate.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ...client.access import ANYWHERE, Access, Pace
from ...client.network import proxy_url_for
from ...run import options
from ...target.deployment import Deployment
from ...target.reaching import access_of

Send = Callable[..., requests.Response]


def access_from(environment: Mapping[str, str]) -> Access:
    """From TRACEPASS_CHECK_HEADER, …_CA_FILE and the like. Raises `BadDeployment`."""
    given = {option.key: _value(option, environment.get(option.variable)) for option in options.NETWORK}
    return access_of(given, Deployment())


def _value(option: options.Option, text: str | None) -> Any:
    if not text:
        return None
    if option.one_per_line:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return option.kind(text)


class Sending:
    """Sends prepared requests of `requests`, and follows no redirect: the headers are for one deployment."""

    def __init__(self, access: Access = ANYWHERE) -> None:
        self._headers = access.headers
        self._pace = Pace(access.requests_per_second)
        self._adapter = _Adapter(access.trusted())

    def __call__(
        self, send: Send, session: requests.Session, request: requests.PreparedRequest, **given: Any
    ) -> requests.Response:
        """`send` is `requests.Session.send`. What it is given about certificates and proxies is replaced."""
        sent, proxy = request.copy(), proxy_url_for(str(request.url))
        sent.headers.update(self._headers)
        session.mount("https://", self._adapter)
        proxies = {"http": proxy, "https": proxy} if proxy else {"no_proxy": "*"}
        self._pace.wait()
        response = send(session, sent, **{**given, "proxies": proxies, "allow_redirects": False})
        response.request = request  # Schemathesis shows it, and the headers may be secrets
        return response


class _Adapter(HTTPAdapter):
    """Trusts what `context` trusts."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, *_trust: Any, **_more: Any
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, verify=True)
        return host, {"ssl_context": self._context}

    def cert_verify(self, *_about: Any) -> None:
        """The context does it."""
