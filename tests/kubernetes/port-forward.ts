import { spawn } from 'node:child_process';

/** `kubectl port-forward` to the same ports; resolves when they listen. */
export async function startPortForward(
  namespace: string,
  target: string,
  ports: readonly number[],
): Promise<{ stop(): Promise<void> }> {
  const args = ['--namespace', namespace, 'port-forward', target, ...ports.map(String)];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const listening = Promise.withResolvers<void>();
  let said = '';
  const hear = (chunk: Buffer) => {
    said += chunk;
    if (ports.every((port) => said.includes(`Forwarding from 127.0.0.1:${port}`)))
      listening.resolve();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  void ended.then(() => listening.reject(new Error(`the port-forward has ended: ${said}`)));
  await listening.promise;
  return {
    async stop() {
      child.kill();
      await ended;
    },
  };
}
