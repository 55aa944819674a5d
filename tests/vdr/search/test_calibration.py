import logging

import numpy as np
import pytest
from pydantic import ValidationError

from tests.fixtures.calibrations import calibration, logistic
from vdr.models.embedder import load_embedder
from vdr.search.calibration import Calibration, MadeWith, calibration_for, shipped_calibrations
from vdr.search.signs import SIGNS
from vdr.settings import SHIPPED_EMBEDDERS, ModelSettings
from vdr.types import SearchMode

OTHERS = MadeWith(embedder="models/other", dims=64, rerankers=("models/ce",))


@pytest.mark.parametrize("name", SHIPPED_EMBEDDERS)
def test_the_shipped_models_are_calibrated_in_every_mode(name):
    embedder = load_embedder(ModelSettings(embedder=name))
    found = calibration_for(MadeWith(embedder=embedder.name, dims=embedder.dims), None)
    assert found is not None
    assert set(found.modes) == set(SearchMode)


def test_others_are_not_until_a_collection_is():
    assert calibration_for(OTHERS, None) is None
    own = calibration(OTHERS)
    assert calibration_for(OTHERS, own.model_dump(mode="json")) == own


@pytest.mark.parametrize("change", [{"embedder": "models/new"}, {"dims": 32}, {"rerankers": ()}])
def test_a_calibration_is_good_for_the_models_that_it_was_made_with_alone(change):
    told = calibration(OTHERS).model_dump(mode="json")
    assert calibration_for(OTHERS.model_copy(update=change), told) is None


def test_a_collections_own_goes_before_the_shipped_one():
    shipped = shipped_calibrations()[0]
    own = calibration(shipped.made_with)
    assert calibration_for(shipped.made_with, own.model_dump(mode="json")) == own


def test_one_of_another_version_is_passed_over_with_a_warning(caplog):
    shipped = shipped_calibrations()[0]
    told = shipped.model_dump(mode="json")
    del told["modes"]["hybrid"]["hit"]["weights"][SIGNS[0]]
    with caplog.at_level(logging.WARNING):
        assert calibration_for(shipped.made_with, told) == shipped
    assert "Run vdr calibrate again" in caplog.text


def test_chances_by_hand():
    signs = np.zeros((3, len(SIGNS)))
    signs[:, SIGNS.index("words")] = [0.0, 1.0, 1e9]
    assert logistic(-1.0, words=2.0).chances(signs).tolist() == pytest.approx(
        [1 / (1 + np.e), np.e / (1 + np.e), 1.0]
    )


def test_a_weight_that_is_no_number_is_refused():
    with pytest.raises(ValidationError, match="finite number"):
        logistic(float("nan"))
    with pytest.raises(ValidationError, match="other signs"):
        Calibration.model_validate(
            calibration(OTHERS).model_dump(mode="json")
            | {
                "modes": {
                    "text": {"hit": {"bias": 0, "weights": {}}, "answerable": {"bias": 0, "weights": {}}}
                }
            }
        )
