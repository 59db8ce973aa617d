"""The client's models are what the contract says."""

from lab.tools import generate_client


def test_the_models_are_generated_from_the_contract() -> None:
    assert generate_client.TARGET.read_text() == generate_client.text(), "run make contracts"
