"""The guides are right: each command of each page runs in order and prints what the page shows."""

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tracepass_contract.mockserver.tests.commandline import running

GUIDES = sorted((Path(__file__).resolve().parents[2] / "docs/guides").glob("*.md"))
END_OF_OUTPUT = "--end-of-output--"


def steps(page: str) -> list[tuple[str, str]]:
    """Each command of the `console` blocks with its output. A here-document belongs to its command."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            if "<<'END'" in command:
                document, _, shown = shown.partition("\nEND\n")
                command = f"{command}\n{document}\nEND"
            found.append((command, shown.strip()))
    return found


@pytest.mark.tool("curl", "bash")
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_is_true(guide: Path, tmp_path: Path) -> None:
    """All commands run in one shell against a new mock. Only the address and the temporary folder differ from
    the page.
    """
    with running("--port", "0", log=subprocess.DEVNULL) as mock:
        page = (
            guide.read_text().replace("http://127.0.0.1:4747", mock.ready["base_url"]).replace("/tmp/", f"{tmp_path}/")
        )
        script = "".join(f"{command}\necho; echo {END_OF_OUTPUT}\n" for command, _ in steps(page))
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    said = [each.strip() for each in done.stdout.split(END_OF_OUTPUT)]
    assert done.stderr == ""
    for (command, shown), output in zip(steps(page), said, strict=False):
        pattern = re.sub(r"([\[\]])", r"[\1]", shown).replace("…", "*")
        assert fnmatchcase(output, pattern), f"{command}\nshown: {shown}\nsaid:  {output}"


def test_there_are_guides_with_commands() -> None:
    assert GUIDES
    assert all(len(steps(guide.read_text())) >= 5 for guide in GUIDES)
