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
ROWS = "rows"
VOCABULARY = "vocabulary"
MANIFEST = "manifest"
MODEL = "model"
PREDICTIONS = "predictions"
EVALUATION = "evaluation"
CHAMPION = "champion"
VERSION = "version"
FEATURES = "features"
SCORES = "scores"
DRIFT = "drift"

VOCABULARY_FILE = "vocabulary.json"
EVIDENCE_FILE = "evidence.npy"
"""Beside the vocabulary where the features are `EVIDENCE`: the weights of n-grams."""

MANIFEST_FILE = "manifest.json"
EVALUATION_FILE = "evaluation.json"
REPORT_FILE = "report.html"
CHAMPION_FILE = "champion.json"
VERSION_FILE = "version.json"
SCORES_FILE = "scores.csv"
DRIFT_FILE = "drift.json"

STEMS, EVIDENCE = "stems", "evidence"
"""What the features are: counts of stems, as in the article; or words and the evidence of n-grams.
"""

LIBSVM = "text/libsvm"
CSV = "text/csv"

METRICS = "binary_classification_metrics"
"""The root of SageMaker's model-quality report for two classes."""

TEST_SET = "test_set"

GATE = "gate"
GATE_METRICS = ("accuracy", "f1", "auc")
"""What the gate may ask for, by their names in the model-quality report."""

MEASURED_PATH = f"{GATE}.measured"
REQUIRED_PATH = f"{CHAMPION}.required"

BASELINE = "baseline"
"""In the evaluation report: how the test set looked, for drift to be told from."""

PACKAGE_ARN_PATH = "model_package_arn"
FEATURE_FORMAT_PATH = "feature_format"
DRIFT_PATH = "largest"


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
