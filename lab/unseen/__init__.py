"""Fault states of example stacks that no rule was written for: a healthy cluster, one fault, and what Kubernetes shows of it.

`python -m lab.unseen` measures the analysis on them. docs/analysis.md states the figures.
"""
