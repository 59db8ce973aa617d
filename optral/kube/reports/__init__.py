"""What the components of Kubernetes report about objects: reasons, conditions and messages, one module for each component, no I/O.

Detectors decide when a report opens an issue, rules explain why it was made. Both ask these modules what it means.
"""
