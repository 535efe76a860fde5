import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareTensors, type Tolerance } from '../compare-tensors';
import { ArgumentError, ModelFormatError, UnsupportedOperatorError } from '../errors';
import { type ImportedModel, importOnnxModel } from '../formats/onnx/import';
import { readModel, readTensorProto, type TensorProto, type ValueInfoProto } from '../formats/onnx/schema';
import { decodeTensor, type OnnxTensor, toTensor } from '../formats/onnx/tensors';
import { isOnnxType, typeInfo, typeName, typeReason } from '../formats/onnx/types';
import type { Graph } from '../graph/graph';
import type { Runner, Tensors } from '../runner';
import type { Tensor } from '../tensor';

/** For values in float32 and float16; integers and booleans must be equal. */
export const TOLERANCE = { relative: 1e-3, absolute: 1e-5 };
/**
 * Fovea does not round to bfloat16's 8 bits. Older vectors were cut off there, an error of up to 2^-7 of the value; newer
 * ones are rounded after each of up to eight steps, by up to 2^-9.
 */
const BFLOAT16_TOLERANCE = { relative: 2 ** -6, absolute: 1e-5 };
/** Operators whose results no two engines share. */
const RANDOM = /^(Bernoulli|Multinomial|Random(Normal|Uniform)(Like)?)$/;

export interface CaseResult {
  readonly test: string;
  /** The operators of its network. */
  readonly operator: string;
  readonly outcome: 'passed' | 'failed' | 'unsupported';
  /** Why it failed or is unsupported; '' when it passed. */
  readonly reason: string;
}

