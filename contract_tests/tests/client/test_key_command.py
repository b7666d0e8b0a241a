"""A command that prints the API key: it is asked again after a 401."""

import sys

import pytest

from tracepass_contract.contract_tests.client.session import Credential
from tracepass_contract.contract_tests.model.outcomes import BadDeployment
from tracepass_contract.contract_tests.target.deployment import Deployment
from tracepass_contract.contract_tests.target.reaching import key_from_command
from tracepass_contract.contract_tests.tests.helpers.scripted_server import MAIN, WRITE, Answer, serving, session_of

REFUSED: Answer = (401, {"content-type": "application/json"}, b'{"error": "Unauthorized"}')


@pytest.mark.parametrize(("new_key", "sent"), [("tp_second_key", 3), ("tp_first_key", 2)])
def test_after_a_401_the_command_is_asked_for_another_key(new_key: str, sent: int) -> None:
    """Where it has none, the call is not sent again. The new key is redacted, too."""
    with serving(REFUSED, (200, {"x-echo": new_key}, new_key.encode())) as server:
        session = session_of(server.url)
        session.renew_with("main-key-1", lambda: new_key)
        first = session.send(WRITE, MAIN)
        session.send(WRITE, MAIN)
        session.close()

    assert len(server.asked) == sent
    assert first.status == (200 if sent == 3 else 401)
    assert {asked["Authorization"] for asked in server.asked} == {"Bearer tp_first_key", f"Bearer {new_key}"}
    assert new_key == "tp_first_key" or new_key not in repr(session.history)


def test_another_key_than_the_first_is_not_renewed() -> None:
    with serving(REFUSED) as server:
        session = session_of(server.url)
        session.renew_with("main-key-1", lambda: "tp_second_key")
        session.send(WRITE, Credential("wrong", None, "tp_wrong_key"))
        session.close()

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.stderr.write('one\\nlog in\\x9b first\\n'); sys.exit(3)", "ended with 3"),
        ("import sys; sys.stderr.write('one\\nlog in first\\n'); sys.exit(3)", "said one / log in first"),
        ("pass", "printed nothing"),
        ("print('a\\nb')", "one line"),
    ],
)
def test_a_command_that_prints_no_key_is_explained(program: str, said: str) -> None:
    with pytest.raises(BadDeployment, match=said):
        key_from_command(Deployment(api_key_command=[sys.executable, "-S", "-c", program]))


def test_a_command_prints_the_key() -> None:
    assert key_from_command(Deployment(api_key_command=[sys.executable, "-S", "-c", "print('tp_key')"])) == "tp_key"
