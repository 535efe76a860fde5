import { type ReferenceModules, referenceOf } from '../../reference/find';
import type { KernelFamily } from '../kernel';

/** Where references.ts leaves the references. */
export const REFERENCES: unique symbol = Symbol.for('fovea.references');

const modules = (): ReferenceModules => (globalThis as { [REFERENCES]?: ReferenceModules })[REFERENCES] ?? {};

/** A function of a file of src/reference, once references.ts is loaded. */
export function referenceFunction(file: string, name: string): (...inputs: readonly unknown[]) => unknown {
  return modules()[`../reference/${file}.ts`][name] as (...inputs: readonly unknown[]) => unknown;
}

/** The reference's function, on one worker, for operators without a fast kernel. references.ts must have been loaded. */
export const reference: KernelFamily = {
  fits: () => true,
  bind({ op, attributes }, inputs, outputs) {
    const run = referenceOf(modules(), op);
    const shapes = outputs.map(({ shape }) => shape);
    return {
      parts: 1,
      run() {
        for (const [i, { data }] of [run(inputs, attributes, shapes)].flat().entries()) outputs[i].data.set(data);
      },
    };
  },
};
