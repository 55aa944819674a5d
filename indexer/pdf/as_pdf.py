"""Makes a PDF of whatever is accepted, in the cage."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from indexer.pdf import convert
from indexer.pdf.cage import Cage, Overrun, cage
from indexer.pdf.inspect import Inspected, is_locked
from indexer.pdf.kinds import ACCEPTED, Kind
from vdr.errors import ConversionFailed, FileTooLarge, NotAccepted, PdfBroken, PdfEncrypted
from vdr.rooms import as_program
from vdr.settings import IngestSettings

OFFICE_PROGRAM = "soffice"
# LibreOffice reserves far more address space than it uses.
_OFFICE_MEMORY = 4.0


def as_pdf(file: Inspected, settings: IngestSettings, folder: Path, password: str | None = None) -> Path:
    """A PDF of a file: itself if it is one that needs no `password`, else one made in `folder`.

    The password opens a locked PDF and is kept nowhere. Raises NotAccepted, PdfEncrypted where the password
    is wrong, FileTooLarge, ConversionFailed, MissingProgram; with a password whatever `count_pages` raises.
    """
    path, name, target = file.path, file.name, folder / "document.pdf"
    if file.kind not in accepted_kinds():
        raise NotAccepted(f"{name} is not a supported file type ({accepted()}).")
    match file.kind:
        case Kind.PDF:
            if password is None or not is_locked(path, name, settings):
                return path
            _unlock(path, name, settings, target, password)
        case Kind.IMAGE:
            _images(path, name, settings, target)
        case Kind.OFFICE:
            _office(path, name, settings, target, file.suffix)
    return target


def accepted_kinds() -> list[Kind]:
    """The kinds of files that can be taken in here: Office files only with LibreOffice."""
    return [kind for kind in Kind if kind is not Kind.OFFICE or shutil.which(OFFICE_PROGRAM)]


def accepted() -> str:
    """The files that can be taken in here, for people."""
    return ", ".join(ACCEPTED[kind] for kind in accepted_kinds())


def _unlock(path: Path, name: str, settings: IngestSettings, target: Path, password: str) -> None:
    status = convert.WRONG_PASSWORD  # one that no program takes, and so no file has
    if "\0" not in password and _is_text(password):
        status = _convert("unlock", path, name, settings, target, given=password.encode())
    if status == convert.WRONG_PASSWORD:
        raise PdfEncrypted(f"Wrong password for {name}.", remedy="Enter the correct password.")
    if status != convert.DONE:
        raise PdfBroken(f"{name} is damaged and cannot be decrypted.")


def _is_text(password: str) -> bool:
    """Whether it has no half characters, such as a terminal of another encoding gives."""
    return password.encode(errors="ignore").decode() == password


def _images(path: Path, name: str, settings: IngestSettings, target: Path) -> None:
    limits = (str(settings.max_image_pixels), str(settings.max_pages))
    status = _convert("images", path, name, settings, target, *limits)
    if status == convert.TOO_LARGE:
        raise FileTooLarge(
            f"{name} has an image of more than {settings.max_image_pixels:,} pixels.",
            remedy="Shrink the image, or raise VDR_MAX_IMAGE_PIXELS.",
        )
    if status == convert.NO_MEMORY:
        raise FileTooLarge(
            f"{name} needs more memory than allowed to be decoded.",
            remedy="Shrink the image, or raise VDR_PROGRAM_MEMORY_BYTES.",
        )
    if status != convert.DONE:
        raise ConversionFailed(f"{name} is damaged: the image is truncated or corrupt.")


def _convert(
    what: str, path: Path, name: str, settings: IngestSettings, target: Path, *limits: str, given: bytes = b""
) -> int:
    """Run `indexer.pdf.convert` in a cage and bring what it made to `target`; its exit status."""
    with cage(settings, settings.convert_timeout_s) as caged:
        made = caged.folder / "made.pdf"
        command = [
            "python",
            *as_program("indexer.pdf.convert"),
            what,
            str(path.resolve()),
            str(made),
            *limits,
        ]
        status = _run(caged, command, name, settings, given=given, program=sys.executable)
        if status == convert.DONE:
            shutil.move(made, target)
    return status


def _office(path: Path, name: str, settings: IngestSettings, target: Path, suffix: str) -> None:
    with cage(settings, settings.convert_timeout_s, memory_factor=_OFFICE_MEMORY) as caged:
        source = caged.folder / f"document.{suffix}"
        shutil.copyfile(path, source)
        command = [OFFICE_PROGRAM, f"-env:UserInstallation=file://{caged.folder}/profile", "--headless"]
        command += ["--norestore", "--convert-to", "pdf", "--outdir", str(caged.folder), str(source)]
        _run(caged, command, name, settings)
        made = caged.folder / "document.pdf"
        if not made.exists():
            raise ConversionFailed(f"LibreOffice could not convert {name} to PDF.")
        shutil.move(made, target)


def _run(
    caged: Cage,
    command: Sequence[str],
    name: str,
    settings: IngestSettings,
    *,
    given: bytes = b"",
    program: str | None = None,
) -> int:
    limit_s = settings.convert_timeout_s
    try:
        return caged.run(command, limit_s, given=given, program=program)
    except Overrun as error:
        raise ConversionFailed(f"Converting {name} to PDF took longer than {limit_s:g} s.") from error
