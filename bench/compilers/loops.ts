import { sizeOf } from '../../src/tensor';

/** A dispatch as the model is told of it: what ran, over what, and which compiled pipeline it was. */
export interface Dispatched {
  readonly network: string;
  readonly node: string;
  readonly op: string;
  readonly kernel: string;
  /** Tells candidates of one kernel apart, as the plan does. */
  readonly setting: string;
  /** Place among the node's candidates; 0 is the default. */
  readonly rank: number;
  readonly chosen: boolean;
  /** Place among the candidate's dispatches. */
  readonly part: number;
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly storage: string;
  readonly workgroups: readonly number[];
  /** Shapes; the second is the weight's. */
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  /** Of the node, the same at each part. */
  readonly flops: number;
  /** Of all operands, each once. */
  readonly bytes: number;
  /** Place in FOVEA_PIPELINES, or -1 where it did not compile. */
  readonly pipeline: number;
}

/** How often the loops of an invocation turn, which its machine code does not say. */
export interface LoopFacts {
  /** Of the innermost loop over the sum, all turns together, the idle part of the tile included. */
  readonly multiplyAdds: number;
  /** Turns of the loops around it. */
  readonly outerTurns: number;
  /**
   * Turns of a loop elsewhere, such as the one that stores the tile: the average of a workgroup's waves.
   *
   * @param depth loops that it is in, itself included
   * @param isBefore whether it comes before the innermost loop over the sum
   * @param isSum whether it is in a loop with at least half as many multiply-adds
   * @param loads whether it loads from memory
   */
  readonly asideTurns: (depth: number, isBefore: boolean, isSum?: boolean, loads?: boolean) => number;
  /** What a turn loads of weights, where workgroups share what the caches give. */
  readonly traffic?: {
    /** vec4s of an invocation. */
    readonly weights: number;
    /** Slices of a sum in a workgroup: the weights are other ones in each. */
    readonly slices: number;
    /** Lines of a workgroup that belong to one slice. Default 1. */
    readonly tiles?: number;
    /** vec4s that an invocation loads in a turn of another loop over a sum. */
    readonly another?: { readonly turns: number; readonly weights: number; readonly inputs: number };
    /** vec4s that it loads elsewhere, in all. Default 0. */
    readonly aside?: number;
  };
}

/** Tiles of shaders that have them written in. */
const FIXED_TILES: Readonly<Record<string, { readonly pixels: number; readonly blocks?: number }>> = {
  'conv2d-winograd-product': { pixels: 8 },
  'conv2d-stem': { pixels: 2, blocks: 4 },
  'conv2d-split': { pixels: 4, blocks: 1 },
  'shortcut-conv2d': { pixels: 4, blocks: 1 },
  'upsample-conv2d-split': { pixels: 4, blocks: 1 },
  'conv2d-split-k': { pixels: 4, blocks: 1 },
  'conv2d-staged': { pixels: 1, blocks: 1 },
  'conv2d-workgroup': { pixels: 4, blocks: 1 },
  'conv2d-depthwise': { pixels: 4, blocks: 1 },
};

/**
 * Suppression's loops depend on the picture. Assumed: so many boxes of the class with most are above the threshold, and so
 * many of them stay. At the detector's own threshold, .005, eleven photographs have 47 to 393 such boxes, 86 the median.
 */
const TYPICAL = { candidates: 100, kept: 10 };

const AMD_WAVE = 64;
/** Sums of an invocation of conv2d-uniform and of the separable kernels. */
const INVOCATION_SUMS = 16;

