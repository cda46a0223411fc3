{{/*
Which processes there are, and who calls whom: everything else loops over this list.
  address  the variable by which others are told where it is; it serves gRPC on grpcPort then
  store    it keeps something in MongoDB, and brings the command that migrates it
  outside  what it reaches outside of the release, by the keys of networkPolicy
*/}}
{{- define "credential-renewal.components" -}}
{{- if .Values.demo.enabled }}
standalone:
  main: services/standalone/src/main.ts
  calls: []
  outside: []
{{- else }}
credential-vault:
  main: services/credential-vault/src/main.ts
  address: VAULT_ADDRESS
  grpcPort: 50052
  store: services/credential-vault/src/migrate.ts
  calls: []
  outside: [mongodb, kafka{{ if or .Values.keyEncryptionKey.transit.url .Values.keyEncryptionKey.previous.transit.url }}, transit{{ end }}]
source-registry:
  main: services/source-registry/src/main.ts
  address: REGISTRY_ADDRESS
  grpcPort: 50051
  store: services/source-registry/src/migrate.ts
  calls: []
  outside: [mongodb, kafka]
oauth-broker:
  main: services/oauth-broker/src/main.ts
  address: BROKER_ADDRESS
  grpcPort: 50053
  store: services/oauth-broker/src/migrate.ts
  calls: [credential-vault, source-registry]
  outside: [mongodb, kafka, web]
notification:
  main: services/notification/src/main.ts
  address: NOTIFICATION_ADDRESS
  grpcPort: 50054
  store: services/notification/src/migrate.ts
  calls: [source-registry]
  outside: [mongodb, kafka, web, mail]
gateway:
  main: gateway/src/main.ts
  httpPort: 3000
  calls: [source-registry, oauth-broker, notification]
  outside: [kafka, web]
{{- end }}
{{- end -}}

{{/* What values say of a component: (list $ NAME). */}}
{{- define "credential-renewal.service-values" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- if eq $name "standalone" -}}
{{- dict "replicas" 1 "settings" $root.Values.demo.settings "resources" $root.Values.demo.resources "topologySpread" list
  "autoscaling" (dict "enabled" false) "podDisruptionBudget" (dict "enabled" false) | toJson -}}
{{- else -}}
{{- index $root.Values.services $name | toJson -}}
{{- end -}}
{{- end -}}
