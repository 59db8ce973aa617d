"""Who may: organisations and their plans, members, API keys, rate limits, idempotent answers, the audit chain.

Leaves to others: reading headers and answering statuses (api), enrolment tokens and certificates of agents (clusters).
"""
