import emitWgsl from '../../../shaders/non-maximum-suppression-emit.wgsl?raw';
import greedyWgsl from '../../../shaders/non-maximum-suppression-greedy.wgsl?raw';
import { grid1d } from '../grid';
import { allLinear, type Candidate, dispatch, type OperatorKernels, scratch } from '../kernel';
import { defineShader } from '../shader';

const greedy = defineShader('non-maximum-suppression-greedy', greedyWgsl);
const emit = defineShader('non-maximum-suppression-emit', emitWgsl);

/**
 * Non-maximum suppression without a read-back: each class of each image, or an image whose boxes have one class
 * each, is sorted and thinned by a workgroup of its own, and what is left is packed into rows.
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
    const max_per_class = Math.min(maxPerClass, boxCount);
    const kept = scratch('kept', 4 * slots * (max_per_class + 1));

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
      max_per_class,
    };
    const constants = { CENTER: boxFormat === 'center', CLASSES: node.inputs.length === 3 };
    const packed = dispatch(emit, {
      grid: { workgroups: grid1d(Math.max(1, slots), 1, device), constants: { WORKGROUP: 64 } },
      constants,
      bind: { ...inputs, kept, indices, detections, count },
      params: { ...places, indices: indices.offset, detections: detections.offset, count: count.offset, rows },
    });
    return device.profile.suppression.map(({ size, capacity, staged }): Candidate => {
      const thinned = dispatch(greedy, {
        grid: {
          workgroups: grid1d(slots, 1, device),
          constants: { WORKGROUP: size, CAPACITY: capacity, STAGED: staged ? capacity : 1 },
        },
        constants,
        bind: { ...inputs, kept },
        params: { ...places, score_threshold: scoreThreshold, iou_threshold: iouThreshold },
      });
      return {
        kernel: 'non-maximum-suppression',
        setting: `${size} per ${constants.CLASSES ? 'image' : 'class'}`,
        dispatches: [thinned, packed],
      };
    });
  },
};
