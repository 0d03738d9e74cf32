"""The presets against linear models of words and pairs of words: accuracy, CPU, cost."""
