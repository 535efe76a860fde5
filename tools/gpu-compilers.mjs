// @ts-check
// Mesa's compilers for AMD and Intel on a machine that has neither: where they are, and how to get them.
// AMD's driver has a null device of its own. Intel's needs a stand-in for the kernel, Mesa's drm-shim, which Debian
// leaves out of its packages: it is built here from Mesa's sources, with gcc alone. Node's own modules alone.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstallPackages, downloadSource, installPackages, versionOf } from './debian.mjs';
import { findVulkanManifest } from './find.mjs';

const DRIVER_SOURCE = fileURLToPath(new URL('../bench/compilers/driver.c', import.meta.url));
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fovea-compilers');
/** Named after what it is made of. */
const DRIVER = join(
  CACHE,
  `libdriver-${createHash('sha256').update(readFileSync(DRIVER_SOURCE)).digest('hex').slice(0, 12)}.so`,
);
const INTEL_STAND_IN = join(CACHE, 'libintel-stand-in.so');

/**
 * @typedef {object} Compilers
 * @property {string} driver the driver of bench/compilers, which writes down what Mesa compiles
 * @property {string} amd Mesa's driver for AMD
 * @property {string} intel Mesa's driver for Intel
 * @property {string} intelStandIn to be loaded before everything else, for an Intel GPU to be there
 */

/** @returns {Compilers | undefined} paths of libraries, where all are there */
export function findCompilers() {
  const amd = driverOf('radeon');
  const intel = driverOf('intel');
  if (!amd || !intel || !existsSync(INTEL_STAND_IN) || !existsSync(DRIVER)) return undefined;
  return { driver: DRIVER, amd, intel, intelStandIn: INTEL_STAND_IN };
}

/** Installs Mesa and a C compiler, and builds the rest into the cache. */
export function installCompilers() {
  const headers = ['/usr/include/vulkan/vulkan.h', '/usr/include/libdrm', '/usr/include/stdio.h'];
  if (!driverOf('radeon') || !driverOf('intel') || !headers.every(existsSync)) installDebianPackages();
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(DRIVER)) buildLibrary(DRIVER, [DRIVER_SOURCE], ['-Wall', '-ldl', '-lpthread']);
  if (!existsSync(INTEL_STAND_IN)) buildIntelStandIn();
}

function installDebianPackages() {
  if (!canInstallPackages()) return;
  installPackages(['mesa-vulkan-drivers', 'libvulkan1'], { atLeast: 25 });
  // Headers of the version that came with Mesa, which may not be the release's own.
  const libdrm = `libdrm-dev=${versionOf('libdrm2')}`;
  installPackages(['gcc', 'libc6-dev', 'libvulkan-dev', libdrm, 'python3-mako', 'dpkg-dev', 'xz-utils']);
}

