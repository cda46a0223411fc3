{{/* What the restricted Pod Security Standard asks of each container, and more: nothing is written but to mounted volumes. */}}
{{- define "credential-renewal.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The one place that knows how a pod is asked how it is: (list $ COMPONENT PATH). */}}
{{- define "credential-renewal.probe" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- if and (eq $root.Values.probes.kind "grpc") $component.grpcPort -}}
grpc: { port: 8086 }
{{- else -}}
httpGet: { path: {{ index . 2 }}, port: internal }
{{- end -}}
{{- end -}}

{{/* A pause before SIGTERM: meanwhile endpoints, DNS and proxies forget the pod. By the kubelet itself where it can (on by default since 1.30). */}}
{{- define "credential-renewal.pause" -}}
{{- $seconds := int .Values.pods.drainPauseSeconds -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version -}}
sleep: { seconds: {{ $seconds }} }
{{- else -}}
exec: { command: [node, -e, "setTimeout(() => {}, {{ mul $seconds 1000 }})"] }
{{- end -}}
{{- end -}}

{{/* (list $ NAME) */}}
{{- define "credential-renewal.container" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $component := index (include "credential-renewal.components" $root | fromYaml) $name -}}
{{- $service := include "credential-renewal.service-values" . | fromJson -}}
{{- $extraEnv := (include "credential-renewal.pod-value" (list $root $service "extraEnv") | fromJson).value -}}
{{- $extraMounts := (include "credential-renewal.pod-value" (list $root $service "extraVolumeMounts") | fromJson).value -}}
name: {{ $name }}
image: {{ include "credential-renewal.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: [{{ $component.main }}]
envFrom:
  - configMapRef: { name: {{ include "credential-renewal.fullname" $root }}-{{ $name }} }
{{- with include "credential-renewal.env" . | trim }}
env:
  {{- . | nindent 2 }}
  {{- with $extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- else }}
{{- with $extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
ports:
  {{- with $component.grpcPort }}
  - { name: grpc, containerPort: {{ . }} }
  - { name: health, containerPort: 8086 }
  {{- end }}
  {{- with $component.httpPort }}
  - { name: http, containerPort: {{ . }} }
  {{- end }}
  - { name: internal, containerPort: 9090 }
# Two minutes for a start: a first one may wait for brokers. What hangs later is found within half a minute.
startupProbe:
  {{- include "credential-renewal.probe" (list $root $component "/livez") | nindent 2 }}
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 120
# Always by HTTP: it knows of stores and brokers, the health of gRPC only that the process serves.
readinessProbe:
  {{- include "credential-renewal.probe" (list $root dict "/readyz") | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  {{- include "credential-renewal.probe" (list $root $component "/livez") | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
{{- if ne $name "standalone" }}
lifecycle:
  preStop:
    {{- include "credential-renewal.pause" $root | nindent 4 }}
{{- end }}
resources:
  {{- toYaml $service.resources | nindent 2 }}
securityContext:
  {{- include "credential-renewal.container-security" $root | nindent 2 }}
volumeMounts:
  {{- include "credential-renewal.volume-mounts" . | trim | nindent 2 }}
  {{- with $extraMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
