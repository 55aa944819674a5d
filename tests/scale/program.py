"""`vdr serve` or `vdr worker` as a process of its own: settings of the environment, and a tiny model."""

import sys

from app.cli.serve import run_service
from indexer.commands.worker import check_shared, run_worker
from tests.fixtures.libraries import tiny_models
from vdr.environment import read_settings

PATIENCE_S = 2.0


def main(program: str) -> None:
    settings = read_settings()
    check_shared(settings)
    models = tiny_models()
    if program == "serve":
        run_service(settings, models)
    else:
        run_worker(settings, models, PATIENCE_S)


if __name__ == "__main__":
    main(sys.argv[1])
