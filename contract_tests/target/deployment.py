"""The deployment file: URL and keys of a deployment, and what is known about its workspace."""

import os
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tracepass_contract import spec

from ..model.outcomes import BadDeployment
from .deployment_keys import OWN_PLACEHOLDER, PLACEHOLDERS, names_in

_AMOUNTS = ("writes_per_day", "writes_left", "slots_left", "overage_price_cents")


@dataclass(frozen=True, slots=True)
class SecondWorkspace:
    """Another workspace of the same deployment, to test that the two are separate."""

    api_key_env: str
    product_id: str
    gtin: str


@dataclass(frozen=True, slots=True)
class FromVariable:
    """A value that an environment variable holds."""

    env: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """Programs that change the deployment, as lists of arguments (`deployment_keys.PLACEHOLDERS`)."""

    set_budget: list[str] = field(default_factory=list)
    set_quota: list[str] = field(default_factory=list)
    set_clock: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The content of a deployment file. A missing value is not known; rules that need it stay untested.

    `single_create` and `read_back`: None, and the run finds out. `writes_left` and `slots_left` are the values at the
    start of the run. `exclusive`: nobody else uses the workspace
    during the run. Keys are in environment variables, never in the file.
    """

    base_url: str = ""
    api_key_env: str = "TRACEPASS_CHECK_API_KEY"
    product_id: str | None = None
    gtin: str | None = None
    workspace: str | None = None
    plan: str | None = None
    writes_per_day: int | None = None
    writes_left: int | None = None
    unlimited_writes: bool = False
    slots_left: int | None = None
    unlimited_slots: bool = False
    overage_supported: bool | None = None
    overage_price_cents: int | None = None
    exclusive: bool = True
    single_create: bool | None = None
    read_back: bool | None = None
    second_key_env: str | None = None
    second_workspace: SecondWorkspace | None = None
    hooks: Hooks = field(default_factory=Hooks)
    headers: dict[str, str | FromVariable] = field(default_factory=dict)
    ca_file: str | None = None
    insecure: bool = False
    client_cert: str | None = None
    client_key: str | None = None
    requests_per_second: float | None = None
    api_key_command: list[str] = field(default_factory=list)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def with_key(self, api_key: str) -> "Deployment":
        return replace(self, keys={**self.keys, self.api_key_env: api_key})

    @property
    def never_has(self) -> Mapping[str, str]:
        """The needs that no option of a run can meet, by code, and why: the workspace has no such limit."""
        reasons = {
            "W": "the workspace has no write budget (unlimited_writes)" if self.unlimited_writes else "",
            "Q": "the workspace has no passport quota (unlimited_slots)" if self.unlimited_slots else "",
            "O": "the plan sells no overage (overage_supported)" if self.overage_supported is False else "",
        }
        return {code: reason for code, reason in reasons.items() if reason}

    @property
    def declares_limits(self) -> bool:
        """Whether checks count what is left of a budget or quota."""
        hooks = self.hooks.set_budget or self.hooks.set_quota
        return self.writes_left is not None or self.slots_left is not None or bool(hooks)

    @property
    def may_create_singly(self) -> bool:
        """Whether the deployment may have a single create. To look takes a refused call, which may take a write: not
        where the rest of the budget must be known.
        """
        return self.writes_left is None if self.single_create is None else self.single_create

    @property
    def variables(self) -> Sequence[str]:
        """The environment variables that hold its keys."""
        second = self.second_workspace and self.second_workspace.api_key_env
        return [each for each in (self.api_key_env, self.second_key_env, second) if each]

    @property
    def variables_of_headers(self) -> Sequence[str]:
        """The environment variables that hold values of its headers."""
        return [each.env for each in self.headers.values() if isinstance(each, FromVariable)]

    def known_keys(self) -> Sequence[str]:
        """The keys that are set. An answer may contain any of them, so all of them are redacted."""
        return [key for key in map(self._value, self.variables) if key]

    def _value(self, variable: str) -> str:
        return self.keys.get(variable) or os.environ.get(variable, "")

    def header(self, name: str) -> str:
        """The value of one of `headers`. Raises `BadDeployment`."""
        value = self.headers[name]
        if isinstance(value, str):
            return value
        if not (found := self._value(value.env)):
            raise BadDeployment(f"no value for the header {name}: set the environment variable {value.env}")
        return found

    def key(self, variable: str) -> str:
        """The key that an environment variable holds. Raises `BadDeployment`."""
        value = self._value(variable)
        if not value:
            raise BadDeployment(f"no API key: set the environment variable {variable}")
        if not value.isascii() or not value.isprintable():
            raise BadDeployment(f"{variable}: an API key has only printable ASCII characters")
        return value


def check_url(url: str) -> None:
    """Raises `BadDeployment` where this is not the URL of a deployment. Sends nothing, and shows no password."""
    shown = "" if "@" in url else f': "{url}"'
    wrong_host = f"base_url has no valid host and port{shown}"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # for example an unclosed bracket, or letters in the port
        raise BadDeployment(wrong_host) from None
    if "@" in parts.netloc:
        raise BadDeployment("base_url must not contain a user or a password")
    if not url.startswith(("http://", "https://")):
        raise BadDeployment(f"base_url must start with http:// or https://{shown}")
    if not has_host:
        raise BadDeployment(wrong_host)
    if "?" in url or "#" in url:
        raise BadDeployment("base_url must not have a query (?…) or a fragment (#…): paths are added at its end")


def load_deployment(path: Path) -> Deployment:
    """Raises `BadDeployment`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadDeployment(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDeployment(f"{path}: not valid TOML: {error}") from None
    for section in ("", "hooks.", "second_workspace."):
        _check_names(path, section, raw.get(section.rstrip("."), {}) if section else raw)
    try:
        deployment = msgspec.convert(raw, Deployment)
    except msgspec.ValidationError as error:
        raise BadDeployment(f"{path}: {error}") from None
    if wrong := [*_wrong_values(deployment), *_wrong_hooks(deployment)]:
        raise BadDeployment("\n".join(f"{path}: {each}" for each in wrong))
    return deployment


def _wrong_values(deployment: Deployment) -> Iterator[str]:
    """A sentence for each impossible value."""
    for name in _AMOUNTS:
        amount = getattr(deployment, name)
        if amount is not None and amount < 0:
            yield f"{name} must be 0 or more, is {amount}"
    if deployment.requests_per_second is not None and not deployment.requests_per_second > 0:
        yield f"requests_per_second must be more than 0, is {deployment.requests_per_second}"
    for name in ("product_id", "gtin"):
        if getattr(deployment, name) == "":
            yield f"{name} must not be empty"
    if deployment.plan is not None and deployment.plan not in _plans():
        yield f'unknown plan "{deployment.plan}". The plans are {", ".join(_plans())}.'


def _wrong_hooks(deployment: Deployment) -> Iterator[str]:
    """A sentence for each hook that would fail during the run. Other text in braces belongs to the command."""
    for name, own in OWN_PLACEHOLDER.items():
        command = getattr(deployment.hooks, name)
        named = re.findall(r"\{(\w+)\}", " ".join(command))
        for found in named:
            if found not in PLACEHOLDERS and (near := get_close_matches(found, PLACEHOLDERS, n=1)):
                yield f'hooks.{name}: unknown placeholder "{{{found}}}". Did you mean "{{{near[0]}}}"?'
        if command and own not in named:
            yield f'hooks.{name}: needs the placeholder "{{{own}}}", the value to set'
        if "workspace" in named and not deployment.workspace:
            yield f'hooks.{name}: "{{workspace}}" needs the key "workspace" in the file'
        if command and which(command[0]) is None:
            yield f'hooks.{name}: program "{command[0]}" not found, or not executable'


def _plans() -> Sequence[str]:
    """The names of the plans, as the control plane has them."""
    names: Sequence[str] = spec.control_document()["components"]["schemas"]["PlanName"]["enum"]
    return names


def _check_names(path: Path, where: str, found: Any) -> None:
    names = names_in(where)
    for name in found if isinstance(found, dict) else ():
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f'Did you mean "{where}{near[0]}"?' if near else f"The keys are {', '.join(names)}."
            raise BadDeployment(f'{path}: unknown key "{where}{name}". {hint}')


def deployment_of(
    file: Path | None,
    url: str | None,
    api_key: str | None,
    product_id: str | None,
    gtin: str | None,
    api_key_command: str | None = None,
) -> Deployment | None:
    """The deployment file, overridden by the other values; None without file and URL. Raises `BadDeployment`."""
    if file is None and url is None:
        return None
    deployment = load_deployment(file) if file is not None else Deployment()
    deployment = replace(
        deployment,
        base_url=url or deployment.base_url,
        product_id=product_id or deployment.product_id,
        gtin=gtin or deployment.gtin,
        api_key_command=_split(api_key_command) or ([] if api_key else deployment.api_key_command),
    )
    if api_key and api_key_command:
        raise BadDeployment("give one of --api-key and --api-key-command")
    if deployment.base_url:
        check_url(deployment.base_url)
    return deployment.with_key(api_key) if api_key else deployment


def _split(command: str | None) -> list[str]:
    try:
        return shlex.split(command or "")
    except ValueError as error:
        raise BadDeployment(f"--api-key-command: {error}") from None
