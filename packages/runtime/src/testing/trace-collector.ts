import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from './loopback-server.ts';

/** A span as OTLP says it, with its attributes as a plain object. */
export type CollectedSpan = {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  durationMs: number;
  /** 2: an error. */
  status: number | undefined;
  attributes: Record<string, string | number>;
};

export type TraceCollector = LoopbackServer & {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  endpoint: string;
  spans(): CollectedSpan[];
  /** The bodies as they came. */
  bodies(): string[];
  headers(): IncomingHttpHeaders[];
};

type OtlpValue = { stringValue?: string; intValue?: number | string; doubleValue?: number };
type OtlpAttributes = { key: string; value: OtlpValue }[];
type OtlpSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttributes;
  status?: { code?: number };
};
type OtlpBody = {
  resourceSpans: {
    resource: { attributes: OtlpAttributes };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
};

/** A collector of OpenTelemetry traces, OTLP over HTTP in JSON. `behaviour` is asked at each request: `hang` never answers. */
export async function startTraceCollector(
  options: { behaviour?: () => 'take' | 'fail' | 'hang'; port?: number } = {},
): Promise<TraceCollector> {
  const { behaviour = () => 'take' } = options;
  const bodies: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const how = request.url === '/v1/traces' ? behaviour() : 'fail';
      if (how === 'hang') return;
      if (how === 'fail') return void response.writeHead(500).end();
      headers.push(request.headers);
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const listening = await listenOnLoopback(server, { port: options.port ?? 0 });
  return Object.assign(listening, {
    endpoint: `http://127.0.0.1:${listening.port}`,
    bodies: () => bodies,
    headers: () => headers,
    spans: () => bodies.flatMap((body) => readSpans(JSON.parse(body) as OtlpBody)),
  });
}

function readSpans({ resourceSpans }: OtlpBody): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(plain(resource.attributes)['service.name']),
        ...{ traceId: span.traceId, spanId: span.spanId, name: span.name, kind: span.kind },
        parentSpanId: span.parentSpanId || undefined,
        durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        status: span.status?.code,
        attributes: plain(span.attributes),
      })),
    ),
  );
}

function plain(attributes: OtlpAttributes): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );
}
