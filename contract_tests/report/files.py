"""The files that a run leaves. They are tried before the run, so that nothing is spent on a report that gets lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ..model.failures import Failures
from ..model.history import Event, History
from ..model.history_lines import head_of, line_of, to_lines
from ..model.redaction import Redactor
from .as_html import to_html
from .as_json import to_json as report_json
from .as_junit import to_junit, to_junit_of_end
from .as_markdown import to_markdown
from .as_sarif import to_sarif
from .text import json_without_controls
from .view import Report


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files that were asked for, by the names of their options; None: not asked for."""

    history: Path | None = None
    report_json: Path | None = None
    report_junit: Path | None = None
    report_html: Path | None = None
    report_markdown: Path | None = None
    report_sarif: Path | None = None
    place: str = "deployment.toml"  # of the results in SARIF

    def problems(self, **more: Path | None) -> list[str]:
        """A sentence for each file that can't be written, these and `more`. Leaves nothing behind."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "place"}
        files: Mapping[str, Path | None] = {**own, **more}
        found = ((f"--{name.replace('_', '-')}", path, _problem(path)) for name, path in files.items() if path)
        return [f"{option}: cannot write {path} ({problem})" for option, path, problem in found if problem]

    @contextmanager
    def growing_history(self, history: History) -> Iterator[Callable[[Event], None]]:
        """What writes each event to the file of the history, so that it is there if the run is killed. `write` writes
        the whole file again, and says what is wrong with it.
        """
        if self.history is None:
            yield lambda _event: None
            return
        self.history.parent.mkdir(parents=True, exist_ok=True)
        with self.history.open("wb", buffering=0) as file:

            def add(event: Event) -> None:
                with suppress(OSError):
                    file.write(json_without_controls(line_of(event)))

            file.write(json_without_controls(head_of(history)))
            for event in history.events:
                add(event)
            yield add

    def write(self, report: Report, history: History) -> Sequence[str]:
        """Write them. Returns why some could not be made, which is an error of the suite. Raises `OSError`."""
        whole = replace(history, seed=report.result.seed)
        makers: Sequence[tuple[Path | None, Callable[[], bytes]]] = (
            (self.history, lambda: json_without_controls(to_lines(whole))),
            (self.report_json, lambda: report_json(report)),
            (self.report_html, lambda: to_html(report).encode()),
            (self.report_markdown, lambda: to_markdown(report).encode()),
            (self.report_sarif, lambda: to_sarif(report, self.place)),
            (self.report_junit, lambda: to_junit(_also_failed(report, failures.found))),  # last: it tells of the others
        )
        failures = Failures()
        for path, make in makers:
            content = failures.guarded(str(path), make, b"") if path is not None else b""
            if path is not None and content:
                write_file(path, content)
        return failures.found

    def write_end(self, target: str, message: str, code: int) -> None:
        """The command ends without a report: write that as JUnit, so that CI does not show that of an earlier run."""
        if self.report_junit is not None:
            write_file(self.report_junit, to_junit_of_end(Redactor().text(target), Redactor().text(message), code))


NO_FILES = ReportFiles()


def _also_failed(report: Report, failures: Sequence[str]) -> Report:
    result = replace(report.result, failures=[*report.result.failures, *failures])
    return replace(report, result=result) if failures else report


def write_file(path: Path, content: bytes) -> None:
    """Write a file next to it first, so that a reader never sees half a report. Makes missing folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def _problem(path: Path) -> str:
    """Why `write_file` would fail; empty where it would not."""
    missing = [folder for folder in path.parents if not folder.exists()]
    temporary = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        temporary.unlink()
    except OSError as error:
        return error.strerror or str(error)
    finally:
        with suppress(OSError):  # a folder that was not made
            for folder in missing:
                folder.rmdir()
    return ""
