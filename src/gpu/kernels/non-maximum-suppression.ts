import emitWgsl from '../../../shaders/non-maximum-suppression-emit.wgsl?raw';
import scanWgsl from '../../../shaders/non-maximum-suppression-scan.wgsl?raw';
import selectWgsl from '../../../shaders/non-maximum-suppression-select.wgsl?raw';
import sortWgsl from '../../../shaders/non-maximum-suppression-sort.wgsl?raw';
import { type Candidate, grid1d, type Operand, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';

const sort = defineShader('non-maximum-suppression-sort', sortWgsl);
const select = defineShader('non-maximum-suppression-select', selectWgsl);
const scan = defineShader('non-maximum-suppression-scan', scanWgsl);
const emit = defineShader('non-maximum-suppression-emit', emitWgsl);

const WORKGROUP = 64;

/** Invocations of a class, and how many boxes they sort; with more left, a slower pass takes over. */
interface Sorting {
  readonly size: number;
  readonly capacity: number;
}

/**
 * More invocations test more overlaps at once. A software adapter pays for each of them at every barrier, and SwiftShader
 * clears workgroup memory number by number, in code that takes a second to compile for 1,024 boxes.
 */
const SORTINGS = {
  gpu: [
    { size: 256, capacity: 1024 },
    { size: 64, capacity: 1024 },
  ],
  software: [
    { size: 64, capacity: 256 },
    { size: 256, capacity: 1024 },
  ],
} as const satisfies Record<string, readonly Sorting[]>;

/**
 * Non-maximum suppression without a read-back: each class of each image is sorted and thinned by a workgroup of its
 * own, and what is left is packed into rows. Classes with too many boxes to sort take a slower pass.
 */
export const nonMaximumSuppression: OperatorKernels<'non-maximum-suppression'> = {
  layouts: () => ({ inputs: ['linear', 'linear'], outputs: ['linear', 'linear', 'linear'] }),
  candidates: ({ node, inputs: [boxes, scores], outputs: [indices, detections, count], device }) => {
    const { scoreLayout, boxFormat, iouThreshold, scoreThreshold, maxPerClass, firstClass } = node.attributes;
    const [batch, boxCount] = boxes.shape;
    const [classAxis, boxAxis] = scoreLayout === 'class-first' ? [1, 2] : [2, 1];
    const classCount = scores.shape[classAxis] - firstClass;
    const slots = batch * classCount;
    const rows = indices.shape[0];
    const scratch = (name: string, words: number): Operand => ({ kind: 'scratch', name, sizeBytes: words * 4 });
    const kept = scratch('kept', rows);
    const keptCounts = scratch('kept_counts', slots);
    const starts = scratch('starts', slots + 1);

    const inputs = { boxes: tensor(boxes), scores: tensor(scores) };
    const places = {
      boxes: boxes.offset / 4,
      scores: scores.offset,
      image_step: scores.strides[0],
      class_step: scores.strides[classAxis],
      box_step: scores.strides[boxAxis],
      box_count: boxCount,
      class_count: classCount,
      first_class: firstClass,
      slots,
      max_per_class: Math.min(maxPerClass, boxCount),
    };
    const thinning = { ...places, score_threshold: scoreThreshold, iou_threshold: iouThreshold };
    const CENTER = Number(boxFormat === 'center');

    return SORTINGS[device.software ? 'software' : 'gpu'].map(
      ({ size, capacity }: Sorting): Candidate => ({
        kernel: 'non-maximum-suppression',
        setting: `${size} per class`,
        dispatches: [
          {
            shader: sort,
            constants: { CENTER, WORKGROUP: size, CAPACITY: capacity },
            bind: { ...inputs, kept, kept_counts: keptCounts },
            params: thinning,
            workgroups: grid1d(slots, 1, device),
          },
          ...(boxCount <= capacity
            ? []
            : [
                {
                  shader: select,
                  constants: { CENTER, WORKGROUP: size },
                  bind: { ...inputs, keys: scratch('keys', slots * boxCount), kept, kept_counts: keptCounts },
                  params: thinning,
                  workgroups: grid1d(slots, 1, device),
                },
              ]),
          {
            shader: scan,
            constants: { WORKGROUP },
            bind: { kept_counts: keptCounts, starts, count: tensor(count) },
            params: { slots, count_offset: count.offset },
            workgroups: [1, 1, 1],
          },
          {
            shader: emit,
            constants: { CENTER, WORKGROUP },
            bind: { ...inputs, kept, starts, indices: tensor(indices), detections: tensor(detections) },
            params: { ...places, indices: indices.offset, detections: detections.offset, rows },
            workgroups: grid1d(rows, WORKGROUP, device),
          },
        ],
      }),
    );
  },
};
