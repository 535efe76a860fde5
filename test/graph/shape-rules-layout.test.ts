import { bool, float, int, rulesOf } from './rules-of';

rulesOf('softmax', ({ gives, refuses }) => {
  gives([float(2, 5)], { axis: 1, log: false }, float(2, 5));
  refuses([float(2, 5)], { axis: -1, log: false }, 'axis -1 is outside 0..1');
  refuses([int(2, 5)], { axis: 0, log: true }, 'softmax takes float32, got int32');
});

rulesOf('argmax', ({ gives, refuses }) => {
  const last = { fn: 'argmax', axis: 1, keepDims: false, selectLast: false } as const;
  gives([float(2, 5, 3)], last, int(2, 3));
  gives([int(2, 5)], { ...last, keepDims: true }, int(2, 1));
  refuses([float(2, 5)], { ...last, axis: 2 }, 'axis 2 is outside 0..1');
  refuses([float(2, 0)], last, 'axis 1 of [2, 0] is empty');
});

rulesOf('top-k', ({ gives, refuses }) => {
  const best = { k: 3, axis: 1, largest: true };
  gives([float(2, 5)], best, float(2, 3), int(2, 3));
  gives([int(2, 5)], { ...best, k: 0 }, int(2, 0), int(2, 0));
  refuses([float(5)], best, 'axis 1 is outside 0..0');
  refuses([float(2, 5)], { ...best, k: 6 }, 'k must be 0 to 5, the length of axis 1 of [2, 5], got 6');
  refuses([float(2, 5)], { ...best, k: 1.5 }, 'k must be 0 to 5, the length of axis 1 of [2, 5], got 1.5');
});

rulesOf('scatter', ({ gives, refuses }) => {
  const none = { reduction: 'none' } as const;
  gives([float(5, 3), int(2), float(2, 3)], none, float(5, 3));
  gives([int(5), int(0), int(0)], { reduction: 'max' }, int(5));
  refuses([float(5, 3), float(2), float(2, 3)], none, 'indices must be int32, got float32');
  refuses([float(5, 3), int(2, 1), float(2, 3)], none, 'indices must have rank 1, got [2, 1]');
  refuses([float(5, 3), int(2), int(2, 3)], none, 'updates must be float32, got int32');
  refuses([float(5, 3), int(2), float(2, 4)], none, 'updates must be [2, 3], got [2, 4]');
});

rulesOf('reduce', ({ gives, refuses }) => {
  gives([float(2, 5, 3)], { fn: 'mean', axes: [2, 0], keepDims: false }, float(5));
  gives([float(2, 5, 3)], { fn: 'sum', axes: [1], keepDims: true }, float(2, 1, 3));
  gives([int(2, 5)], { fn: 'max', axes: [0, 1], keepDims: false }, int());
  gives([float(2, 5)], { fn: 'l2', axes: [], keepDims: true }, float(2, 5));
  refuses([float(2, 5)], { fn: 'sum', axes: [0, 2], keepDims: true }, 'axis 2 is outside 0..1');
  refuses([float(2, 5)], { fn: 'sum', axes: [0.5], keepDims: true }, 'axis 0.5 is outside 0..1');
  refuses([float(2, 5)], { fn: 'sum', axes: [1, 1], keepDims: true }, 'axes [1, 1] repeat');
});

rulesOf('concat', ({ gives, refuses }) => {
  gives([float(2, 3), float(2, 1), float(2, 4)], { axis: 1 }, float(2, 8));
  gives([int(2)], { axis: 0 }, int(2));
  refuses([float(2, 3), float(2, 3)], { axis: 2 }, 'axis 2 is outside 0..1');
  refuses([float(2, 3), int(2, 3)], { axis: 0 }, 'inputs must have one type, got float32 and int32');
  refuses([float(2, 3), float(4, 5)], { axis: 0 }, 'inputs [2, 3] [4, 5] differ outside axis 0');
  refuses([float(2, 3, 4), float(2, 3)], { axis: 2 }, 'inputs [2, 3, 4] [2, 3] differ outside axis 2');
  refuses([], { axis: 0 }, 'concat takes 1 or more inputs, got 0');
});

rulesOf('split', ({ gives, refuses }) => {
  gives([float(2, 7)], { axis: 1, sizes: [3, 0, 4] }, float(2, 3), float(2, 0), float(2, 4));
  refuses([float(2, 7)], { axis: 2, sizes: [7] }, 'axis 2 is outside 0..1');
  refuses([float(2, 7)], { axis: 1, sizes: [3, 3] }, 'sizes [3, 3] must add up to 7');
  refuses(
    [float(2, 7)],
    { axis: 1, sizes: [8, -1] },
    'shape [2, -1] has a dimension that is not a non-negative integer',
  );
});

