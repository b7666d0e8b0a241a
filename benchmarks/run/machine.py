"""The machine, the versions and the commit that figures belong to. Nothing here names a host."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

_PACKAGE_OF = {"wrk": "wrk", "taskset": "util-linux", "git": "git", "tar": "tar"}  # of Debian
ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("connexion", "jsonschema-rs", "msgspec", "orjson", "starlette", "uvicorn", "uvloop", "httptools")


def first_line(*command: str) -> str:
    """The first line that a command prints, wherever it prints it; "not there" without the command."""
    if shutil.which(command[0]) is None:
        return "not there"
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else "not there"


def require_tools(*more: str) -> None:
    """Raises `ClickException` if a tool that makes the load, or one of `more`, is not installed."""
    if missing := [tool for tool in ("wrk", "taskset", *more) if shutil.which(tool) is None]:
        packages = " ".join(_PACKAGE_OF[tool] for tool in missing)
        raise click.ClickException(f"not installed: {', '.join(missing)}. On Debian: apt-get install {packages}")


def described() -> dict[str, Any]:
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "unknown")
    kilobytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(kilobytes / 1_048_576),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "node": first_line("node", "--version"),
        "java": first_line("java", "-version"),
        "wrk": " ".join(first_line("wrk", "--version").split()[:2]),
        "packages": {name: version(name) for name in _PACKAGES},
        "commit": first_line("git", "rev-parse", "--short=12", "HEAD"),
        "changed": bool(first_line("git", "status", "--porcelain", "--untracked-files=no") != "not there"),
    }


def cores() -> tuple[int, int]:
    """One core for the server and one for the load; the same where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
