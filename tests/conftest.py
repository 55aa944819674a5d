"""What must be so before any test module is imported: no network, and torchvision where it can be had."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

from tests.fixtures.torchvision import offer_torchvision

offer_torchvision()

pytest_plugins = ["tests.fixtures.postgres"]
