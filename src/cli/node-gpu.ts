import { readdirSync } from 'node:fs';
import { constants, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgumentError, WebGPUUnavailableError } from '../errors';

/**
 * Which WebGPU adapter Node uses:
 * `default`, what the system's own drivers offer; `lavapipe`, Mesa's software driver; `swiftshader`, the software
 * driver in Chromium's folder; `gles`, OpenGL ES, which only has adapters of WebGPU's compatibility level; `auto`, the
 * default and, where there is none, SwiftShader.
 */
export const NODE_ADAPTERS = ['auto', 'default', 'swiftshader', 'lavapipe', 'gles'] as const;
export type NodeAdapter = (typeof NODE_ADAPTERS)[number];

/** Reads the choice from the environment variable `FOVEA_ADAPTER`. @throws ArgumentError for another word. */
export function adapterFromEnvironment(value = process.env.FOVEA_ADAPTER): NodeAdapter {
  const choice = NODE_ADAPTERS.find((name) => name === (value || 'auto'));
  if (!choice) throw new ArgumentError(`FOVEA_ADAPTER must be one of ${NODE_ADAPTERS.join(', ')}, got "${value}"`);
  return choice;
}

/**
 * WebGPU for Node: Dawn, from the npm package `webgpu`, with a driver found for it.
 * WebGPU's constants (`GPUBufferUsage` and the like) become globals, as they are in a browser.
 *
 * @param toggles Dawn's own options, such as `enable-dawn-features=disable_timestamp_query_conversion`
 * @throws WebGPUUnavailableError when the package, the driver or an adapter is missing, with what to install
 */
export async function createNodeGpu(
  adapter: NodeAdapter = adapterFromEnvironment(),
  toggles: readonly string[] = [],
): Promise<GPU> {
  const dawn = await import('webgpu').catch((cause: unknown) => {
    throw new WebGPUUnavailableError('no-api', 'WebGPU in Node needs Dawn: npm install webgpu', { cause });
  });
  Object.assign(globalThis, dawn.globals);
  if (process.platform === 'linux') loadVulkan();
  if (adapter === 'gles') {
    // Without it, EGL asks for a screen.
    process.env.EGL_PLATFORM ??= 'surfaceless';
    return dawn.create(['backend=opengles', ...toggles]);
  }
  if (adapter !== 'auto') {
    if (adapter !== 'default') useDriver(adapter);
    return dawn.create([...toggles]);
  }
  const gpu = dawn.create([...toggles]);
  if (process.platform !== 'linux' || (await gpu.requestAdapter())) return gpu;
  useDriver('swiftshader');
  return dawn.create([...toggles]);
}

/** Where the drivers' manifests are, as the Vulkan loader's documentation and the browsers' packages place them. */
const MANIFESTS = {
  lavapipe: {
    pattern: /^lvp_icd.*\.json$/,
    folders: () => ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'],
    install: 'mesa-vulkan-drivers, version 25 or newer (Debian bookworm has it in bookworm-backports)',
  },
  swiftshader: {
    pattern: /^vk_swiftshader_icd\.json$/,
    folders: chromiumFolders,
    install: 'Chromium, which brings SwiftShader (Debian: apt-get install chromium)',
  },
};

/** Dawn makes its Vulkan instance in `create`, and the loader reads the variable then, so that setting it now is in time. */
function useDriver(driver: 'swiftshader' | 'lavapipe'): void {
  const { pattern, folders, install } = MANIFESTS[driver];
  const manifest = folders().flatMap((folder) => filesIn(folder, pattern))[0];
  if (!manifest) {
    throw new WebGPUUnavailableError('no-adapter', `no Vulkan driver ${driver} found; install ${install}`);
  }
  delete process.env.VK_DRIVER_FILES;
  process.env.VK_ICD_FILENAMES = manifest;
  // Mesa warns on every start without it.
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

/**
 * Dawn opens the Vulkan loader by its bare name. On a system without the loader Chromium's copy serves:
 * once it is in the process, that name finds it. Node complains that the library is no add-on, which is true.
 */
function loadVulkan(): void {
  const name = 'libvulkan.so.1';
  const keepLoaded = 0x1000; // RTLD_NODELETE, which Node's constants lack
  for (const path of [name, ...chromiumFolders().flatMap((folder) => filesIn(folder, /^libvulkan\.so\.1$/))]) {
    try {
      process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | keepLoaded);
    } catch (error) {
      if (error instanceof Error && error.message.includes('did not self-register')) return;
    }
  }
}

function chromiumFolders(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  const playwright = filesIn(cache, /^chromium/).flatMap((folder) => filesIn(folder, /^chrome-.*linux/));
  return [
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/snap/chromium/current/usr/lib/chromium-browser',
    ...playwright,
  ];
}

function filesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
