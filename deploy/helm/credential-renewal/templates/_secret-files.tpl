{{/*
The files from Secrets that a component is given, one on each line of a JSON list: the value that names the Secret, Secret and key, the file's
name, and the variable that tells the process. (list $ NAME)
*/}}
{{- define "credential-renewal.secret-files" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $v := $root.Values -}}
{{- $files := list -}}
{{- if ne $name "standalone" -}}
  {{- $component := index (include "credential-renewal.components" $root | fromYaml) $name -}}
  {{- if $component.store -}}
    {{- with $v.mongodb.passwords.existingSecret -}}
      {{- $files = append $files (dict "value" "mongodb.passwords.existingSecret" "secret" . "key" $name "file" "store-password" "variable" "STORE_PASSWORD_FILE") -}}
    {{- end -}}
    {{- $files = concat $files (include "credential-renewal.secret-file" (list $v.mongodb.ca "mongodb.ca" "store-ca.crt" "STORE_CA_FILE") | fromJsonArray) -}}
  {{- end -}}
  {{- $files = concat $files (include "credential-renewal.secret-file" (list $v.kafka.tls.ca "kafka.tls.ca" "kafka-ca.crt" "KAFKA_CA_FILE") | fromJsonArray) -}}
  {{- with $v.kafka.tls.client.existingSecret -}}
    {{- $files = append $files (dict "value" "kafka.tls.client.existingSecret" "secret" . "key" "tls.crt" "file" "kafka-client.crt" "variable" "KAFKA_CERTIFICATE_FILE") -}}
    {{- $files = append $files (dict "value" "kafka.tls.client.existingSecret" "secret" . "key" "tls.key" "file" "kafka-client.key" "variable" "KAFKA_KEY_FILE") -}}
  {{- end -}}
  {{- $files = concat $files (include "credential-renewal.secret-file" (list $v.kafka.sasl.password "kafka.sasl.password" "kafka-password" "KAFKA_PASSWORD_FILE") | fromJsonArray) -}}
  {{- $own := list -}}
  {{- if eq $name "credential-vault" -}}
    {{- range $prefix, $place := dict "" $v.keyEncryptionKey "previous" $v.keyEncryptionKey.previous -}}
      {{- $path := ternary "keyEncryptionKey" "keyEncryptionKey.previous" (empty $prefix) -}}
      {{- $variable := ternary "KEY_ENCRYPTION_KEY" "PREVIOUS_KEY_ENCRYPTION_KEY" (empty $prefix) -}}
      {{- $file := ternary "" "previous-" (empty $prefix) -}}
      {{- with $place.file.existingSecret -}}
        {{- $files = append $files (dict "value" (printf "%s.file.existingSecret" $path) "secret" . "key" $place.file.key "file" (printf "%svault.key" $file) "variable" (printf "%s_URL" $variable) "before" "file:") -}}
      {{- end -}}
      {{- if $place.transit.url -}}
        {{- $own = append $own (list $place.transit.token (printf "%s.transit.token" $path) (printf "%skey-token" $file) (printf "%s_TOKEN_FILE" $variable)) -}}
        {{- $own = append $own (list $place.transit.ca (printf "%s.transit.ca" $path) (printf "%skey-ca.crt" $file) (printf "%s_CA_FILE" $variable)) -}}
      {{- end -}}
    {{- end -}}
  {{- else if eq $name "notification" -}}
    {{- $own = list
      (list $v.mail.sendgridApiKey "mail.sendgridApiKey" "sendgrid-api-key" "SENDGRID_API_KEY_FILE")
      (list $v.mail.sendgridWebhookPublicKey "mail.sendgridWebhookPublicKey" "sendgrid-webhook-public-key" "SENDGRID_WEBHOOK_PUBLIC_KEY_FILE")
      (list $v.mail.smtpCredentials "mail.smtpCredentials" "smtp-credentials" "SMTP_CREDENTIALS_FILE")
      (list $v.mail.unsubscribeKey "mail.unsubscribeKey" "unsubscribe.key" "UNSUBSCRIBE_KEY_FILE") -}}
  {{- else if eq $name "gateway" -}}
    {{- $own = list
      (list $v.sessionKey "sessionKey" "session.key" "SESSION_KEY_FILE")
      (list $v.identityProvider.clientSecret "identityProvider.clientSecret" "oidc-client-secret" "OIDC_CLIENT_SECRET_FILE") -}}
  {{- end -}}
  {{- if has $name (list "gateway" "oauth-broker" "notification") -}}
    {{- $own = concat $own (list
      (list $v.egress.proxyCredentials "egress.proxyCredentials" "egress-proxy-credentials" "EGRESS_PROXY_CREDENTIALS_FILE")
      (list $v.egress.ca "egress.ca" "egress-ca.crt" "EGRESS_CA_FILE")) -}}
  {{- end -}}
  {{- range $own -}}
    {{- $files = concat $files (include "credential-renewal.secret-file" . | fromJsonArray) -}}
  {{- end -}}
{{- end -}}
{{- $files | toJson -}}
{{- end -}}

