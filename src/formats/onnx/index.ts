/** `fovea/onnx`: networks from ONNX files. An entry point of its own, so that who does not import ONNX does not load it. */
export { type ImportedModel, importOnnx, importOnnxModel, type OnnxOptions } from './import';
export { type OnnxGraph, type OnnxModel, readModel } from './schema';
export { type ExternalData, readTensorFile } from './tensors';
export { isOnnxType, type OnnxType, typeInfo, typeName } from './types';
