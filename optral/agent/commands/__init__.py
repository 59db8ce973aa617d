"""Commands from the control plane: checked against the policy, journaled, performed and reported."""
