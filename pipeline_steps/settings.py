"""What is decided at synth about the pipeline itself. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PipelineSettings:
    """Everything that the definition depends on besides the code.

    region: decides the registries of the built-in images.
    *_instance_type: defaults of the parameters with these names. ml.m5.large (2 cores, 8 GiB) fits
    the measured need: Preprocess takes 110 MB, training 300 MB.
    cache_days: how long a cached step may stand for a new run; shorter than its outputs live.
    max_runtime_minutes: after which any job is stopped.
    customer_key: encrypt volumes and outputs with the key that the deployment names.
    subnets, security_groups: the VPC that every job and the model run in; none for AWS's own.
    encrypt_traffic: encrypt what the hosts of one job say to each other.
    spot: train on spare capacity, from checkpoints if interrupted, for at most spot_wait_minutes
    more than max_runtime_minutes.
    """

    region: str = "us-east-1"
    processing_instance_type: str = "ml.m5.large"
    training_instance_type: str = "ml.m5.large"
    transform_instance_type: str = "ml.m5.large"
    cache_days: int = 30
    max_runtime_minutes: int = 60
    customer_key: bool = False
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    encrypt_traffic: bool = False
    spot: bool = False
    spot_wait_minutes: int = 60
