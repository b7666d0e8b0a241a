"""The curl line of a journal entry sends the same call again, to the byte, and without its API key."""

import subprocess

import pytest

from tracepass_contract.mockserver.tests.control_client import WorkspaceOwner


def test_the_curl_line_is_the_call_again_without_its_secret() -> None:
    """The test splits it like a shell."""
    reader = WorkspaceOwner()
    reader.post("it's a $HOME", key="k'k")

    entry = reader.read("journal/1", "JournalEntry")

    assert {"name": "authorization", "value": "[redacted]"} in entry["request"]["headers"]
    echoed = subprocess.run(
        ["sh", "-c", f"curl() {{ printf '%s\\n' \"$@\"; }}; {entry['curl']}"],
        capture_output=True,
        text=True,
        check=True,
        env={"TRACEPASS_API_KEY": "tp_from_the_environment"},
    ).stdout.splitlines()
    assert "Authorization: Bearer tp_from_the_environment" in echoed
    assert "Idempotency-Key: k'k" in echoed
    assert echoed[-1] == entry["request"]["body"]


def words(reader: WorkspaceOwner) -> list[bytes]:
    """The arguments of the latest call's curl line, and the input that curl would read."""
    latest = reader.read("journal", "Journal")["entries"][-1]["entry"]
    line = reader.read(f"journal/{latest}", "JournalEntry")["curl"]
    script = f"curl() {{ printf '%s\\n' \"$@\"; case $* in *@-) cat; echo;; esac; }}\n{line}\n"
    return subprocess.run(["bash"], input=script.encode(), capture_output=True, check=True).stdout.split(b"\n")[:-1]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", b"Idempotency-Key;"),  # after a colon curl leaves the header out
        ("clé".encode(), "Idempotency-Key: clé".encode()),
        (b"cl\xe9'\\x", b"Idempotency-Key: cl\xe9'\\x"),
    ],
)
def test_a_key_is_sent_again_to_the_byte(sent: bytes, said: bytes) -> None:
    reader = WorkspaceOwner()
    reader.send(b"{}", [(b"Idempotency-Key", sent)], api_key=reader.created["api_key"])

    assert said in words(reader)


def test_a_body_is_sent_again_to_the_byte() -> None:
    """A body that looks like a file name does not make curl read a file."""
    reader = WorkspaceOwner()
    for body in (b"@/etc/passwd", b"[" + b"1," * 100_000 + b"1]", b"\xff{", b"a\0b"):
        reader.send(body, api_key=reader.created["api_key"])
        assert words(reader)[-1] == body


def test_what_curl_would_do_by_itself_is_turned_off() -> None:
    """Its default content type, its patterns in a path, and its wait for a body after HEAD."""
    reader = WorkspaceOwner()
    bearer = [("Authorization", f"Bearer {reader.created['api_key']}")]
    reader.send(b"{}", content_type=None, api_key=reader.created["api_key"])
    assert b"Content-Type:" in words(reader)
    reader.request("GET", "/api/v1/passports?search=[1-3]{a,b}", bearer)
    assert b"-g" in words(reader)
    reader.request("HEAD", "/api/v1/passports", bearer)
    assert words(reader)[1:3] == [b"--head", b"http://127.0.0.1/api/v1/passports"]
