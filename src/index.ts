export { Engine, type EngineOptions, type MemoryReport } from './engine';
export {
  ArgumentError,
  DeviceLostError,
  DisposedError,
  DownloadError,
  FoveaError,
  GPUValidationError,
  ModelFormatError,
  OutOfMemoryError,
  ShaderCompileError,
  ShapeError,
  type UnsupportedNode,
  UnsupportedOperatorError,
  WebGPUUnavailableError,
} from './errors';
export { type DownloadOptions, type DownloadProgress, download, downloadAs } from './formats/download';
export { readSafetensors, type SafetensorsFile } from './formats/safetensors';
export type { AdapterReport } from './gpu/device';
export type { GpuTensor, GpuTensorLike, RunInputs } from './gpu/gpu-tensor';
export type { Plan, PlanStep, Precision } from './gpu/plan';
export type { LayerTiming } from './gpu/profiler';
export type { SelfTestFailure, SelfTestReport } from './gpu/self-test';
export type { StopwatchOptions, Timing } from './gpu/stopwatch';
export type { RejectedCandidate, TunedStep, TuningOptions, TuningReport } from './gpu/tuner';
export { IndexedDbTuningCache, MemoryTuningCache, type TunedChoice, type TuningCache } from './gpu/tuning-cache';
export type { Graph, GraphNode, ValueInfo } from './graph/graph';
export type { HeadOptions, NetworkOptions } from './heads';
export { type LoadOptions, layerTimings, Model, type ProfiledResult, type RunOptions } from './model';
export type { VisionModel } from './models/vision-model';
export { type OpenRunnerOptions, openRunner } from './open-runner';
export type { Operator, OperatorAttributes } from './operators';
export type { PictureSpec, Placement, Preparation, RawPicture, Rectangle } from './picture';
export type { LoadedGraph, Runner } from './runner';
export { type Classification, type ClassifyOptions, ImageClassifier, topLabels } from './tasks/image-classifier';
export { ImageSegmenter, SegmentationMask } from './tasks/image-segmenter';
export { type InstanceMask, instanceMasks } from './tasks/instances';
export type { ModelOptions, ModelSource } from './tasks/load-model';
export { aboveThreshold, type Box, type Detection, type DetectOptions, ObjectDetector } from './tasks/object-detector';
export { type Color, paletteColor } from './tasks/palette';
export type { Picture } from './tasks/picture';
export { PictureModel } from './tasks/picture-model';
export type { Decoder, Drawing, DrawOptions, PictureNetwork, PictureRun, Stage, Task } from './tasks/task';
export { VisionTask } from './tasks/vision-task';
export { type DataType, type Shape, Tensor } from './tensor';
export { VERSION } from './version';
