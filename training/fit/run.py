"""A training under way."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from training.fit.callbacks import Say
from training.fit.config import RunConfig
from training.fit.data import TrainingData
from training.fit.page_texts import page_texts
from training.fit.run_folder import RunFolder

Config_co = TypeVar("Config_co", bound=RunConfig, covariant=True)


@dataclass(frozen=True, eq=False)
class Run(Generic[Config_co]):
    """What a training was told, where it is kept, what it learns from, and who hears how far it is."""

    config: Config_co
    folder: RunFolder
    data: TrainingData
    say: Say

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """What each page says; see `page_texts`."""
        return page_texts(self.data, self.folder.words, self.say)
