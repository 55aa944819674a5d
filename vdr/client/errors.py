"""The tree of errors that a service answers with; vdr-pages-client has the file itself in this place."""

from vdr.errors import *  # noqa: F403 - every error that there is or will be
