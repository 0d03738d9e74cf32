"""The pipeline definition as data: parsing, expressions, conditions and parameters.

Enters: JSON. Leaves: frozen dataclasses, or a DefinitionError that names the step and the field.
Must not know: how or where a step runs.
"""
