"""What must be so before any test module is imported: no network, files in memory, torchvision where it can
be had, and how examples are drawn."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

from hypothesis import settings

from tests.fixtures.in_memory import keep_files_in_memory
from tests.fixtures.own_cache import have_own_cache
from tests.fixtures.torchvision import offer_torchvision

keep_files_in_memory()
have_own_cache()
offer_torchvision()

# A change is judged by the same examples each time, however long they take on a busy machine;
# `pytest --hypothesis-profile=default` looks for others.
settings.register_profile("judge", derandomize=True, deadline=None)
settings.load_profile("judge")

pytest_plugins = ["tests.fixtures.postgres"]
