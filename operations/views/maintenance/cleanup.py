"""Cleanup on AWS."""

from __future__ import annotations

from operations.aws.maintenance.cleanup import Deleted, Leftovers
from operations.views.model_versions import counted_approvals
from operations.views.printing import print_json, print_line


def print_cleanup(leftovers: Leftovers, deleted: Deleted | None, *, as_json: bool) -> None:
    """Print resources to delete (``deleted`` is None), or the result of their deletion."""
    kinds = {
        "endpoints": list(leftovers.hosting.endpoints),
        "endpoint_configurations": list(leftovers.hosting.configurations),
        "models": [*leftovers.hosting.models, *leftovers.models],
        "versions": [version.arn for version in leftovers.versions],
        "log_streams": [f"{group}:{stream}" for group, stream in leftovers.log_streams],
        "downloads": list(map(str, leftovers.downloads)),
    }
    failures = dict(deleted.failures) if deleted else {}
    if as_json:
        kept = [version.arn for version in leftovers.kept_versions]
        print_json(
            {**kinds, "dry_run": deleted is None, "failures": failures, "kept_versions": kept}
        )
        return
    for kind, names in kinds.items():
        print_line(f"{kind.replace('_', ' ')}: {len(names)}")
        for name in names:
            print_line(f"  {name}{f': {failures[name]}' if name in failures else ''}")
    listed = {name for names in kinds.values() for name in names}
    for name, reason in failures.items():
        if name not in listed:
            print_line(f"{name}: {reason}")
    if leftovers.kept_versions:
        counts = counted_approvals(leftovers.kept_versions)
        print_line(f"kept versions: {counts}; see --pending, --all-versions")
    if deleted is None:
        print_line("nothing was deleted; use --yes to delete these resources")
    else:
        print_line(f"deleted: {deleted.count}, failed: {len(deleted.failures)}")
