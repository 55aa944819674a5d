"""How vdr is installed: the name of its distribution, its version, and the command that adds an extra."""

from importlib.metadata import version

# The name `vdr` on PyPI belongs to another project.
NAME = "vdr-pages"


def vdr_version() -> str:
    """The version that is installed."""
    return version(NAME)


def pip_install(extra: str) -> str:
    """The command that installs the dependencies of an extra beside vdr."""
    return f"pip install '{NAME}[{extra}]'"
