"""Commands that name what is unknown and suggest what is known: a command, an option, an id."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

import click
from click_default_group import DefaultGroup

_T = TypeVar("_T")


def named(what: str, name: str, known: Mapping[str, _T], otherwise: str) -> _T:
    """The mutant or variant with this id."""
    if name in known:
        return known[name]
    raise click.BadParameter(f'unknown {what} "{name}"{_suggestion(name, known, otherwise)}')


class Command(click.Command):
    """A command that names an unknown option and suggests a known one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            options = [option for each in self.params for option in each.opts if option.startswith("--")]
            name = error.option_name
            message = f'unknown option "{name}"{_suggestion(name, options, f"Try `{ctx.command_path} --help`.")}'
            raise click.UsageError(message, ctx) from None


class Commands(DefaultGroup):
    """A group with a default command. The default command takes options only, so another word is an error."""

    command_class = Command

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            commands = f"The commands are {', '.join(self.commands)}."
            ctx.fail(f'unknown command "{cmd_name}"{_suggestion(cmd_name, self.commands, commands)}')
        command: click.Command | None = super().get_command(ctx, cmd_name)
        return command


def _suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    """The end of an error about an unknown name: the nearest known name, or what helps if there is none."""
    near = get_close_matches(name, known, n=1)
    return f'. Did you mean "{near[0]}"?' if near else f". {otherwise}"
