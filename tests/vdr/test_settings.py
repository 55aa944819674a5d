"""Settings come from VDR_* variables alone, and a value that cannot work is named."""

import pytest

from vdr.environment import read_settings
from vdr.errors import BadSetting
from vdr.settings import Settings


@pytest.mark.parametrize("name", [*Settings.model_fields])
def test_variables_of_other_programs_are_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), "4")
    assert read_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VDR_PORT", "http", "VDR_PORT: Input should be a valid integer"),
        ("VDR_BATCH_WAIT_MS", "inf", "VDR_BATCH_WAIT_MS: Input should be a finite number"),
        ("VDR_OCR_LANGUAGES", "deu", "VDR_OCR_LANGUAGES is not valid JSON: Expecting value"),
        ("VDR_OCR_LANGUAGES", '{"invoices": "a b"}', "VDR_OCR_LANGUAGES: invoices: String should match"),
    ],
)
def test_a_value_that_cannot_work_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refused:
        read_settings()
    assert said in refused.value.message


@pytest.mark.parametrize("name", ["VDR_QDRANT_URL", "VDR_DATA_DIR", "VDR_WEBHOOK_SECRET", "VDR_DIMS"])
def test_set_to_nothing_is_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = read_settings()
    monkeypatch.setenv(name, "")
    assert read_settings() == unset


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("VDR_EMBEDER", "VDR_EMBEDER is not a setting. Did you mean VDR_EMBEDDER?"),
        ("VDR_MAX_PAGE", "VDR_MAX_PAGE is not a setting. Did you mean VDR_MAX_PAGES?"),
        ("vdr_data_folder", "vdr_data_folder is not a setting. Did you mean VDR_DATA_DIR?"),
        ("VDR_XYZZY", "VDR_XYZZY is not a setting. Unset it"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_setting(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "4")
    with pytest.raises(BadSetting) as refused:
        read_settings()
    assert str(refused.value).startswith(said)


def test_an_unknown_variable_set_to_nothing_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VDR_EMBEDER", "")
    assert read_settings() == Settings()
