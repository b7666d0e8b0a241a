"""The reports as files, each whole or not at all."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .view import Report


def write(path: Path, content: bytes) -> None:
    """Write by way of a file beside it, so that a reader never sees half a report. Missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def try_out(path: Path) -> None:
    """Raises `OSError` where `write` would. Nothing is left behind."""
    missing = [folder for folder in path.parents if not folder.exists()]
    beside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch()
        beside.unlink()
    finally:
        with suppress(OSError):  # of folders that were not made
            for folder in missing:
                folder.rmdir()


def write_scripts(report: Report, folder: Path) -> Mapping[int, Path]:
    """The curl script of each failure that has one, by the number of the failure."""
    scripts = {
        each.number: folder / f"{each.number:02}-{_name(each.rule.id)}.sh" for each in report.failures if each.curl
    }
    for failure in report.failures:
        if failure.number in scripts:
            write(scripts[failure.number], failure.curl.encode())
            scripts[failure.number].chmod(0o755)
    return scripts


def _name(rule: str) -> str:
    return "".join(c if c.isalnum() or c in ".-_" else "_" for c in rule)
