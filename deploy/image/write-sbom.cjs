// Prints a CycloneDX 1.5 bill of what npm has installed here, read from what npm itself wrote down. `npm sbom` is no help: it refuses a tree
// without the developers' packages, and from the lock file it lists what is not in the image. The base image has a bill of its own.
const { readFileSync } = require('node:fs');
const { packages } = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8'));
const product = JSON.parse(readFileSync('package.json', 'utf8'));

const components = Object.entries(packages)
  .filter(([, { link }]) => !link)
  .map(([path, installed]) => component(path, installed));

function component(path, { name, version: installedVersion, license, integrity }) {
  const fullName = name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  // purl: the @ of a scope is escaped, the slash behind it is not.
  const purl = `pkg:npm/${fullName.replace('@', '%40')}@${installedVersion}`;
  return {
    type: 'library',
    'bom-ref': `${purl}#${path}`,
    name: fullName,
    version: installedVersion,
    purl,
    ...(license && { licenses: [{ expression: license }] }),
    ...(integrity && { hashes: hashesOf(integrity) }),
  };
}

/** Subresource integrity is base64, CycloneDX wants hex. */
function hashesOf(integrity) {
  return integrity.split(' ').flatMap((one) => {
    const [, algorithm, digest] = /^sha(\d+)-(.+)$/.exec(one) ?? [];
    if (digest === undefined) return [];
    return [{ alg: `SHA-${algorithm}`, content: Buffer.from(digest, 'base64').toString('hex') }];
  });
}

const bill = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: { type: 'application', name: product.name, version: product.version },
  },
  components,
};
process.stdout.write(`${JSON.stringify(bill, null, 1)}\n`);
