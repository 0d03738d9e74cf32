"""Trained models: the registry, the archive, loading a booster, explaining its predictions."""
