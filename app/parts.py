"""The parts of a service by name, for those who are told which of them is away."""

from enum import StrEnum


class PartName(StrEnum):
    """The parts. A service without a worker answers searches all the same."""

    DATABASE = "database"
    INDEX = "index"
    OBJECTS = "objects"
    MODELS = "models"
    WORKER = "worker"

    @property
    def is_needed(self) -> bool:
        """Whether searches need it."""
        return self is not PartName.WORKER