/** Folders of ONNX test vectors: each has a `model.onnx` and one `test_data_set_*` or more beside it. */
export function findCases(folder: string): string[] {
  if (!existsSync(folder)) throw new ArgumentError(`cannot read ${folder}: there is no such folder`);
  const isCase = (path: string): boolean => entries(path).includes('model.onnx');
  if (isCase(folder)) return [folder];
  const cases = entries(folder)
    .map((name) => join(folder, name))
    .filter(isCase);
  if (cases.length === 0) throw new ArgumentError(`no model.onnx in ${folder} or one folder below`);
  return cases;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Runs one folder of test vectors. Each data set is imported by itself, as some operators need the values of inputs
 * (a shape to reshape to, padding amounts) when the network is read.
 */
export async function runCase(folder: string, runner: Runner): Promise<CaseResult> {
  const test = basename(folder);
  let operator = '?';
  try {
    const bytes = readFileSync(join(folder, 'model.onnx'));
    const { graph } = readModel(bytes);
    const random = graph.nodes.find(({ op }) => RANDOM.test(op));
    operator = [...new Set(graph.nodes.map((node) => node.op))].join(' + ');
    const initialized = new Set(graph.initializers.map(({ name }) => name));
    const declared = { input: graph.inputs.filter(({ name }) => !initialized.has(name)), output: graph.outputs };
    checkTypes([...declared.input, ...declared.output]);
    const sets = entries(folder).filter((name) => name.startsWith('test_data_set_'));
    if (sets.length === 0) throw new ArgumentError('it has no test_data_set folder');
    for (const set of sets) {
      const inputs = readVectors(join(folder, set), 'input', declared.input);
      const values = Object.fromEntries(inputs.map((input) => [input.name, representable(input)]));
      const expected = readVectors(join(folder, set), 'output', declared.output);
      for (const output of expected) representable(output);
      const model = importOnnxModel(bytes, { values, externalData: besideModel(folder) });
      const results = await runOnce(runner, model.graph, pick(values, model.graph.inputs));
      if (random) refuse(random.name, random.op, 'its vectors were drawn at random, as no other engine draws');
      const reason = compareOutputs(model, results, expected);
      if (reason) return { test, operator, outcome: 'failed', reason: `${set}: ${reason}` };
    }
    return { test, operator, outcome: 'passed', reason: '' };
  } catch (error) {
    if (error instanceof UnsupportedOperatorError) {
      return {
        test,
        operator,
        outcome: 'unsupported',
        reason: [...new Set(error.nodes.map((n) => n.reason))].join('; '),
      };
    }
    return { test, operator, outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function refuse(node: string, operator: string, reason: string): never {
  throw new UnsupportedOperatorError([{ node, operator, reason }]);
}

/** Reads external data that lies in the model's own folder. */
export const besideModel =
  (folder: string) =>
  (location: string): Uint8Array | undefined => {
    try {
      return readFileSync(join(folder, location));
    } catch {
      return undefined;
    }
  };

/** @throws UnsupportedOperatorError for strings, sequences and other types that Fovea does not hold */
function checkTypes(values: readonly ValueInfoProto[]): void {
  const wrong = values.filter(({ elementType }) => !isOnnxType(elementType));
  if (wrong.length === 0) return;
  throw new UnsupportedOperatorError(
    wrong.map(({ name, elementType }) => ({ node: name, operator: 'value', reason: typeReason(elementType) })),
  );
}

/** The vectors of a data set in the order of the values that the network declares, under their names. */
function readVectors(folder: string, kind: 'input' | 'output', declared: readonly ValueInfoProto[]): OnnxTensor[] {
  const files = entries(folder).filter((name) => new RegExp(`^${kind}_\\d+\\.pb$`).test(name));
  return files.map((_, i) => {
    const proto = readTensorProto(readFileSync(join(folder, `${kind}_${i}.pb`)));
    const info = declared[i];
    if (!info) throw new ArgumentError(`${kind}_${i}.pb has no ${kind} of the network`);
    checkVector(proto, info);
    // NumPy has no bfloat16: older vectors hold its bits as uint16.
    const isBits = typeName(info.elementType) === 'bfloat16' && typeName(proto.dataType) === 'uint16';
    return decodeTensor({ ...proto, name: info.name, dataType: isBits ? info.elementType : proto.dataType });
  });
}

/** @throws UnsupportedOperatorError when a vector is not what the network declares, as a few of ONNX's are */
function checkVector({ dims }: TensorProto, { name, dims: declared }: ValueInfoProto): void {
  const fits =
    dims.length === declared?.length && dims.every((d, i) => typeof declared[i] !== 'number' || declared[i] === d);
  if (fits || !declared) return;
  const reason = `the vector of "${name}" has shape [${dims.join(', ')}], the network declares [${declared.join(', ')}]`;
  refuse(name, 'vector', reason);
}

/** @throws UnsupportedOperatorError when a value does not fit int32 or float32, in which Fovea holds all of them */
function representable(tensor: OnnxTensor): Tensor {
  const refuseAs = (dtype: string): never =>
    refuse(tensor.name, typeName(tensor.type), `a value of the vectors does not fit ${dtype}`);
  const isTooLarge = (v: number): boolean => Number.isFinite(v) && !Number.isFinite(Math.fround(v));
  if (typeInfo(tensor.type).dtype === 'float32' && tensor.data.some(isTooLarge)) return refuseAs('float32');
  try {
    return toTensor(tensor);
  } catch (error) {
    if (error instanceof ModelFormatError) return refuseAs('int32');
    throw error;
  }
}

function pick(values: Readonly<Record<string, Tensor>>, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

async function runOnce(runner: Runner, graph: Graph, inputs: Tensors): Promise<Tensors> {
  const network = await runner.load(graph);
  try {
    return await network.run(inputs);
  } finally {
    network.dispose();
  }
}

function compareOutputs(
  { graph, types }: ImportedModel,
  results: Tensors,
  expected: readonly OnnxTensor[],
): string | undefined {
  if (expected.length !== graph.outputs.length) {
    return `${expected.length} expected outputs for ${graph.outputs.length} outputs of the network`;
  }
  for (const [i, name] of graph.outputs.entries()) {
    const type = types.get(name);
    if (type !== expected[i].type) {
      return `output "${name}" is ${type === undefined ? 'untyped' : typeName(type)}, expected ${typeName(expected[i].type)}`;
    }
    const actual = results[name];
    if (!actual) return `output "${name}" was not returned`;
    const { mismatch } = compareTensors(actual, expected[i], toleranceOf(expected[i]));
    if (mismatch) return `output "${name}" ${mismatch}`;
  }
  return undefined;
}

/** By the tolerance of ONNX's own tests; integers and booleans exactly. */
export const toleranceOf = ({ type }: OnnxTensor): Tolerance =>
  typeInfo(type).dtype !== 'float32' ? {} : typeName(type) === 'bfloat16' ? BFLOAT16_TOLERANCE : TOLERANCE;

/** A few lines for people: counts, then failures one by one, then what is unsupported by operator and reason. */
export function formatReport(results: readonly CaseResult[], backend: string): string {
  const of = (outcome: CaseResult['outcome']): CaseResult[] => results.filter((r) => r.outcome === outcome);
  const [passed, failed, unsupported] = [of('passed'), of('failed'), of('unsupported')];
  const groups = new Map<string, string[]>();
  for (const { operator, reason, test } of unsupported) {
    const key = `${operator}: ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  return [
    `${backend}: ${passed.length} passed, ${failed.length} failed, ${unsupported.length} unsupported, of ${results.length}`,
    `tolerance: relative ${TOLERANCE.relative}, absolute ${TOLERANCE.absolute}; integers and booleans exact`,
    ...failed.map(({ test, operator, reason }) => `failed       ${test} (${operator}): ${reason}`),
    ...[...groups].map(([key, tests]) => `unsupported  ${key} (${tests.length}: ${tests.join(', ')})`),
  ].join('\n');
}
