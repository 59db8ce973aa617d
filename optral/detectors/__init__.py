"""Detectors: one ailment per file, pure."""
