import type { Settings } from '../settings.ts';

export type TracingSettings = {
  /** Base of the collector's OTLP over HTTP, `http://collector:4318`. */
  endpoint: URL;
  headers: Record<string, string>;
  /** Of the traces that begin in this process, from 0 to 1. */
  sampleRatio: number;
};

/** Undefined: no traces are recorded. The names are those of OpenTelemetry; headers come from a file, since they hold a secret. */
export function readTracingSettings(settings: Settings): TracingSettings | undefined {
  const endpointName = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  if (settings.optionalText(endpointName) === undefined) return undefined;
  return {
    endpoint: settings.url(endpointName, ['http', 'https']),
    headers: readHeaders(settings),
    sampleRatio: readRatio(settings),
  };
}

/** `name=value`, several separated by commas or lines, values percent-encoded: the format of `OTEL_EXPORTER_OTLP_HEADERS`. */
function readHeaders(settings: Settings): Record<string, string> {
  const name = 'OTEL_EXPORTER_OTLP_HEADERS_FILE';
  const headers: Record<string, string> = {};
  for (const entry of (settings.secretFile(name) ?? '').split(/[,\n]/)) {
    if (entry.trim() === '') continue;
    const [, header, value] = /^\s*([\w.-]+)\s*=\s*(\S.*?)\s*$/.exec(entry) ?? [];
    try {
      if (header === undefined || value === undefined) throw new URIError();
      headers[header] = decodeURIComponent(value);
    } catch {
      settings.problem(`${name} must hold name=value, percent-encoded, one on a line`);
      return {};
    }
  }
  return headers;
}

function readRatio(settings: Settings): number {
  const name = 'OTEL_TRACES_SAMPLER_ARG';
  const text = settings.text(name, '1');
  const ratio = /^(0|1|0?\.\d+|[01]\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  settings.problem(`${name} must be a number from 0 to 1`);
  return 1;
}
