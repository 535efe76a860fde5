import type { Pair } from '../operators/window';
import { Tensor } from '../tensor';
import type { PictureChoices } from './head';
import { USUAL } from './usual';

/** The boxes that a known network's offsets start from. */
export interface KnownBoxes {
  /** `[B, 4]` (cx, cy, w, h in 0..1) */
  readonly boxes: Tensor;
  readonly variances: Pair;
  readonly iouThreshold: number;
  /** Whether boxes end at the picture's edge before they are compared, as torchvision's do. */
  readonly clip: boolean;
  readonly usual: PictureChoices | undefined;
}

/** One feature map: cells each way, and width and height of a cell's boxes as shares of the picture. */
interface Level {
  readonly cells: Pair;
  /** From one centre to the next, as a share of the picture. */
  readonly step: Pair;
  readonly shapes: readonly Pair[];
}

function laid(levels: readonly Level[]): Tensor {
  const boxes: number[] = [];
  for (const { cells, step, shapes } of levels) {
    for (let row = 0; row < cells[0]; row++)
      for (let column = 0; column < cells[1]; column++)
        for (const [w, h] of shapes) boxes.push((column + 0.5) * step[1], (row + 0.5) * step[0], w, h);
  }
  return Tensor.float32([boxes.length / 4, 4], boxes);
}

/** torchvision's order of a cell's boxes: two squares, then each ratio upright and lying. */
function shapesOf(scale: number, next: number, ratios: readonly number[]): Pair[] {
  const between = Math.sqrt(scale * next);
  const stretched = ratios.flatMap((ratio): Pair[] => {
    const root = Math.sqrt(ratio);
    return [
      [scale * root, scale / root],
      [scale / root, scale * root],
    ];
  });
  const all: Pair[] = [[scale, scale], [between, between], ...stretched];
  return all.map(([w, h]) => [Math.min(w, 1), Math.min(h, 1)]);
}

/** torchvision's `ssd300_vgg16`: scales of section 3.1 of Liu et al. 2016, with the steps of the original code. */
function ssd300(): Tensor {
  const scales = [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05];
  const ratios = [[2], [2, 3], [2, 3], [2, 3], [2], [2]];
  const steps = [8, 16, 32, 64, 100, 300].map((step) => step / 300);
  return laid(
    [38, 19, 10, 5, 3, 1].map((cells, k) => ({
      cells: [cells, cells],
      step: [steps[k], steps[k]],
      shapes: shapesOf(scales[k], scales[k + 1], ratios[k]),
    })),
  );
}

/** torchvision's `ssdlite320_mobilenet_v3_large`: scales from 0.2 to 0.95 in equal steps. */
function ssdlite320(): Tensor {
  const scales = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1];
  return laid(
    [20, 10, 5, 3, 2, 1].map((cells, k) => ({
      cells: [cells, cells],
      step: [1 / cells, 1 / cells],
      shapes: shapesOf(scales[k], scales[k + 1], [2, 3]),
    })),
  );
}

/** Sides of UltraFace's square boxes in pixels, by stride. */
const ULTRAFACE: readonly (readonly [stride: number, sides: readonly number[]])[] = [
  [8, [10, 16, 24]],
  [16, [32, 48]],
  [32, [64, 96]],
  [64, [128, 192, 256]],
];

function ultraface([height, width]: Pair): Tensor {
  return laid(
    ULTRAFACE.map(([stride, sides]) => ({
      cells: [Math.ceil(height / stride), Math.ceil(width / stride)],
      step: [stride / height, stride / width],
      shapes: sides.map((side): Pair => [Math.min(side / width, 1), Math.min(side / height, 1)]),
    })),
  );
}

/** Default boxes of published networks, by how many they are at a size. */
export function knownDefaultBoxes(count: number, size: Pair): KnownBoxes | undefined {
  const variances = [0.1, 0.2] as const;
  const torchvision = { variances, clip: true };
  const isSide = (side: number): boolean => size[0] === side && size[1] === side;
  if (count === 8732 && isSide(300)) return { ...torchvision, boxes: ssd300(), iouThreshold: 0.45, usual: USUAL.ssd };
  if (count === 3234 && isSide(320))
    return { ...torchvision, boxes: ssdlite320(), iouThreshold: 0.55, usual: USUAL.ssdlite };
  const faces = ultraface(size);
  return faces.shape[0] === count
    ? { boxes: faces, variances, clip: false, iouThreshold: 0.3, usual: USUAL.ultraface }
    : undefined;
}
