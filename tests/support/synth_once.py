"""A CDK app that synthesizes each commit once: ``CDK_APP="python synth_once.py FOLDER"``.

Runs the app of the current folder's cdk.json, and keeps the cloud assembly in FOLDER by commit and
context: a synthesis depends on nothing else, as the app doesn't use the credentials' account and
region. Files must be committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path


def main(assemblies: Path) -> None:
    """Fill CDK_OUTDIR from the kept assemblies, or synthesize and keep the assembly."""
    assert not _git("status", "--porcelain", "--untracked-files=no"), "commit the changes first"
    context = json.loads(os.environ["CDK_CONTEXT_JSON"])
    context.pop("aws:cdk:bundling-stacks", None)  # differs by command; nothing is bundled
    inputs = json.dumps([_git("rev-parse", "HEAD"), context], sort_keys=True)
    kept = assemblies / hashlib.sha256(inputs.encode()).hexdigest()
    output = Path(os.environ["CDK_OUTDIR"])
    if not kept.exists():
        app = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["app"]
        subprocess.run(shlex.split(app), check=True)
        shutil.copytree(output, kept)
    else:
        shutil.copytree(kept, output, dirs_exist_ok=True)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
