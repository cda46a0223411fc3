import { statSync } from 'node:fs';
import type { KubernetesTestConfig } from './config.ts';
import { runCommand } from './run-command.ts';

export type ImageName = { repository: string; tag: string };

export function splitImage(image: string): ImageName {
  const at = image.lastIndexOf(':');
  return { repository: image.slice(0, at), tag: image.slice(at + 1) };
}

/** The same image under another tag, as an upgrade sees it. */
export const nextImage = (image: string): string => `${image}-next`;

/** Brings an image and its second tag to the cluster, and tells the size. */
export async function useImage(
  { image, loadImage }: KubernetesTestConfig,
  next: string,
): Promise<void> {
  const size = await runCommand('docker', [
    'image',
    'inspect',
    '--format',
    '{{.Size}}',
    image,
  ]).catch(() => {
    throw new Error(`There is no image ${image}: npm run image`);
  });
  process.stdout.write(`figure: image size ${Math.round(Number(size) / 1e6)} MB\n`);
  await runCommand('docker', ['tag', image, next]);
  const [program, ...args] = loadImage?.split(' ') ?? [];
  if (program === undefined) return;
  // Fails here rather than in each pod.
  if (program.includes('/')) statSync(program);
  for (const one of [image, next]) await runCommand(program, [...args, one]);
}
