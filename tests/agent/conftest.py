"""Fixtures of the agent's tests."""

from tests.support.kubeapi import real_api

__all__ = ["real_api"]
