"""The source archive has the files behind the links, because most tools build the wheel from it."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.build import build_sdist, build_wheel

import tracepass_contract

PROJECT = Path(tracepass_contract.__file__).parents[2]

Build = Callable[[Path], set[str]]


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Build the wheel of a source tree without network. Return the names of its files."""

    def build(tree: Path) -> set[str]:
        monkeypatch.chdir(tree)
        with ZipFile(tmp_path / build_wheel(str(tmp_path))) as archive:
            return set(archive.namelist())

    return build


def test_the_wheel_has_every_module_and_every_document(wheel: Build) -> None:
    expected = {
        f"tracepass_contract/{file.relative_to(PROJECT).as_posix()}"
        for folder in ("spec", "mockserver", "contract_tests", "fixtures")
        for file in (PROJECT / folder).rglob("*")
        if file.suffix in {".py", ".yaml", ".json", ".html", ".css", ".js"}
        and "tests" not in file.relative_to(PROJECT).parent.parts
    }

    assert expected | {"tracepass_contract/__init__.py", "tracepass_contract/py.typed"} <= wheel(PROJECT)


def test_a_wheel_made_from_the_source_archive_is_the_same(
    wheel: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_checkout = wheel(PROJECT)

    monkeypatch.chdir(PROJECT)
    tree = unpacked(tmp_path / build_sdist(str(tmp_path)), tmp_path / "unpacked")

    assert wheel(tree) == from_checkout


def unpacked(archive: Path, into: Path) -> Path:
    """The one folder of a source archive."""
    with tarfile.open(archive) as files:
        for member in files:
            file = into / member.name
            file.parent.mkdir(parents=True, exist_ok=True)
            content = files.extractfile(member)
            assert content is not None, f"{member.name} is no plain file"
            file.write_bytes(content.read())
    (folder,) = into.iterdir()
    return folder