/** What is known of a dispatch's loops; undefined for kernels of which nothing is. */
export function loopFacts({ shader, constants, op, inputs, outputs, flops }: Dispatched): LoopFacts | undefined {
  const fixed = FIXED_TILES[shader];
  const pixels = constants.PIXELS ?? fixed?.pixels ?? 1;
  const blocks = fixed?.blocks ?? constants.BLOCKS ?? 1;
  const tile = pixels * blocks * 4;
  const weight = inputs[1] ?? [];
  const taps = sizeOf(weight.slice(2));
  const inBlocks = Math.ceil((weight[1] ?? 0) / 4);
  const asideTurns = (depth: number): number => (depth > 1 ? pixels * blocks : pixels);
  const facts = (multiplyAdds: number, more: Partial<LoopFacts> = {}): LoopFacts => ({
    multiplyAdds,
    outerTurns: taps,
    asideTurns,
    ...more,
  });
  const traffic = { weights: 4 * blocks, slices: 1 };
  if (op === 'conv-transpose2d') return facts((flops / 2 / sizeOf(outputs[0])) * tile);
  switch (shader) {
    case 'conv2d-3x3':
      // Its taps of a row are one turn.
      return facts(tile * 4 * taps * inBlocks, { outerTurns: 3, traffic: { weights: 12 * blocks, slices: 1 } });
    case 'conv2d-pointwise':
    case 'conv2d-tiled':
    case 'conv2d-vec4':
      return facts(tile * 4 * taps * inBlocks, { traffic });
    case 'dense': {
      const features = weight[1];
      return facts(16 * Math.ceil(Math.floor(features / 4) / constants.SLICES), { asideTurns: () => features % 4 });
    }
    case 'conv2d-split-k': {
      const { SLICES: slices } = constants;
      return facts(tile * 4 * Math.ceil(inBlocks / slices), { traffic: { ...traffic, slices } });
    }
    case 'conv2d-split': {
      // A row of three taps is one turn, where its stride is known.
      const rows = constants.STRIDE > 0 ? weight[2] : taps;
      const { SLICES: slices } = constants;
      const turns = taps * Math.ceil(inBlocks / slices);
      const perTurn = 4 * (taps / rows);
      return facts(tile * 4 * turns, {
        outerTurns: rows,
        traffic: { weights: perTurn, slices, tiles: constants.TILES },
      });
    }
    case 'shortcut-conv2d': {
      // Ahead of the sum over x, that over the maxima of the shortcut.
      const { SLICES: slices, TILES: tiles, POOL_HEIGHT: height, POOL_WIDTH: width } = constants;
      const turns = Math.ceil(inputs[3][1] / 4 / slices);
      return facts(tile * 4 * taps * Math.ceil(inBlocks / slices), {
        outerTurns: 3,
        asideTurns: (depth, isBefore, _, loads) => (isBefore && loads ? turns : asideTurns(depth)),
        traffic: { weights: 12, slices, tiles, another: { turns, weights: 4, inputs: pixels * height * width } },
      });
    }
    case 'conv2d-uniform': {
      // A turn is a block of inputs of one tap, for two pixels. Last, slices share out the sums.
      const { SLICES: slices } = constants;
      const stored = slices === 1 ? 1 : Math.ceil(8 / slices);
      return facts(INVOCATION_SUMS * 8 * taps * Math.ceil(inBlocks / slices), {
        asideTurns: (depth) => (depth > 1 ? stored * slices : stored),
      });
    }
    case 'separable-conv2d':
    case 'separable-conv2d-uniform':
    case 'separable-expand':
    case 'separable-expand-uniform':
      return separableFacts({ shader, constants, inputs, outputs });
    case 'squeeze-excite':
      return squeezeFacts({ constants, inputs, outputs });
    case 'upsample-conv2d':
    case 'upsample-conv2d-split': {
      // The sum over the small picture, which its doubled pixels are mixed for. Behind it, that over the other one.
      const [low] = inputs;
      const rows = constants.LINEAR ? 3 : 2;
      const { SLICES: slices = 1, TILES: tiles } = constants;
      const [lowTurns, skipTurns] = [low[1], weight[1] - low[1]].map((channels) =>
        Math.ceil(Math.ceil(channels / 4) / slices),
      );
      const mixed = constants.LINEAR ? 4 * (pixels + 2) : 0;
      return facts((tile * 4 * 3 + mixed) * rows * lowTurns, {
        outerTurns: rows,
        asideTurns: (depth, _, isSum) => (isSum ? [1, 3, 3 * skipTurns][depth] : asideTurns(depth)),
        traffic: {
          weights: 12 * blocks,
          slices,
          tiles,
          another: { turns: 3 * skipTurns, weights: 12 * blocks, inputs: pixels + 2 },
        },
      });
    }
    case 'conv2d-staged':
    case 'conv2d-workgroup': {
      // A step is four blocks of inputs of one tap. What an invocation loads in it, no other does.
      const steps = taps * Math.ceil(inBlocks / 4);
      const loads = shader === 'conv2d-staged' ? 2 : 4;
      return facts(tile * 16 * steps, { traffic: { weights: loads, slices: AMD_WAVE } });
    }
    case 'conv2d-winograd-product':
      return facts(tile * 4 * inBlocks, { traffic });
    case 'conv2d-stem':
      return facts(tile * sizeOf(weight.slice(1)), { asideTurns: () => pixels * blocks });
    case 'conv2d-depthwise':
      return facts(tile * taps);
  }
  return undefined;
}

