"""Runbooks that change nothing: they read and report."""

from optral.runbooks.builtin.texts.pieces import OBJECT, Texts

TEXTS: Texts = {
    "report-finalizers": (
        1,
        """
name: Report what blocks a deletion
description: >-
  Reports which finalizers block the deletion of an object, which controller removes each of them, what would be lost without them, and
  which commands a person would run. Changes nothing. Use it when a deletion hangs. Do not remove a finalizer before you have looked at its
  controller.
match: {issueTypes: [StuckFinalizer, NamespaceTerminating, PodStuckTerminating]}
parameters:
  - {name: kind, type: string, required: true, default: "${target.kind}", description: Kind of the object}
  - {name: namespace, type: string, default: "${target.namespace}", description: Its namespace if it has one}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Read the object
    action: get
    optional: true
    with: {kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}
  - name: Report
    action: report
    with: {about: stuckFinalizers, kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}
""",
    ),
    "report-released-volume": (
        1,
        """
name: Report a released volume
description: >-
  Reports which claim a released PersistentVolume belonged to, what would be lost with it, and which commands a person would run to reuse or
  delete it. Changes nothing. Use it for a volume that was left over, not for one that a claim still uses.
match: {issueTypes: [PersistentVolumeReleased]}
parameters:
  - {name: name, type: string, required: true, default: "${target.name}", description: Name of the PersistentVolume}
steps:
  - {name: Read the volume, action: get, optional: true, with: {kind: PersistentVolume, name: "${parameters.name}"}}
  - {name: Report, action: report, with: {about: releasedVolume, kind: PersistentVolume, name: "${parameters.name}"}}
""",
    ),
    "collect-diagnostics": (
        2,
        f"""
name: Collect diagnostics
description: >-
  Reads the object and its events from the cluster as they are now, and keeps them with the execution. Changes nothing. Use it to preserve
  evidence of a failure. Do not use it for a support ticket; download the diagnostics bundle of the issue instead.
parameters:
  - name: kind
    type: enum
    enum: [Deployment, StatefulSet, DaemonSet, ReplicaSet, Pod, Job, CronJob, Service, PersistentVolumeClaim]
    required: true
    default: ${{target.kind}}
    description: Kind of the object
  - {{name: namespace, type: string, required: true, default: "${{target.namespace}}", description: Its namespace}}
  - {{name: name, type: string, required: true, default: "${{target.name}}", description: Its name}}
steps:
  - {{name: Read the object, action: get, with: {OBJECT}}}
  - {{name: Read its events, action: events, optional: true, with: {OBJECT}}}
""",
    ),
}
