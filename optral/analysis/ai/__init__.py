"""The optional language model behind `Reasoner`. Nothing imports this package unless a model is configured; it needs `optral[ai]`.

What leaves is redacted evidence of one issue of one organization, fenced as data. What comes back is checked like a rule's answer
(`analysis/engine/verifier.py`): it may rank causes, name one of the taxonomy, and say things better. It has no way to change a cluster.
"""
