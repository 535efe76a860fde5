import { sizeOf } from '../../tensor';
import { GraphEditor, isBare } from './editor';
import type { Pass } from './pass';
import { isPointwise } from './windows';

/**
 * Moves a 1×1 convolution ahead of the enlargement that it alone reads: it then has fewer pixels, and fewer channels are
 * enlarged. A resized pixel is a mean of pixels with weights that add up to one, so that a linear map with a bias gives the
 * same before and behind it.
 */
export const convBeforeResize: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const conv of editor.nodes()) {
    if (conv.op !== 'conv2d') continue;
    const [large, ...weights] = conv.inputs;
    const resize = editor.madeFor(large, conv, 'resize2d');
    if (!resize || !isBare(conv) || !isPointwise(conv, editor.shape(weights[0]))) continue;
    const [x] = resize.inputs;
    const shape = editor.shape(x).with(1, editor.shape(weights[0])[0]);
    const isEnlarged = sizeOf(editor.shape(x)) <= sizeOf(editor.shape(large));
    if (!isEnlarged || shape[1] > editor.shape(x)[1]) continue;
    const small = editor.addValue(`${conv.name}/small`, { shape, dtype: 'float32' });
    editor.replace(resize, { ...conv, inputs: [x, ...weights], outputs: [small] });
    editor.replace(conv, { ...resize, inputs: [small], outputs: conv.outputs });
  }
  return editor.build();
};
