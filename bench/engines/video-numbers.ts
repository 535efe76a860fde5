import { type NetworkJob, pictureShape } from './engine';

/** Draws a video's frame at the input's size and reads it back, for engines that take only numbers. */
export function videoNumbers({ shape, range }: NetworkJob['input']): (video: HTMLVideoElement) => Float32Array {
  const {
    size: [height, width],
    channelsFirst,
  } = pictureShape(shape);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  const numbers = new Float32Array(3 * width * height);
  const [pixelStep, channelStep] = channelsFirst ? [1, width * height] : [3, 1];
  return (video) => {
    context.drawImage(video, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        numbers[pixel * pixelStep + channel * channelStep] = (data[4 * pixel + channel] / 255) * range;
      }
    }
    return numbers;
  };
}
