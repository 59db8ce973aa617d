"""Who may: organizations and their plans, members, API keys, rate limits, idempotent answers, the audit chain.

Leaves to others: reading headers and answering statuses (api), enrollment tokens and certificates of agents (clusters).
"""
