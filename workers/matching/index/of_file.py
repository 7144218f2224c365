"""The index of a register in a CSV file: built once, and kept where somebody wants it kept."""

from pathlib import Path
from zlib import crc32

from workers.matching.csv_files import UnusableFile, known_addresses
from workers.matching.index.build import build, only_builder, usable
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.snapshot import UnusableSnapshot, checksum


def index_of_file(register: Path, folder: Path) -> MappedIndex:
    """
    The index of a register: the one in the folder where it is of this very file, otherwise a new one.

    :raises UnusableFile: when the register cannot be read.
    :raises FolderIsBusy: when another process builds in the folder.
    """
    try:
        source = f"{register.stat().st_size}-{checksum(register):08x}-{crc32(register.name.encode()):08x}"
    except OSError as wrong:
        raise UnusableFile(f"{register}: {wrong.strerror}") from wrong
    with only_builder(folder):
        try:
            snapshot = usable(folder)
        except UnusableSnapshot:
            snapshot = None
        if snapshot is None or snapshot.manifest.source != source:
            snapshot = build(folder, ((id, 0, address) for id, address in known_addresses(register)), source=source)
    return MappedIndex(snapshot)
