"""The styles that all pages of the project share: their colours, and how a call is shown."""

from pathlib import Path

FOLDER = Path(__file__).with_name("pages")
SHARED = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("tokens.css", "call.css")}
