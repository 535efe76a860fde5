import { readFileSync } from 'node:fs';
import accuracies from '../../../demo/accuracies.json';
import { readSafetensors } from '../../../src/formats/safetensors';
import { receptiveField } from '../../../src/graph/receptive-field';
import { graphStatistics } from '../../../src/graph/statistics';
import { boxesPerCell, type DefaultBoxSettings } from '../../../src/models/default-boxes';
import { runReference } from '../../../src/reference';
import { pictureToTensor } from '../../../src/reference/picture';
import { type Blocks, tableOf } from './blocks';

import { NETWORKS, network, photograph } from './networks';

const count = (value: number): string => value.toLocaleString('en');
const TASKS = { classifier: 'classify', detector: 'detect', segmenter: 'segment' } as const;

/** Default boxes and what is left of them; receptive fields; what the three answers cost. */
export async function blocks(): Promise<Blocks> {
  return { ...(await boxes()), ...fields(), ...costs() };
}

async function boxes(): Promise<Blocks> {
  const { graph, spec, labels } = network('detector');
  const { metadata } = readSafetensors(readFileSync('weights/detector.safetensors'), 'detector');
  const settings: DefaultBoxSettings = JSON.parse(metadata.defaultBoxes);
  const { scoreThreshold, iouThreshold } = JSON.parse(metadata.nms);
  const image = pictureToTensor(await photograph('elephant'), spec);
  const found = runReference(graph, { image }, ['scores', 'detections']);
  const scores = found.get('scores')!;
  const [, rows, classes] = scores.shape;
  const best = Array.from({ length: rows }, (_, box) =>
    Math.max(...scores.data.subarray(box * classes + 1, (box + 1) * classes)),
  );
  const over = (threshold: number): number => best.filter((score) => score >= threshold).length;
  const detections = found.get('detections')!;
  const kept = Array.from({ length: detections.shape[0] }, (_, i) =>
    Array.from(detections.data.subarray(i * 6, i * 6 + 6)),
  );
  const shown = kept.filter(([, , , , score]) => score >= 0.4);
  return {
    'numbers: boxes': [
      tableOf(
        ['Feature map', 'Cells', 'Boxes of a cell', 'Boxes'],
        settings.featureMaps.map((side, k) => {
          const perCell = boxesPerCell(settings, k);
          return [`${side} × ${side}`, count(side ** 2), perCell, count(side ** 2 * perCell)];
        }),
      ),
      '',
      tableOf(
        ['What is left', 'Boxes'],
        [
          ['default boxes', count(rows)],
          [`some class scores at least ${scoreThreshold}`, count(over(scoreThreshold))],
          ['some class scores at least 0.4', count(over(0.4))],
          [`after suppression at an overlap of ${iouThreshold}`, count(kept.length)],
          [
            `shown at 0.4: ${shown.map(([, , , , score, label]) => `${labels[label]} ${score.toFixed(2)}`).join(', ')}`,
            count(shown.length),
          ],
        ],
      ),
    ].join('\n'),
  };
}

/** What one pixel in the middle of each of the segmenter's maps depends on. */
function fields(): Blocks {
  const { graph } = network('segmenter');
  const inputSide = graph.values.get('image')!.shape[2];
  const maps = ['stage1.0', 'stage2.1', 'stage3.1', 'stage5.2', 'stage7.0', 'neck', 'up4', 'up3', 'up2', 'up1', 'head'];
  const rows = maps.map((map) => {
    const node = graph.nodes.findLast(({ name }) => name === map || name.startsWith(`${map}.`))!;
    const { shape } = graph.values.get(node.outputs[0])!;
    const middle = Math.floor(shape[2] / 2);
    const { top, bottom } = receptiveField(graph, node.outputs[0], middle, middle).get('image')!;
    return [map, `${shape[1]} × ${shape[2]} × ${shape[3]}`, inputSide / shape[2], bottom - top + 1];
  });
  return {
    'numbers: fields': tableOf(['Map', 'Channels × rows × columns', 'Pixels a step', 'Rows that it sees'], rows),
  };
}

/** The three tasks beside each other: what they know from val, and what they take. */
function costs(): Blocks {
  const rows = NETWORKS.map((name) => {
    const { graph, labels } = network(name);
    const { flops, parameters } = graphStatistics(graph);
    const numbers = graph.outputs.reduce(
      (sum, output) => sum + graph.values.get(output)!.shape.reduce((product, side) => product * side, 1),
      0,
    );
    return [
      name,
      labels.filter((label) => label !== 'background').length,
      `${(parameters / 1e6).toFixed(2)} M`,
      `${(flops / 1e9).toFixed(2)} GFLOP`,
      count(numbers),
      accuracies[TASKS[name]],
    ];
  });
  return {
    'numbers: costs': tableOf(
      ['Network', 'Things it knows', 'Parameters', 'Arithmetic', 'Numbers out', 'On unseen pictures'],
      rows,
    ),
  };
}
