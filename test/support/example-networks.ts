import { FLOAT, type ModelSpec, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';

/** Small networks of every kind that README's examples load: they give the same answer, whatever the picture. */

const numbers = (name: string, dims: readonly number[], floats: readonly number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims,
  floats,
});

/** Gives constants, and reads the picture without minding it. */
function constants(outputs: Readonly<Record<string, TensorSpec>>, more: Partial<ModelSpec> = {}): Uint8Array {
  const nodes: NodeSpec[] = [
    { op: 'ReduceMax', inputs: ['images'], outputs: ['most'], attributes: { keepdims: 0 } },
    { op: 'Mul', inputs: ['most', 'zero'], outputs: ['nothing'] },
    ...Object.entries(outputs).map(([name, { name: value = '' }]) => ({
      op: 'Add',
      inputs: [value, 'nothing'],
      outputs: [name],
    })),
  ];
  const initializers = [numbers('zero', [], [0]), ...Object.values(outputs)];
  return onnxFile({
    inputs: [{ name: 'images', dims: [1, 3, 64, 64] }],
    outputs: Object.keys(outputs),
    initializers,
    nodes,
    ...more,
  });
}

/** As many boxes as YOLO has for a picture of 64 × 64. */
const BOXES = 84;
/** The logit of what is not there. */
const ABSENT = -20;

/** Rows of numbers that are the same for every box, but for the scores: only box 30 holds anything. */
const rows = (box: readonly number[], scores: readonly number[], more: readonly number[]): number[] => [
  ...box.flatMap((value) => new Array<number>(BOXES).fill(value)),
  ...scores.flatMap((score) => Array.from({ length: BOXES }, (_, b) => (b === 30 ? score : ABSENT))),
  ...more.flatMap((value) => new Array<number>(BOXES).fill(value)),
];

const metadata = (task: string, names: string, more = {}) => ({ names, imgsz: '[64, 64]', task, ...more });

const square = (at: (x: number, y: number) => number): number[] =>
  Array.from({ length: 64 * 64 }, (_, i) => at(i % 64, Math.floor(i / 64)));

/** By the names that README gives them. */
export const EXAMPLE_NETWORKS: Readonly<Record<string, () => Uint8Array>> = {
  'yolo11n.onnx': () =>
    constants(
      { output0: numbers('rows', [1, 6, BOXES], rows([32, 32, 32, 16], [ABSENT, 3], [])) },
      { metadata: metadata('detect', "{0: 'cat', 1: 'dog'}") },
    ),
  'yolo11n-pose.onnx': () => {
    const points = Array.from({ length: 17 }, (_, k) => [16 + k, 32, 0.9]).flat();
    const values = rows([32, 32, 32, 16], [3], points);
    return constants(
      { output0: numbers('rows', [1, 56, BOXES], values) },
      { metadata: metadata('pose', "{0: 'person'}", { kpt_shape: '[17, 3]' }) },
    );
  },
  'yolo11n-seg.onnx': () => {
    const halves = [1, -1].flatMap((sign) => Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? sign : -sign)));
    return constants(
      {
        output0: numbers('rows', [1, 8, BOXES], rows([32, 32, 32, 16], [ABSENT, 3], [2, 1])),
        output1: numbers('prototypes', [1, 2, 16, 16], halves),
      },
      { metadata: metadata('segment', "{0: 'cat', 1: 'dog'}") },
    );
  },
  'depth-anything-v2-small.onnx': () =>
    constants({
      predicted_depth: numbers(
        'slope',
        [1, 64, 64],
        square((x) => x),
      ),
    }),
  'modnet.onnx': () =>
    constants({
      matte: numbers(
        'likely',
        [1, 1, 64, 64],
        square((x) => (x < 32 ? 60 : -60)),
      ),
    }),
  'real-esrgan.onnx': () =>
    onnxFile({
      inputs: [{ name: 'x', dims: [1, 3, 32, 32] }],
      outputs: ['y'],
      initializers: [numbers('scales', [4], [1, 1, 2, 2])],
      nodes: [
        {
          op: 'Resize',
          inputs: ['x', '', 'scales'],
          outputs: ['y'],
          attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
        },
      ],
    }),
  'dinov2-small.onnx': () => constants({ pooler_output: numbers('vector', [1, 4], [1, 2, 2, 4]) }),
};
