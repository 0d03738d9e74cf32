"""The jobs' code as one file in the CDK's asset bucket."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from processing import packaging
from processing.names import CODE_FILE


class CodeAsset(Construct):
    """``s3://<asset bucket>/<content hash>.pyz``; changed code never hits the step cache."""

    def __init__(self, scope: Construct, id: str, *, build_folder: Path) -> None:
        super().__init__(scope, id)
        archive = packaging.build(build_folder / CODE_FILE)
        self.asset = assets.Asset(self, "Asset", path=str(archive))
        self.uri = f"s3://{self.asset.s3_bucket_name}"
        self.file = self.asset.s3_object_key
