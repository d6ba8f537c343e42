// Imported first, so that an old Node says this and not something about syntax.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Hallpass needs Node 20.19 or later; this is ${process.versions.node}. Get a later one from https://nodejs.org.`,
  );
  process.exit(1);
}
