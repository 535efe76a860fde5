import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { readGraph } from '../graph-file';
import { fetchBytes, type Open, pictureShape } from './engine';
import { type Held, plain, runNode } from './tfjs-operators';

export const open: Open = async ({ files, input }) => {
  const [bytes] = await Promise.all([fetchBytes(files.graph!), tf.setBackend('webgpu')]);
  await tf.ready();
  const { nodes, outputs, constants } = readGraph(bytes);
  const weights = new Map<string, Held>();
  for (const [name, { data, shape }] of constants) {
    const values = data instanceof Int32Array ? data : Float32Array.from(data);
    weights.set(name, { tensor: tf.tensor(values, [...shape]), nhwc: false });
  }
  const run = async (makeInput: () => Held): Promise<Float32Array[]> => {
    const results = tf.tidy(() => {
      const values = new Map(weights);
      values.set(input.name, makeInput());
      for (const node of nodes) {
        const inputs = node.inputs.map((name) => values.get(name)!);
        values.set(node.outputs[0], runNode(node, inputs));
      }
      return outputs.map((output) => plain(values.get(output)!));
    });
    const answers = await Promise.all(results.map((result) => result.data<'float32'>()));
    tf.dispose(results);
    return answers;
  };
  const { size, channelsFirst } = pictureShape(input.shape);
  return {
    run: (data) => run(() => ({ tensor: tf.tensor(data, [...input.shape]), nhwc: false })),
    // The backend imports a video as an external texture.
    watch: (video) =>
      run(() => {
        const picture = tf.image.resizeBilinear(tf.browser.fromPixels(video), size, false, true);
        return { tensor: tf.expandDims(tf.mul(picture, input.range / 255)), nhwc: channelsFirst };
      }),
  };
};
