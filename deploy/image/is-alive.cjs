// The image's HEALTHCHECK: there is no shell and no curl to rely on.
const url = `http://127.0.0.1:${process.env.INTERNAL_PORT}/livez`;
fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
