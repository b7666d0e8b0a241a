"""QR codes as pictures."""

from io import BytesIO

import segno

from ...semantics.types.results import QrCode

_PIXELS_PER_MODULE = 8


def drawn(code: QrCode) -> tuple[str, bytes]:
    """The media type and the picture. The JSON form contains the SVG."""
    picture = BytesIO()
    kind = "png" if code.form == "png" else "svg"
    segno.make_qr(code.says, error="m").save(
        picture,
        kind=kind,
        scale=_PIXELS_PER_MODULE,
        dark=f"#{code.colour}",
        light=f"#{code.background}",
        **({} if kind == "png" else {"xmldecl": False, "nl": False}),
    )
    return {"png": "image/png", "svg": "image/svg+xml"}[kind], picture.getvalue()
