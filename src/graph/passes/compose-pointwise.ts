import { Tensor } from '../../tensor';
import { GraphEditor, isBare } from './editor';
import type { Pass } from './pass';
import { isPointwise } from './windows';

/**
 * Makes one 1×1 convolution of two in a row, where that is less arithmetic: without an activation between,
 * `V · (W · x + b) + c = (V · W) · x + (V · b + c)`. A bottleneck of few channels has a reason to be two.
 */
export const composePointwise: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const second of editor.nodes()) {
    if (second.op !== 'conv2d' || !editor.has(second)) continue;
    const [between, ...behind] = second.inputs;
    const first = editor.madeFor(between, second, 'conv2d');
    if (!first || !isBare(first)) continue;
    const [W, b] = first.inputs.slice(1).map((name) => editor.constant(name));
    const [V, c] = behind.map((name) => editor.constant(name));
    if (!W || !b || !V || !c || !isPointwise(first, W.shape) || !isPointwise(second, V.shape)) continue;
    const [middle, channels] = W.shape;
    const [outputs] = V.shape;
    if (channels * outputs > (channels + outputs) * middle) continue;
    const weight = new Float32Array(outputs * channels);
    const bias = new Float32Array(outputs);
    const row = new Float64Array(channels);
    for (let o = 0; o < outputs; o++) {
      row.fill(0);
      let sum = c.data[o];
      for (let m = 0; m < middle; m++) {
        const v = V.data[o * middle + m];
        sum += v * b.data[m];
        for (let i = 0; i < channels; i++) row[i] += v * W.data[m * channels + i];
      }
      weight.set(row, o * channels);
      bias[o] = sum;
    }
    const names = [
      editor.addConstant(`${behind[0]}*${first.name}`, Tensor.float32([outputs, channels, 1, 1], weight)),
      editor.addConstant(`${behind[1]}*${first.name}`, Tensor.float32([outputs], bias)),
    ];
    editor.remove(first);
    editor.replace(second, { ...second, inputs: [first.inputs[0], ...names, ...second.inputs.slice(3)] });
  }
  return editor.build();
};
