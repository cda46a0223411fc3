/** The parts of npm's lock file (version 3) that we look at. */
export type LockFile = {
  packages: Record<
    string,
    {
      version?: string;
      resolved?: string;
      integrity?: string;
      link?: boolean;
      optional?: boolean;
      optionalDependencies?: Record<string, string>;
    }
  >;
};

/**
 * What would make `npm ci` fail or differ elsewhere: a package without integrity, an address of a registry, or a package
 * that another lists for some platform and that the lock file lacks (npm writes such a file without complaint when a
 * registry does not have it).
 */
export function findLockProblems({ packages }: LockFile): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    if (!path.includes('node_modules/') || entry.link) continue;
    if (!entry.integrity) problems.push(`${path} has no integrity`);
    if (entry.resolved) problems.push(`${path} names the address it was downloaded from`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(packages, path, name))
        problems.push(`${path} needs ${name} on some platform, and it is not in the lock file`);
    }
  }
  return problems;
}

/** Node's resolution: beside the package, or in any node_modules above it. */
function isLocked(packages: LockFile['packages'], path: string, name: string): boolean {
  for (let at = path; ; ) {
    if (packages[`${at}/node_modules/${name}`]) return true;
    const up = at.lastIndexOf('/node_modules/');
    if (up === -1) return packages[`node_modules/${name}`] !== undefined;
    at = at.slice(0, up);
  }
}