{{/* One of them, or none where no Secret is named: (list REFERENCE VALUE FILE VARIABLE). */}}
{{- define "credential-renewal.secret-file" -}}
{{- $reference := index . 0 -}}
{{- if $reference.existingSecret -}}
{{- list (dict "value" (printf "%s.existingSecret" (index . 1)) "secret" $reference.existingSecret "key" $reference.key "file" (index . 2) "variable" (index . 3)) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "credential-renewal.secrets-directory" -}}/run/secrets/credential-renewal{{- end -}}

{{/* The Secret with a service's certificate. (list $ NAME) */}}
{{- define "credential-renewal.tls-secret" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- if $root.Values.tls.certManager.enabled -}}
{{ include "credential-renewal.fullname" $root }}-{{ $name }}-tls
{{- else -}}
{{ index $root.Values.tls.existingSecrets $name }}
{{- end -}}
{{- end -}}

{{/*
Names what is missing in a Secret, as far as Helm can see it: a list has `items` only where Helm is connected, and a rendered chart alone is none.
(list $ VALUE SECRET KEY)
*/}}
{{- define "credential-renewal.inspect" -}}
{{- $root := index . 0 -}}{{- $value := index . 1 -}}{{- $secret := index . 2 -}}{{- $key := index . 3 -}}
{{- $namespace := $root.Release.Namespace -}}
{{- if and $root.Values.inspectSecrets (hasKey (lookup "v1" "Secret" $namespace "") "items") -}}
  {{- $found := lookup "v1" "Secret" $namespace $secret -}}
  {{- if not $found -}}
    {{- fail (printf "%s: there is no Secret %q in the namespace %q. Make it first, then install again." $value $secret $namespace) -}}
  {{- else if not (hasKey (default dict $found.data) $key) -}}
    {{- fail (printf "%s: the Secret %q in the namespace %q has no key %q." $value $secret $namespace $key) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Changes with what a component's Secrets hold. Certificates are left out: the processes read them again by themselves. (list $ NAME) */}}
{{- define "credential-renewal.secrets-checksum" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $seen := list -}}
{{- range include "credential-renewal.secret-files" . | fromJsonArray -}}
  {{- if $root.Values.inspectSecrets -}}
    {{- $found := lookup "v1" "Secret" $root.Release.Namespace .secret -}}
    {{- $seen = append $seen (get (default dict $found.data) .key) -}}
  {{- end -}}
  {{- $seen = append $seen (printf "%s/%s" .secret .key) -}}
{{- end -}}
{{- if and (eq $name "oauth-broker") $root.Values.catalogue.clientSecrets.existingSecret $root.Values.inspectSecrets -}}
  {{- $found := lookup "v1" "Secret" $root.Release.Namespace $root.Values.catalogue.clientSecrets.existingSecret -}}
  {{- $seen = append $seen (default dict $found.data | toJson) -}}
{{- end -}}
{{- $seen | toJson | sha256sum -}}
{{- end -}}
