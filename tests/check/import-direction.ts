/** A source file of the house: its path from the top, with `/`, and its text. */
export type SourceFile = { path: string; text: string };

/** Which floors a floor may import; itself aside. The order of `docs/architecture.md`, "Floors". */
const allowed: Record<string, readonly RegExp[]> = {
  proto: [],
  'packages/runtime': [],
  'packages/storage': [/^packages\/runtime$/],
  'packages/events': [/^packages\/(runtime|storage)$/],
  'packages/rpc': [/^proto$/, /^packages\/runtime$/],
  'packages/demo-provider': [/^packages\/(runtime|storage)$/],
  'services/source-registry': [/^proto$/, /^packages\/(runtime|rpc|events|storage)$/],
  'services/credential-vault': [/^proto$/, /^packages\/(runtime|rpc|events|storage)$/],
  'services/oauth-broker': [/^proto$/, /^packages\/(runtime|rpc|events|storage)$/],
  'services/notification': [/^proto$/, /^packages\/(runtime|rpc|events|storage)$/],
  gateway: [/^proto$/, /^packages\/(runtime|rpc|events)$/],
  // The pages know the gateway's HTTP types and nothing else of the server.
  'gateway/ui': [/^gateway$/],
  'services/standalone': [/^proto$/, /^packages\//, /^services\//, /^gateway$/],
  tests: [/./],
};

const workspaceOfPackage: Record<string, string> = {
  proto: 'proto',
  runtime: 'packages/runtime',
  storage: 'packages/storage',
  events: 'packages/events',
  rpc: 'packages/rpc',
  'demo-provider': 'packages/demo-provider',
  'source-registry': 'services/source-registry',
  'credential-vault': 'services/credential-vault',
  'oauth-broker': 'services/oauth-broker',
  notification: 'services/notification',
  standalone: 'services/standalone',
  gateway: 'gateway',
  'gateway-ui': 'gateway/ui',
};

/**
 * Imports that go against the direction of the house, one line each: `path: what is wrong`. Reads static and dynamic
 * imports, re-exports and `require` from the text, so it depends on no compiler.
 */
export function findWrongImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const home = workspaceOf(file.path);
    if (home === undefined) return [`${file.path}: belongs to no workspace`];
    return importsOf(file.text).flatMap((specifier) => {
      const problem = judge(file.path, home, specifier);
      return problem === undefined ? [] : [`${file.path}: ${problem}`];
    });
  });
}

function judge(path: string, home: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = workspaceOf(resolve(path, specifier));
    return target === home ? undefined : `reaches into ${target ?? 'nowhere'} with '${specifier}'`;
  }
  const [, name] = /^@credential-renewal\/([^/]+)/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const target = workspaceOfPackage[name];
  if (target === undefined) return `imports '${specifier}', which is no workspace`;
  if (target === home || allowed[home]?.some((pattern) => pattern.test(target))) return undefined;
  return `${home} must not import ${target} ('${specifier}')`;
}

function importsOf(text: string): string[] {
  const pattern =
    /(?:^|[;\n{}])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

function workspaceOf(path: string): string | undefined {
  return Object.keys(allowed)
    .filter((workspace) => path === workspace || path.startsWith(`${workspace}/`))
    .sort((one, other) => other.length - one.length)[0];
}

function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
