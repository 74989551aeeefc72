"""`compete validate`: checks a zip of images against the contract, and looks for copies in it."""

import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from compete.errors import Fault, first_line
from compete.files import digest
from compete.generative_contract import IMAGES_ZIP, GenerativeContract
from compete.generative_records import IMAGES
from compete.processed import read_array
from compete.tasks.generative.copies import find_nearest
from compete.tasks.generative.image_zip import ZippedImages
from compete.tasks.generative.prepare import load_names
from compete.verdict import SubmissionFacts, Verdict

_SHOWN = 3  # files of each kind of fault
_MOST = 8 * 2**30  # bytes of all files together: a small zip may hold endless zeros


@dataclass
class ImagesVerdict(Verdict):
    """What was found in a zip of images.

    Args:
        images: how many it holds.
        asked: of each of them, in words.
    """

    images: int = 0
    asked: str = ""

    @property
    def looked_at(self) -> str:
        """How many images, and what they must be."""
        return f"{self.images:,} images ({self.asked} are asked for)"


def submission_facts() -> SubmissionFacts:
    """Return what is sent, and where. Raise `Fault` if `prepare` has not run."""
    return SubmissionFacts(GenerativeContract.load().slug, IMAGES_ZIP)


def check(file: Path) -> ImagesVerdict:
    """Check the number of images, and size, mode and format of each; look for copies.

    Args:
        file: a zip.

    Raises:
        Fault: there is no such file, or `prepare` has not run.
    """
    contract = GenerativeContract.load()
    if not file.is_file():
        raise Fault(f"There is no file {file}.", "Run `compete predict`, or name another file.")
    size = f"{contract.width} x {contract.height}"
    verdict = ImagesVerdict(str(file), asked=f"{size} {contract.mode} in {contract.format}")
    try:
        with zipfile.ZipFile(file) as archive:
            _read(archive, contract, verdict)
    except zipfile.BadZipFile as error:
        verdict.faults.append(f"it is not a zip file: {first_line(error)}")
    if not verdict.faults:
        _look_for_copies(file, verdict)
    return verdict


check_before_sending = check


def _read(archive: zipfile.ZipFile, contract: GenerativeContract, verdict: ImagesVerdict) -> None:
    members = [info for info in archive.infolist() if not info.is_dir()]
    verdict.images = len(members)
    low, high = contract.count_min, contract.count_max
    if not low <= len(members) <= high:
        verdict.faults.append(f"it has {len(members):,} files; {low:,} to {high:,} are allowed")
    if sum(info.file_size for info in members) > _MOST:
        verdict.faults.append("it unpacks to more than 8 GB")
        return
    found: dict[str, list[str]] = {}
    contents: Counter[str] = Counter()
    for info in members:
        try:
            content = archive.read(info)
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
            found.setdefault(f"can't be read ({first_line(error)})", []).append(info.filename)
            continue
        contents[digest([content])] += 1
        for fault in _faults(content, contract):
            found.setdefault(fault, []).append(info.filename)
    for fault, names in found.items():
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        verb = fault if len(names) == 1 else fault.replace("is ", "are ", 1)
        verdict.faults.append(f"{', '.join(names[:_SHOWN])}{more} {verb}")
    repeated = Counter(info.filename for info in members)
    if twice := [name for name, number in repeated.items() if number > 1]:
        verdict.faults.append(f"it contains {twice[0]} twice")
    if any(len(PurePosixPath(info.filename).parts) > 1 for info in members):
        verdict.warnings.append("the images are in a folder of the zip file, not at its root")
    if same := sum(number - 1 for number in contents.values()):
        verdict.warnings.append(f"{same:,} of the images are duplicates")


def _faults(content: bytes, contract: GenerativeContract) -> list[str]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            found = (f"{image.width} x {image.height}", image.mode, str(image.format))
    except Exception:  # PIL's decoders raise whatever a damaged file leads them to
        return ["is not a readable image"]
    asked = (f"{contract.width} x {contract.height}", contract.mode, contract.format)
    return [
        f"is {is_}, but must be {must}"
        for is_, must in zip(found, asked, strict=True)
        if is_ != must
    ]


def _look_for_copies(file: Path, verdict: ImagesVerdict) -> None:
    if not IMAGES.exists():
        verdict.warnings.append(
            "it was not compared with the training images, which are not prepared"
        )
        return
    images = ZippedImages(file)
    nearest = find_nearest(images, read_array(IMAGES))
    copies = nearest.copies
    if len(copies):
        names, number = load_names(), int(copies[0])
        verdict.warnings.append(
            f"{len(copies):,} of the images are copies of training images, such as "
            f"{images.names[number]} of {names[nearest.index[number]]}: copies improve the "
            "distance, but they are not what the competition asks for"
        )
    images.close()
