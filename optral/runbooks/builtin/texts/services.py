"""Runbooks that change a Service."""

from optral.runbooks.builtin.texts.pieces import Texts

TEXTS: Texts = {
    "set-service-selector": (
        1,
        """
name: Change a label of a Service selector
description: >-
  Sets the value of one label in the selector of a Service. Use it when exactly one label differs from the labels of the pods. Do not use it
  when the Service selects the right pods and none of them is ready.
match: {issueTypes: [ServiceNoEndpoints, ServiceSelectorTooBroad]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: key, type: string, required: true, description: The key of the label such as app.kubernetes.io/name}
  - {name: value, type: string, required: true, description: Its value on the pods}
steps:
  - name: Set the label
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: selector
      key: ${parameters.key}
      value: ${parameters.value}
""",
    ),
    "set-target-port": (
        1,
        """
name: Change the target port of a Service
description: >-
  Sets the port of the pods to which a port of a Service forwards. Use it when the pods listen on another port. Do not use it when nothing
  listens on the new port.
match: {issueTypes: [ServiceTargetPortMismatch, ServiceNoEndpoints]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: port, type: string, required: true, pattern: "[0-9]+(/(TCP|UDP|SCTP))?", description: Port of the Service such as 80 or 53/UDP}
  - {name: targetPort, type: integer, required: true, minimum: 1, maximum: 65535, description: The port on which the pods listen}
steps:
  - name: Set the target port
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: targetPort
      key: ${parameters.port}
      value: ${parameters.targetPort}
""",
    ),
    "set-port-protocol": (
        1,
        """
name: Change the protocol of a Service port
description: >-
  Sets the protocol of one port of a Service. Use it when the pods use another protocol on this port. Do not use it for an application that
  needs both TCP and UDP, which takes two ports in the Service.
match: {issueTypes: [ServiceTargetPortMismatch, ServiceNoEndpoints]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: port, type: string, required: true, pattern: "[0-9]+(/(TCP|UDP|SCTP))?", description: Port of the Service such as 80 or 53/UDP}
  - {name: protocol, type: enum, enum: [TCP, UDP, SCTP], required: true, description: The protocol of the pods}
steps:
  - name: Set the protocol
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: protocol
      key: ${parameters.port}
      value: ${parameters.protocol}
""",
    ),
}
