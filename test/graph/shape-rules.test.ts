import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { inferOutputs } from '../../src/operators';
import { type Activation, NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import { windowOutput } from '../../src/operators/window';
import { bool, float, int, rulesOf } from './rules-of';

const plain = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
const added = { ...plain, residual: 'before-activation' } as const;
const x = float(1, 4, 8, 8);

describe('windowOutput', () => {
  it('counts whole steps of a window over the padded length', () => {
    expect(windowOutput(7, 3, 2, 1, 1, 1)).toBe(4);
    expect(windowOutput(8, 3, 2, 1, 0, 0)).toBe(3);
    expect(windowOutput(8, 3, 1, 3, 0, 0)).toBe(2);
  });
  it('rounds up in ceil mode', () => expect(windowOutput(8, 3, 2, 1, 0, 0, true)).toBe(4));
  it('drops a window that ceil mode would start behind the picture', () => {
    expect(windowOutput(5, 2, 3, 1, 1, 1, true)).toBe(2);
    expect(windowOutput(6, 2, 3, 1, 1, 1, true)).toBe(3);
  });
});

rulesOf('conv2d', ({ gives, refuses }) => {
  const w = float(6, 4, 3, 3);
  const b = float(6);
  gives([x, w, b], plain, float(1, 6, 6, 6));
  gives([x, w, b], { ...plain, stride: [2, 3], padding: [1, 0, 2, 1] }, float(1, 6, 5, 3));
  gives([x, w, b], { ...plain, dilation: [3, 2] }, float(1, 6, 2, 4));
  gives([x, float(6, 2, 1, 1), b], { ...plain, groups: 2 }, float(1, 6, 8, 8));
  gives([x, w, b, float(1, 6, 6, 6)], added, float(1, 6, 6, 6));
  gives([x, w, b, float(1, 6, 3, 2)], added, float(1, 6, 6, 6));
  refuses([float(4, 8, 8), w, b], plain, 'input must have rank 4, got [4, 8, 8]');
  refuses([x, float(6, 4, 3), b], plain, 'weight must have rank 4, got [6, 4, 3]');
  refuses([x, w, b], { ...plain, groups: 0 }, 'groups must be positive integers, got [0]');
  refuses([x, w, b], { ...plain, groups: 2 }, 'input channels 4 must match weight channels 4 × groups 2');
  refuses(
    [x, float(5, 2, 1, 1), float(5)],
    { ...plain, groups: 2 },
    'output channels 5 must be a multiple of groups 2',
  );
  refuses([x, float(6, 4, 0, 3), b], plain, 'kernel must be positive integers, got [0, 3]');
  refuses([x, w, b], { ...plain, stride: [0, 1] }, 'stride must be positive integers, got [0, 1]');
  refuses([x, w, b], { ...plain, dilation: [1, 1.5] }, 'dilation must be positive integers, got [1, 1.5]');
  refuses([x, w, b], { ...plain, padding: [0, -1, 0, 0] }, 'padding must be non-negative integers, got [0, -1, 0, 0]');
  refuses(
    [x, w, b],
    { ...plain, dilation: [1, 4] },
    'kernel [3, 3] with dilation [1, 4] does not fit into [1, 4, 8, 8] with padding [0, 0, 0, 0]',
  );
  refuses([x, w, float(4)], plain, 'bias must have shape [6], got [4]');
  const gelu = { fn: 'gelu', alpha: 0, beta: 0 } as unknown as Activation;
  refuses([x, w, b], { ...plain, activation: gelu }, 'activation gelu cannot be fused');
  refuses([x, w, b], added, "residual is 'before-activation' but there are 3 inputs");
  refuses([x, w, b, float(1, 6, 6, 6)], plain, "residual is 'none' but there are 4 inputs");
  const fitting = "must have the output's shape [1, 6, 6, 6], or a whole fraction of its height and width";
  refuses([x, w, b, float(1, 6, 4, 6)], added, `residual [1, 6, 4, 6] ${fitting}`);
  refuses([x, w, b, float(1, 3, 6, 6)], added, `residual [1, 3, 6, 6] ${fitting}`);
  refuses([x, w], plain, 'conv2d takes 3 to 4 inputs, got 2');
  refuses([int(1, 4, 8, 8), w, b], plain, 'conv2d takes float32, got int32');
});

rulesOf('conv-transpose2d', ({ gives, refuses }) => {
  const w = float(4, 3, 2, 3);
  const b = float(3);
  const transposed = { ...plain, outputPadding: [0, 0] } as const;
  gives([x, w, b], transposed, float(1, 3, 9, 10));
  gives([x, w, b], { ...transposed, stride: [2, 3], outputPadding: [1, 2] }, float(1, 3, 17, 26));
  gives([x, w, b], { ...transposed, dilation: [2, 2], padding: [1, 0, 0, 2] }, float(1, 3, 9, 10));
  gives([x, w, float(6)], { ...transposed, groups: 2 }, float(1, 6, 9, 10));
  refuses([float(8, 8), w, b], transposed, 'input must have rank 4, got [8, 8]');
  refuses([x, float(4, 3, 2), b], transposed, 'weight must have rank 4, got [4, 3, 2]');
  refuses([x, w, b], { ...transposed, stride: [1, 0] }, 'stride must be positive integers, got [1, 0]');
  refuses([x, w, b], { ...transposed, dilation: [-1, 1] }, 'dilation must be positive integers, got [-1, 1]');
  refuses(
    [x, w, b],
    { ...transposed, padding: [0, 0, 0, 0.5] },
    'padding must be non-negative integers, got [0, 0, 0, 0.5]',
  );
  refuses(
    [x, w, b],
    { ...transposed, outputPadding: [-1, 0] },
    'output padding must be non-negative integers, got [-1, 0]',
  );
  refuses([x, w, b], { ...transposed, groups: -1 }, 'groups must be positive integers, got [-1]');
  refuses([x, float(5, 3, 2, 2), b], transposed, 'input channels 4 must match weight channels 5');
  refuses([x, w, b], { ...transposed, groups: 3 }, 'input channels 4 must be a multiple of groups 3');
  refuses([x, w, b], { ...transposed, padding: [5, 0, 5, 0] }, 'output size must be positive integers, got [-1, 10]');
  refuses([x, w, float(4)], transposed, 'bias must have shape [3], got [4]');
});

rulesOf('dense', ({ gives, refuses }) => {
  gives([float(2, 3, 5), float(7, 5), float(7)], NO_EPILOGUE, float(2, 3, 7));
  gives([float(5), float(7, 5), float(7)], NO_EPILOGUE, float(7));
  const after = { activation: NO_ACTIVATION, residual: 'after-activation' } as const;
  gives([float(2, 5), float(7, 5), float(7), float(2, 7)], after, float(2, 7));
  refuses([float(), float(7, 5), float(7)], NO_EPILOGUE, 'input must have rank 1 or more');
  refuses([float(5), float(5), float(7)], NO_EPILOGUE, 'weight must have rank 2, got [5]');
  refuses([float(2, 4), float(7, 5), float(7)], NO_EPILOGUE, 'input features 4 must match weight features 5');
  refuses([float(2, 5), float(7, 5), float(1)], NO_EPILOGUE, 'bias must have shape [7], got [1]');
});

rulesOf('matmul', ({ gives, refuses }) => {
  gives([float(3, 4), float(4, 5)], {}, float(3, 5));
  gives([float(2, 1, 3, 4), float(6, 4, 5)], {}, float(2, 6, 3, 5));
  refuses([float(4), float(4, 5)], {}, 'matrices must have rank 2 or more, got [4] and [4, 5]');
  refuses([float(3, 4), float(3, 5)], {}, 'inner dimensions must match, got [3, 4] and [3, 5]');
  refuses([float(2, 3, 4), float(3, 4, 5)], {}, 'shapes [2] and [3] do not broadcast');
  refuses([float(3, 4)], {}, 'matmul takes 2 inputs, got 1');
});

rulesOf('attention', ({ gives, refuses }) => {
  const scaled = { scale: 0.5 };
  gives([float(5, 4), float(7, 4), float(7, 3)], scaled, float(5, 3));
  gives([float(2, 3, 5, 4), float(1, 7, 4), float(3, 7, 6)], scaled, float(2, 3, 5, 6));
  gives([float(2, 5, 4), float(2, 7, 4), float(2, 7, 4), float(5, 1)], scaled, float(2, 5, 4));
  const [q, k, v] = [float(2, 5, 4), float(2, 7, 4), float(2, 7, 4)];
  refuses(
    [float(4), k, v],
    scaled,
    'queries, keys and values must have rank 2 or more, got [4], [2, 7, 4] and [2, 7, 4]',
  );
  refuses([float(2, 5, 3), k, v], scaled, 'queries [2, 5, 3] and keys [2, 7, 4] must be of one length');
  refuses([q, k, float(2, 6, 4)], scaled, 'there must be a value for each key, got [2, 7, 4] and [2, 6, 4]');
  refuses([q, float(3, 7, 4), v], scaled, 'shapes [2] and [3] do not broadcast');
  refuses([q, k, v, float(3, 1, 5, 7)], scaled, 'a mask [3, 1, 5, 7] does not fit scores [2, 5, 7]');
  refuses([q, k], scaled, 'attention takes 3 to 4 inputs, got 2');
});

const window = { kernel: [3, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false } as const;

rulesOf('max-pool2d', ({ gives, refuses }) => {
  gives([x], window, float(1, 4, 3, 4));
  gives([x], { ...window, ceilMode: true }, float(1, 4, 4, 4));
  refuses([float(8, 8)], window, 'input must have rank 4, got [8, 8]');
  refuses([x], { ...window, kernel: [3, 0] }, 'kernel must be positive integers, got [3, 0]');
  refuses(
    [x],
    { ...window, kernel: [9, 9] },
    'kernel [9, 9] with dilation [1, 1] does not fit into [1, 4, 8, 8] with padding [0, 0, 0, 0]',
  );
});

rulesOf('average-pool2d', ({ gives, refuses }) => {
  gives([x], { ...window, padding: [1, 1, 1, 1], countIncludePad: true }, float(1, 4, 4, 5));
  refuses([float(1, 8, 8)], { ...window, countIncludePad: true }, 'input must have rank 4, got [1, 8, 8]');
  refuses([x], { ...window, stride: [0, 2], countIncludePad: true }, 'stride must be positive integers, got [0, 2]');
});

rulesOf('global-pool2d', ({ gives, refuses }) => {
  gives([x], { fn: 'mean' }, float(1, 4, 1, 1));
  refuses([float(4, 8)], { fn: 'max' }, 'input must have rank 4, got [4, 8]');
});

rulesOf('squeeze-excite', ({ gives, refuses }) => {
  const one = { activations: [NO_ACTIVATION] };
  const two = { activations: [NO_ACTIVATION, NO_ACTIVATION] };
  const first = [x, float(6, 4, 1, 1), float(6)] as const;
  const second = [float(9, 6, 1, 1), float(9)] as const;
  gives(first, one, float(1, 6, 1, 1));
  gives([...first, ...second], two, float(1, 9, 1, 1));
  gives([...first, ...second, x], two, float(1, 9, 1, 1));
  refuses(first, two, '2 activations do not go with 3 inputs');
  refuses([...first, x], one, '1 activations do not go with 4 inputs');
  refuses([...first, ...second], { activations: [] }, '0 activations do not go with 5 inputs');
  refuses([float(1, 4, 8), ...first.slice(1)], one, 'input must have rank 4, got [1, 4, 8]');
  refuses([x, float(6, 5, 1, 1), float(6)], one, 'weight [6, 5, 1, 1] must have shape [6, 4, 1, 1]');
  refuses([...first, float(9, 6, 1, 1), float(8)], two, 'bias must have shape [9], got [8]');
  refuses(
    [...first, ...second, float(1, 4, 8, 9)],
    two,
    `addend [1, 4, 8, 9] must have the input's shape [1, 4, 8, 8]`,
  );
  refuses(first, { activations: [{ ...NO_ACTIVATION, fn: 'erf' as 'relu' }] }, 'activation erf cannot be fused');
});

rulesOf('separable-expand', ({ gives, refuses }) => {
  const pointwise = [x, float(4, 1, 3, 3), float(4), float(6, 4, 1, 1), float(6)] as const;
  const depthwise = { ...plain, stride: [2, 2], padding: [1, 1, 1, 1], groups: 4 } as const;
  const attributes = { separable: { depthwise, pointwise: plain }, expand: plain };
  const [y, z] = [float(1, 6, 4, 4), float(1, 9, 4, 4)];
  gives([...pointwise, float(9, 6, 1, 1), float(9)], attributes, y, z);
  gives([...pointwise, float(9, 6, 1, 1), float(9), float(4)], attributes, y, z);
  gives(
    [...pointwise, float(9, 6, 1, 1), float(9), y, float(4)],
    { ...attributes, separable: { depthwise, pointwise: added } },
    y,
    z,
  );
  refuses([...pointwise, float(9, 6, 3, 3), float(9)], attributes, 'the last weight [9, 6, 3, 3] must be [E, O, 1, 1]');
  refuses(
    [...pointwise, float(9, 4, 1, 1), float(9)],
    attributes,
    'input channels 6 must match weight channels 4 × groups 1',
  );
  refuses([...pointwise, float(9, 6, 1, 1), float(8)], attributes, 'bias must have shape [9], got [8]');
  refuses([...pointwise, float(9, 6, 1, 1), float(9), float(5)], attributes, 'slopes must have shape [4], got [5]');
});

rulesOf('separable-conv2d', ({ gives, refuses }) => {
  const gate = [x, float(1, 4, 1, 1), float(4), float(6, 4, 1, 1), float(6)] as const;
  const gating = { depthwise: { ...plain, groups: 4 }, pointwise: plain } as const;
  const adding = { ...gating, depthwise: { ...gating.depthwise, residual: 'before-activation' } } as const;
  gives(gate, gating, float(1, 6, 8, 8));
  gives([...gate, x], adding, float(1, 6, 8, 8));
  refuses(
    [...gate, float(1, 4, 4, 4)],
    adding,
    'depthwise residual [1, 4, 4, 4] must be [1, 4, 8, 8] before the activation',
  );
  refuses(
    [...gate, x],
    { ...gating, depthwise: { ...gating.depthwise, residual: 'after-activation' } },
    'depthwise residual [1, 4, 8, 8] must be [1, 4, 8, 8] before the activation',
  );
  const filters = [x, float(4, 1, 3, 3), float(4)] as const;
  const depthwise = { ...plain, stride: [2, 2], padding: [1, 1, 1, 1], groups: 4 } as const;
  const both = { depthwise, pointwise: plain };
  const w = float(6, 4, 1, 1);
  gives([...filters, w, float(6)], both, float(1, 6, 4, 4));
  gives([...filters, w, float(6), float(1, 6, 4, 4)], { depthwise, pointwise: added }, float(1, 6, 4, 4));
  refuses(
    [...filters, w, float(6), float(1, 6, 2, 2)],
    { depthwise, pointwise: added },
    "residual [1, 6, 2, 2] must have the output's shape [1, 6, 4, 4], or fewer channels",
  );
  gives([...filters, w, float(6), float(1, 5, 4, 4), float(4)], { depthwise, pointwise: added }, float(1, 6, 4, 4));
  refuses(
    [...filters, w, float(6), float(1, 7, 4, 4)],
    { depthwise, pointwise: added },
    "residual [1, 7, 4, 4] must have the output's shape [1, 6, 4, 4], or fewer channels",
  );
  refuses(
    [...filters, w, float(6)],
    { depthwise, pointwise: added },
    "residual is 'before-activation' but there are 5 inputs",
  );
  gives([...filters, w, float(6), float(4)], both, float(1, 6, 4, 4));
  refuses([...filters, w, float(6), float(6)], both, 'slopes must have shape [4], got [6]');
  refuses([...filters, w, float(6), float(4), float(4)], both, "residual is 'none' but there are 7 inputs");
  refuses([...filters, float(6, 5, 1, 1), float(6)], both, 'input channels 4 must match weight channels 5 × groups 1');
  refuses([...filters, float(6, 4, 3, 3), float(6)], both, 'weight [6, 4, 3, 3] must be [O, C, 1, 1]');
  refuses(
    [x, float(4, 2, 3, 3), float(4), w, float(6)],
    { ...both, depthwise: { ...depthwise, groups: 2 } },
    'depthwise weight [4, 2, 3, 3] must be [C, 1, KH, KW]',
  );
  refuses([...filters, w, float(5)], both, 'bias must have shape [6], got [5]');
});

rulesOf('upsample-conv2d', ({ gives, refuses }) => {
  const w = float(6, 7, 3, 3);
  const b = float(6);
  const skip = float(1, 3, 16, 16);
  const nearest = { mode: 'nearest', activation: NO_ACTIVATION } as const;
  gives([x, w, b, skip], nearest, float(1, 6, 16, 16));
  gives([x, float(6, 4, 5, 1), b], { ...nearest, mode: 'linear' }, float(1, 6, 16, 16));
  refuses([x, w, b], nearest, 'input channels 4 must match weight channels 7');
  refuses([x, w, b, float(1, 3, 8, 8)], nearest, 'skip [1, 3, 8, 8] must be [1, 3, 16, 16]');
  refuses([x, w, b, float(1, 4, 16, 16)], nearest, 'skip [1, 4, 16, 16] must be [1, 3, 16, 16]');
  refuses([x, float(6, 7, 2, 3), b, skip], nearest, 'kernel must be odd, got [2, 3]');
  refuses([x, w, float(5), skip], nearest, 'bias must have shape [6], got [5]');
});

rulesOf('shortcut-conv2d', ({ gives, refuses }) => {
  const block = [x, float(6, 4, 3, 3), float(6)];
  const shortcut = float(1, 5, 16, 16);
  const projection = float(6, 5, 1, 1);
  const pooled = { pool: [2, 2], stride: [2, 2], activation: NO_ACTIVATION } as const;
  gives([...block, shortcut, projection], pooled, float(1, 6, 8, 8));
  gives([...block, float(1, 5, 8, 8), projection], { ...pooled, pool: [1, 1], stride: [1, 1] }, float(1, 6, 8, 8));
  refuses([...block, shortcut], pooled, 'shortcut-conv2d takes 5 inputs, got 4');
  refuses(
    [x, float(6, 3, 3, 3), float(6), shortcut, projection],
    pooled,
    'input channels 4 must match weight channels 3',
  );
  refuses([x, float(6, 4, 2, 3), float(6), shortcut, projection], pooled, 'kernel must be odd, got [2, 3]');
  refuses([...block, shortcut, float(6, 4, 1, 1)], pooled, 'projection [6, 4, 1, 1] must be [6, 5, 1, 1]');
  refuses(
    [...block, float(1, 5, 8, 8), projection],
    pooled,
    'shortcut [1, 5, 8, 8] gives [1, 6, 4, 4], not [1, 6, 8, 8]',
  );
  refuses([x, float(6, 4, 3, 3), float(5), shortcut, projection], pooled, 'bias must have shape [6], got [5]');
  refuses(
    [...block, shortcut, projection],
    { ...pooled, stride: [0, 2] },
    'stride must be positive integers, got [0, 2]',
  );
});

rulesOf('resize2d', ({ gives, refuses }) => {
  const twice = {
    mode: 'linear',
    coordinates: 'half-pixel',
    rounding: 'floor',
    size: [16, 4],
    scale: [2, 0.5],
    cubicA: -0.75,
  } as const;
  gives([x], twice, float(1, 4, 16, 4));
  refuses([float(8, 8)], twice, 'input must have rank 4, got [8, 8]');
  refuses([x], { ...twice, size: [0, 4] }, 'size must be positive integers, got [0, 4]');
  refuses([x], { ...twice, scale: [2, 0] }, 'scale must be positive, got [2, 0]');
  refuses([float(1, 4, 0, 8)], twice, 'a picture of shape [1, 4, 0, 8] has no pixels to resize');
});

rulesOf('grid-sample', ({ gives, refuses }) => {
  const linear = { mode: 'linear', padding: 'zeros', alignCorners: false } as const;
  gives([float(2, 3, 4, 5), float(2, 6, 7, 2)], linear, float(2, 3, 6, 7));
  refuses([float(2, 3, 4), float(2, 6, 7, 2)], linear, 'input must have rank 4, got [2, 3, 4]');
  refuses([float(2, 3, 4, 5), float(6, 7, 2)], linear, 'grid must have rank 4, got [6, 7, 2]');
  const other = 'grid must be [2, height, width, 2], got [1, 6, 7, 2]';
  refuses([float(2, 3, 4, 5), float(1, 6, 7, 2)], linear, other);
  refuses([float(1, 3, 0, 5), float(1, 6, 7, 2)], linear, 'a picture of shape [1, 3, 0, 5] has no pixels to sample');
});

rulesOf('unary', ({ gives, refuses }) => {
  gives([float(2, 3)], { fn: 'exp', alpha: 0, beta: 0 }, float(2, 3));
  gives([int(2, 3)], { fn: 'neg', alpha: 0, beta: 0 }, int(2, 3));
  gives([bool(3)], { fn: 'not', alpha: 0, beta: 0 }, bool(3));
  refuses([int(2)], { fn: 'exp', alpha: 0, beta: 0 }, 'exp does not take int32');
  refuses([bool(2)], { fn: 'relu', alpha: 0, beta: 0 }, 'relu does not take bool');
  refuses([], { fn: 'exp', alpha: 0, beta: 0 }, 'unary takes 1 input, got 0');
});

rulesOf('binary', ({ gives, refuses }) => {
  gives([float(2, 1, 4), float(3, 1)], { fn: 'add' }, float(2, 3, 4));
  gives([int(4), int()], { fn: 'div' }, int(4));
  gives([float(4), float(1)], { fn: 'less' }, bool(4));
  gives([bool(4), bool(4)], { fn: 'xor' }, bool(4));
  refuses([float(4), int(4)], { fn: 'add' }, 'both inputs must have one type, got float32 and int32');
  refuses([float(4), float(3)], { fn: 'add' }, 'shapes [4] and [3] do not broadcast');
});

rulesOf('where', ({ gives, refuses }) => {
  gives([bool(4, 1), int(3), int(2, 1, 1)], {}, int(2, 4, 3));
  refuses([bool(4), int(4), float(4)], {}, 'both branches must have one type, got int32 and float32');
  refuses([bool(4), int(3), int(3)], {}, 'shapes [4] and [3] do not broadcast');
});

rulesOf('batch-norm', ({ gives, refuses }) => {
  const c = float(4);
  gives([x, c, c, c, c], { epsilon: 1e-5 }, x);
  gives([float(2, 4), c, c, c, c], { epsilon: 1e-5 }, float(2, 4));
  refuses([c, c, c, c, c], { epsilon: 1e-5 }, 'input must have rank 2 or more, got [4]');
  for (const [i, name] of ['scale', 'bias', 'mean', 'variance'].entries()) {
    const vectors = [c, c, c, c].with(i, float(3));
    refuses([x, ...vectors], { epsilon: 1e-5 }, `${name} must have shape [4], got [3]`);
  }
  gives([x, c, c, c, c, c, x], { epsilon: 1e-5 }, x);
  refuses([x, c, c, c, c, float(3)], { epsilon: 1e-5 }, 'slopes must have shape [4], got [3]');
  refuses(
    [x, c, c, c, c, c, float(1, 4, 8, 7)],
    { epsilon: 1e-5 },
    "residual [1, 4, 8, 7] must have the input's shape [1, 4, 8, 8]",
  );
});

rulesOf('instance-norm', ({ gives, refuses }) => {
  gives([float(2, 4, 5), float(4), float(4)], { epsilon: 1e-5 }, float(2, 4, 5));
  refuses([float(2, 4), float(4), float(4)], { epsilon: 1e-5 }, 'input must have rank 3 or more, got [2, 4]');
  refuses([x, float(1), float(4)], { epsilon: 1e-5 }, 'scale must have shape [4], got [1]');
  refuses([x, float(4), float(8)], { epsilon: 1e-5 }, 'bias must have shape [4], got [8]');
});

rulesOf('layer-norm', ({ gives, refuses }) => {
  gives([float(2, 3, 5), float(3, 5), float(3, 5)], { axis: 1, epsilon: 1e-5 }, float(2, 3, 5));
  refuses([float(2, 3), float(3), float(3)], { axis: 2, epsilon: 1e-5 }, 'axis 2 is outside 0..1');
  refuses([float(2, 3), float(3), float(2)], { axis: 1, epsilon: 1e-5 }, 'scale and bias must have shape [3], got [2]');
});

describe('an attribute that is a word', () => {
  const image = [float(1, 4, 8, 8)];
  const resize = {
    mode: 'linear',
    coordinates: 'half-pixel',
    rounding: 'floor',
    size: [4, 4],
    scale: [0.5, 0.5],
    cubicA: 0,
  };
  const cases: readonly [op: Operator, attributes: object, message: string][] = [
    ['global-pool2d', { fn: 'sum' }, 'fn must be mean or max, got sum'],
    ['resize2d', { ...resize, mode: 'bicubic' }, 'mode must be nearest or linear or cubic, got bicubic'],
    [
      'resize2d',
      { ...resize, rounding: 'up' },
      'rounding must be round-prefer-floor or round-prefer-ceil or floor or ceil, got up',
    ],
    ['depth-to-space', { blockSize: 2 }, 'mode must be dcr or crd, got undefined'],
    ['cast', { to: 'float64' }, 'to must be float32 or int32 or bool, got float64'],
  ];
  it.each(cases)('of %s is refused unless it is known: %j', (op, attributes, message) => {
    // What JavaScript may pass.
    const given = attributes as OperatorAttributes[Operator];
    expect(() => inferOutputs(op, image, given)).toThrow(new ShapeError(message));
  });
  it('of a function names what there is', () => {
    const given = { ...NO_ACTIVATION, fn: 'swish' } as unknown as OperatorAttributes['unary'];
    expect(() => inferOutputs('unary', image, given)).toThrow(/^fn must be identity or relu or .*, got swish$/);
  });
});

rulesOf('unary-chain', ({ gives, refuses }) => {
  const abs = { fn: 'abs', alpha: 0, beta: 0 } as const;
  gives([x], { functions: [abs, { ...abs, fn: 'sqrt' }] }, x);
  refuses([int(2)], { functions: [abs] }, 'unary-chain takes float32, got int32');
});
