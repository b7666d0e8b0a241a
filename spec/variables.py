"""Find misspelled environment variables: those with the prefix of a command that no option uses."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches


def no_such_variables(prefix: str, known: Collection[str], environment: Mapping[str, str]) -> Iterator[str]:
    """One message for each unknown variable, with a suggestion. It never shows the value, which may be a key.

    Ignores empty variables: they set nothing.
    """
    for name in sorted(environment):
        if name.startswith(prefix) and name not in known and environment[name]:
            near = get_close_matches(name.removeprefix(prefix), [each.removeprefix(prefix) for each in known], n=1)
            hint = f'Did you mean "{prefix}{near[0]}"?' if near else f"The variables are {', '.join(sorted(known))}."
            yield f'unknown environment variable "{name}". {hint}'
