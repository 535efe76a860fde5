import type { Candidate } from '../../../src/gpu/kernel';

/** The idea that a kernel stands for, as its name and its shaders tell. */
export function kindOf({ kernel, dispatches }: Candidate): string {
  if (kernel.endsWith('-naive')) return 'naive';
  if (kernel.includes('winograd')) return 'Winograd';
  if (/split(-k)?$/.test(kernel)) return 'split sums';
  if (kernel.includes('-depthwise')) return 'taps in registers';
  if (kernel.endsWith('-vec4')) return 'vectors of four';
  if (kernel.endsWith('-stem')) return 'register tile';
  if (kernel.endsWith('-stationary')) return 'weights in registers';
  const sources = dispatches.map(({ shader }) => shader);
  if (sources.some(({ source }) => /var<workgroup>/.test(source))) return 'workgroup tile';
  return sources.some(({ tiles }) => tiles.length > 0) ? 'register tile' : '';
}
