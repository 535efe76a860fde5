import type { Networks } from './answering';
import { optionsOf, PUBLIC_NETWORKS } from './own-network/public-networks';
import type { Settings } from './settings';

/** How a program calls each task: its class, the object and what comes of it, what it asks. */
const CALLS: Readonly<Record<string, readonly [className: string, network: string, result: string, call: string]>> = {
  classify: ['ImageClassifier', 'classifier', 'labels', 'classify(picture, { topK })'],
  detect: ['ObjectDetector', 'detector', 'things', 'detect(picture, { threshold })'],
  segment: ['ImageSegmenter', 'segmenter', 'mask', 'segment(picture)'],
  pose: ['PoseEstimator', 'poseEstimator', 'poses', 'estimate(picture, { threshold })'],
  instances: ['InstanceSegmenter', 'instanceSegmenter', 'instances', 'segment(picture, { threshold })'],
  depth: ['DepthEstimator', 'depthEstimator', 'depth', 'estimate(picture)'],
  'cut-out': ['BackgroundRemover', 'remover', 'cutOut', 'remove(picture)'],
  transform: ['ImageTransformer', 'transformer', 'transformed', 'transform(picture, { whole: true })'],
  embed: ['ImageEmbedder', 'embedder', 'vector', 'embed(picture)'],
  orient: ['OrientedDetector', 'orientedDetector', 'orientedThings', 'detect(picture, { threshold })'],
  'video-matte': ['VideoMatter', 'videoMatter', 'matte', 'next(picture)'],
};

/** The tasks that `fovea` itself exports, and the files of their own networks. */
const CORE: Readonly<Record<string, string>> = { classify: 'classifier', detect: 'detector', segment: 'segmenter' };

/** A program that does with the library what the page does under these settings, with the networks that answer on it. */
export function snippet(settings: Settings, { places }: Networks): string {
  const { topK, threshold } = settings;
  const used = Object.entries(places).map(([id, { card, task }], i, all) => {
    const { name } = task.task;
    const [className, network, result, call] = CALLS[name];
    // Two networks of one task have names of their own.
    const number = all.slice(0, i).some(([, other]) => other.task.task.name === name) ? '2' : '';
    const asked = call.replace('topK', `topK: ${topK}`).replace('threshold', `threshold: ${threshold}`);
    return {
      isCore: name in CORE,
      className,
      load: `const ${network}${number} = await ${className}.load(engine, ${sourceOf(id, card.network, settings)});`,
      call: `const ${result}${number} = await ${network}${number}.${asked};`,
      show: `console.log(${result}${number});`,
    };
  });
  const classes = (isCore: boolean): string =>
    [...new Set(used.flatMap((one) => (one.isCore === isCore ? one.className : [])))].join(', ');
  const others = classes(false) && `import { ${classes(false)} } from 'fovea/tasks';\n`;
  const core = classes(true) && `, ${classes(true)}`;
  return `import { Engine${core} } from 'fovea';
${others}
const engine = await Engine.create();
${used.map(({ load }) => load).join('\n')}

const picture = document.querySelector('img');
${used.map(({ call }) => call).join('\n')}

${used.map(({ show }) => show).join('\n')}
`;
}

/** Where a program finds a network, and what it has to say about it. */
function sourceOf(place: string, network: string, settings: Settings): string {
  const named = settings[place as 'classify' | 'detect' | 'segment'];
  const published = PUBLIC_NETWORKS.find(({ name }) => name === named);
  if (published) return `'${published.url}', ${JSON.stringify(optionsOf(published))}`;
  if (named) return `'${named}'`;
  // A file that was dropped has no address, and is where its owner has it.
  return isFile(network) ? `'${network}'` : `'weights/${CORE[place]}.safetensors'`;
}

const isFile = (network: string): boolean => /\.(onnx|safetensors)$/i.test(network);
