import emitWgsl from '../../../shaders/non-maximum-suppression-emit.wgsl?raw';
import scanWgsl from '../../../shaders/non-maximum-suppression-scan.wgsl?raw';
import selectWgsl from '../../../shaders/non-maximum-suppression-select.wgsl?raw';
import sortWgsl from '../../../shaders/non-maximum-suppression-sort.wgsl?raw';
import { grid1d, linearGrid } from '../grid';
import { allLinear, type Candidate, dispatch, type Operand, type OperatorKernels, scratch } from '../kernel';
import { defineShader } from '../shader';

const sort = defineShader('non-maximum-suppression-sort', sortWgsl);
const select = defineShader('non-maximum-suppression-select', selectWgsl);
const scan = defineShader('non-maximum-suppression-scan', scanWgsl);
const emit = defineShader('non-maximum-suppression-emit', emitWgsl);

/** Boxes that a workgroup sorts in the 16 KiB that every device has. */
const MOST_SORTED = 1024;

/**
 * Non-maximum suppression without a read-back: each class of each image, or an image whose boxes have one class
 * each, is sorted and thinned by a workgroup of its own, and what is left is packed into rows. Classes with too many boxes to sort take a slower pass.
 */
export const nonMaximumSuppression: OperatorKernels<'non-maximum-suppression'> = {
  layouts: allLinear,
  candidates: ({ node, inputs: [boxes, scores, classes = boxes], outputs: [indices, detections, count], device }) => {
    const { scoreLayout, boxFormat, iouThreshold, scoreThreshold, maxPerClass, firstClass } = node.attributes;
    const [batch, boxCount] = boxes.shape;
    const [classAxis, boxAxis] = scoreLayout === 'class-first' ? [1, 2] : [2, 1];
    const classCount = scores.shape[classAxis] - firstClass;
    const slots = batch * classCount;
    const rows = indices.shape[0];
    const words = (name: string, count: number): Operand => scratch(name, 4 * count);
    const kept = words('kept', rows);
    const kept_counts = words('kept_counts', slots);
    const starts = words('starts', slots + 1);

    // Without classes a shader looks into no third input, but has to be given one.
    const inputs = { boxes, scores, classes };
    const places = {
      boxes: boxes.offset / 4,
      scores: scores.offset,
      image_step: scores.strides[0],
      class_step: scores.strides[classAxis],
      box_step: scores.strides[boxAxis],
      box_count: boxCount,
      classes: classes.offset,
      class_count: classCount,
      first_class: firstClass,
      slots,
      max_per_class: Math.min(maxPerClass, boxCount),
    };
    const constants = { CENTER: boxFormat === 'center', CLASSES: node.inputs.length === 3 };
    const thinning = {
      grid: { workgroups: grid1d(slots, 1, device) },
      params: { ...places, score_threshold: scoreThreshold, iou_threshold: iouThreshold },
    };
    const packing = [
      dispatch(scan, {
        grid: { workgroups: [1, 1, 1], constants: { WORKGROUP: 64 } },
        bind: { kept_counts, starts, count },
        params: { slots, count_offset: count.offset },
      }),
      dispatch(emit, {
        grid: linearGrid(rows, device),
        constants,
        bind: { ...inputs, kept, starts, indices, detections },
        params: { ...places, indices: indices.offset, detections: detections.offset, rows },
      }),
    ];
    return device.profile.suppression.map(({ size, capacity: usual }): Candidate => {
      // All classes of an image in one workgroup are worth its whole memory.
      const capacity = constants.CLASSES ? MOST_SORTED : usual;
      const workgroup = { ...constants, WORKGROUP: size };
      const sorted = dispatch(sort, {
        ...thinning,
        constants: { ...workgroup, CAPACITY: capacity },
        bind: { ...inputs, kept, kept_counts },
      });
      const selected = dispatch(select, {
        ...thinning,
        constants: workgroup,
        bind: { ...inputs, keys: words('keys', slots * boxCount), kept, kept_counts },
      });
      return {
        kernel: 'non-maximum-suppression',
        setting: `${size} per ${constants.CLASSES ? 'image' : 'class'}`,
        dispatches: [sorted, ...(boxCount > capacity ? [selected] : []), ...packing],
      };
    });
  },
};
