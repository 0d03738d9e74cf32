"""Trained models: the model registry, the model archive, loading, prediction, explanation."""
