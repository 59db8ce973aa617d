{{- define "agent.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "agent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "agent.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "agent.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "agent.selector" -}}
app.kubernetes.io/name: {{ include "agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "agent.labels" -}}
{{ include "agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: agent
app.kubernetes.io/part-of: optral
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "agent.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- /* Cluster-wide names: unique per namespace, so that releases of one name in two namespaces do not collide. */ -}}
{{- define "agent.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "agent.fullname" .) -}}
{{- end -}}

{{- define "agent.identitySecret" -}}
{{- printf "%s-identity" (include "agent.fullname" .) -}}
{{- end -}}

{{- define "agent.tokenSecret" -}}
{{- .Values.enrollment.existingSecret | default (printf "%s-enrollment" (include "agent.fullname" .)) -}}
{{- end -}}

{{- define "agent.watchedNamespace" -}}
{{- .Values.namespaced.namespace | default .Release.Namespace -}}
{{- end -}}

{{- define "agent.verbs" -}}
{{- $rbac := .Files.Get "files/rbac.yaml" | fromYaml -}}
{{- .Values.operate.verbs | default (keys $rbac.verbs | sortAlpha) | toJson -}}
{{- end -}}

{{- /* Not empty where the agent gets a local policy. */ -}}
{{- define "agent.hasPolicy" -}}
{{- if or (eq .Values.profile "operate") .Values.probes.enabled .Values.logSigns.excludeNamespaces }}true{{ end -}}
{{- end -}}

{{- /* Refuse what could not work, with the sentence that says what to do. */ -}}
{{- define "agent.check" -}}
{{- $v := .Values -}}
{{- if not $v.server.url }}{{ fail "set server.url to the address of the Optral server, as pods of this cluster reach it" }}{{ end -}}
{{- if regexMatch "^https?://(localhost|[^/]*\\.localhost|127\\.[0-9.]+|0\\.0\\.0\\.0|169\\.254\\.[0-9.]+|\\[::1?\\])(:[0-9]+)?/?$" $v.server.url }}{{ fail (printf "a pod cannot reach %s, which is the pod itself: set server.url to an address that pods reach" $v.server.url) }}{{ end -}}
{{- if not $v.server.caPin }}{{ fail "set server.caPin to the sha256:… that optral clusters create prints" }}{{ end -}}
{{- if and $v.enrollment.token $v.enrollment.existingSecret }}{{ fail "set enrollment.token or enrollment.existingSecret, not both" }}{{ end -}}
{{- if and $v.probes.external (not $v.probes.enabled) }}{{ fail "probes.external needs probes.enabled" }}{{ end -}}
{{- if and (eq $v.profile "operate") (not $v.operate.namespaces) (not $v.operate.nodes) }}{{ fail "profile operate needs operate.namespaces: the namespaces in which runbooks may change objects" }}{{ end -}}
{{- if has .Release.Namespace $v.operate.namespaces }}{{ fail (printf "operate.namespaces must not contain %s: the agent never changes its own namespace" .Release.Namespace) }}{{ end -}}
{{- end -}}

{{/* Custom resources that the agent may also read. The verbs are fixed: extra rules never allow a change. */}}
{{- define "agent.extraRules" -}}
{{- range .Values.extraRules }}
- apiGroups: {{ toYaml .apiGroups | nindent 4 }}
  resources: {{ toYaml .resources | nindent 4 }}
  verbs: [get, list, watch]
{{- end }}
{{- end }}
