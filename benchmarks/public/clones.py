"""Files of repositories at one commit, out of clones on this machine: nothing is checked out, nothing of a clone is changed."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

LAYOUTS = ("", ".git", "repo", "repo/.git")  # where a clone may have its git directory


class Absent(Exception):
    """Why files cannot be had, and the command that gets them."""


def git_directory(clones: Path, repository: str) -> Path:
    """The git directory of a repository (owner/name) in a folder of clones; `Absent` where there is none."""
    clone = clones / repository.replace("/", "+")
    for layout in LAYOUTS:
        if (clone / layout / "HEAD").is_file():
            return clone / layout
    raise Absent(f"no clone of it in {clones}: git clone https://github.com/{repository} {clone}")


def write_files(directory: Path, commit: str, paths: tuple[str, ...], folder: Path) -> None:
    """Write files and folders of a commit into a folder; `Absent` where the clone has not got them."""
    command = ["git", f"--git-dir={directory}", "archive", commit, "--", *paths]
    process = subprocess.run(command, capture_output=True, check=False)
    if process.returncode:
        reason = process.stderr.decode(errors="replace").strip().splitlines()[-1]
        fetch = f"git --git-dir={directory} fetch origin {commit}"
        raise Absent(f"its clone has no {', '.join(paths)} at {commit[:7]} ({reason}): {fetch}")
    with tarfile.open(fileobj=BytesIO(process.stdout)) as archive:
        archive.extractall(folder, filter="data")
