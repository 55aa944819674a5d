"""How many pixels an image has to the inch, across and down: the two differ in faxes."""

import struct
from math import isfinite
from typing import Any

from PIL import ExifTags, Image

Resolution = tuple[float, float]

USUAL_DPI = 150.0  # where the image does not say: an A4 page is then 1,240 pixels wide
_LEAST, _MOST = 36.0, 1_200.0
# Superfine faxes have 204 by 391 dots to the inch, stretched scans of old film up to 1 : 4.
_MOST_STRETCHED = 5.0
_NOT_SAID = (72.0, 72.0)  # what cameras, telephones and Pillow write for "unknown"
_JPEG = ("JPEG", "MPO")
_CENTIMETRES = 3
_CM_AN_INCH = 2.54


def resolution_of(image: Image.Image) -> Resolution:
    """Dots per inch across and down, as the file says; where it gives none, its pixels' shape at USUAL_DPI.

    Call it before the image is loaded: a TIFF that is turned then no longer says which way its axes ran.
    """
    said = _of_exif(image) if _has_exif_alone(image) else _pair(image.info.get("dpi"))
    return credible(said, _shape(image))


def credible(dpi: Resolution | None, shape: Resolution | None = None) -> Resolution:
    """The resolution that a file gives, or else one of that shape, where either can be right."""
    if dpi is not None and dpi != _NOT_SAID and _is_possible(dpi):
        return dpi
    across, down = dpi or shape or (1.0, 1.0)
    if not _is_shape((across, down)):
        return USUAL_DPI, USUAL_DPI
    finer = max(across, down)
    return USUAL_DPI * across / finer, USUAL_DPI * down / finer


def _has_exif_alone(image: Image.Image) -> bool:
    """Whether Pillow leaves EXIF's resolution to us: it reads none of WebP, and of JPEG that across alone."""
    return image.format == "WEBP" or (image.format in _JPEG and image.info.get("jfif_unit", 0) == 0)


def _of_exif(image: Image.Image) -> Resolution | None:
    try:
        exif = image.getexif()
        said = _pair((exif.get(ExifTags.Base.XResolution), exif.get(ExifTags.Base.YResolution)))
        unit = exif.get(ExifTags.Base.ResolutionUnit)
    except (OSError, ValueError, SyntaxError, TypeError, struct.error):
        return None
    if said is None or unit != _CENTIMETRES:
        return said
    return said[0] * _CM_AN_INCH, said[1] * _CM_AN_INCH


def _shape(image: Image.Image) -> Resolution | None:
    """The proportions that JPEG, PNG and TIFF give where they know no unit."""
    if image.info.get("jfif_unit") == 0:
        return _pair(image.info.get("jfif_density"))
    return _pair(image.info.get("aspect")) or _pair(image.info.get("resolution"))


def _is_possible(dpi: Resolution) -> bool:
    return all(_LEAST <= dots <= _MOST for dots in dpi) and _is_shape(dpi)


def _is_shape(pair: Resolution) -> bool:
    return 1 / _MOST_STRETCHED <= pair[0] / pair[1] <= _MOST_STRETCHED


def _pair(value: Any) -> Resolution | None:  # noqa: ANN401 - whatever stands in the file
    try:
        across, down = (float(number) for number in value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (across, down) if all(isfinite(n) and n > 0 for n in (across, down)) else None
