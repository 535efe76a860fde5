import type { OnnxNode } from './schema';

/** ONNX's other sets of operators. */
const OTHER_DOMAINS: Readonly<Record<string, string>> = {
  'ai.onnx.ml': "ONNX's set for trees, support vectors and text",
  'ai.onnx.training': "ONNX's set for training",
  'ai.onnx.preview.training': "ONNX's set for training",
  'ai.onnx.preview': "ONNX's set of proposals",
};

/** Operators of ONNX that are left out, with what to do instead. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  ImageDecoder: 'it decodes a file, which tasks do before the network: export the network from the decoded picture on',
  MaxRoiPool: 'how many pixels its bins have only a run tells: export the network with RoiAlign instead',
  ...Object.fromEntries(
    ['TfIdfVectorizer', 'StringNormalizer', 'StringConcat', 'StringSplit', 'RegexFullMatch'].map((op) => [
      op,
      'it reads text, and there are only numbers here: export the network from the numbers on',
    ]),
  ),
};

/** Why there is no importer for a node's operator. */
export function whyUnknown({ domain, op, attributes }: OnnxNode): string {
  if (domain === 'com.microsoft.nchwc') {
    return (
      "its operators are ONNX Runtime's for one make of processor: take the file from before that optimisation, or " +
      "one that was written with its level 'extended'"
    );
  }
  if (domain === '' && Object.hasOwn(LEFT_OUT, op)) return LEFT_OUT[op];
  if (Object.hasOwn(OTHER_DOMAINS, domain)) {
    return `operators of "${domain}", ${OTHER_DOMAINS[domain]}, are not supported`;
  }
  if (domain !== '') return `operators of "${domain}" are not part of ONNX`;
  if ([...attributes.values()].some((attribute) => attribute.graph)) return 'control flow is not supported';
  return 'the operator is not supported';
}
