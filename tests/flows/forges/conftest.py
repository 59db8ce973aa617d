"""The shop whose changes go through pull requests."""

from tests.flows.executions.conftest import shop as shop
