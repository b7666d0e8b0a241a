"""Four replicas behind HAProxy with the configuration of deploy/, for the tests."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from tracepass_contract.mockserver.tests.commandline import TIMEOUT_SECONDS, Running, free_port, running

_ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = _ROOT / "deploy/haproxy.cfg"
ACCOUNTS = _ROOT / "fixtures/accounts.yaml"
NAMES = ("mock-0", "mock-1", "mock-2", "mock-3")


class Balanced:
    """The replicas and the balancer. The seeded account `free` is at the replica that the comments of the configuration
    name for it, and the others at the first. A replica can be stopped and started again; its state is in a file."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        configuration, self._seeds = folder / "haproxy.cfg", folder / "seeds.yaml"
        configured = CONFIGURATION.read_text(encoding="utf-8").replace("  # http-request ", "  http-request ")
        configuration.write_text(configured, encoding="utf-8")
        seeds = ACCOUNTS.read_text(encoding="utf-8")
        seeds = seeds.replace("  - name: free\n", "  - name: free\n    replica: mock-2\n")
        self._seeds.write_text(seeds, encoding="utf-8")
        self._ports = dict.fromkeys(NAMES, "0")
        self._running: dict[str, Running] = {}
        for name in NAMES:
            self.start(name)
            self._ports[name] = self._running[name].ready["base_url"].rpartition(":")[2]
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        addresses = {f"MOCK_{nth}": f"127.0.0.1:{own}" for nth, own in enumerate(self._ports.values())}
        environment = os.environ | addresses | {"BALANCER_ADDRESS": f"127.0.0.1:{port}"}
        balancer = subprocess.Popen(["haproxy", "-db", "-f", str(configuration)], env=environment, stderr=self._log())
        stack.callback(balancer.wait)
        stack.callback(balancer.terminate)
        self.wait_until_up()

    def url_of(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def start(self, name: str) -> None:
        """Start a replica with its state: at a free port, from the second time on at that port."""
        options = ("--port", self._ports[name], "--replica", name, "--replicas", ",".join(NAMES))
        state = ("--seed-file", str(self._seeds), "--state-file", str(self._folder / name), "--save-within", "0")
        self._running[name] = self._stack.enter_context(running(*options, *state, log=self._log()))

    def _log(self) -> int:
        return self._stack.enter_context((self._folder / "log").open("ab")).fileno()

    def end(self, name: str, signal: int) -> None:
        self._running[name].process.send_signal(signal)
        self._running[name].process.wait(TIMEOUT_SECONDS)

    def wait_until_up(self) -> None:
        """Until the balancer knows that each replica answers."""
        seen: set[str] = set()
        with httpx.Client(base_url=self.base_url) as client:
            for _ in range(TIMEOUT_SECONDS * 20):
                with suppress(httpx.ConnectError):  # the balancer itself starts
                    reply = client.get("/_mock/health")
                    seen |= {reply.json()["replica"]} if reply.status_code == 200 else set()
                if seen == {*NAMES}:
                    return
                time.sleep(0.05)
        raise AssertionError(f"only {seen} answer: {(self._folder / 'log').read_text(encoding='utf-8')[-2000:]}")


@contextmanager
def balanced(folder: Path) -> Iterator[Balanced]:
    with ExitStack() as stack:
        yield Balanced(folder, stack)
