"""The clients of other ecosystems: a small program for each, which sends a call for each line of its stdin."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import NamedTuple

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
INSTALLED = HERE / ".installed"  # by `make clients/.installed/done`
PYTHON = INSTALLED / "python" / "bin" / "python"
SEPARATOR = "\x1f"
_JARS = ("httpclient5", "httpcore5", "httpcore5-h2", "slf4j-api")
_CLASSES = ":".join([str(INSTALLED / "java"), *(f"/usr/share/java/{jar}.jar" for jar in _JARS)])
_SECONDS_MAX = 60  # for an answer, on a busy machine


class Answer(NamedTuple):
    """`status` is 0 where the client got no answer; `body` is then what it said."""

    status: int
    retry_after: str
    body: str


class ClientEnded(Exception):
    """The process of a client is gone."""


@dataclass(frozen=True)
class Program:
    """A client. `needs` are the tools that have to be on the PATH, `build` makes what `command` starts."""

    name: str
    command: Sequence[str]
    version: Sequence[str]
    needs: Sequence[str]
    build: Sequence[str] = ()
    needs_files: Sequence[str] = ()
    keeps_connections: bool = True
    runs_in_ci: bool = field(default=False, kw_only=True)

    def missing(self) -> str | None:
        """What this machine lacks for the client, if anything."""
        lacking = [tool for tool in self.needs if shutil.which(tool) is None]
        return next(iter([*lacking, *(each for each in self.needs_files if not Path(each).exists())]), None)

    def found_version(self) -> str:
        said = _output(self.version).splitlines()[0]
        number = re.match(r".*?\d+\.\d[\w.+~-]*", said)
        return number[0] if number else said

    @contextmanager
    def started(self) -> Iterator["Conversation"]:
        if self.build:
            INSTALLED.mkdir(exist_ok=True)
            _output(self.build)
        with subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=_environment()
        ) as process:
            try:
                yield Conversation(process)
            finally:
                assert process.stdin is not None
                with suppress(BrokenPipeError):
                    process.stdin.close()
                try:
                    process.wait(_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    process.kill()


class Conversation:
    """A running client."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def send(self, method: str, url: str, api_key: str, key: str = "", form: str = "", body: str = "") -> Answer:
        """`form` is empty for `body` as it is, `gzip`, or a number of spaces in its place."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(SEPARATOR.join([method, url, api_key, key, form, body]) + "\n")
        self._process.stdin.flush()
        watch = Timer(_SECONDS_MAX, self._process.kill)
        watch.start()
        said = self._process.stdout.readline()
        watch.cancel()
        if not said:
            raise ClientEnded("the client ended, or did not answer in time")
        status, retry_after, answer = said.rstrip("\n").split(SEPARATOR, 2)
        return Answer(int(status), retry_after, answer)


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise ChildProcessError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout or done.stderr


def _environment() -> dict[str, str]:
    chromium = shutil.which("chromium") or ""
    return {**os.environ, "CHROMIUM": chromium, "GO111MODULE": "off", "GOCACHE": str(INSTALLED / "go-build")}


def _python(library: str) -> Program:
    says = f"import importlib.metadata as m; print({library!r}, m.version({library!r}))"
    command = [str(PYTHON), str(PROGRAMS / f"client_{library}.py")]
    return Program(library, command, [str(PYTHON), "-c", says], (), needs_files=(str(PYTHON),), runs_in_ci=True)


def _node(name: str, module: str, version: str, *arguments: str, needs: Sequence[str] = ()) -> Program:
    says = f"const v = {version}; console.log('{module} ' + v)"
    return Program(
        name,
        ["node", str(PROGRAMS / f"{module}.mjs"), *arguments],
        ["node", "-e", says],
        ["node", *needs],
        needs_files=(str(HERE / "node_modules"),),
        runs_in_ci=True,
    )


def _of_package(name: str) -> str:
    return f"JSON.parse(require('fs').readFileSync('{HERE}/node_modules/{name}/package.json')).version"


def _curl(name: str, *options: str) -> Program:
    command = ["bash", str(PROGRAMS / "curl.sh"), *options]
    return Program(name, command, ["curl", "--version"], ["bash", "curl"], keeps_connections=False, runs_in_ci=True)


def _java(name: str, main: str, version: Sequence[str], *files: str) -> Program:
    build = ["javac", "-cp", _CLASSES, "-d", str(INSTALLED / "java"), str(PROGRAMS / f"{main}.java")]
    tools, in_ci = ["java", "javac"], not files
    return Program(name, ["java", "-cp", _CLASSES, main], version, tools, build, files, runs_in_ci=in_ci)


def _of_debian(package: str) -> Sequence[str]:
    return ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", package]


def _php(name: str, program: str, version: Sequence[str], *files: str) -> Program:
    return Program(name, ["php", str(PROGRAMS / program)], version, ["php"], needs_files=files)


def programs(picture: Path | None = None) -> Sequence[Program]:
    """All clients. The page in Chromium takes a `picture` of itself."""
    chromium = _node("page in Chromium", "chromium", "''", *([str(picture)] if picture else []), needs=["chromium"])
    go, exe = str(INSTALLED / "client-go"), str(INSTALLED / "client.exe")
    build_exe = ["mcs", "-r:System.Net.Http.dll", f"-out:{exe}", str(PROGRAMS / "Client.cs")]
    return [
        _curl("curl"),
        _curl("curl --http2", "--http2"),
        _curl("curl --compressed", "--compressed"),
        *map(_python, ("httpx", "requests", "urllib3", "aiohttp")),
        _node("fetch of Node", "fetch", "process.version"),
        _node("axios", "axios", _of_package("axios")),
        _node("got", "got", _of_package("got")),
        Program(**{**vars(chromium), "version": ["chromium", "--version"]}),
        _java("java.net.http", "JavaClient", ["java", "--version"]),
        _java(
            "Apache HttpClient 5", "ApacheClient", _of_debian("libhttpclient5-java"), "/usr/share/java/httpclient5.jar"
        ),
        Program(
            "net/http of Go", [go], ["go", "version"], ["go"], ["go", "build", "-o", go, str(PROGRAMS / "client.go")]
        ),
        Program(".NET HttpClient (Mono)", ["mono", exe], ["mono", "--version"], ["mono", "mcs"], build_exe),
        _php("curl of PHP", "client_curl.php", ["php", "--version"]),
        _php(
            "Guzzle", "client_guzzle.php", _of_debian("php-guzzlehttp-guzzle"), "/usr/share/php/GuzzleHttp/autoload.php"
        ),
        Program("Net::HTTP of Ruby", ["ruby", str(PROGRAMS / "client.rb")], ["ruby", "--version"], ["ruby"]),
    ]
