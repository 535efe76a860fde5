import type { OperatorImporter } from '../node-context';
import { attentions } from './attention';
import { bits } from './bits';
import { convolutions } from './convolution';
import { detection } from './detection';
import { elementwise } from './elementwise';
import { fourier } from './fourier';
import { indexing } from './indexing';
import { linearAttentions } from './linear-attention';
import { losses } from './loss';
import { matrices } from './matrix';
import { normalizations } from './normalization';
import { pooling } from './pooling';
import { quantized } from './quantization';
import { quantizedByRuntime } from './quantization-runtime';
import { randoms } from './random';
import { rearranging } from './rearrange';
import { recurrents } from './recurrent';
import { reductions } from './reduction';
import { resizing } from './resize';
import { regions } from './roi-align';
import { running } from './running';
import { fusedByRuntime } from './runtime';
import { attentionsByRuntime } from './runtime-attention';
import { sampling } from './sampling';
import { sequences } from './sequence';
import { shapes } from './shape';
import { signals } from './signal';

/** How each operator of ONNX's standard set is imported, by its name. */
export const OPERATORS: ReadonlyMap<string, OperatorImporter> = new Map(
  Object.entries({
    ...convolutions,
    ...pooling,
    ...matrices,
    ...normalizations,
    ...elementwise,
    ...bits,
    ...running,
    ...reductions,
    ...shapes,
    ...indexing,
    ...rearranging,
    ...resizing,
    ...quantized,
    ...detection,
    ...sampling,
    ...regions,
    ...fourier,
    ...signals,
    ...attentions,
    ...linearAttentions,
    ...recurrents,
    ...sequences,
    ...randoms,
    ...losses,
  }),
);

/** The same for the domain `com.microsoft`, in which ONNX Runtime's optimiser and quantiser write. */
const RUNTIME: ReadonlyMap<string, OperatorImporter> = new Map(
  Object.entries({ ...quantizedByRuntime, ...fusedByRuntime, ...attentionsByRuntime }),
);

/** Operators whose inputs may be sequences of tensors. */
export const TAKES_SEQUENCES: ReadonlySet<string> = new Set(Object.keys(sequences));

/** How an operator is imported, by its domain and name. */
export function importerOf(domain: string, name: string): OperatorImporter | undefined {
  if (domain === '') return OPERATORS.get(name);
  return domain === 'com.microsoft' ? RUNTIME.get(name) : undefined;
}
