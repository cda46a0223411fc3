import { expect } from 'vitest';
import { external, tryHelm } from '../helm.ts';
import { lane, chartTest as test } from '../kubernetes-test.ts';

// Which values are refused, and with which words, is tested beside the chart: tests/refusals_test.yaml. Here is that Helm itself says them.

test.each(lane.helms)('%s says which key is wrong, by the schema', async (helm) => {
  const values = { services: { gateway: { replica: 3 } } };
  const { code, stderr } = await tryHelm(['template', 'test'], { base: external, values, helm });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/\/services\/gateway.*'replica' not allowed/);
});

test.each(lane.helms)("%s says in the chart's own words what is missing", async (helm) => {
  const { code, stderr } = await tryHelm(['template', 'test'], { helm });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/publicUrl is not set/);
});

test.each(lane.helms)('%s refuses a Kubernetes that lacks what the chart needs', async (helm) => {
  const command = ['template', 'test', '--kube-version', '1.26.0'];
  const { code, stderr } = await tryHelm(command, { base: external, helm });
  expect(code).not.toBe(0);
  expect(stderr).toContain('requires kubeVersion');
});