function separableFacts({
  shader,
  constants,
  inputs: [[, channels], weight],
  outputs,
}: Pick<Dispatched, 'shader' | 'constants' | 'inputs' | 'outputs'>): LoopFacts {
  const { COLUMNS: columns = 1, LANES: lanes, TILES: tiles, SLICES: slices, STRIDE: stride, LINES: lines } = constants;
  const { EACH: each = 1 } = constants;
  // Blocks of inputs that a turn of a sum adds up.
  const turn = shader === 'separable-expand' ? 4 : 2;
  const hiddenBlocks = turn * Math.ceil(channels / 4 / turn);
  // First the waves of a workgroup share out the blocks of its tiles of four pixels.
  const wave = lanes ?? AMD_WAVE;
  const invocations = (lanes ?? columns) * tiles * (lines ?? slices);
  const items = hiddenBlocks * (lanes ? (each * (lines / slices) * lanes) / 4 : tiles);
  const filtered = (Math.ceil(items / wave) * wave) / invocations;
  const [rows, columnsOfTaps] = weight.slice(2);
  const before = [1, filtered, filtered * rows, filtered * rows * columnsOfTaps];
  const shares = Math.ceil((4 * each) / slices);
  const behind = [1, shares, shares * slices];
  // Last they share out the blocks of the 1×1 behind, if there is one.
  const [yBlocks, zBlocks = 0] = outputs.map((shape) => Math.ceil(shape[1] / 4));
  const parts = lanes ? ((lines / slices) * Math.ceil(zBlocks / 4)) / (tiles * lines) : (tiles * zBlocks) / invocations;
  const yTurns = Math.ceil(yBlocks / turn);
  const expand = [1, Math.ceil(parts), Math.ceil(parts) * yTurns];
  const perRow = (stride === 0 ? 5 : 2) * columnsOfTaps + 3 * stride;
  const aside = (items / invocations) * (rows * perRow + (constants.ADDEND ? 4 : 0)) + parts * yTurns * 4 * turn;
  return {
    multiplyAdds: each * INVOCATION_SUMS * 4 * turn * Math.ceil(hiddenBlocks / turn / slices),
    outerTurns: rows * columnsOfTaps,
    asideTurns: (depth, isBefore, isSum) => (isBefore ? before : isSum && zBlocks > 0 ? expand : behind)[depth],
    ...(!lanes && { traffic: { weights: 4 * turn, slices, tiles, aside } }),
  };
}

function squeezeFacts({
  constants: { LANES: lanes, ADDEND, TWO },
  inputs: [[, channels, height, width], weight],
  outputs: [y],
}: Pick<Dispatched, 'constants' | 'inputs' | 'outputs'>): LoopFacts {
  const [inBlocks, hiddenBlocks, outBlocks] = [channels, weight[0], y[1]].map((n) => Math.ceil(n / 4));
  // Columns, one for each vec4 of a step's result, and the slices that share out its sums.
  const columnsOf = (blocks: number): number => Math.min(lanes, 2 ** Math.ceil(Math.log2(blocks)));
  const turnsOf = (count: number, blocks: number): number => Math.ceil((count * columnsOf(blocks)) / lanes);
  // Inside the loop over a step's columns, one adds up and one halves the slices.
  const turns = (count: number, blocks: number): readonly [number, adds: number, halves: number] => {
    const chunks = Math.ceil(blocks / columnsOf(blocks));
    return [chunks, chunks * turnsOf(count, blocks), chunks * Math.log2(lanes / columnsOf(blocks))];
  };
  const pooling = turns(Math.ceil((height * width) / 8), inBlocks);
  const gate = turns(hiddenBlocks, outBlocks);
  return {
    multiplyAdds: 16 * turnsOf(inBlocks, hiddenBlocks),
    outerTurns: Math.ceil(hiddenBlocks / columnsOf(hiddenBlocks)),
    asideTurns: (depth, isBefore, _, loads) => {
      const [chunks, adds, halves] = isBefore ? pooling : gate;
      return depth === 1 ? chunks : loads ? adds : halves;
    },
    traffic: {
      weights: 4,
      slices: lanes / columnsOf(hiddenBlocks),
      aside: pooling[1] * (ADDEND ? 16 : 8) + (TWO ? gate[1] * 4 : 0),
    },
  };
}

/**
 * How often the loops of kernels without a sum turn that is worth a look of its own, for each turn of the loop around them:
 * in the order of the text, which compilers keep, workgroup memory's clearing before all. Undefined for other kernels.
 */
export function turnsOfLoops({
  shader,
  constants,
  inputs,
  outputs,
  workgroups,
}: Dispatched): readonly number[] | undefined {
  const { LANES: lanes, WORKGROUP: workgroup } = constants;
  const [x] = inputs;
  switch (shader) {
    case 'softmax': {
      const turns = Math.ceil(x.at(-1)! / lanes);
      return [turns, turns, turns];
    }
    case 'reduce':
      return [Math.ceil(sizeOf(x) / sizeOf(outputs[0]) / lanes)];
    case 'global-pool2d':
      return [Math.ceil(sizeOf(x.slice(2)) / lanes)];
    case 'non-maximum-suppression-greedy': {
      const { candidates, kept } = TYPICAL;
      if (candidates > workgroup) return undefined;
      const gathers = Math.ceil(x[1] / 4 / workgroup);
      const comparisons = Math.ceil((32 + kept / 2) / (workgroup / 32));
      return [1, 1, gathers, 1, Math.ceil(candidates / 4), Math.ceil(candidates / 32), 0, comparisons, 0];
    }
    case 'non-maximum-suppression-emit': {
      const slots = sizeOf(workgroups);
      const rows = outputs[0][0];
      return [slots, TYPICAL.kept, rows / slots].map((turns) => Math.ceil(turns / workgroup));
    }
  }
  return undefined;
}
