"""What the working tree has changed since a revision: files, and lines of a file.

Old content is read from git's object store and compared here. `git diff` is not asked, since comparing the working tree
runs the filters and drivers that the repository's configuration names.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from pathlib import Path

from exportlint.mistake import UserMistake
from exportlint.source import git


class Changes:
    """The changes since `revision`, or since the branch left it where both have a common ancestor in this clone.

    Raises UserMistake when `folder` is in no repository, or the repository has no such revision.
    """

    def __init__(self, folder: Path, revision: str) -> None:
        self._folder = folder
        top = self._asked("rev-parse", "--show-toplevel")
        if top is None:
            raise UserMistake(f"--changed-since {revision}: {folder} is in no git repository")
        self.root = Path(os.path.realpath(os.fsdecode(top).rstrip("\n")))
        base = None if revision.startswith("-") else self._asked("rev-parse", "--verify", f"{revision}^{{commit}}")
        if base is None:
            raise UserMistake(
                f"--changed-since {revision}: this clone has no such commit (a shallow clone has the last ones only)"
            )
        old = base.decode().strip()
        common = self._asked("merge-base", old, "HEAD")
        self._blobs = self._listed(common.decode().strip() if common else old)
        self._hash = hashlib.sha256 if len(old) == 64 else hashlib.sha1
        self._changed_lines: dict[Path, frozenset[int]] = {}

    def changed(self, file: Path) -> bool:
        """Whether the content of a file is another than it was. A file that there was not, or is not, has changed."""
        try:
            data = file.read_bytes()
        except OSError:
            return True
        blob = self._blobs.get(self._name(file))
        return blob is None or (self._blob_of(data) != blob and _lines(data) != _lines(self._content(blob)))

    def lost(self, file: Path) -> bool:
        """Whether there was such a file and is none now."""
        return not file.exists() and self._name(file) in self._blobs

    def lines(self, file: Path) -> frozenset[int]:
        """The numbers, from 1, of the lines of a file that are new or other than before.

        Of a new file all; none of one that was only renamed, or that cannot be read.
        """
        if file not in self._changed_lines:
            self._changed_lines[file] = self._compared(file)
        return self._changed_lines[file]

    def _compared(self, file: Path) -> frozenset[int]:
        try:
            data = file.read_bytes()
        except OSError:
            return frozenset()
        new, blob, is_now = _lines(data), self._blobs.get(self._name(file)), self._blob_of(data)
        if is_now == blob or (blob is None and is_now in self._blobs.values()):
            return frozenset()
        return frozenset(_new_lines(_lines(self._content(blob)) if blob else [], new))

    def _name(self, file: Path) -> str:
        """A file's name in the tree."""
        return Path(os.path.relpath(os.path.realpath(file), self.root)).as_posix()

    def _listed(self, commit: str) -> dict[str, str]:
        """Every regular file of a commit with the id of its content."""
        listing = self._asked("ls-tree", "-r", "-z", "--full-tree", commit) or b""
        entries = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry.startswith(b"100"))
        return {os.fsdecode(name): meta.split()[2].decode() for meta, _, name in entries}

    def _content(self, blob: str) -> bytes:
        """What a file held. Raises UserMistake where a partial clone lacks it."""
        content = self._asked("cat-file", "blob", blob)
        if content is None:
            raise UserMistake(f"--changed-since: this clone lacks the object {blob}; fetch it first")
        return content

    def _blob_of(self, data: bytes) -> str:
        """The id that git gives to content."""
        return self._hash(b"blob %d\0" % len(data) + data).hexdigest()

    def _asked(self, *words: str) -> bytes | None:
        done = git.run(self._folder, *words)
        return done.stdout if done is not None and done.returncode == 0 else None


def _lines(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _new_lines(old: list[bytes], new: list[bytes]) -> set[int]:
    # what two long files share at both ends need not be compared line by line
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    matcher = difflib.SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    changed: set[int] = set()
    for what, _, _, first, last in matcher.get_opcodes():
        if what != "equal":
            changed.update(range(start + first + 1, start + last + 1))
    return changed
