/** `fovea/onnx`: networks from ONNX files. A separate entry point, so that only users of ONNX download it. */
export { downloadOnnx } from './fetch';
export { type ImportedModel, importOnnx, importOnnxModel, type OnnxOptions } from './import';
export { type OnnxGraph, type OnnxModel, readModel } from './schema';
export { type ExternalData, readTensorFile } from './tensors';
export { isOnnxType, type OnnxType, typeInfo, typeName } from './types';
