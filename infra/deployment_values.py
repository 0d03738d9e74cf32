"""The values that a deployment gives to pipeline parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from aws_cdk import aws_kms as kms

from infra.code_asset import CodeAsset
from infra.execution_role import ExecutionRole
from infra.model_registry import ModelRegistry
from infra.storage import Storage
from processing.names import parameter_name


@dataclass(frozen=True, kw_only=True)
class DeploymentValues:
    """Default values of the parameters that the fields are named after.

    None keeps the definition's own default. dataset_uri and commit: of the training pipeline only.
    """

    artifacts_uri: str
    code_uri: str
    code_file: str
    execution_role_arn: str
    model_package_group_name: str
    kms_key_arn: str | None
    dataset_uri: str | None
    commit: str | None

    @classmethod
    def of(
        cls,
        storage: Storage,
        code: CodeAsset,
        role: ExecutionRole,
        registry: ModelRegistry,
        key: kms.IKey | None,
        commit: str | None,
    ) -> DeploymentValues:
        """Return the values that the stack's constructs have."""
        return cls(
            artifacts_uri=storage.artifacts_uri,
            code_uri=code.uri,
            code_file=code.file,
            execution_role_arn=role.arn,
            model_package_group_name=registry.group_name,
            kms_key_arn=key.key_arn if key else None,
            dataset_uri=storage.dataset_uri,
            commit=commit,
        )

    def defaults(self) -> dict[str, str]:
        """Return the values by parameter name."""
        return {
            parameter_name(field): value
            for field, value in asdict(self).items()
            if value is not None
        }
