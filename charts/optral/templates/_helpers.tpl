{{- define "optral.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "optral.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "optral.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "optral.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "optral.selector" -}}
app.kubernetes.io/name: {{ include "optral.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "optral.labels" -}}
{{ include "optral.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: server
app.kubernetes.io/part-of: optral
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "optral.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "optral.serviceHost" -}}
{{- printf "%s.%s.svc" (include "optral.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- /* The agent's image where no registry is named: nodes have it as they have the server's. Not where the repository is a path of its own. */ -}}
{{- define "optral.localAgentImage" -}}
{{- if not (or .Values.agentImage.registry .Values.image.registry (contains "/" .Values.image.repository) (hasKey .Values.settings "OPTRAL_AGENT_IMAGE")) }}optral-agent:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "optral.scheme" -}}
{{- if .Values.tls.existingSecret }}https{{ else }}http{{ end -}}
{{- end -}}

{{- define "optral.publicUrl" -}}
{{- .Values.publicUrl | default (printf "%s://%s:8080" (include "optral.scheme" .) (include "optral.serviceHost" .)) -}}
{{- end -}}

{{- define "optral.agentAddress" -}}
{{- .Values.agentAddress | default (printf "%s:8443,8444" (include "optral.serviceHost" .)) -}}
{{- end -}}

{{- define "optral.hasVolume" -}}
{{- if and .Values.persistence.enabled (not .Values.database.existingSecret) }}true{{ end -}}
{{- end -}}

{{- define "optral.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* What the server and the first set-up both need to open the database. */ -}}
{{- define "optral.databaseEnv" -}}
- name: OPTRAL_DATA_DIR
  value: /var/lib/optral
{{- with .Values.database.existingSecret }}
- name: OPTRAL_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.database.key }}
{{- end }}
{{- if .Values.keys.existingSecret }}
- name: OPTRAL_PEPPER_FILE
  value: /etc/optral/keys/pepper
- name: OPTRAL_KEY_ENCRYPTION_KEY_FILE
  value: /etc/optral/keys/key-encryption-key
{{- end }}
{{- end -}}

{{- define "optral.databaseMounts" -}}
- name: data
  mountPath: /var/lib/optral
  {{- with .Values.persistence.subPath }}
  subPath: {{ . }}
  {{- end }}
- name: tmp
  mountPath: /tmp
{{- if .Values.keys.existingSecret }}
- name: keys
  mountPath: /etc/optral/keys
  readOnly: true
{{- end }}
{{- end -}}

{{- /* Refuse what could not work, with the sentence that says what to do. */ -}}
{{- define "optral.check" -}}
{{- $v := .Values -}}
{{- $loopback := "(localhost|[^/:]*\\.localhost|127\\.[0-9.]+|0\\.0\\.0\\.0|169\\.254\\.[0-9.]+|\\[::1?\\])" -}}
{{- if regexMatch (printf "^https?://%s(:[0-9]+)?/?$" $loopback) $v.publicUrl }}{{ fail (printf "agents in pods cannot reach %s: set publicUrl to the address that people and agents use" $v.publicUrl) }}{{ end -}}
{{- range $v.fallbackUrls }}{{ if regexMatch (printf "^https?://%s(:[0-9]+)?/?$" $loopback) . }}{{ fail (printf "agents in pods cannot reach %s: list addresses in fallbackUrls that agents reach" .) }}{{ end }}{{ end -}}
{{- if and $v.fallbackUrls (not $v.publicUrl) }}{{ fail "fallbackUrls needs publicUrl: the URL that agents try first" }}{{ end -}}
{{- if regexMatch (printf "^%s(:[0-9]+,[0-9]+)?$" $loopback) $v.agentAddress }}{{ fail (printf "agents in pods cannot reach %s: set agentAddress to the host that agents dial" $v.agentAddress) }}{{ end -}}
{{- if not (or $v.tls.existingSecret $v.trustedProxies $v.insecureHttp) }}{{ fail "the API has no TLS: set tls.existingSecret, or trustedProxies to the networks of the proxies that end TLS, or insecureHttp=true for a first look" }}{{ end -}}
{{- if and (gt (int $v.replicas) 1) (not $v.database.existingSecret) }}{{ fail "more than one replica needs PostgreSQL: set database.existingSecret" }}{{ end -}}
{{- if and $v.database.existingSecret (not $v.keys.existingSecret) }}{{ fail "PostgreSQL needs keys.existingSecret, because all replicas share the keys: kubectl create secret generic optral-keys --from-literal=pepper=$(openssl rand -hex 32) --from-literal=key-encryption-key=$(openssl rand -hex 32)" }}{{ end -}}
{{- if ne (empty $v.setup.organization) (empty $v.setup.email) }}{{ fail "set setup.organization and setup.email, or neither" }}{{ end -}}
{{- if and $v.ingress.enabled (not $v.ingress.host) }}{{ fail "set ingress.host to the host name of publicUrl" }}{{ end -}}
{{- if and $v.metrics.prometheusRule.enabled (not $v.metrics.enabled) }}{{ fail "metrics.prometheusRule.enabled needs metrics.enabled" }}{{ end -}}
{{- if and $v.metrics.serviceMonitor.enabled (not $v.metrics.enabled) }}{{ fail "metrics.serviceMonitor.enabled needs metrics.enabled" }}{{ end -}}
{{- range $name, $_ := $v.settings }}{{ if has $name (list "OPTRAL_LISTEN" "OPTRAL_ENROLL_LISTEN" "OPTRAL_TUNNEL_LISTEN" "OPTRAL_METRICS_LISTEN" "OPTRAL_DATA_DIR" "OPTRAL_DATABASE_URL" "OPTRAL_PUBLIC_URL" "OPTRAL_FALLBACK_URLS" "OPTRAL_AGENT_ADDRESS" "OPTRAL_TLS_CERT" "OPTRAL_TLS_KEY" "OPTRAL_TRUSTED_PROXIES" "OPTRAL_INSECURE_HTTP" "OPTRAL_PEPPER_FILE" "OPTRAL_KEY_ENCRYPTION_KEY_FILE" "OPTRAL_IMAGE_REGISTRY" "OPTRAL_AGENT_IMAGE_DIGEST" "OPTRAL_IMAGE_PULL_SECRETS") }}{{ fail (printf "settings.%s is set by another value of this chart; see docs/install/server.md" $name) }}{{ end }}{{ end -}}
{{- end -}}
