// @ts-check
// Installs Debian packages when this is Debian (or its like) and we are root. Node's own modules alone.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
/** Another installation on this machine may hold the lock for minutes; dpkg's lock apt waits for, that of the lists we must. */
const LOCK_TIMEOUT_S = 900;
const RETRY_S = 5;

export function canInstallPackages() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Installs packages. The package lists are fetched first: old ones offer old browsers.
 *
 * @param {string[]} packages
 * @param {{ atLeast?: number }} options the major version that the first package must have; backports are added for it
 */
export function installPackages(packages, { atLeast = 1 } = {}) {
  aptGet('update');
  /** @type {string[]} */
  const suite = [];
  if (candidateVersion(packages[0]) < atLeast) {
    const backports = addBackports();
    if (backports === undefined) return;
    suite.push('--target-release', backports);
    aptGet('update');
  }
  aptGet('install', '--yes', '--no-install-recommends', ...suite, ...packages);
}

/** @param {string} name @returns the major version that apt would install, or 0 where it knows none */
function candidateVersion(name) {
  const { stdout } = spawnSync('apt-cache', ['policy', name], {
    encoding: 'utf8',
    env: { ...ENVIRONMENT, LC_ALL: 'C' },
  });
  const version = stdout?.match(/Candidate: (?:\d+:)?(\d+)/)?.[1];
  return Number(version ?? 0);
}

/** @param {string[]} args */
function aptGet(...args) {
  console.log(`setup: apt-get ${args.join(' ')}`);
  const quiet = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`, '-o', 'Dpkg::Use-Pty=0'];
  const deadline = Date.now() + LOCK_TIMEOUT_S * 1000;
  for (;;) {
    const { status, stdout, stderr } = spawnSync('apt-get', [...quiet, ...args], {
      encoding: 'utf8',
      env: ENVIRONMENT,
      maxBuffer: 2 ** 26,
    });
    if (status === 0) return true;
    if (!/Could not get lock|Unable to lock/.test(stderr) || Date.now() > deadline) {
      console.log((stdout + stderr).trim().split('\n').slice(-10).join('\n'));
      return false;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_S * 1000);
  }
}

/** Adds the backports suite to the machine's own Debian entry. @returns {string | undefined} the suite's name */
function addBackports() {
  const codename = readFileSync('/etc/os-release', 'utf8').match(/^VERSION_CODENAME=(\w+)/m)?.[1];
  if (!/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8')) || !codename) return undefined;
  const suite = `${codename}-backports`;
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((f) => join(folder, f)) : []),
  ];
  for (const path of files.filter(existsSync)) {
    const text = readFileSync(path, 'utf8');
    if (text.includes(suite)) return suite;
    const added = text
      // deb822: "Suites: bookworm bookworm-updates"
      .replace(new RegExp(`^(Suites:.*\\b${codename}(?= |$).*)$`, 'm'), `$1 ${suite}`)
      // one line: "deb ADDRESS bookworm main"
      .replace(new RegExp(`^(deb .*) ${codename} (.*)$`, 'm'), `$&\n$1 ${suite} $2`);
    if (added === text) continue;
    console.log(`setup: adding ${suite} to ${path}`);
    writeFileSync(path, added);
    return suite;
  }
  return undefined;
}