/** @param {'radeon' | 'intel'} name @returns {string | undefined} the library that the driver's manifest names */
function driverOf(name) {
  const manifest = findVulkanManifest(new RegExp(`^${name}_icd.*\\.json$`));
  if (!manifest) return undefined;
  const library = JSON.parse(readFileSync(manifest, 'utf8')).ICD.library_path;
  const folders = ['', ...['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/`), '/usr/lib/'];
  return folders.map((folder) => folder + library).find((path) => path.startsWith('/') && existsSync(path));
}

/** @param {string} path @param {string[]} sources C and object files @param {string[]} options */
function buildLibrary(path, sources, options) {
  run('gcc', ['-shared', '-fPIC', '-O1', '-o', `${path}.new`, ...sources, ...options]);
  renameSync(`${path}.new`, path);
}

/** What Mesa's build would find out about Linux with the GNU C library, as far as these files ask. */
const CONFIGURATION = [
  ...['PTHREAD', 'STRUCT_TIMESPEC', 'ENDIAN_H', 'DLFCN_H', 'MEMFD_CREATE', 'LINUX_FUTEX_H', 'SECURE_GETENV', 'FLOCK'],
  ...['PROGRAM_INVOCATION_NAME', 'RANDOM_R', 'STRTOK_R', 'MKOSTEMP', 'UINT128', 'STRTOF', 'STRTOD_L', 'REALLOCARRAY'],
  ...['FUNC_ATTRIBUTE_WEAK', 'FUNC_ATTRIBUTE_FORMAT', 'FUNC_ATTRIBUTE_PACKED', '__BUILTIN_TYPES_COMPATIBLE_P'],
  ...[
    'BSWAP32',
    'BSWAP64',
    'CLZ',
    'CLZLL',
    'CTZ',
    'EXPECT',
    'FFS',
    'FFSLL',
    'POPCOUNT',
    'POPCOUNTLL',
    'UNREACHABLE',
  ].map((builtin) => `__BUILTIN_${builtin}`),
].map((name) => `HAVE_${name}`);

/** Files of Mesa's src that make up the stand-in; a folder stands for all of its C files. */
const STAND_IN_SOURCES = [
  'drm-shim/',
  'intel/tools/intel_noop_drm_shim.c',
  'intel/dev/i915/',
  'intel/dev/xe/',
  ...['debug', 'device_info', 'hwconfig', 'kmd'].map((name) => `intel/dev/intel_${name}.c`),
  ...['', 'i915/', 'xe/'].flatMap((folder) => ['gem', 'engine'].map((name) => `intel/common/${folder}intel_${name}.c`)),
  'intel/common/xe/intel_device_query.c',
  ...['anon_file', 'futex', 'hash_table', 'log', 'memstream', 'mesa-sha1', 'os_file', 'os_misc', 'parson', 'ralloc'],
  ...['rb_tree', 'set', 'sha1/sha1', 'simple_mtx', 'strtod', 'u_call_once', 'u_debug', 'u_printf', 'u_process', 'vma'],
  'c11/impl/threads_posix.c',
].map((name) => (/\/$|\.c$/.test(name) ? name : `util/${name}.c`));

function buildIntelStandIn() {
  const work = join(CACHE, 'intel-build');
  rmSync(work, { recursive: true, force: true });
  const generated = join(work, 'generated/intel/dev');
  mkdirSync(generated, { recursive: true });
  const archive = downloadSource('mesa-vulkan-drivers', work);
  if (!archive) return;
  run('tar', ['-xf', archive, '-C', work, '--wildcards', '*/src/*', '*/include/*']);
  const folder = readdirSync(work, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && /^mesa-/.test(entry.name),
  );
  const mesa = join(work, folder?.name ?? 'mesa');
  const dev = join(mesa, 'src/intel/dev');
  // Debian's Python has the packages that Debian installs; another may come first on the path.
  const python = (/** @type {string[]} */ ...args) => run('/usr/bin/python3', args);
  python(join(dev, 'intel_device_info_gen_h.py'), join(generated, 'intel_device_info_gen.h'));
  python(join(dev, 'intel_device_info_serialize_gen_c.py'), join(generated, 'intel_device_info_serialize_gen.c'));
  const workarounds = ['intel_wa.h', 'intel_wa.c'].map((name) => join(generated, name));
  python(join(dev, 'gen_wa_helpers.py'), join(dev, 'mesa_defs.json'), ...workarounds);

  const cFiles = (/** @type {string} */ path) =>
    path.endsWith('/')
      ? readdirSync(path)
          .filter((name) => name.endsWith('.c'))
          .map((name) => path + name)
      : [path];
  const sources = [...STAND_IN_SOURCES.flatMap((name) => cFiles(join(mesa, 'src', name))), ...cFiles(`${generated}/`)];
  const includes = [
    ...['', 'intel', 'intel/dev'].map((name) => join(work, 'generated', name)),
    ...['include', 'src', 'src/intel', 'src/intel/dev', 'src/intel/common', 'src/util'].map((name) => join(mesa, name)),
    ...['include', 'auxiliary'].map((name) => join(mesa, 'src/gallium', name)),
    '/usr/include/libdrm',
  ];
  const flags = [
    ...['-O1', '-w', '-fPIC', '-std=gnu11', '-fvisibility=hidden', '-ffunction-sections', '-fdata-sections'],
    ...['_GNU_SOURCE', 'NDEBUG', 'PACKAGE_VERSION="25"', 'USE_GCC_ATOMIC_BUILTINS', 'MAJOR_IN_SYSMACROS']
      .concat('SUPPORT_INTEL_INTEGRATED_GPUS', CONFIGURATION)
      .map((name) => `-D${name}`),
    ...includes.map((path) => `-I${path}`),
  ];
  const objects = sources.map((source, i) => {
    const object = join(work, `${i}-${basename(source, '.c')}.o`);
    run('gcc', [...flags, '-c', source, '-o', object]);
    return object;
  });
  buildLibrary(INTEL_STAND_IN, objects, ['-Wl,--gc-sections', '-Wl,--no-undefined', '-ldl', '-lpthread', '-lm']);
  rmSync(work, { recursive: true });
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (status === 0) return;
  const end = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-10).join('\n');
  throw new Error(`${command} ${args.slice(0, 3).join(' ')} … failed: ${error?.message ?? end}`);
}
