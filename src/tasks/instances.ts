import type { Detection } from './object-detector';

/** One detected thing with its own pixels. */
export interface InstanceMask {
  readonly detection: Detection;
  /** `[height, width]` of the whole picture: 1 where the thing is. */
  readonly pixels: Uint8Array;
  readonly area: number;
}

interface ClassMap {
  readonly width: number;
  readonly height: number;
  readonly labels: readonly string[];
  readonly classes: Uint8Array;
}

/**
 * Splits the classes of a picture into things, by the boxes of a detector. Labels, not indices, tell which classes are
 * the same, as the two networks may number them differently.
 */
export function instanceMasks(detections: readonly Detection[], mask: ClassMap): InstanceMask[] {
  const { width, height, labels, classes } = mask;
  const instances = detections.map((detection) => ({
    detection,
    pixels: new Uint8Array(width * height),
    area: 0,
    index: labels.indexOf(detection.label),
  }));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (classes[at] === 0) continue;
      let nearest: (typeof instances)[number] | undefined;
      let least = Infinity;
      for (const instance of instances) {
        if (instance.index !== classes[at]) continue;
        const distance = distanceWithin(instance.detection, x + 0.5, y + 0.5);
        if (distance < least) {
          least = distance;
          nearest = instance;
        }
      }
      if (!nearest) continue;
      nearest.pixels[at] = 1;
      nearest.area++;
    }
  }
  return instances.map(({ detection, pixels, area }) => ({ detection, pixels, area }));
}

/** From a box's centre, in half sizes of the box, by the larger axis; infinite outside. */
function distanceWithin({ box: { xmin, ymin, xmax, ymax } }: Detection, x: number, y: number): number {
  const dx = Math.abs(x - (xmin + xmax) / 2) / ((xmax - xmin) / 2);
  const dy = Math.abs(y - (ymin + ymax) / 2) / ((ymax - ymin) / 2);
  const distance = Math.max(dx, dy);
  return distance <= 1 ? distance : Infinity;
}
