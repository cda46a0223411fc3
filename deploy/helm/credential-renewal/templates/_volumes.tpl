{{/* The files of a component: secrets, its certificate, the catalogue. (list $ NAME SERVICE) */}}
{{- define "credential-renewal.volumes" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $files := include "credential-renewal.secret-files" (list $root $name) | fromJsonArray }}
- name: tmp
  emptyDir: {}
{{- if eq $name "standalone" }}
- name: data
  {{- if $root.Values.demo.existingClaim }}
  persistentVolumeClaim: { claimName: {{ $root.Values.demo.existingClaim | quote }} }
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- if $files }}
- name: secrets
  projected:
    # Readable by the group of the pod and nobody else: the vault refuses a key that everybody may read.
    defaultMode: 0440
    sources:
      {{- range $files }}
      - secret:
          name: {{ .secret | quote }}
          items: [{ key: {{ .key | quote }}, path: {{ .file }} }]
      {{- end }}
{{- end }}
{{- if and $root.Values.tls.enabled (ne $name "standalone") }}
- name: rpc-tls
  secret:
    secretName: {{ include "credential-renewal.tls-secret" (list $root $name) | quote }}
    defaultMode: 0440
{{- end }}
{{- if and (eq $name "oauth-broker") (include "credential-renewal.has-overlay" $root) }}
- name: catalogue
  projected:
    defaultMode: 0440
    sources:
      {{- with $root.Values.catalogue }}
      {{- if .existingConfigMap }}
      - configMap: { name: {{ .existingConfigMap | quote }} }
      {{- else if .providers }}
      - configMap: { name: {{ include "credential-renewal.fullname" $root }}-catalogue }
      {{- end }}
      {{- with .clientSecrets.existingSecret }}
      - secret: { name: {{ . | quote }} }
      {{- end }}
      {{- end }}
{{- end }}
{{- if and (eq $name "notification") $root.Values.mail.branding }}
- name: branding
  configMap: { name: {{ include "credential-renewal.fullname" $root }}-branding }
{{- end }}
{{- end -}}

{{/* (list $ NAME) */}}
{{- define "credential-renewal.volume-mounts" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 }}
- { name: tmp, mountPath: /tmp }
{{- if eq $name "standalone" }}
- { name: data, mountPath: /data }
{{- end }}
{{- if include "credential-renewal.secret-files" . | fromJsonArray }}
- { name: secrets, mountPath: {{ include "credential-renewal.secrets-directory" $root }}, readOnly: true }
{{- end }}
{{- if and $root.Values.tls.enabled (ne $name "standalone") }}
- { name: rpc-tls, mountPath: /run/secrets/rpc-tls, readOnly: true }
{{- end }}
{{- if and (eq $name "oauth-broker") (include "credential-renewal.has-overlay" $root) }}
- { name: catalogue, mountPath: /etc/credential-renewal/catalogue, readOnly: true }
{{- end }}
{{- if and (eq $name "notification") $root.Values.mail.branding }}
- { name: branding, mountPath: /etc/credential-renewal/branding, readOnly: true }
{{- end }}
{{- end -}}
