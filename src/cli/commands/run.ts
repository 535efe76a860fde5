import { join } from 'node:path';
import { ArgumentError } from '../../errors';
import { writeNpy } from '../../formats/npy';
import type { Tensor } from '../../tensor';
import { BACKEND_OPTIONS, openBackend } from '../backend';
import { columns, defineCommand } from '../command';
import { makeFolder, writeBytes } from '../files';
import { formatShape } from '../format';
import { bindInputs, isInput, parseInputs, readTensors } from '../inputs';
import { loadModel, MODEL_OPTIONS, MODEL_USAGE } from '../load-model';

/** Runs a network on arrays from files and writes its outputs to files. */
export const run = defineCommand({
  name: 'run',
  usage: '<model>',
  summary: 'run a network on .npy files and write one .npy file per output',
  details: MODEL_USAGE,
  options: {
    input: {
      type: 'string',
      multiple: true,
      value: 'NAME=FILE.npy',
      summary: 'an input; NAME= can go where there is one. More NAME=FILE.npy may follow',
    },
    'output-dir': { type: 'string', value: 'DIR', summary: 'where the outputs go, as NAME.npy' },
    ...MODEL_OPTIONS,
    ...BACKEND_OPTIONS,
  },
  async run(positionals, options, output) {
    const { json, 'output-dir': folder } = options;
    const [reference, ...more] = positionals.filter((argument) => !isInput(argument));
    if (reference === undefined) throw new ArgumentError('run needs a model: a name or a file');
    if (more.length > 0) throw new ArgumentError(`run takes one model, got "${more[0]}" beside "${reference}"`);
    if (folder === undefined) throw new ArgumentError('run needs --output-dir DIR');
    const tensors = readTensors(parseInputs([...options.input, ...positionals.filter(isInput)]));
    const model = await loadModel(reference, options, output, tensors);
    const inputs = bindInputs(model, tensors);
    makeFolder(folder);

    const backend = await openBackend(options, output);
    try {
      const network = await backend.load(model.graph);
      const start = performance.now();
      const results = await network.run(inputs);
      const timeMs = performance.now() - start;
      const outputs = writeOutputs(results, folder);
      const { name } = model.graph;
      if (json) {
        const report = { model: name, backend: backend.name, adapter: backend.adapter, timeMs, outputs };
        output.out(`${JSON.stringify(report, null, 2)}\n`);
      } else {
        const rows = outputs.map(({ name, dtype, shape, file }) => [name, `${dtype} ${formatShape(shape)}`, file]);
        output.out(`${columns(rows).join('\n')}\n`);
        output.out(`${name} ran in ${timeMs.toFixed(1)} ms on ${backend.adapter}, read-back included\n`);
      }
    } finally {
      backend.dispose();
    }
  },
});

/** One file per output; of a name that no file can have, what is odd becomes an underscore. */
function writeOutputs(results: ReadonlyMap<string, Tensor>, folder: string) {
  const taken = new Set<string>();
  return [...results].map(([name, tensor]) => {
    const stem = name.replace(/[^\w.-]+/g, '_');
    let file = `${stem}.npy`;
    for (let i = 2; taken.has(file); i++) file = `${stem}_${i}.npy`;
    taken.add(file);
    const path = join(folder, file);
    writeBytes(path, writeNpy(tensor));
    return { name, dtype: tensor.dtype, shape: tensor.shape, file: path };
  });
}
