"""The name of an uploaded file, as the many programs that send one write it.

RFC 7578 (forms) wants `filename="Köln.pdf"` in UTF-8 as it is, which browsers and curl send. Others send the
extended parameter of RFC 5987 (`filename*`), which speaks where there are both, its continuations (RFC 2231),
or the encoded words of e-mail (RFC 2047).
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from quopri import decodestring
from urllib.parse import unquote_to_bytes

# A backslash escapes quotes alone: before anything else it is part of a path of Windows.
_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^;]*))')
_PART = re.compile(r"filename\*(\d+)(\*?)")
_WORD = re.compile(r"=\?([\w.:-]+)(?:\*[\w-]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
# What browsers and curl write in place of characters that would end the name.
_ESCAPED = {"%22": '"', "%0D": "", "%0A": ""}


def sent_file_name(disposition: bytes) -> str:
    """The name that a Content-Disposition header gives a file; "" if it gives none."""
    given = dict(_parameters(disposition))
    extended = given.get("filename*") or _joined(given)
    if extended and (name := _decoded_extended(extended)):
        return name
    return _decoded_plain(given.get("filename", b""))


def text_of(value: bytes) -> str:
    """What bytes without a declared encoding say: UTF-8, or else what Windows uses in the west."""
    return _in_charset(value, "utf-8") or _in_charset(value, "cp1252") or value.decode("latin-1")


def _parameters(disposition: bytes) -> Iterator[tuple[str, bytes]]:
    for name, quoted, token in _PARAMETER.findall(disposition):
        yield name.decode("latin-1").lower(), quoted.replace(b'\\"', b'"') or token.strip()


def _joined(given: Mapping[str, bytes]) -> bytes:
    """The parts of a continued name in their order, those that are not encoded made so."""
    parts = {
        int(found[1]): value if found[2] else b"".join(b"%%%02X" % byte for byte in value)
        for name, value in given.items()
        if (found := _PART.fullmatch(name))
    }
    joined = b"".join(parts[number] for number in sorted(parts))
    return joined if joined.count(b"'") >= 2 or not joined else b"utf-8''" + joined


def _decoded_extended(value: bytes) -> str | None:
    charset, quote, rest = value.partition(b"'")
    if not quote:
        charset, encoded = b"utf-8", value
    else:
        encoded = rest.partition(b"'")[2]
    return _in_charset(unquote_to_bytes(encoded), charset.decode("latin-1"))


def _decoded_plain(value: bytes) -> str:
    name = text_of(value)
    if _WORD.search(name):
        name = _WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1", name))
    for escaped, character in _ESCAPED.items():
        name = name.replace(escaped, character).replace(escaped.lower(), character)
    return name


def _word(found: re.Match[str]) -> str:
    """What an encoded word says; the word itself where that cannot be read."""
    encoded = found[3].encode(errors="replace")
    try:
        value = b64decode(encoded) if found[2] in "bB" else decodestring(encoded, header=True)
    except ValueError:
        return found[0]
    return _in_charset(value, found[1]) or found[0]


def _in_charset(value: bytes, charset: str) -> str | None:
    try:
        return value.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None
