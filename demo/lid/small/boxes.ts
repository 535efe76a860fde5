import { inputToPicture, placePicture } from '../../../src/picture';
import { make, sized } from '../../dom';
import type { Looked } from '../looked';

/** Left, top, right and bottom as shares of the network's input. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number];

export interface DrawnBox {
  readonly corners: Corners;
  readonly color: string;
  readonly dashed?: boolean;
}

/** The picture with boxes over it. */
export function drawBoxes({ picture, spec }: Looked, label: string, boxes: readonly DrawnBox[]): HTMLCanvasElement {
  const canvas = make('canvas', { class: 'map', role: 'img', 'aria-label': label });
  const { width, height } = picture;
  const context = sized(canvas, width, height);
  context.putImageData(new ImageData(new Uint8ClampedArray(picture.data), width, height), 0, 0);
  context.fillStyle = 'rgb(0 0 0 / 35%)';
  context.fillRect(0, 0, width, height);
  const placement = placePicture(width, height, spec);
  const [inputHeight, inputWidth] = placement.inputSize;
  const unit = Math.max(width, height) / 200;
  for (const { corners, color, dashed } of boxes) {
    const [left, top, right, bottom] = corners;
    const [x0, y0] = inputToPicture(placement, left * inputWidth, top * inputHeight);
    const [x1, y1] = inputToPicture(placement, right * inputWidth, bottom * inputHeight);
    context.strokeStyle = color;
    context.lineWidth = 2 * unit;
    context.setLineDash(dashed ? [4 * unit, 3 * unit] : []);
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }
  return canvas;
}
