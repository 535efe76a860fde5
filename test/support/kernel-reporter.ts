import type { Reporter, TestModule } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** Set by a test that ran an operator on a WebGPU implementation. */
    kernelCase?: { readonly implementation: string; readonly precision: 'f32' | 'f16' };
  }
}

/** Prints, at the end of a run, how many kernel cases passed on each WebGPU implementation. */
export default class KernelReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tallies = new Map<string, { passed: number; failed: number; half: number }>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { kernelCase } = test.meta();
        if (!kernelCase) continue;
        const tally = tallies.get(kernelCase.implementation) ?? { passed: 0, failed: 0, half: 0 };
        tallies.set(kernelCase.implementation, tally);
        const passed = test.result().state === 'passed';
        tally[passed ? 'passed' : 'failed']++;
        if (passed && kernelCase.precision === 'f16') tally.half++;
      }
    }
    for (const [implementation, { passed, failed, half }] of tallies) {
      console.log(`${implementation}: ${passed} kernel cases passed (${half} in float16), ${failed} failed`);
    }
  }
}