rulesOf('slice', ({ gives, refuses }) => {
  gives([float(5, 8)], { starts: [0, 1], steps: [1, 3], sizes: [5, 3] }, float(5, 3));
  gives([int(5)], { starts: [4], steps: [-2], sizes: [3] }, int(3));
  gives([float(5)], { starts: [9], steps: [1], sizes: [0] }, float(0));
  const whole = { starts: [0, 0], steps: [1, 1], sizes: [5, 8] };
  refuses([float(5, 8)], { ...whole, starts: [0] }, 'slice needs one entry per axis of [5, 8], got [0]');
  refuses([float(5, 8)], { ...whole, steps: [1] }, 'slice needs one entry per axis of [5, 8], got [1]');
  refuses([float(5, 8)], { ...whole, sizes: [5] }, 'slice needs one entry per axis of [5, 8], got [5]');
  refuses([float(5, 8)], { ...whole, steps: [1, 0] }, 'slice step must not be 0');
  refuses([float(5, 8)], { ...whole, starts: [0, 0.5] }, 'slice leaves axis 1 of [5, 8]');
  refuses([float(5, 8)], { ...whole, starts: [1, 0] }, 'slice leaves axis 0 of [5, 8]');
  refuses([float(5, 8)], { ...whole, steps: [1, -1] }, 'slice leaves axis 1 of [5, 8]');
});

rulesOf('pad', ({ gives, refuses }) => {
  const margins = { mode: 'constant', before: [1, -2], after: [0, 4], value: 0 } as const;
  gives([float(3, 5)], margins, float(4, 7));
  gives([float(3, 5)], { ...margins, mode: 'edge' }, float(4, 7));
  gives([float(0, 5)], { ...margins, before: [0, 0], mode: 'edge' }, float(0, 9));
  refuses([float(3)], margins, 'pad needs one entry per axis of [3], got [1, -2]');
  refuses([float(3, 5)], { ...margins, after: [0] }, 'pad needs one entry per axis of [3, 5], got [0]');
  refuses([float(3, 5)], { ...margins, before: [-4, 0] }, 'pad crops [3, 5] below zero');
  refuses(
    [float(0, 5)],
    { ...margins, mode: 'wrap' },
    'wrap padding has nothing to repeat along an empty axis of [0, 5]',
  );
  refuses([float(3, 4)], { ...margins, mode: 'reflect' }, 'reflect padding [1, -2] [0, 4] must be smaller than [3, 4]');
});

rulesOf('transpose', ({ gives, refuses }) => {
  gives([float(2, 3, 4)], { permutation: [2, 0, 1] }, float(4, 2, 3));
  refuses([float(2, 3)], { permutation: [0, 0] }, '[0, 0] is not a permutation of the axes of [2, 3]');
  refuses([float(2, 3)], { permutation: [0] }, '[0] is not a permutation of the axes of [2, 3]');
});

rulesOf('reshape', ({ gives, refuses }) => {
  gives([bool(2, 6)], { shape: [3, 4] }, bool(3, 4));
  gives([float(1)], { shape: [] }, float());
  refuses([float(2, 6)], { shape: [5, 2] }, 'cannot reshape [2, 6] to [5, 2]');
  refuses([float(2, 6)], { shape: [-3, -4] }, 'shape [-3, -4] has a dimension that is not a non-negative integer');
});

rulesOf('expand', ({ gives, refuses }) => {
  gives([int(3, 1)], { shape: [2, 3, 4] }, int(2, 3, 4));
  refuses([float(3, 2)], { shape: [3, 1] }, 'cannot expand [3, 2] to [3, 1]');
  refuses([float(3)], { shape: [4] }, 'shapes [3] and [4] do not broadcast');
  refuses([float(1)], { shape: [-1] }, 'shape [-1] has a dimension that is not a non-negative integer');
});

rulesOf('tile', ({ gives, refuses }) => {
  gives([float(2, 3)], { repeats: [1, 4] }, float(2, 12));
  refuses([float(2, 3)], { repeats: [2] }, 'tile needs one entry per axis of [2, 3], got [2]');
  refuses([float(2)], { repeats: [-1] }, 'shape [-2] has a dimension that is not a non-negative integer');
});

rulesOf('gather', ({ gives, refuses }) => {
  gives([float(2, 5, 3), int(4, 6)], { axis: 1 }, float(2, 4, 6, 3));
  gives([bool(2, 5), int()], { axis: 0 }, bool(5));
  refuses([float(2), int(1)], { axis: 1 }, 'axis 1 is outside 0..0');
  refuses([float(2), float(1)], { axis: 0 }, 'indices must be int32, got float32');
});

