'use strict';
// Runs before anything else, on whatever Node started npm: so CommonJS, old syntax, no dependency.
// Exits 1 with one line that says what to install where this project cannot run.
function refuse(line) {
  process.stderr.write('dark-carnival: ' + line + '\n');
  process.exit(1);
}
if (process.platform !== 'linux' && process.platform !== 'darwin') {
  refuse('runs on Linux and macOS; on Windows install WSL2 (wsl --install) and run it there.');
}
var report = process.platform === 'linux' && process.report ? process.report.getReport() : null;
if (report && !report.header.glibcVersionRuntime) {
  refuse(
    'needs a Linux with glibc (Debian, Ubuntu, Fedora …), this one has musl: use a node:24-bookworm-slim container or a Debian LXC.',
  );
}
if (Number(process.versions.node.split('.')[0]) < 20) {
  refuse(
    'needs Node 20 or newer to install itself (this is ' +
      process.version +
      '): install it from nodejs.org or with your package manager.',
  );
}
