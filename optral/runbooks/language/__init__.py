"""The language of runbooks: definitions, their parameters and conditions, read from text with line numbers."""
