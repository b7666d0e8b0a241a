"""Environment variables that begin as those of a command do, and are none."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches


def no_such_variables(prefix: str, known: Collection[str], environment: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each, with the name that was probably meant. No value is shown: it may be a key.

    One that is empty says nothing, so that there is nothing to mistake.
    """
    for name in sorted(environment):
        if name.startswith(prefix) and name not in known and environment[name]:
            near = get_close_matches(name.removeprefix(prefix), [each.removeprefix(prefix) for each in known], n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"the names are {', '.join(sorted(known))}"
            yield f"{name}: there is no such variable; {hint}"