rulesOf('depth-to-space', ({ gives, refuses }) => {
  gives([float(2, 12, 3, 5)], { blockSize: 2, mode: 'dcr' }, float(2, 3, 6, 10));
  refuses([float(12, 3)], { blockSize: 2, mode: 'dcr' }, 'input must have rank 4, got [12, 3]');
  refuses([float(1, 4, 1, 1)], { blockSize: 0, mode: 'crd' }, 'block size must be positive integers, got [0]');
  refuses([float(1, 6, 1, 1)], { blockSize: 2, mode: 'crd' }, 'channels 6 must be a multiple of block size² 4');
});

rulesOf('space-to-depth', ({ gives, refuses }) => {
  gives([float(2, 3, 6, 10)], { blockSize: 2 }, float(2, 12, 3, 5));
  refuses([float(6, 10)], { blockSize: 2 }, 'input must have rank 4, got [6, 10]');
  refuses([float(1, 1, 4, 4)], { blockSize: -2 }, 'block size must be positive integers, got [-2]');
  refuses([float(1, 3, 6, 9)], { blockSize: 2 }, 'height 6 and width 9 must be multiples of block size 2');
});

rulesOf('cast', ({ gives, refuses }) => {
  gives([float(2, 3)], { to: 'int32' }, int(2, 3));
  gives([int(2)], { to: 'bool' }, bool(2));
  refuses([int(2), int(2)], { to: 'bool' }, 'cast takes 1 input, got 2');
});

rulesOf('ssd-decode', ({ gives, refuses }) => {
  const standard = { variances: [0.1, 0.2], clip: true } as const;
  gives([float(2, 9, 4), float(9, 4)], standard, float(2, 9, 4));
  refuses([float(9, 4), float(9, 4)], standard, 'offsets must have rank 3, got [9, 4]');
  refuses([float(2, 9, 5), float(9, 5)], standard, 'a box must have shape [4], got [5]');
  refuses([float(2, 9, 4), float(8, 4)], standard, 'default boxes [8, 4] must match offsets [2, 9, 4]');
});

rulesOf('non-maximum-suppression', ({ gives, refuses }) => {
  const standard = {
    scoreLayout: 'class-first',
    boxFormat: 'corners',
    iouThreshold: 0.5,
    scoreThreshold: 0.1,
    maxPerClass: 10,
    firstClass: 0,
  } as const;
  const boxes = float(2, 50, 4);
  gives([boxes, float(2, 3, 50)], standard, int(60, 3), float(60, 6), int(1));
  gives([boxes, float(2, 3, 50)], { ...standard, firstClass: 1 }, int(40, 3), float(40, 6), int(1));
  gives([boxes, float(2, 3, 50)], { ...standard, maxPerClass: 99 }, int(300, 3), float(300, 6), int(1));
  gives([boxes, float(2, 50, 3)], { ...standard, scoreLayout: 'box-first' }, int(60, 3), float(60, 6), int(1));
  refuses([float(50, 4), float(2, 3, 50)], standard, 'boxes must have rank 3, got [50, 4]');
  refuses([boxes, float(3, 50)], standard, 'scores must have rank 3, got [3, 50]');
  refuses([float(2, 50, 5), float(2, 3, 50)], standard, 'boxes must have 4 coordinates, got [2, 50, 5]');
  refuses([boxes, float(2, 50, 3)], standard, 'scores [2, 50, 3] must match boxes [2, 50, 4]');
  refuses([boxes, float(1, 3, 50)], standard, 'scores [1, 3, 50] must match boxes [2, 50, 4]');
  refuses(
    [boxes, float(2, 3, 50)],
    { ...standard, maxPerClass: -1 },
    'shape [-6, 3] has a dimension that is not a non-negative integer',
  );
  gives([boxes, float(2, 1, 50), int(2, 50)], standard, int(20, 3), float(20, 6), int(1));
  refuses(
    [boxes, float(2, 3, 50), int(2, 50)],
    standard,
    'scores [2, 3, 50] must be one for each box that has its class',
  );
  refuses([boxes, float(2, 1, 50), int(1, 50)], standard, 'classes [1, 50] must match boxes [2, 50, 4]');
  refuses([boxes, float(2, 1, 50), float(2, 50)], standard, 'classes must be int32, got float32');
  refuses([boxes, int(2, 1, 50)], standard, 'boxes and scores must be float32, got float32 and int32');
});
