import type { KernelCase } from '../../support/kernel-case';

const files = import.meta.glob<readonly KernelCase[]>(['./*.ts', '!./index.ts'], { eager: true, import: 'cases' });

/** Every kernel case, on every WebGPU implementation. */
export const allCases: readonly KernelCase[] = Object.values(files).flat();
