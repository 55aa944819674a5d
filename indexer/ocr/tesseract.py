"""What is run in the cage to read page images by Tesseract.

python -m indexer.ocr.tesseract LANGUAGES SECONDS_A_PAGE OUT IMAGE...

OUT becomes a JSON list with one entry an image: its words as [text, left, top, width, height, confidence] in
pixels and percent, after the image's own [width, height]; null for an image that Tesseract cannot read.
"""

import json
import os
import sys
from pathlib import Path

DONE, NO_LANGUAGE = 0, 3
_TURNED = "--psm 1"  # pages upside down or on their side are read too, where its file `osd` is installed
_WORD_LEVEL = 5  # of block, paragraph, line, word
_FIELDS = ("text", "left", "top", "width", "height", "conf")


def main(languages: str, seconds_a_page: str, out: str, *images: str) -> int:
    """Read the images; the exit status."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # its threads cost more than they bring
    import pytesseract  # noqa: PLC0415 - after the limit

    layout = _TURNED if "osd" in pytesseract.get_languages() else ""
    read: list[object] = []
    for image in images:
        try:
            read.append(_read(Path(image), languages, layout, float(seconds_a_page)))
        except (pytesseract.TesseractError, RuntimeError) as error:  # the latter where time is up
            if "Failed loading language" in str(error):
                return NO_LANGUAGE
            read.append(None)
    Path(out).write_text(json.dumps(read, ensure_ascii=False), encoding="utf-8")
    return DONE


def _read(file: Path, languages: str, layout: str, seconds: float) -> list[object]:
    import pytesseract  # noqa: PLC0415 - after the limit
    from PIL import Image  # noqa: PLC0415 - what `pytesseract` imports anyway

    with Image.open(file) as image:
        table = pytesseract.image_to_data(
            image.convert("RGB"),
            lang=languages,
            config=layout,
            timeout=seconds,
            output_type=pytesseract.Output.DICT,
        )
        rows = zip(table["level"], *(table[field] for field in _FIELDS), strict=True)
        words = [row for level, *row in rows if level == _WORD_LEVEL and str(row[0]).strip()]
        return [[image.width, image.height], *words]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
