"""Names of uploaded files are read whoever sends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.file_names import sent_file_name
from indexer.naming import clean_name

NAMES = [
    # As RFC 7578 has it: browsers, curl, requests.
    ('filename="Zürich.pdf"', "Zürich.pdf"),
    ('filename="a;b=c.pdf"', "a;b=c.pdf"),
    ("filename=plain.pdf", "plain.pdf"),
    ("filename = annual report.pdf ", "annual report.pdf"),
    ('FileName="Upper.pdf"', "Upper.pdf"),
    ('filename="say \\"hi\\".pdf"', 'say "hi".pdf'),
    ('filename="say %22hi%22.pdf"', 'say "hi".pdf'),
    ('filename="100%.pdf"', "100%.pdf"),
    # The extended parameter, alone and with the other.
    ("filename*=UTF-8''Z%C3%BCrich.pdf", "Zürich.pdf"),
    ("filename*=utf-8'de'Z%c3%bcrich%20%28neu%29.pdf", "Zürich (neu).pdf"),
    ("filename*=ISO-8859-1''Z%FCrich.pdf", "Zürich.pdf"),
    ("filename*=\"UTF-8''Z%C3%BCrich.pdf\"", "Zürich.pdf"),
    ("filename*=Z%C3%BCrich.pdf", "Zürich.pdf"),
    ("filename=\"Z_rich.pdf\"; filename*=UTF-8''Z%C3%BCrich.pdf", "Zürich.pdf"),
    ("filename*=UTF-8''Z%C3%BCrich.pdf; filename=\"Z_rich.pdf\"", "Zürich.pdf"),
    ("filename=\"fallback.pdf\"; filename*=no-such-charset''%FC.pdf", "fallback.pdf"),
    ("filename=\"fallback.pdf\"; filename*=UTF-8''%FC.pdf", "fallback.pdf"),
    # Continuations.
    ("filename*0*=UTF-8''Z%C3%BC; filename*1*=rich%20; filename*2=\"100%.pdf\"", "Zürich 100%.pdf"),
    ('filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
    # Encoded words.
    ('filename="=?UTF-8?B?WsO8cmljaC5wZGY=?="', "Zürich.pdf"),
    ('filename="=?utf-8?q?Z=C3=BCrich_1.pdf?="', "Zürich 1.pdf"),
    ('filename="=?iso-8859-1?Q?Z=FCrich.pdf?="', "Zürich.pdf"),
    ('filename="=?utf-8?B?WsO8?= =?utf-8?B?cmljaC5wZGY=?="', "Zürich.pdf"),
    ('filename="=?utf-8?B?5paH5Lu2?=.pdf"', "文件.pdf"),
    ('filename="=?no-such?B?WsO8?=.pdf"', "=?no-such?B?WsO8?=.pdf"),
    # None.
    ('filename=""', ""),
    ('name="files"', ""),
    ("", ""),
]


@pytest.mark.parametrize(("parameters", "name"), NAMES)
def test_a_name_is_what_was_meant(parameters, name):
    disposition = f'form-data; name="files"; {parameters}'
    assert sent_file_name(disposition.encode()) == name


def test_bytes_that_are_no_utf8_are_western():
    assert sent_file_name('form-data; filename="Zürich – 5 €.pdf"'.encode("cp1252")) == "Zürich – 5 €.pdf"
    assert sent_file_name(b'form-data; filename="\x81.pdf"') == "\x81.pdf"


@pytest.mark.parametrize(
    "path",
    [
        "C:\\Users\\ada\\a.pdf",
        "\\\\server\\share\\a.pdf",
        "/home/ada/a.pdf",
        "..\\..\\a.pdf",
        "C:/mixed\\a.pdf",
    ],
)
def test_of_a_path_of_any_system_the_last_part_is_the_name(path):
    assert clean_name(sent_file_name(f'form-data; filename="{path}"'.encode())) == "a.pdf"


@given(st.binary(max_size=80))
def test_whatever_is_sent_is_some_name(value):
    for parameter in (b'filename="', b"filename*=", b"filename*0*=", b'filename="=?utf-8?B?'):
        assert isinstance(sent_file_name(b"form-data; " + parameter + value), str)
