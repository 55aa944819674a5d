"""`vdr.client` where vdr-pages is not installed: the same names, of `vdr_client`."""

from vdr_client import *  # noqa: F403 - what it offers
from vdr_client import __all__  # noqa: F401
