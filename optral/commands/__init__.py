"""Work waiting for an agent: a row first, then a frame. Enqueue, claim, record, cancel, expire.

What a verb means is the agent's; who may ask for it is the flow's. A final state never changes.
"""
