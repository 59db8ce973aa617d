"""The tunnel's messages, generated from proto/, plus the few lines that turn frames into plain values.

Only gateway and agent look in here.
"""
