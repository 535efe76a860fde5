import { ArgumentError } from '../errors';
import type { NetworkOptions } from '../heads';
import { readBytes } from './files';

/** What a command line may say about an ONNX file. */
export const NETWORK_OPTIONS = {
  head: {
    type: 'string',
    value: 'NAME',
    summary: 'what the outputs of an ONNX file are, such as yolov8 or ssd; otherwise they are recognised',
  },
  labels: { type: 'string', value: 'FILE.txt', summary: 'names of the classes of an ONNX file, one on each line' },
  preparation: {
    type: 'string',
    value: 'JSON',
    summary: 'how an ONNX file wants pictures, such as {"channels":"bgr","fit":"squash","mean":[0,0,0],"std":[1,1,1]}',
  },
} as const;

export type NetworkOptionValues = { readonly [K in keyof typeof NETWORK_OPTIONS]?: string };

/** @throws ArgumentError */
export function parseNetworkOptions({ head, labels, preparation }: NetworkOptionValues): NetworkOptions {
  return {
    ...(head !== undefined && { head }),
    ...(labels !== undefined && { labels: readLabels(labels) }),
    ...(preparation !== undefined && { preparation: parsePreparation(preparation) }),
  };
}

const readLabels = (file: string): string[] =>
  new TextDecoder()
    .decode(readBytes(file))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

function parsePreparation(text: string): NonNullable<NetworkOptions['preparation']> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArgumentError(`--preparation must be JSON, got "${text.slice(0, 60)}"`, { cause });
  }
}
