import type { Open } from './engine';
import { openWith } from './onnxruntime';

export const open: Open = (network) => openWith('/onnxruntime-web/ort.wasm.bundle.min.mjs', 'wasm', network);
