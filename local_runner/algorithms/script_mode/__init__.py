"""Script mode of the scikit-learn and XGBoost images: the user's program or functions.

    python3 -m local_runner.algorithms.script_mode train
    python3 -m local_runner.algorithms.script_mode transform --image ... --content-type ...

Facts about serving are from AWS's code (sagemaker-containers 2.8.6, which both images use,
sagemaker-scikit-learn-container, and tag v3.0-5 of sagemaker-xgboost-container), and the tests
compare with what it returned.
"""
