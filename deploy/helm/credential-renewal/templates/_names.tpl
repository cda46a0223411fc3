{{- define "credential-renewal.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "credential-renewal.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "credential-renewal.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "credential-renewal.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a selector may hold: it cannot be changed later, so nothing in it may. */}}
{{- define "credential-renewal.selector" -}}
app.kubernetes.io/name: {{ include "credential-renewal.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Of pods: the version of the chart is not among them, which would replace every pod for a chart that changes none. */}}
{{- define "credential-renewal.pod-labels" -}}
{{ include "credential-renewal.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: credential-renewal
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "credential-renewal.labels" -}}
{{ include "credential-renewal.pod-labels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "credential-renewal.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A service's own word under a key, or that of all pods: (list $ SERVICE KEY). */}}
{{- define "credential-renewal.pod-value" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}{{- $key := index . 2 -}}
{{- if hasKey $service $key -}}
{{- dict "value" (index $service $key) | toJson -}}
{{- else -}}
{{- dict "value" (index $root.Values.pods $key) | toJson -}}
{{- end -}}
{{- end -}}
