"""The deployment file: where a deployment is, with what it is opened, and what is known about it."""

import os
import re
import subprocess
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

from ..model.outcomes import BadDeployment, Inconclusive

_AMOUNTS = ("writes_per_day", "writes_left", "slots_left", "overage_price_cents")
_PLACEHOLDERS = {"set_budget": "writes_left", "set_clock": "now"}  # what stands for the value in a hook


@dataclass(frozen=True, slots=True)
class SecondWorkspace:
    """Another workspace of the same deployment, to show that the two are separate."""

    api_key_env: str
    product_id: str
    gtin: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """Commands that change the deployment, as lists of arguments; `{writes_left}` or `{now}` stands for the value."""

    set_budget: list[str] = field(default_factory=list)
    set_clock: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is left out is not known, and makes the rules that need it untested.

    `writes_left` and `slots_left` are of the moment that the run starts. `exclusive` says that nobody else uses the
    workspace meanwhile. Keys stand in environment variables, never in the file.
    """

    base_url: str = ""
    api_key_env: str = "TRACEPASS_CHECK_API_KEY"
    product_id: str | None = None
    gtin: str | None = None
    plan: str | None = None
    writes_per_day: int | None = None
    writes_left: int | None = None
    unlimited_writes: bool = False
    slots_left: int | None = None
    unlimited_slots: bool = False
    overage_supported: bool | None = None
    overage_price_cents: int | None = None
    exclusive: bool = True
    single_create: bool = False
    read_back: bool = False
    second_key_env: str | None = None
    second_workspace: SecondWorkspace | None = None
    hooks: Hooks = field(default_factory=Hooks)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def with_key(self, api_key: str) -> "Deployment":
        return replace(self, keys={**self.keys, self.api_key_env: api_key})

    @property
    def variables(self) -> Sequence[str]:
        """The environment variables that hold its keys."""
        second = self.second_workspace and self.second_workspace.api_key_env
        return [each for each in (self.api_key_env, self.second_key_env, second) if each]

    def known_keys(self) -> Sequence[str]:
        """Those that are set, whether the run will use them or not: a deployment may say any of them back."""
        return [key for key in map(self._value, self.variables) if key]

    def _value(self, variable: str) -> str:
        return self.keys.get(variable) or os.environ.get(variable, "")

    def key(self, variable: str) -> str:
        """The key that an environment variable holds. Raises `BadDeployment`."""
        value = self._value(variable)
        if not value:
            raise BadDeployment(f"expected a key in the environment variable {variable}, found none")
        if not value.isascii() or not value.isprintable():
            raise BadDeployment(f"expected a key of printable ASCII characters in {variable}, found others")
        return value


def check_url(url: str) -> None:
    """Raises `BadDeployment` for what is no address of a deployment. Nothing is sent, and no password is shown."""
    found = "another text" if "@" in url else repr(url)
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that is never closed, a port that is no number
        raise BadDeployment(f"base_url: expected a URL with a host, and a port up to 65535; found {found}") from None
    if "@" in parts.netloc:
        raise BadDeployment("base_url: expected a URL without a user and a password, found one with them")
    if not url.startswith(("http://", "https://")):
        raise BadDeployment(f"base_url: expected a URL that starts with http:// or https://, found {found}")
    if not has_host:
        raise BadDeployment(f"base_url: expected a URL with a host, and a port up to 65535; found {found}")


def load_deployment(path: Path) -> Deployment:
    """Raises `BadDeployment`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadDeployment(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDeployment(f"{path}: expected TOML: {error}") from None
    _check_names(path, "", raw, Deployment)
    _check_names(path, "hooks.", raw.get("hooks", {}), Hooks)
    _check_names(path, "second_workspace.", raw.get("second_workspace", {}), SecondWorkspace)
    try:
        deployment = msgspec.convert(raw, Deployment)
    except msgspec.ValidationError as error:
        raise BadDeployment(f"{path}: {error}") from None
    if wrong := [*_wrong_values(deployment), *_wrong_hooks(deployment.hooks)]:
        raise BadDeployment("\n".join(f"{path}: {each}" for each in wrong))
    return deployment


def _wrong_values(deployment: Deployment) -> Iterator[str]:
    """What no deployment can be like, a sentence each."""
    for name in _AMOUNTS:
        amount = getattr(deployment, name)
        if amount is not None and amount < 0:
            yield f"{name}: expected 0 or more, found {amount}"
    for name in ("product_id", "gtin"):
        if getattr(deployment, name) == "":
            yield f"{name}: expected a text, found an empty one"
    if deployment.plan is not None and deployment.plan not in _plans():
        yield f"plan: expected one of {', '.join(_plans())}, found {deployment.plan}"


def _wrong_hooks(hooks: Hooks) -> Iterator[str]:
    """What would be found out in the middle of a run only, a sentence each. A program may have braces of its own."""
    for name, placeholder in _PLACEHOLDERS.items():
        command = getattr(hooks, name)
        for found in re.findall(r"\{(\w+)\}", " ".join(command)):
            if found != placeholder and get_close_matches(found, _PLACEHOLDERS.values(), n=1):
                yield f"hooks.{name}: expected no placeholder but {{{placeholder}}}, found {{{found}}}"
        if command and which(command[0]) is None:
            yield f"hooks.{name}: expected a program that is there and can be run, found {command[0]}"


def _plans() -> Sequence[str]:
    """The names of the plans, as the control plane has them."""
    names: Sequence[str] = spec.control_document()["components"]["schemas"]["PlanName"]["enum"]
    return names


def _check_names(path: Path, where: str, found: Any, kind: type[Any]) -> None:
    names = [name for name in kind.__dataclass_fields__ if name != "keys"]
    for name in found if isinstance(found, dict) else ():
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(names)}"
            raise BadDeployment(f"{path}: {where}{name}: there is no such key; {hint}")


def deployment_of(
    file: Path | None, url: str | None, api_key: str | None, product_id: str | None, gtin: str | None
) -> Deployment | None:
    """The file with what is given beside it; None where neither names a deployment. Raises `BadDeployment`."""
    if file is None and url is None:
        return None
    deployment = load_deployment(file) if file is not None else Deployment()
    deployment = replace(
        deployment,
        base_url=url or deployment.base_url,
        product_id=product_id or deployment.product_id,
        gtin=gtin or deployment.gtin,
    )
    if deployment.base_url:
        check_url(deployment.base_url)
    return deployment.with_key(api_key) if api_key else deployment


_HOOK_SECONDS = 60


def run_hook(command: Sequence[str], name: str, value: str) -> None:
    """Run a hook. Raises `Inconclusive` where it fails."""
    arguments = [argument.replace(f"{{{name}}}", value) for argument in command]
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=_HOOK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Inconclusive(f"the hook {command[0]} failed: {type(error).__name__}") from None
    if done.returncode != 0:
        raise Inconclusive(f"the hook {command[0]} ended with {done.returncode}")
