"""The end of a run: what is written where, what is shown, and the exit code. `report` knows how it looks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import IntEnum
from io import StringIO
from pathlib import Path
from typing import TextIO

from ..model.history import History, to_json
from ..model.verdicts import RunResult
from ..target.settings import Settings
from . import conclusion
from .as_html import to_html
from .as_json import to_json as report_json
from .as_junit import to_junit
from .terminal import print_report
from .view import Report
from .view import report as made_ready


class Exit(IntEnum):
    """As documented: worst first is not the order of the numbers."""

    CONFORMS = 0
    VIOLATES = 1
    USAGE = 2
    UNREACHABLE = 3
    NOT_SHOWN = 4


def exit_code(result: RunResult, accepted_untested: Sequence[str] = ()) -> Exit:
    return Exit(conclusion.exit_code(result, accepted_untested))


def report_of(result: RunResult, history: History, secrets: Sequence[str], settings: Settings) -> Report:
    """The run as it may be shown: nothing in it is secret."""
    return made_ready(result, history, secrets=secrets, accepted_untested=settings.accepted_untested)


def write_reports(report: Report, history: History, settings: Settings) -> None:
    """The files that were asked for."""
    if settings.history is not None:
        write_file(settings.history, to_json(replace(history, seed=report.result.seed)))
    if settings.report_json is not None:
        write_file(settings.report_json, report_json(report))
    if settings.report_junit is not None:
        write_file(settings.report_junit, to_junit(report))
    if settings.report_html is not None:
        write_file(settings.report_html, to_html(report).encode())


def files_of(settings: Settings) -> Mapping[str, Path | None]:
    """The files that `write_reports` writes, by their options; None for what was not asked for."""
    return {
        "--history": settings.history,
        "--report-json": settings.report_json,
        "--report-junit": settings.report_junit,
        "--report-html": settings.report_html,
    }


def unwritable(files: Mapping[str, Path | None]) -> Iterator[str]:
    """A sentence for each file that could not be written, so that nothing is spent on it."""
    for option, path in files.items():
        try:
            if path is not None:
                try_file(path)
        except OSError as error:
            yield f"{option}: expected a file that can be written, found {path} ({error.strerror})"


def show(report: Report, stream: TextIO, *, as_data: bool = False) -> None:
    """For a person, or as JSON."""
    if as_data:
        stream.write(report_json(report).decode())
    else:
        print_report(report, stream)


def text_of(report: Report) -> str:
    stream = StringIO()
    show(report, stream)
    return stream.getvalue()


def write_file(path: Path, content: bytes) -> None:
    """Write by way of a file beside it, so that a reader never sees half a report. Missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def try_file(path: Path) -> None:
    """Raises `OSError` where `write_file` would. Nothing is left behind."""
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
