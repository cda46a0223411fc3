{{/* Everything a component is told in variables that is no secret, as a map. (list $ NAME) */}}
{{- define "credential-renewal.environment" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $v := $root.Values -}}
{{- $component := index (include "credential-renewal.components" $root | fromYaml) $name -}}
{{- $service := include "credential-renewal.service-values" . | fromJson -}}
{{- $env := dict "INTERNAL_HOST" $v.listenHost "INTERNAL_PORT" "9090" -}}
{{- if eq $name "standalone" -}}
  {{- /* A port-forward looks for localhost at 127.0.0.1, and a pod knows it as ::1 as well. */ -}}
  {{- $_ := set $env "NODE_OPTIONS" "--dns-result-order=ipv4first" -}}
  {{- $_ := merge $env (dict "PORT" ($v.demo.port | toString) "DEMO_PORT" ($v.demo.demoPort | toString) "DATA_DIR" "/data" "LOG_TO" "stdout" "NODE_ENV" "development") -}}
{{- else -}}
  {{- $_ := merge $env (dict "PUBLIC_URL" $v.publicUrl) (include "credential-renewal.event-log-environment" $root | fromYaml) -}}
  {{- if $component.store -}}
    {{- $_ := merge $env (include "credential-renewal.store-environment" . | fromYaml) -}}
  {{- end -}}
  {{- if $component.grpcPort -}}
    {{- $_ := set $env "LISTEN_ADDRESS" (printf "%s:%v" $v.listenHost $component.grpcPort) -}}
    {{- $_ := set $env "HEALTH_ADDRESS" (printf "%s:8086" $v.listenHost) -}}
  {{- end -}}
  {{- range $callee := $component.calls -}}
    {{- $called := index (include "credential-renewal.components" $root | fromYaml) $callee -}}
    {{- $_ := set $env $called.address (printf "%s-%s:%v" (include "credential-renewal.fullname" $root) $callee $called.grpcPort) -}}
  {{- end -}}
  {{- if $v.tls.enabled -}}
    {{- $_ := set $env "RPC_TLS_DIRECTORY" "/run/secrets/rpc-tls" -}}
  {{- end -}}
  {{- if eq $name "credential-vault" -}}
    {{- with $v.keyEncryptionKey.transit.url -}}{{- $_ := set $env "KEY_ENCRYPTION_KEY_URL" . -}}{{- end -}}
    {{- with $v.keyEncryptionKey.previous.transit.url -}}{{- $_ := set $env "PREVIOUS_KEY_ENCRYPTION_KEY_URL" . -}}{{- end -}}
  {{- else if eq $name "oauth-broker" -}}
    {{- $_ := set $env "CATALOGUE_DIRECTORY" (include "credential-renewal.catalogue-directories" $root) -}}
  {{- else if and (eq $name "notification") $v.mail.branding -}}
    {{- $_ := set $env "BRANDING_FILE" "/etc/credential-renewal/branding/branding.yaml" -}}
  {{- else if eq $name "gateway" -}}
    {{- $_ := merge $env (dict "HOST" $v.listenHost "PORT" "3000" "OIDC_ISSUER" $v.identityProvider.issuer "OIDC_CLIENT_ID" $v.identityProvider.clientId) -}}
  {{- end -}}
  {{- range include "credential-renewal.secret-files" . | fromJsonArray -}}
    {{- $_ := set $env .variable (printf "%s%s/%s" (default "" .before) (include "credential-renewal.secrets-directory" $root) .file) -}}
  {{- end -}}
{{- end -}}
{{- range $settings := list $v.settings (default dict $service.settings) -}}
  {{- range $variable, $value := $settings -}}
    {{- $_ := set $env $variable (include "credential-renewal.setting" $value) -}}
  {{- end -}}
{{- end -}}
{{- $env | toYaml -}}
{{- end -}}

{{/* Helm reads 60000 as a float, which would be printed as 60000 or 6e+04 depending on its size. */}}
{{- define "credential-renewal.setting" -}}
{{- if kindIs "float64" . -}}{{- . | int64 -}}{{- else -}}{{- . -}}{{- end -}}
{{- end -}}

{{- define "credential-renewal.event-log-environment" -}}
{{- with .Values.kafka -}}
EVENT_LOG_URL: {{ printf "kafka:%s" (join "," .brokers) | quote }}
KAFKA_TLS: {{ .tls.enabled | quote }}
{{- if ne .sasl.mechanism "none" }}
KAFKA_SASL_MECHANISM: {{ .sasl.mechanism }}
KAFKA_USERNAME: {{ .sasl.username | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (list $ NAME) */}}
{{- define "credential-renewal.store-environment" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- with $root.Values.mongodb -}}
{{- if .url -}}
STORE_URL: {{ .url | replace "{database}" $name | quote }}
{{ end -}}
{{- if .passwords.existingSecret -}}
STORE_USERNAME: {{ $name }}
{{ end -}}
{{- end -}}
{{- end -}}

{{/* What is beside the ConfigMap in `env`: a connection string from a Secret, and what values say in Kubernetes' own words. (list $ NAME) */}}
{{- define "credential-renewal.env" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $component := index (include "credential-renewal.components" $root | fromYaml) $name -}}
{{- if and $component.store $root.Values.mongodb.urls.existingSecret }}
- name: STORE_URL
  valueFrom: { secretKeyRef: { name: {{ $root.Values.mongodb.urls.existingSecret | quote }}, key: {{ $name }} } }
{{- end }}
{{- with $root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "credential-renewal.has-overlay" -}}
{{- if or .Values.catalogue.providers .Values.catalogue.existingConfigMap .Values.catalogue.clientSecrets.existingSecret -}}yes{{- end -}}
{{- end -}}

{{- define "credential-renewal.catalogue-directories" -}}
{{- $directories := list -}}
{{- if .Values.catalogue.shipped -}}{{- $directories = append $directories "/app/services/oauth-broker/catalogue" -}}{{- end -}}
{{- if include "credential-renewal.has-overlay" . -}}{{- $directories = append $directories "/etc/credential-renewal/catalogue" -}}{{- end -}}
{{- join ":" $directories -}}
{{- end -}}

{{/* Changes with what a component reads from ConfigMaps. (list $ NAME) */}}
{{- define "credential-renewal.config-checksum" -}}
{{- $root := index . 0 -}}
{{- $config := include "credential-renewal.environment" . -}}
{{- if eq (index . 1) "oauth-broker" -}}
{{- $config = printf "%s%s" $config (toJson $root.Values.catalogue.providers) -}}
{{- end -}}
{{- if eq (index . 1) "notification" -}}
{{- $config = printf "%s%s" $config (toJson $root.Values.mail.branding) -}}
{{- end -}}
{{- $config | sha256sum -}}
{{- end -}}
