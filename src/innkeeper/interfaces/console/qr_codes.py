"""QR codes, drawn on the server, as images that stand in the page itself."""

import segno

# Four modules of quiet around, as ISO/IEC 18004 wants; white in the dark theme too, for cameras.
BORDER = 4
SCALE = 4


def qr_code(text: str) -> str:
    """A data URI that shows the text to a camera."""
    drawn = segno.make(text, error="m", micro=False)
    return drawn.svg_data_uri(scale=SCALE, border=BORDER, dark="#000", light="#fff", omitsize=True)
