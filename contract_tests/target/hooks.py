"""Hooks of a deployment file: commands that set a budget or a clock. Run without a shell."""

import subprocess
from collections.abc import Sequence

from ..model.outcomes import Inconclusive

_HOOK_SECONDS = 60


def run_hook(command: Sequence[str], name: str, value: str) -> None:
    """Run a hook. Raises `Inconclusive` where it fails."""
    arguments = [argument.replace(f"{{{name}}}", value) for argument in command]
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=_HOOK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Inconclusive(f"the hook {command[0]} failed: {type(error).__name__}") from None
    if done.returncode != 0:
        raise Inconclusive(f"the hook {command[0]} ended with {done.returncode}")
