// @ts-check
// Installs Debian packages when this is Debian (or its like) and we are root. Node's own modules alone.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

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

/** @param {string} name @returns the version of an installed package */
export const versionOf = (name) => query(name, 'Version');

/** @param {string} name of an installed package @param {string} field as dpkg-query has it */
function query(name, field) {
  return spawnSync('dpkg-query', ['--show', '--showformat', `\${${field}}`, name], { encoding: 'utf8' }).stdout;
}

/**
 * Downloads the sources of an installed package, of the version that is installed. The machine's own lists, which rarely
 * hold sources, stay as they are.
 *
 * @param {string} name
 * @param {string} folder to download into
 * @returns {string | undefined} path of the archive that the package's authors made
 */
export function downloadSource(name, folder) {
  const source = `${query(name, 'source:Package')}=${query(name, 'source:Version')}`;
  const own = join(folder, 'apt');
  for (const part of ['sources', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(own, part), { recursive: true });
  }
  for (const path of sourceLists()) {
    const text = readFileSync(path, 'utf8');
    const sources = text.replace(/^Types:.*$/gm, 'Types: deb-src').replace(/^deb /gm, 'deb-src ');
    writeFileSync(join(own, 'sources', basename(path)), sources);
  }
  const options = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(own, 'sources'),
    'Dir::State::lists': join(own, 'lists'),
    'Dir::Cache': join(own, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const settings = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  aptGetIn(folder, ...settings, 'update');
  // A mirror may lack the description of a package and still have the archive that it names.
  aptGetIn(folder, ...settings, 'source', '--download-only', source);
  const archive = readdirSync(folder).find((file) => /\.orig\.tar\.\w+$/.test(file));
  return archive && join(folder, archive);
}

/** The files that tell apt where packages come from. */
function sourceLists() {
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name)) : [];
  return ['/etc/apt/sources.list', ...parts.map((name) => join(folder, name))].filter(existsSync);
}

/** @param {string[]} args */
const aptGet = (...args) => aptGetIn(undefined, ...args);

/** @param {string | undefined} folder the working folder @param {string[]} args */
function aptGetIn(folder, ...args) {
  console.log(`setup: apt-get ${args.filter((arg, i) => arg !== '-o' && args[i - 1] !== '-o').join(' ')}`);
  const quiet = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`, '-o', 'Dpkg::Use-Pty=0'];
  const deadline = Date.now() + LOCK_TIMEOUT_S * 1000;
  for (;;) {
    const { status, stdout, stderr } = spawnSync('apt-get', [...quiet, ...args], {
      cwd: folder,
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
  for (const path of sourceLists()) {
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
