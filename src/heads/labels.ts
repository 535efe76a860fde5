import type { Reading } from './head';

// biome-ignore format: a list to scan
const COCO = [
  'person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light', 'fire hydrant',
  'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra',
  'giraffe', 'backpack', 'umbrella', 'handbag', 'tie', 'suitcase', 'frisbee', 'skis', 'snowboard', 'sports ball', 'kite',
  'baseball bat', 'baseball glove', 'skateboard', 'surfboard', 'tennis racket', 'bottle', 'wine glass', 'cup', 'fork',
  'knife', 'spoon', 'bowl', 'banana', 'apple', 'sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut',
  'cake', 'chair', 'couch', 'potted plant', 'bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote',
  'keyboard', 'cell phone', 'microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase', 'scissors',
  'teddy bear', 'hair drier', 'toothbrush',
];

/** Numbers that COCO's paper gave to classes which the data never had. */
const COCO_GAPS = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);

/** COCO's classes by their first numbers, 1 to 90, as torchvision and DETR have them. */
function cocoWithGaps(): string[] {
  const names = COCO.values();
  return Array.from({ length: 91 }, (_, index) =>
    index === 0 ? 'background' : COCO_GAPS.has(index) ? 'N/A' : names.next().value!,
  );
}

// biome-ignore format: a list to scan
const VOC = [
  'background', 'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow', 'dining table',
  'dog', 'horse', 'motorbike', 'person', 'potted plant', 'sheep', 'sofa', 'train', 'tv',
];

/** The names of data sets that are known by how many classes they have. */
const KNOWN: Readonly<Record<string, Readonly<Record<number, () => readonly string[]>>>> = {
  detect: { 80: () => COCO, 91: cocoWithGaps },
  segment: { 21: () => VOC },
};

/** The labels of a result: those of the network, with a name for nothing in front where they lack one. */
export function resultLabels(
  names: readonly string[] | undefined,
  { classes, background = false, names: usual }: Pick<Reading, 'classes' | 'background' | 'names'>,
  task: string,
): { labels: readonly string[]; known: boolean } {
  if (!names) {
    const known = usual ?? KNOWN[task]?.[classes]?.();
    return {
      labels: known ?? (background && classes === 2 ? ['background', 'foreground'] : []),
      known: known !== undefined,
    };
  }
  const isShort = background && names.length === classes - 1;
  return { labels: isShort ? ['background', ...names] : names, known: false };
}
