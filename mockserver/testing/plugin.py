"""The old path of the plugin."""

from ..pytest_plugin import *  # noqa: F403
