{{/* What no schema can say: each sentence names the value to change. */}}
{{- define "credential-renewal.validate" -}}
{{- $v := .Values -}}
{{- if regexMatch "^[0-9]" (include "credential-renewal.fullname" .) -}}
  {{- fail (printf "The objects would be called %s-..., and the name of a Service must not begin with a digit: set fullnameOverride." (include "credential-renewal.fullname" .)) -}}
{{- end -}}
{{- if $v.demo.enabled -}}
  {{- range $value, $given := dict "kafka.brokers" $v.kafka.brokers "mongodb.url" $v.mongodb.url "publicUrl" $v.publicUrl "ingress.enabled" $v.ingress.enabled -}}
    {{- if $given -}}
      {{- fail (printf "demo.enabled and %s exclude each other: the demo runs on engines of its own and is reached through a port-forward." $value) -}}
    {{- end -}}
  {{- end -}}
  {{- if eq (int $v.demo.port) (int $v.demo.demoPort) -}}
    {{- fail "demo.demoPort must differ from demo.port." -}}
  {{- end -}}
{{- else -}}
  {{- include "credential-renewal.validate-addresses" . -}}
  {{- include "credential-renewal.validate-engines" . -}}
  {{- include "credential-renewal.validate-keys" . -}}
  {{- include "credential-renewal.validate-mail" . -}}
  {{- include "credential-renewal.validate-tls" . -}}
  {{- include "credential-renewal.validate-services" . -}}
  {{- include "credential-renewal.validate-secrets" . -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-addresses" -}}
{{- $v := .Values -}}
{{- if not $v.publicUrl -}}
  {{- fail "publicUrl is not set: where browsers reach the gateway, such as https://renewal.example.com (or take values-demo.yaml for a look)." -}}
{{- end -}}
{{- $url := urlParse $v.publicUrl -}}
{{- $isLocal := or (has $url.hostname (list "localhost" "127.0.0.1" "::1")) (hasSuffix ".localhost" $url.hostname) -}}
{{- if not (or (eq $url.scheme "https") (and (eq $url.scheme "http") $isLocal)) -}}
  {{- fail (printf "publicUrl is %q: it must begin with https:, since cookies and codes go there." $v.publicUrl) -}}
{{- end -}}
{{- if or (trimPrefix "/" $url.path) $url.query $url.fragment $url.userinfo -}}
  {{- fail (printf "publicUrl is %q: it must be an origin, without path, query or user." $v.publicUrl) -}}
{{- end -}}
{{- if and $v.ingress.enabled (regexMatch "^[0-9.]+$|:" $url.hostname) -}}
  {{- fail (printf "publicUrl is %q: ingress.enabled needs the name of a host in it, and no address." $v.publicUrl) -}}
{{- end -}}
{{- range $value, $given := dict "identityProvider.issuer" $v.identityProvider.issuer "identityProvider.clientId" $v.identityProvider.clientId -}}
  {{- if not $given -}}{{- fail (printf "%s is not set: people sign in at an OpenID Connect provider." $value) -}}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-engines" -}}
{{- $v := .Values -}}
{{- if and $v.mongodb.url $v.mongodb.urls.existingSecret -}}
  {{- fail "mongodb.url and mongodb.urls.existingSecret exclude each other: set one of them." -}}
{{- else if not (or $v.mongodb.url $v.mongodb.urls.existingSecret) -}}
  {{- fail "mongodb.url is not set (or mongodb.urls.existingSecret): this chart brings no database." -}}
{{- else if and $v.mongodb.urls.existingSecret $v.mongodb.passwords.existingSecret -}}
  {{- fail "mongodb.urls.existingSecret and mongodb.passwords.existingSecret exclude each other: the connection strings hold user and password." -}}
{{- else if and $v.mongodb.url (regexMatch "^[a-z+]+://[^/?]*@" $v.mongodb.url) -}}
  {{- fail "mongodb.url holds a user: name the Secret with the passwords in mongodb.passwords.existingSecret, or the one with whole connection strings in mongodb.urls.existingSecret." -}}
{{- else if and $v.mongodb.url (not (contains "/{database}" $v.mongodb.url)) -}}
  {{- fail "mongodb.url names no database: write /{database} where the name of each service's own has to stand." -}}
{{- end -}}
{{- if not $v.kafka.brokers -}}{{- fail "kafka.brokers is empty: this chart brings no Kafka." -}}{{- end -}}
{{- $sasl := $v.kafka.sasl -}}
{{- if and (eq $sasl.mechanism "plain") (not $v.kafka.tls.enabled) -}}
  {{- fail "kafka.sasl.mechanism plain sends the password as it is: set kafka.tls.enabled, or use scram-sha-512." -}}
{{- end -}}
{{- if and (ne $sasl.mechanism "none") (not (and $sasl.username $sasl.password.existingSecret)) -}}
  {{- fail (printf "kafka.sasl.mechanism %s needs kafka.sasl.username and kafka.sasl.password.existingSecret." $sasl.mechanism) -}}
{{- else if and (eq $sasl.mechanism "none") (or $sasl.username $sasl.password.existingSecret) -}}
  {{- fail "kafka.sasl.username and kafka.sasl.password.existingSecret are only for a kafka.sasl.mechanism." -}}
{{- end -}}
{{- if and (not $v.kafka.tls.enabled) (or $v.kafka.tls.ca.existingSecret $v.kafka.tls.client.existingSecret) -}}
  {{- fail "kafka.tls.enabled is false, but kafka.tls.ca or kafka.tls.client names a Secret." -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-keys" -}}
{{- $v := .Values -}}
{{- range $path, $place := dict "keyEncryptionKey" $v.keyEncryptionKey "keyEncryptionKey.previous" $v.keyEncryptionKey.previous -}}
  {{- if and $place.file.existingSecret $place.transit.url -}}
    {{- fail (printf "%s.file.existingSecret and %s.transit.url exclude each other: there is one key-encryption key." $path $path) -}}
  {{- end -}}
  {{- if and $place.transit.url (not $place.transit.token.existingSecret) -}}
    {{- fail (printf "%s.transit.token.existingSecret is not set: the Secret with the token for the key." $path) -}}
  {{- end -}}
{{- end -}}
{{- if not (or $v.keyEncryptionKey.file.existingSecret $v.keyEncryptionKey.transit.url) -}}
  {{- fail "keyEncryptionKey.file.existingSecret is not set (or keyEncryptionKey.transit.url). A key that the chart made would be lost with an upgrade, and all tokens with it; docs/kubernetes.md tells how to make one." -}}
{{- end -}}
{{- if not $v.sessionKey.existingSecret -}}
  {{- fail "sessionKey.existingSecret is not set: the Secret with the 32 bytes that seal session cookies." -}}
{{- end -}}
{{- if and $v.catalogue.providers $v.catalogue.existingConfigMap -}}
  {{- fail "catalogue.providers and catalogue.existingConfigMap exclude each other: set one of them." -}}
{{- end -}}
{{- if not (include "credential-renewal.catalogue-directories" .) -}}
  {{- fail "catalogue.shipped is false, and neither catalogue.providers nor catalogue.existingConfigMap has a provider." -}}
{{- end -}}
{{- if and $v.egress.proxyCredentials.existingSecret (not (hasKey $v.settings "EGRESS_PROXY_URL")) -}}
  {{- fail "egress.proxyCredentials.existingSecret is only for a proxy in settings.EGRESS_PROXY_URL." -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-mail" -}}
{{- $v := .Values -}}
{{- $settings := (index $v.services "notification").settings -}}
{{- $transport := default "mailbox:" $settings.MAIL_TRANSPORT_URL -}}
{{- if not (hasPrefix "mailbox:" $transport) -}}
  {{- if not $settings.MAIL_FROM -}}
    {{- fail "services.notification.settings.MAIL_FROM is not set: the sender of the mails that MAIL_TRANSPORT_URL lets out." -}}
  {{- end -}}
  {{- if not $v.mail.unsubscribeKey.existingSecret -}}
    {{- fail "mail.unsubscribeKey.existingSecret is not set: the Secret with the key that signs the links by which reminders are turned off." -}}
  {{- end -}}
{{- end -}}
{{- if hasPrefix "sendgrid:" $transport -}}
  {{- range $value := list "sendgridApiKey" "sendgridWebhookPublicKey" -}}
    {{- if not (index $v.mail $value).existingSecret -}}
      {{- fail (printf "mail.%s.existingSecret is not set: MAIL_TRANSPORT_URL sends by SendGrid." $value) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-tls" -}}
{{- $v := .Values -}}
{{- if not $v.tls.enabled -}}
  {{- if or $v.tls.certManager.enabled $v.tls.existingSecrets -}}
    {{- fail "tls.enabled is false, but tls.certManager.enabled or tls.existingSecrets is set." -}}
  {{- end -}}
{{- else if and $v.tls.certManager.enabled $v.tls.existingSecrets -}}
  {{- fail "tls.certManager.enabled and tls.existingSecrets exclude each other: set one of them." -}}
{{- else if $v.tls.certManager.enabled -}}
  {{- if not $v.tls.certManager.issuerRef.name -}}
    {{- fail "tls.certManager.issuerRef.name is not set: the Issuer that signs the certificates of the services." -}}
  {{- end -}}
{{- else -}}
  {{- range $name, $component := include "credential-renewal.components" . | fromYaml -}}
    {{- $secret := get $v.tls.existingSecrets $name -}}
    {{- if not $secret -}}
      {{- fail (printf "tls.existingSecrets.%s is not set (or tls.certManager.enabled): each service has a certificate of its own." $name) -}}
    {{- end -}}
    {{- range $key := list "tls.crt" "tls.key" "ca.crt" -}}
      {{- include "credential-renewal.inspect" (list $ (printf "tls.existingSecrets.%s" $name) $secret $key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-services" -}}
{{- range $name, $service := .Values.services -}}
  {{- $path := printf "services.%s" $name -}}
  {{- $fewest := ternary $service.autoscaling.minReplicas $service.replicas $service.autoscaling.enabled -}}
  {{- $says := ternary "autoscaling.minReplicas" "replicas" $service.autoscaling.enabled -}}
  {{- if and $service.podDisruptionBudget.enabled (lt (int $fewest) 2) -}}
    {{- fail (printf "%s.podDisruptionBudget.enabled with %s.%s %v would keep nodes from being drained: have 2 replicas, or disable it." $path $path $says $fewest) -}}
  {{- end -}}
  {{- if and $service.autoscaling.enabled (lt (int $service.autoscaling.maxReplicas) (int $service.autoscaling.minReplicas)) -}}
    {{- fail (printf "%s.autoscaling.maxReplicas must not be smaller than %s.autoscaling.minReplicas." $path $path) -}}
  {{- end -}}
{{- end -}}
{{- $broker := index .Values.services "oauth-broker" -}}
{{- $timeout := int64 (default 10000 $broker.settings.REFRESH_HTTP_TIMEOUT_MS) -}}
{{- $lease := int64 (default 25000 $broker.settings.REFRESH_LEASE_MS) -}}
{{- if le $lease (mul 2 $timeout) -}}
  {{- fail (printf "services.oauth-broker.settings.REFRESH_LEASE_MS (%d) must be more than twice REFRESH_HTTP_TIMEOUT_MS (%d)." $lease $timeout) -}}
{{- end -}}
{{- $places := dict "pods" .Values.pods -}}
{{- range $name, $service := .Values.services -}}
  {{- $_ := set $places (printf "services.%s" $name) $service -}}
{{- end -}}
{{- range $path, $place := $places -}}
  {{- if and $place.terminationGracePeriodSeconds (le (int $place.terminationGracePeriodSeconds) (add 20 (int $.Values.pods.drainPauseSeconds))) -}}
    {{- fail (printf "%s.terminationGracePeriodSeconds must be more than pods.drainPauseSeconds and the 20 seconds of a drain together." $path) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "credential-renewal.validate-secrets" -}}
{{- range $id, $provider := .Values.catalogue.providers -}}
  {{- range $client := default dict $provider.clients -}}
    {{- if and $client.secretFile $.Values.catalogue.clientSecrets.existingSecret (not (hasPrefix "/" $client.secretFile)) -}}
      {{- include "credential-renewal.inspect" (list $ "catalogue.clientSecrets.existingSecret" $.Values.catalogue.clientSecrets.existingSecret $client.secretFile) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $name, $component := include "credential-renewal.components" . | fromYaml -}}
  {{- range include "credential-renewal.secret-files" (list $ $name) | fromJsonArray -}}
    {{- include "credential-renewal.inspect" (list $ .value .secret .key) -}}
  {{- end -}}
  {{- if and $component.store $.Values.mongodb.urls.existingSecret -}}
    {{- include "credential-renewal.inspect" (list $ "mongodb.urls.existingSecret" $.Values.mongodb.urls.existingSecret $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
