import type { OnnxNode } from './schema';

/** ONNX's other sets of operators. */
const OTHER_DOMAINS: Readonly<Record<string, string>> = {
  'ai.onnx.ml': "ONNX's set for trees, support vectors and text",
  'ai.onnx.training': "ONNX's set for training",
  'ai.onnx.preview.training': "ONNX's set for training",
  'ai.onnx.preview': "ONNX's set of proposals",
};

/** Why there is no importer for a node's operator. */
export function whyUnknown({ domain, attributes }: OnnxNode): string {
  if (Object.hasOwn(OTHER_DOMAINS, domain)) {
    return `operators of "${domain}", ${OTHER_DOMAINS[domain]}, are not supported`;
  }
  if (domain !== '') return `operators of "${domain}" are not part of ONNX`;
  if ([...attributes.values()].some((attribute) => attribute.graph)) return 'control flow is not supported';
  return 'the operator is not supported';
}
