import { expect, type Page } from '@playwright/test';
import { constants, numbers } from '../support/constant-network';

const SIDE = 64;
const map = (value: (row: number, column: number) => number): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => value(Math.floor(i / SIDE), i % SIDE));

/** A person in the middle with seventeen points on a diagonal, whatever the picture. */
const points = Array.from({ length: 17 }, (_, k) => [24 + k, 24 + k, 1]).flat();
export const POSE = constants({
  output0: numbers('rows', [1, 2, 57], [...new Array<number>(57).fill(0), 24, 20, 40, 44, 0.9, 0, ...points]),
});
/** A boat in the middle, four times as long as it is wide, that points to the lower right. Scores are logits. */
export const TURNED = constants(
  {
    output0: numbers(
      'rows',
      [1, 6, 84],
      [32, 32, 40, 10, 3, Math.PI / 4].flatMap((value, row) =>
        Array.from({ length: 84 }, (_, box) => (box === 30 ? value : row === 4 ? -20 : 0)),
      ),
    ),
  },
  { metadata: { names: "{0: 'boat'}", imgsz: '[64, 64]', task: 'obb' } },
);
/** The left half is in front: logits, as a network without an activation gives them. */
export const LEFT = constants({
  matte: numbers(
    'likely',
    [1, 1, SIDE, SIDE],
    map((_, column) => (column < 32 ? 20 : -20)),
  ),
});
export const GREEN = constants({
  output: numbers(
    'colours',
    [1, 3, SIDE, SIDE],
    [0, 1, 0].flatMap((value) => map(() => value)),
  ),
});
export const VECTOR = constants({ image_embeds: numbers('vector', [1, 4], [1, 2, 3, 4]) });

/** Drops files on the card of a place. */
export async function dropOn(page: Page, place: string, name: string, bytes: Uint8Array): Promise<void> {
  await page.locator(`#${place}`).evaluate(
    (card, [name, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
      card.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    },
    [name, Buffer.from(bytes).toString('base64')] as const,
  );
}

export const named = (page: Page, place: string, name: string): Promise<void> =>
  expect(page.locator(`#${place} .network-name`)).toHaveText(name);

/** The pixel of the layer over the picture at shares of its width and height. */
export const paintedAt = (page: Page, place: string, x: number, y: number): Promise<number[]> =>
  page
    .locator(`.over[data-place=${place}]`)
    .evaluate(
      (canvas: HTMLCanvasElement, [x, y]) => [
        ...canvas
          .getContext('2d')!
          .getImageData(Math.round(x * (canvas.width - 1)), Math.round(y * (canvas.height - 1)), 1, 1).data,
      ],
      [x, y],
    );

/** Lets the page’s own network answer in a place again. */
export const putOwn = async (page: Page, place: string): Promise<void> => {
  await page.locator(`#${place}`).getByRole('button', { name: 'Fovea’s own' }).click();
  await named(page, place, 'Fovea’s own');
};
