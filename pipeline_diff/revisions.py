"""Files at revisions of git."""

from __future__ import annotations

import subprocess

from operations.errors import CliError, UsageError

COMMITTED = "pipeline_steps/definition.json"
COMMITTED_TO_SCORE = "pipeline_steps/score_definition.json"
"""Where the committed definitions lie, from the repository's root."""


def texts_at(given: str) -> tuple[str, ...]:
    """The file of ``REVISION:path``, or the committed definitions of ``REVISION``.

    Older revisions have no pipeline that scores. Raises UsageError if there's no such thing,
    naming it.
    """
    if given.startswith("-"):  # which git would take for an option
        raise UsageError(f"{given}: no such file, and no revision can be called so")
    if _git("rev-parse", "--git-dir") is None:
        raise UsageError(
            f"{given}: no such file or folder, and outside of a git repository no revision"
        )
    commit = _git("rev-parse", "--verify", "--quiet", f"{given}^{{commit}}")
    if commit:
        paths = [f"{commit.strip()}:{path}" for path in (COMMITTED, COMMITTED_TO_SCORE)]
    else:
        paths = [given]
    text, *more = [_git("cat-file", "blob", path) for path in paths]
    if text is not None:
        return text, *(other for other in more if other is not None)
    if commit:
        raise UsageError(f"{given}: there is no file {COMMITTED} in that revision")
    raise UsageError(
        f"{given}: neither a file, nor a folder, nor a revision of git, nor a file in one; a "
        "branch of another repository must be fetched first"
    )


def _git(*command: str) -> str | None:
    """What git prints; None if it fails."""
    try:
        ended = subprocess.run(["git", *command], capture_output=True, check=False)  # noqa: S607
    except FileNotFoundError:
        raise CliError("git isn't installed, and revisions need it; give files instead") from None
    return ended.stdout.decode("utf-8", "replace") if ended.returncode == 0 else None
