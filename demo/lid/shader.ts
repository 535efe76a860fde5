import type { Candidate, Dispatch } from '../../src/gpu/kernel';
import { byId, make } from '../dom';
import { highlight } from './highlight';
import type { Layer } from './layers';

/** The source that runs a layer, with the constants and parameters of its launch, and the naive kernel beside it. */
export function showShader({ step }: Layer): void {
  const pane = byId('shader');
  if (!step) {
    pane.replaceChildren(
      make('p', { class: 'empty' }, 'Without WebGPU the reference in src/reference/ runs this layer.'),
    );
    return;
  }
  const { chosen, candidates } = step;
  if (chosen.dispatches.length === 0) {
    pane.replaceChildren(
      make('p', { class: 'empty' }, 'Nothing runs here: the result is already in memory, seen under another shape.'),
    );
    return;
  }
  const naive = candidates.find(({ kernel }) => kernel.endsWith('-naive') && kernel !== chosen.kernel);
  pane.replaceChildren(...sources(chosen, 'What runs'), ...(naive ? sources(naive, 'The naive kernel') : []));
}

function sources({ kernel, setting, dispatches }: Candidate, title: string): HTMLElement[] {
  return dispatches.map((dispatch, i) => {
    const { shader, workgroups } = dispatch;
    const which = dispatches.length > 1 ? `, launch ${i + 1} of ${dispatches.length}` : '';
    const summary = make(
      'summary',
      {},
      `${title}: ${kernel}${setting ? ` (${setting})` : ''}${which} · shaders/${shader.name}.wgsl · ${workgroups.join(' × ')} workgroups`,
    );
    const source = highlight(shader.source, liveValues(dispatch));
    source.tabIndex = 0;
    const details = make('details', {}, summary, source);
    details.open = i === 0 && title === 'What runs';
    return details;
  });
}

/** The launch's constants and parameters, by their names in the shader. */
export function liveValues({ constants, params }: Dispatch): Map<string, string> {
  const text = (value: number | readonly number[]): string =>
    typeof value === 'number' ? rounded(value) : `(${value.map(rounded).join(', ')})`;
  return new Map([...Object.entries(params), ...Object.entries(constants)].map(([name, v]) => [name, text(v)]));
}

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));
