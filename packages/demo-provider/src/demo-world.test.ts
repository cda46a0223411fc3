import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayUrl, startTestWorld, tokens } from './test-world.ts';

async function withDirectory(work: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'demo-world-'));
  try {
    await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

test('grants, tokens and client secrets survive a restart', () =>
  withDirectory(async (dataDir) => {
    const before = await startTestWorld({ dataDir });
    const port = Number(new URL(before.world.origin).port);
    const [revolve, chatter] = [await before.client('revolve'), await before.client('chatter')];
    const box = await revolve.connect({ account: 'ada@acme.example' });
    const chat = await chatter.connect({ account: 'Acme' });
    await before.world.stop();

    const after = await startTestWorld({ dataDir, port });
    try {
      expect((await revolve.items(box.access_token)).status).toBe(200);
      const fresh = await tokens(await revolve.refresh(box.refresh_token));
      expect((await revolve.items(fresh.access_token)).status).toBe(200);
      expect(await (await chatter.identify(chat.access_token)).json()).toMatchObject({ ok: true });
      const { items } = await after.control<{ items: { alive: boolean }[] }>('/grants');
      expect(items.map(({ alive }) => alive)).toEqual([true, true]);
    } finally {
      await after.world.stop();
    }
  }));

test('keys and secrets are readable by their owner only', () =>
  withDirectory(async (dataDir) => {
    const demo = await startTestWorld({ dataDir });
    await demo.world.stop();
    const names = await readdir(join(dataDir, 'demo'));
    expect(names.sort()).toEqual([
      'chatter-client-secret',
      'cookie-key',
      'helpline-client-secret',
      'identity-client-secret',
      'orchard-client-secret',
      'revolve-client-secret',
      'signing-key.json',
    ]);
    for (const name of names) {
      expect((await stat(join(dataDir, 'demo', name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(dataDir, 'demo-provider.db'))).mode & 0o077).toBe(0);
  }));

test('a taken port is told by its code, and nothing is left behind', () =>
  withDirectory(async (dataDir) => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startTestWorld({ dataDir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await readdir(dataDir)).toEqual([]);
    other.close();
  }));

test('the catalogue names one provider per file, each with a redirect URI the provider knows', async () => {
  const demo = await startTestWorld();
  try {
    const files = await readdir(join(demo.dataDir, 'catalogue'));
    expect(files.sort()).toEqual(['chatter.yaml', 'helpline.yaml', 'orchard.yaml', 'revolve.yaml']);
    for (const id of ['orchard', 'revolve', 'helpline', 'chatter']) {
      const client = await demo.client(id);
      expect(client.entry.allowPrivateHosts).toEqual([new URL(demo.world.origin).host]);
      const { url } = await client.authorize({ account: 'ada@acme.example' });
      expect(url.origin).toBe(gatewayUrl);
    }
  } finally {
    await demo.stop();
  }
});

test('an unknown page is a page that says so', async () => {
  const demo = await startTestWorld();
  try {
    const response = await fetch(`${demo.world.origin}/nowhere`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('text/html'),
    ]);
  } finally {
    await demo.stop();
  }
});
