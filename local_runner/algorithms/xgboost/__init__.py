"""Local emulation of the built-in XGBoost image, version 3.0-5.

It keeps the parts of the image's contract that a pipeline can notice: hyperparameters as strings
from a fixed list, channels, content types, when early stopping applies, how rows are read, how
files are cut into requests, how answers are written.

Facts about the image are from AWS's training and serving code, tag v3.0-5 of
https://github.com/aws/sagemaker-xgboost-container ("the image" in this package), and were compared
with it by running both. Error messages are the image's own.

    python3 -m local_runner.algorithms.xgboost train
    python3 -m local_runner.algorithms.xgboost transform --content-type ... --batch-strategy ...
"""
