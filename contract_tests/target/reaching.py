"""How the deployment of a run is reached, from the options and the deployment file. Options come first."""

import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..client.access import RESERVED_HEADERS, Access
from ..model.outcomes import BadDeployment, Inconclusive
from .deployment import Deployment
from .programs import ProgramFailed, output_of

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a token of RFC 9110
_OPTIONS = ("header", "ca_file", "insecure", "client_cert", "client_key", "requests_per_second", "api_key_command")


def access_of(given: Mapping[str, Any], deployment: Deployment | None) -> Access:
    """Raises `BadDeployment`."""
    if deployment is None:
        if wrong := [name for name in _OPTIONS if given.get(name)]:
            raise BadDeployment(f"--{wrong[0].replace('_', '-')} works only with a URL: the run starts its own mock")
        return Access()
    access = Access(
        headers=_headers(given.get("header") or (), deployment),
        ca_file=given.get("ca_file") or _path(deployment.ca_file),
        is_insecure=bool(given.get("insecure")) or deployment.insecure,
        client_cert=given.get("client_cert") or _path(deployment.client_cert),
        client_key=given.get("client_key") or _path(deployment.client_key),
        requests_per_second=given.get("requests_per_second") or deployment.requests_per_second,
    )
    if access.client_key is not None and access.client_cert is None:
        raise BadDeployment("--client-key needs --client-cert")
    if access.ca_file is not None and access.is_insecure:
        raise BadDeployment("--ca-file has no meaning with --insecure, which trusts any certificate")
    _check_certificates(access)
    return access


def key_from_command(deployment: Deployment) -> str:
    """The key that `api_key_command` prints. Raises `BadDeployment`."""
    try:
        key = output_of(deployment.api_key_command, "the command of --api-key-command").strip()
    except ProgramFailed as error:
        raise BadDeployment(str(error)) from None
    if not key or not key.isascii() or not key.isprintable():
        what = "nothing" if not key else "something else than one line of printable ASCII"
        raise BadDeployment(f"the command of --api-key-command must print an API key, and printed {what}")
    return key


def renewed_key(deployment: Deployment) -> str:
    """As `key_from_command`, during the run. Raises `Inconclusive`."""
    try:
        return key_from_command(deployment)
    except BadDeployment as error:
        raise Inconclusive(f"the API key got 401, and there is no other: {error}") from None


def notes_on(access: Access) -> Sequence[str]:
    """What every report has to say."""
    if not access.is_insecure:
        return ()
    return ("The certificate of the server was not checked (--insecure): another server may have answered.",)


def _headers(given: Sequence[str], deployment: Deployment) -> dict[str, str]:
    headers = {name: deployment.header(name) for name in deployment.headers}
    for each in given:
        name, colon, value = each.partition(":")
        if not colon:
            raise BadDeployment("--header must be 'Name: value'; it has no colon")
        headers = {old: kept for old, kept in headers.items() if old.lower() != name.strip().lower()}
        headers[name.strip()] = value.strip()
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise BadDeployment("--header: the name must be a token of HTTP, such as X-Gateway-Token")
        if name.lower() in RESERVED_HEADERS:
            raise BadDeployment(f"--header: the suite sets {name} itself")
        if not value.isascii() or not value.isprintable():
            raise BadDeployment(f"--header: the value of {name} must be printable ASCII in one line")
    return headers


def _check_certificates(access: Access) -> None:
    """Raises `BadDeployment` where a file can't be used, before anything is sent."""
    options = {"--ca-file": access.ca_file, "--client-cert": access.client_cert, "--client-key": access.client_key}
    for option, path in options.items():
        if path is not None and not path.is_file():
            raise BadDeployment(f"{option}: {path} is no file")
    try:
        access.trusted()
    except (ssl.SSLError, OSError) as error:
        try:
            Access(ca_file=access.ca_file).trusted()
        except (ssl.SSLError, OSError):
            raise BadDeployment(f"--ca-file: {access.ca_file} has no certificates in PEM") from None
        why = getattr(error, "reason", None) or error.strerror
        hint = "a certificate and its key in PEM, and the key without a password"
        raise BadDeployment(f"--client-cert: {access.client_cert} can't be used ({why}); it must be {hint}") from None


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
