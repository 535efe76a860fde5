import { describe, expect, it } from 'vitest';
import { readTriple } from '../../demo/own-network/form';
import { inputShape, pictureInput, prepare, usualPreparation } from '../../demo/own-network/preparation';

describe('the picture that a network wants', () => {
  it('lies in the order of axes that its dimensions say', () => {
    expect(pictureInput('x', [1, 3, 240, 320])).toEqual({ layouts: ['nchw'], height: 240, width: 320, colours: 3 });
    expect(pictureInput('x', ['N', 144, 256, 1])).toEqual({ layouts: ['nhwc'], height: 144, width: 256, colours: 1 });
    expect(pictureInput('x', [undefined, 3, 'height', 'width'])).toEqual({
      layouts: ['nchw'],
      height: undefined,
      width: undefined,
      colours: 3,
    });
  });

  it('may lie in either where nothing is settled', () => {
    expect(pictureInput('x', ['n', 'a', 'b', 'c'])).toMatchObject({ layouts: ['nchw', 'nhwc'], colours: undefined });
    expect(pictureInput('x', ['n', 'a', 'b', 3])).toMatchObject({ layouts: ['nhwc'] });
  });

  it.each([
    [undefined, 'of unknown rank'],
    [[1, 1000], 'has four axes'],
    [[4, 3, 8, 8], 'it wants 4 pictures at once'],
    [[1, 16, 8, 8], '1 or 3 channels'],
  ])('is refused as %j, with what to do', (dims, reason) => {
    expect(() => pictureInput('x', dims)).toThrow(reason);
    expect(() => pictureInput('x', dims)).toThrow('`fovea run` takes any input');
  });

  it('is 224 pixels wide and high where nothing else is known', () => {
    const usual = usualPreparation(pictureInput('x', ['n', 3, 'h', 'w']), 'float32');
    expect(inputShape(usual)).toEqual([1, 3, 224, 224]);
    expect(inputShape(usualPreparation(pictureInput('x', [1, 32, 'w', 3]), 'float32'))).toEqual([1, 32, 32, 3]);
  });
});

describe('a picture as a tensor', () => {
  // Red, green, blue and white.
  const data = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255);
  const picture = { data, width: 2, height: 2 };
  const plain = {
    layout: 'nchw',
    channels: 'rgb',
    size: [2, 2],
    fit: 'squash',
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } as const;
  const values = (changes: object, dtype: 'float32' | 'int32' = 'float32'): number[] =>
    Array.from(prepare(picture, { ...plain, ...changes }, dtype).data, (x) => Number(x.toFixed(3)));

  it('has planes of red, green and blue, or of blue, green and red', () => {
    expect(values({})).toEqual([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]);
    expect(values({ channels: 'bgr' })).toEqual([0, 0, 255, 255, 0, 255, 0, 255, 255, 0, 0, 255]);
  });

  it('has pixel after pixel for networks of that layout', () => {
    expect(values({ layout: 'nhwc' })).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  });

  it('has one plane of brightness', () => {
    expect(values({ channels: 'grey' })).toEqual([76.245, 149.685, 29.07, 255]);
  });

  it('has mean and deviation in the network’s order of channels', () => {
    const changes = { channels: 'bgr', mean: [10, 20, 30], std: [1, 2, 5] };
    expect(values(changes).slice(0, 1)).toEqual([-10]);
    expect(values(changes).slice(8, 9)).toEqual([45]);
  });

  it('has whole numbers for networks that take bytes', () => {
    expect(values({ channels: 'grey' }, 'int32')).toEqual([76, 150, 29, 255]);
  });
});

describe('three numbers', () => {
  it('may be one, and in any usual writing', () => {
    expect(readTriple('Mean', '127.5')).toEqual([127.5, 127.5, 127.5]);
    expect(readTriple('Mean', ' 1, 2;3 ')).toEqual([1, 2, 3]);
  });

  it.each(['', '1, 2', 'a', '1 2 3 4', '1e999'])('are not “%s”', (text) => {
    expect(() => readTriple('Mean', text)).toThrow('Mean must be one number or three');
  });

  it('of deviation are not 0', () => {
    expect(() => readTriple('Standard deviation', '1, 0, 1', (x) => x !== 0)).toThrow('other than 0');
  });
});
