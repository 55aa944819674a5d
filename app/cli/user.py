"""A user that the system does not know, as containers and job schedulers start programs by."""

import getpass
import os
from pathlib import Path


def settle_user() -> None:
    """Give a user without a home or a name what libraries ask for when they are imported.

    The home is the root folder, as Docker has it: such a user can write nothing there, and whoever wants to
    keep something at home says so.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.sep
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = str(os.geteuid())
