"""The pipeline definition as data: parsing, expressions, conditions and parameters.

Input: the JSON of a definition, and values for its parameters. Output: frozen dataclasses and
values, or a DefinitionError or ParameterError that names the step or parameter and the field.
Must not know: how or where a step runs, or whether it has run.
"""
