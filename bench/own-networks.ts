import type { SafetensorsFile } from '../src/formats/safetensors';

/** Changes the file of one of Fovea's own networks to square pictures of another size; its weights stay. */
export function atSide({ tensors, metadata }: SafetensorsFile, side: number): SafetensorsFile {
  const changed: Record<string, string> = { ...metadata, inputSize: JSON.stringify([side, side]) };
  if (metadata.defaultBoxes) {
    // Each feature map halves the one before, rounding up as a convolution with stride 2 and padding 1 does.
    const boxes: { featureMaps: number[] } = JSON.parse(metadata.defaultBoxes);
    const featureMaps = boxes.featureMaps.map((_, k) => Math.ceil(side / (8 * 2 ** k)));
    changed.defaultBoxes = JSON.stringify({ ...boxes, featureMaps });
  }
  return { tensors, metadata: changed };
}
