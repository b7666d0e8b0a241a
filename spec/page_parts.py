"""What all pages of the project share: their colours, and how a call looks. The files are in `pages/`."""

from pathlib import Path

FOLDER = Path(__file__).with_name("pages")
STYLES, SCRIPT = ("tokens.css", "call.css"), "exchange.js"


def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
