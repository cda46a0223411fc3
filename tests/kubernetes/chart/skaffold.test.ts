import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { top } from '../../check/source-files.ts';
import { parseManifests } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { runCommand } from '../run-command.ts';

type Release = {
  name: string;
  chartPath: string;
  valuesFiles: string[];
  setValueTemplates: Record<string, string>;
};
type Forward = { resourceType: string; resourceName: string; port: number };
type Profile = { name: string; deploy: { helm: { releases: Release[] } }; portForward: Forward[] };

const skaffold = parse(readFileSync(join(top, 'skaffold.yaml'), 'utf8')) as {
  build: { artifacts: { docker: { dockerfile: string } }[] };
  profiles: Profile[];
};
/** What each developer writes. */
const own = 'deploy/helm/my-values.yaml';

test('skaffold builds the image of deploy/', () => {
  expect(skaffold.profiles.map(({ name }) => name)).toEqual(['demo', 'external']);
  for (const { docker } of skaffold.build.artifacts)
    expect(existsSync(join(top, docker.dockerfile))).toBe(true);
});

test.each(skaffold.profiles)(
  'what the profile $name deploys has what it forwards',
  async (profile) => {
    const [release] = profile.deploy.helm.releases;
    if (!release) throw new Error('a release');
    const files = release.valuesFiles.filter((file) => file !== own);
    const sets = Object.keys(release.setValueTemplates).map((value) => `${value}=built`);
    const text = await runCommand('helm', [
      ...['template', release.name, release.chartPath],
      ...files.flatMap((file) => ['--values', file]),
      ...sets.flatMap((set) => ['--set', set]),
    ]);
    const manifests = parseManifests(text);
    expect(text).toContain('built:built');
    for (const { resourceType, resourceName } of profile.portForward)
      expect(
        manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`.toLowerCase()),
      ).toContain(`${resourceType} ${resourceName}`);
  },
);
