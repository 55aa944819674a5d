"""Static files below an address that names their content, so that browsers may keep them for good."""

import re
from hashlib import sha256
from pathlib import Path

from fastapi import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

IMMUTABLE = "private, max-age=31536000, immutable"
ASKED_AGAIN = "private, no-cache"
_VERSION_LENGTH = 12
_VERSIONED = re.compile(rf"([0-9a-f]{{{_VERSION_LENGTH}}})/(.+)")


class StaticAssets(StaticFiles):
    """Serves `{version}/{file}` for good, and `{file}` to be asked for again.

    A version that is no longer there leads to what there is now: a page that was opened before an upgrade may
    still ask for it.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self.version = version_of(directory)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, and how long it may be kept."""
        found = _VERSIONED.fullmatch(Path(path).as_posix())
        response = await super().get_response(found[2] if found else path, scope)
        is_current = found is not None and found[1] == self.version
        response.headers["Cache-Control"] = IMMUTABLE if is_current else ASKED_AGAIN
        return response


def version_of(folder: Path) -> str:
    """What changes with any file of a folder: one version for all, since they load each other by name."""
    digest = sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:_VERSION_LENGTH]
