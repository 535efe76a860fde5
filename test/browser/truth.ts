import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { readSafetensors } from '../../src/formats/safetensors';
import { paletteColor } from '../../src/tasks/palette';
import type { Box } from './answered';

const { metadata } = readSafetensors(readFileSync('weights/segmenter.safetensors'), 'weights/segmenter.safetensors');

/** By class index. */
export const SEGMENTER_LABELS: readonly string[] = JSON.parse(metadata.labels);

const box = (xmin: number, ymin: number, xmax: number, ymax: number): Box => ({ xmin, ymin, xmax, ymax });

/** Where the thing is on each sample photograph, in its pixels, drawn by eye. */
export const TRUTH: Readonly<Record<string, Box>> = {
  'elephant-1.jpg': box(30, 57, 270, 216),
  'kangaroo-1.jpg': box(28, 33, 228, 262),
  'flamingo-1.jpg': box(33, 38, 248, 228),
  'butterfly-1.jpg': box(62, 58, 289, 194),
  'panda-1.jpg': box(6, 30, 275, 300),
  'airplane-1.jpg': box(50, 40, 355, 128),
  'dolphin-1.jpg': box(65, 42, 245, 118),
  'cat-1.jpg': box(30, 18, 488, 242),
  'dog-1.jpg': box(100, 27, 488, 330),
};

const area = ({ xmin, ymin, xmax, ymax }: Box): number => Math.max(0, xmax - xmin) * Math.max(0, ymax - ymin);

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const shared = area({
    xmin: Math.max(a.xmin, b.xmin),
    ymin: Math.max(a.ymin, b.ymin),
    xmax: Math.min(a.xmax, b.xmax),
    ymax: Math.min(a.ymax, b.ymax),
  });
  return shared / (area(a) + area(b) - shared);
}

/** Which share of a class's pixels is inside a box, and which share of the box they cover. */
export async function shareOfClass(page: Page, label: string, within: Box) {
  const color = paletteColor(SEGMENTER_LABELS.indexOf(label));
  const counts = await page.locator('#learned').evaluate(
    (canvas: HTMLCanvasElement, [[red, green, blue], { xmin, ymin, xmax, ymax }]) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const counts = { all: 0, inside: 0 };
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] !== red || data[i + 1] !== green || data[i + 2] !== blue) continue;
        counts.all++;
        const [x, y] = [(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)];
        if (x >= xmin && x < xmax && y >= ymin && y < ymax) counts.inside++;
      }
      return counts;
    },
    [color, within] as const,
  );
  return { inside: counts.inside / Math.max(1, counts.all), covered: counts.inside / area(within) };
}
