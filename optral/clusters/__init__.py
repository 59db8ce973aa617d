"""The cluster record, its enrollment and certificates, and its presence. What the cluster contains belongs to resources."""
