"""The values that a deployment gives to pipeline parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pipeline_steps.parameter_names import parameter_name


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

    def defaults(self) -> dict[str, str]:
        """Return the values by parameter name."""
        return {
            parameter_name(field): value
            for field, value in asdict(self).items()
            if value is not None
        }
