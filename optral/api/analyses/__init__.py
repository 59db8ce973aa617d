"""Analyses of issues over HTTP: answers, remedies, feedback, and the language model."""
