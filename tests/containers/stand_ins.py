"""Images that stand in for those of a registry, under their names; each Dockerfile says by what."""

import os
import re
import shutil
from pathlib import Path

from tests.containers.engine import STATE, Engine
from tests.project.files import ROOT, text_of

IMAGES = Path(__file__).parent / "images"
_HUB = "docker.io/library/"
_PACKAGES = "ca-certificates,python3.11-minimal,python3.11,python3.11-venv,python3-pip,tzdata,netbase"
# What each image needs beside the files in its folder.
_MORE = {"qdrant": ROOT / "tests/scale/qdrant_stand_in.py", "minio": ROOT / "constraints.txt"}


def build_base(engine: Engine) -> None:
    """The stand-in for the base image of the Dockerfile; made once: all else stands on it."""
    (name,) = set(re.findall(r"^FROM (python:\S+)", text_of("Dockerfile"), re.MULTILINE))
    if engine.run("image", "inspect", _HUB + name, is_fine=False).returncode == 0:
        return
    archive = STATE / "base.tar"
    if not archive.exists():
        draft = archive.with_suffix(".draft.tar")
        engine.run_outside(
            "mmdebstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(draft)
        )
        draft.rename(archive)
    engine.build(_HUB + name, _context("python", archive))


def build_services(engine: Engine) -> None:
    """The stand-ins for the servers of both compose files."""
    compose = text_of("docker-compose.scale.yml")
    for name in dict.fromkeys(re.findall(r"image: (\S+)", compose)):
        kind = re.split(r"[/:]", name)[0]
        if (IMAGES / kind).is_dir():
            full = f"docker.io/{name}" if "/" in name else _HUB + name
            engine.build(full, _context(kind, _MORE.get(kind)))


def _context(kind: str, more: Path | None) -> Path:
    """A folder with all that an image is built from."""
    context = STATE / "contexts" / kind
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(IMAGES / kind, context)
    if more is not None:
        os.link(more, context / more.name)
    return context
