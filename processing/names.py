"""Names that the jobs and the pipeline's definition share. Standard library only.

Two literals that must stay equal are one name here: a path the definition mounts and a job reads,
a JSON path that a job writes and a condition reads.
"""

from __future__ import annotations

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"

CODE_FILE = "processing.pyz"
"""The code asset's file name where nobody else gives it one (CDK names it by content hash)."""

SPARK_PREPROCESS = "preprocess-on-spark"
"""The job that does Preprocess's work on a cluster."""

RAW = "raw"
TRAIN = "train"
VALIDATION = "validation"
TEST = "test"
LABELS = "labels"
VOCABULARY = "vocabulary"
MANIFEST = "manifest"
PREDICTIONS = "predictions"
EVALUATION = "evaluation"
CHAMPION = "champion"

VOCABULARY_FILE = "vocabulary.json"
MANIFEST_FILE = "manifest.json"
EVALUATION_FILE = "evaluation.json"
CHAMPION_FILE = "champion.json"

LIBSVM = "text/libsvm"
CSV = "text/csv"

METRICS = "binary_classification_metrics"
"""The root of SageMaker's model-quality report for two classes."""

ACCURACY_PATH = f"{METRICS}.accuracy.value"
TEST_SET = "test_set"

REQUIRED_ACCURACY_PATH = f"{CHAMPION}.required_accuracy"


def input_path(name: str) -> str:
    """Where an input called ``name`` is mounted in the job.

    >>> input_path("raw")
    '/opt/ml/processing/input/raw'
    """
    return f"{INPUT}/{name}"


def output_path(name: str) -> str:
    """Where the job leaves an output called ``name``.

    >>> output_path("train")
    '/opt/ml/processing/output/train'
    """
    return f"{OUTPUT}/{name}"
