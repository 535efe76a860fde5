import { ArgumentError } from '../errors';
import { centers } from './centers';
import { classes } from './classes';
import { embedding } from './embedding';
import type { Head, HeadOptions, NetworkFacts, Reading } from './head';
import { heatMaps } from './heat-maps';
import { yoloMasks } from './instance-masks';
import { blazeface, nanodet, picodet, yunet } from './levels';
import { depth, matte, picture } from './maps';
import { maskQueries } from './mask-queries';
import { yoloOriented, yoloUpright } from './oriented';
import { blazefacePoints, poseRows, retinafacePoints, simcc, yoloPose, yunetPoints } from './poses';
import { retinaface } from './retinaface';
import { detr, lists, numberedRows, rows, rtDetr, scoredBoxes } from './rows';
import { rtmdet } from './rtmdet';
import { semantic } from './semantic';
import { ssd } from './ssd';
import { yolov5, yolov5Grids, yolov7Grids, yolov8, yolox } from './yolo';

/** Every head, in the order in which they are tried: those that few networks fit come first. */
export const HEADS: readonly Head[] = [
  classes,
  lists,
  scoredBoxes,
  detr,
  rtDetr,
  yunet,
  blazeface,
  picodet,
  retinaface,
  centers,
  rtmdet,
  ssd,
  numberedRows,
  nanodet,
  yolox,
  yoloUpright,
  yolov8,
  yolov5,
  yolov5Grids,
  yolov7Grids,
  rows,
  maskQueries,
  semantic,
  yoloOriented,
  yoloPose,
  poseRows,
  yunetPoints,
  blazefacePoints,
  retinafacePoints,
  simcc,
  heatMaps,
  yoloMasks,
  depth,
  matte,
  picture,
  embedding,
];

/** Other names of heads: networks whose outputs are of a kind that has the name of another. */
const ALIASES: Readonly<Record<string, string>> = {
  yolov3: 'yolov5',
  yolov6: 'yolov5',
  yolov7: 'yolov5',
  yolov9: 'yolov8',
  yolo11: 'yolov8',
  yolo12: 'yolov8',
  yolov10: 'rows',
  yolo26: 'rows',
  ultraface: 'ssd',
  yolos: 'detr',
  'd-fine': 'rt-detr',
};

/** What a caller says about the outputs, the head by its own name. @throws ArgumentError for an unknown name */
export function headOptions(given: string | HeadOptions = {}): HeadOptions {
  const options = typeof given === 'string' ? { name: given } : given;
  if (options.name === undefined) return options;
  const name = Object.hasOwn(ALIASES, options.name) ? ALIASES[options.name] : options.name;
  if (HEADS.some((head) => head.name === name)) return { ...options, name };
  throw new ArgumentError(`there is no head "${options.name}", only ${HEADS.map((head) => head.name).join(', ')}`);
}

/** The head that fits, by the caller's word or by the outputs. @throws ArgumentError when none does */
export function findHead(facts: NetworkFacts, task: string, network: string): { head: Head; reading: Reading } {
  const { name } = facts.options;
  const tried = HEADS.filter((head) => head.task === task && (name === undefined || head.name === name));
  for (const head of tried) {
    const reading = head.recognise(facts);
    if (reading) return { head, reading };
  }
  const outputs = facts.outputs.map((output) => `"${output.name}" ${output.dtype} [${output.shape.join(', ')}]`);
  const said = facts.labels ? ` with ${facts.labels.length} labels` : '';
  const kinds = tried.map((head) => `${head.name}: ${head.reads}`);
  const there = HEADS.filter((head) => head.task === task).map((head) => head.name);
  const what = name === undefined ? `no head to ${task} fits` : `head "${name}" to ${task} does not fit`;
  throw new ArgumentError(
    `${network}: ${what} its outputs ${outputs.join(', ')}${said}; ` +
      (kinds.length > 0 ? `tried ${kinds.join('; ')}. ` : `heads to ${task} are ${there.join(', ')}. `) +
      "Say what they are with { head: 'yolov8', labels }, or run the network with engine.load",
  );
}
