"""Settings come from VDR_* variables alone, and a value that cannot work is named."""

import pytest

from vdr.errors import BadSetting
from vdr.settings import Settings, read_settings


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
