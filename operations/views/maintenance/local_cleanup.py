"""Cleanup of a work folder."""

from __future__ import annotations

from collections.abc import Mapping

from operations.local.maintenance.cleanup import DATASETS, EXECUTIONS, VERSIONS, Leftovers
from operations.views.model_versions import counted_approvals
from operations.views.printing import location, print_json, print_line, size, utc

_LISTED = (EXECUTIONS, VERSIONS, DATASETS)
"""Others have names that mean nothing to a reader."""


def print_local_cleanup(
    leftovers: Leftovers, failures: Mapping[str, str] | None, *, as_json: bool
) -> None:
    """Print what would be deleted (``failures`` is None), or the result of the deletion."""
    names = _names(leftovers)
    if as_json:
        print_json(
            {
                **names,
                "bytes": leftovers.size,
                "dry_run": failures is None,
                "failures": dict(failures or {}),
                "kept_versions": [version.arn for version in leftovers.kept_versions],
            }
        )
        return
    executions = [
        f"{it.execution_id}  {it.status}, started {utc(it.started)}" for it in leftovers.executions
    ]
    for kind, listed in {**names, EXECUTIONS: executions}.items():
        print_line(f"{kind.replace('_', ' ')}: {len(listed)}")
        for name in listed if kind in _LISTED else ():
            print_line(f"  {location(name)}")
    if leftovers.kept_versions:
        counts = counted_approvals(leftovers.kept_versions)
        print_line(f"kept versions: {counts}; see --pending, --all-versions")
    for path, reason in (failures or {}).items():
        print_line(f"failed: {location(path)}: {reason}")
    if not any(names.values()):
        print_line("there is nothing to delete")
    elif failures is None:
        print_line(
            f"nothing was deleted; use --yes to delete these and free {size(leftovers.size)}"
        )
    else:
        print_line(f"freed: {size(leftovers.size)}, failed: {len(failures)}")


def _names(leftovers: Leftovers) -> dict[str, list[str]]:
    """What is deleted, by kind, the most important first."""
    named = {
        EXECUTIONS: [it.execution_id for it in leftovers.executions],
        VERSIONS: [it.arn for it in leftovers.versions],
    }
    paths = {kind: list(map(str, found)) for kind, found in leftovers.paths.items()}
    return {**named, **{kind: found for kind, found in paths.items() if kind not in named}}
