import { butterfly } from './animals';
import { SAMPLE_SIZE } from './shapes';
import { stopSign, yinYang } from './signs';
import { airplane, soccerBall, sunflower, umbrella } from './things';

export { SAMPLE_SIZE };

/** A sample that is chosen fills the stage, where a smaller one would be blurred. */
const SAMPLE_SCALE = 2;

/** Pictures drawn in code, so that the page has something to look at without a network or a photograph. */
export interface DrawnSample {
  readonly name: string;
  readonly draw: (context: CanvasRenderingContext2D) => void;
}

/** Draws a sample, with so many pixels of the canvas for each unit of its drawing. */
export function drawSample({ draw }: DrawnSample, scale: number = SAMPLE_SCALE): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = SAMPLE_SIZE.map((size) => size * scale);
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  draw(context);
  return canvas;
}

export const DRAWN_SAMPLES: readonly DrawnSample[] = [
  { name: 'butterfly', draw: butterfly },
  { name: 'airplane', draw: airplane },
  { name: 'stop sign', draw: stopSign },
  { name: 'yin-yang', draw: yinYang },
  { name: 'sunflower', draw: sunflower },
  { name: 'soccer ball', draw: soccerBall },
  { name: 'umbrella', draw: umbrella },
];
