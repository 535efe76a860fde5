import { join } from 'node:path';
import { ArgumentError } from '../../errors';
import { writeNpy } from '../../formats/npy';
import type { Tensors } from '../../runner';
import { sizeOf, type Tensor } from '../../tensor';
import { columns, defineCommand, type Output } from '../command';
import { makeFolder, writeBytes } from '../files';
import { formatCount, formatShape } from '../format';
import { bindInputs, isInput, parseInputs, readTensors } from '../inputs';
import { loadModel, MODEL_OPTIONS, MODEL_USAGE } from '../load-model';
import { RUNNER_OPTIONS, withRunner } from '../runner';

/** Runs a network on arrays from files, says what came out and writes it to files. */
export const run = defineCommand({
  name: 'run',
  usage: '<model>',
  summary: 'run a network on .npy or .pb files, say what came out and write it to .npy files',
  details: MODEL_USAGE,
  options: {
    input: {
      type: 'string',
      multiple: true,
      value: 'NAME=FILE',
      summary: 'an input, as NumPy or as ONNX keeps test data (.pb); NAME= can go where there is one, more may follow',
    },
    'output-dir': {
      type: 'string',
      value: 'DIR',
      summary: 'where the outputs go, as NAME.npy; without it they are only described',
    },
    output: { type: 'string', value: 'FILE.npy', summary: 'where the only output goes; - is stdout' },
    ...MODEL_OPTIONS,
    ...RUNNER_OPTIONS,
  },
  async run(positionals, options, output) {
    const { json, 'output-dir': folder, output: file } = options;
    const [reference, ...more] = positionals.filter((argument) => !isInput(argument));
    if (reference === undefined) throw new ArgumentError('run needs a model: a name or a file');
    if (more.length > 0) throw new ArgumentError(`run takes one model, got "${more[0]}" beside "${reference}"`);
    const tensors = readTensors(parseInputs([...options.input, ...positionals.filter(isInput)]));
    const model = await loadModel(reference, options, output, tensors);
    const inputs = bindInputs(model, tensors);
    if (folder !== undefined) makeFolder(folder);

    await withRunner(options, output, async (runner) => {
      const network = await runner.load(model.graph);
      const start = performance.now();
      const results = await network.run(inputs);
      const timeMs = performance.now() - start;
      if (file !== undefined) writeOnly(results, file, output);
      const files = folder === undefined ? undefined : writeOutputs(results, folder);
      const outputs = Object.entries(results).map(([name, tensor]) => ({
        name,
        dtype: tensor.dtype,
        shape: tensor.shape,
        ...rangeOf(tensor),
        ...(files && { file: files.get(name) }),
      }));
      const { name } = model.graph;
      // Stdout holds the array alone.
      if (file === '-') return;
      if (json) {
        const report = { model: name, backend: options.backend, adapter: runner.name, timeMs, outputs };
        output.out(`${JSON.stringify(report, null, 2)}\n`);
        return;
      }
      const rows = outputs.map(({ name, dtype, shape, file, ...range }) => [
        name,
        `${dtype} ${formatShape(shape)}`,
        rangeText(range),
        file ?? '',
      ]);
      output.out(`${columns(rows).join('\n')}\n`);
      output.out(`${name} ran in ${timeMs.toFixed(1)} ms on ${runner.name}, read-back included\n`);
    });
  },
});

interface Range {
  readonly least?: number;
  readonly greatest?: number;
  readonly greatestAt?: readonly number[];
  readonly nan?: number;
}

/** Least and greatest of the numbers, where the greatest is first, and how many are none (NaN), if any. */
function rangeOf({ data, shape }: Tensor): Range {
  let [least, greatest, notNumbers] = [-1, -1, 0];
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i])) notNumbers++;
    else {
      if (least < 0 || data[i] < data[least]) least = i;
      if (greatest < 0 || data[i] > data[greatest]) greatest = i;
    }
  }
  const nan = notNumbers > 0 ? { nan: notNumbers } : {};
  if (least < 0) return nan;
  const greatestAt = shape.map((length, axis) => Math.floor(greatest / sizeOf(shape.slice(axis + 1))) % length);
  return { least: data[least], greatest: data[greatest], greatestAt, ...nan };
}

function rangeText({ least, greatest, greatestAt, nan }: Range): string {
  const range =
    least === undefined
      ? 'no numbers'
      : `${least.toPrecision(5)} to ${greatest!.toPrecision(5)}, the greatest at ${formatShape(greatestAt!)}`;
  return nan === undefined ? range : `${range}; ${formatCount(nan)} NaN`;
}

/** @throws ArgumentError when there are several outputs */
function writeOnly(results: Tensors, file: string, output: Output): void {
  const [[, tensor], ...others] = Object.entries(results);
  if (others.length > 0) {
    throw new ArgumentError(`--output takes the only output, and there are ${others.length + 1}: take --output-dir`);
  }
  if (file === '-') output.bytes(writeNpy(tensor));
  else writeBytes(file, writeNpy(tensor));
}

/** One file per output; of a name that no file can have, what is odd becomes an underscore. @returns paths by output */
function writeOutputs(results: Tensors, folder: string): Map<string, string> {
  const taken = new Set<string>();
  const paths = new Map<string, string>();
  for (const [name, tensor] of Object.entries(results)) {
    const stem = name.replace(/[^\w.-]+/g, '_');
    let file = `${stem}.npy`;
    // Some file systems do not tell capitals apart.
    for (let i = 2; taken.has(file.toLowerCase()); i++) file = `${stem}_${i}.npy`;
    taken.add(file.toLowerCase());
    paths.set(name, join(folder, file));
    writeBytes(join(folder, file), writeNpy(tensor));
  }
  return paths;
}
