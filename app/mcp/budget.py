"""How much of a model's context an answer takes, counted alike for every model.

Text is a token for each 3 bytes of UTF-8, an image one for each 750 pixels. Both are estimates, as every
model counts otherwise.
"""

from dataclasses import dataclass
from io import BytesIO
from math import ceil

from PIL import Image

_BYTES_A_TOKEN = 3
_PIXELS_A_TOKEN = 750
CUT = " …"


@dataclass(slots=True)
class Budget:
    """`tokens` are left of it."""

    tokens: int

    def takes(self, cost: int) -> bool:
        """Spend this if it is left; whether it was."""
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True

    def cut(self, text: str) -> str:
        """As much of the beginning of a text as fits, to whole words; it is spent."""
        if self.takes(text_tokens(text)):
            return text
        room = (self.tokens - text_tokens(CUT)) * _BYTES_A_TOKEN
        kept = text.encode()[: max(room, 0)].decode(errors="ignore")
        kept = kept.rpartition(" ")[0].rstrip() or kept
        if not kept:
            return ""
        self.takes(text_tokens(kept + CUT))
        return kept + CUT


def text_tokens(text: str) -> int:
    """What a text counts as."""
    return ceil(len(text.encode()) / _BYTES_A_TOKEN)


def image_tokens(image: bytes) -> int:
    """What an image counts as."""
    with Image.open(BytesIO(image)) as opened:
        return ceil(opened.width * opened.height / _PIXELS_A_TOKEN)
