"""The imports of a start."""

import subprocess
import sys

import pytest

from tracepass_contract.mockserver import __main__ as process


def test_the_process_starts_without_what_a_server_never_uses() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "tracepass_contract.mockserver", "--version"]
    found = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in found if line.startswith("import time:")}

    assert {"connexion.apps", "httpx", "requests", "uvicorn"} <= imported
    assert imported.isdisjoint({"flask.app", "charset_normalizer.api", "rich"})
    assert [line for line in found if not line.startswith("import time:")] == []  # no warnings


def test_what_is_left_out_of_the_start_can_be_imported_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with process._as_if_not_installed(["this", "sys"]):
        with pytest.raises(ModuleNotFoundError):
            __import__("this")
        assert __import__("sys") is sys  # an imported module stays

    assert "this" not in sys.modules
    assert sys.modules["sys"] is sys
