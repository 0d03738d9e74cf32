"""Files at revisions of git."""

from __future__ import annotations

import subprocess

from pipeline_diff.errors import GitNotInstalled, SourceError

COMMITTED = "pipeline_steps/definition.json"
COMMITTED_SCORING = "pipeline_steps/score_definition.json"
"""Paths of the committed definitions in the repository."""


def texts_at(given: str) -> tuple[str, ...]:
    """Return the file ``REVISION:path``, or the committed definitions of ``REVISION``.

    Older revisions have no scoring pipeline. Raise SourceError if it doesn't exist.
    """
    if given.startswith("-"):  # git would parse it as an option
        raise SourceError(f"{given}: no such file, and not a valid revision name")
    if _git("rev-parse", "--git-dir") is None:
        raise SourceError(f"{given}: no such file or folder, and revisions need a git repository")
    commit = _git("rev-parse", "--verify", "--quiet", f"{given}^{{commit}}")
    if commit:
        paths = [f"{commit.strip()}:{path}" for path in (COMMITTED, COMMITTED_SCORING)]
    else:
        paths = [given]
    text, *more = [_git("cat-file", "blob", path) for path in paths]
    if text is not None:
        return text, *(other for other in more if other is not None)
    if commit:
        raise SourceError(f"{given}: the revision has no file {COMMITTED}")
    raise SourceError(
        f"{given}: not a file, folder, git revision, or REVISION:path; fetch a branch of a remote "
        "repository first"
    )


def _git(*command: str) -> str | None:
    """Return what git prints; None if it fails."""
    try:
        ended = subprocess.run(["git", *command], capture_output=True, check=False)  # noqa: S607
    except FileNotFoundError:
        raise GitNotInstalled(
            "git isn't installed; install it to compare revisions, or give files instead"
        ) from None
    return ended.stdout.decode("utf-8", "replace") if ended.returncode == 0 else None
