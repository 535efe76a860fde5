/** `fovea/tasks`: what networks by other people do besides naming, finding and segmenting. An entry point of its own, so that only its users download it. */
export { BackgroundRemover, CutOut, type Matte } from './background-remover';
export { type Crop, type CropOptions, CropPipeline } from './crop-pipeline';
export { DepthEstimator, DepthMap } from './depth-estimator';
export { type Drawable, draw, type ResultDrawOptions } from './draw';
export { ImageEmbedder, similarity } from './image-embedder';
export { ImageTransformer, type TransformOptions } from './image-transformer';
export { InstanceSegmenter } from './instance-segmenter';
export { type OrientedDetection, OrientedDetector } from './oriented-detector';
export { COCO_LIMBS, type Keypoint, type Pose, PoseEstimator } from './pose-estimator';
export { type Prompt, type PromptableFile, PromptMask } from './prompt';
export { type EncodedPicture, PromptableSegmenter, type PromptableSource } from './promptable-segmenter';
export { VideoMatter, type VideoMatterOptions } from './video-matter';
