"""The cluster record, its enrolment and certificates, and its presence. What the cluster contains belongs to resources."""
