"""Runbooks for what a namespace has been given: quotas, volumes and certificates."""

from optral.runbooks.builtin.texts.pieces import Texts, bounds_of

TEXTS: Texts = {
    "raise-quota": (
        1,
        """
name: Raise a quota
description: >-
  Raises one limit of a ResourceQuota to at most four times its value. Use it when the namespace needs more. Do not use it when the
  workloads request more than they use; lower their requests instead.
match: {issueTypes: [ResourceQuotaExceeded, ResourceQuotaAlmostFull]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the quota}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: resource, type: string, required: true, description: The entry such as requests.memory or pods}
  - {name: value, type: quantity, required: true, description: The new amount}
steps:
  - name: Raise the quota
    action: patch
    with:
      kind: ResourceQuota
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: hard
      key: ${parameters.resource}
      value: ${parameters.value}
"""
        + bounds_of("hard", more=", onlyRaise: true"),
    ),
    "expand-volume": (
        1,
        """
name: Expand a volume
description: >-
  Requests a larger size for a PersistentVolumeClaim, at most ten times the current one. Its StorageClass must allow expansion, and a volume
  can never be made smaller again. Use it when the data grows. Do not use it when old files can be deleted.
match: {issueTypes: [VolumeFillingUp]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the claim}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: size, type: quantity, required: true, minimum: 1Mi, maximum: 64Ti, description: The new size such as 20Gi}
steps:
  - name: Expand the volume
    action: patch
    with:
      kind: PersistentVolumeClaim
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: storage
      value: ${parameters.size}
    bounds:
      - {path: storage, onlyRaise: true, maxFactor: 10}
cooldownSeconds: 300
""",
    ),
    "renew-certificate": (
        1,
        """
name: Renew a certificate
description: >-
  Makes cert-manager issue a certificate again immediately, as cmctl renew does. The Secret gets the new certificate; applications that read
  it only at startup need a restart. Use it when a certificate expires soon and was not renewed. Do not use it while its issuer fails, or
  often: public issuers limit how many certificates they issue.
match: {issueTypes: [CertificateExpiring]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Certificate}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - {name: Renew, action: renewCertificate, with: {namespace: "${parameters.namespace}", name: "${parameters.name}"}}
cooldownSeconds: 3600
""",
    ),
}
