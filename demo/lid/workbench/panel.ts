import type { Engine, Graph, Tensor } from '../../../src';
import type { Candidate } from '../../../src/gpu/kernel';
import { planGraph } from '../../../src/gpu/plan-graph';
import { make } from '../../dom';
import { valuesOf } from '../../loading';
import { messageOf } from '../../notices';
import { roveIn } from '../../roving';
import { type Layer, titleOf } from '../layers';
import type { Scene, Tool } from '../scene';
import { liveValues } from '../shader';
import { ShaderEditor } from './editor';
import { guardLoops, mostTurns } from './guard';
import { kindOf } from './kinds';
import { packEdit, unpackEdit } from './link';
import { type Made, showResults } from './results';
import { type Complaint, compile, graphOf, runVersions } from './step';
import './style.css';

type Tensors = Readonly<Record<string, Tensor>>;

/** The layer that is worked on. */
interface Work {
  readonly layer: Layer;
  readonly picture: Scene['picture'];
  /** The layer as a graph of its own. */
  readonly graph: Graph;
  readonly candidates: readonly Candidate[];
  /** The one that runs in the network. */
  readonly usual: Candidate;
}

const same = (a: Candidate, b: Pick<Candidate, 'kernel' | 'setting'>): boolean =>
  a.kernel === b.kernel && a.setting === b.setting;

export const open = (body: HTMLElement): Tool => new Workbench(body);

/** The shaders of a layer in an editor, run beside the originals and held to the definition on the CPU. */
class Workbench implements Tool {
  readonly #kernels = make('div', {
    class: 'toolbar kernels',
    role: 'group',
    'aria-label': 'Kernels that can run this layer',
  });
  readonly #settings = make('select');
  readonly #launches = make('select');
  readonly #file = make('span', { class: 'credit' });
  readonly #run = make('button', { type: 'button', class: 'primary' }, 'Run');
  readonly #reset = make('button', { type: 'button' }, 'Reset');
  readonly #about = make('p', { class: 'credit' });
  readonly #status = make('p', { class: 'status', role: 'status' });
  readonly #complaints = make('ol', { class: 'complaints', 'aria-live': 'polite' });
  readonly #results = make('div', { class: 'results' });
  readonly #editor: ShaderEditor;
  readonly #parts: readonly HTMLElement[];
  #scene: Scene | undefined;
  #work: Work | undefined;
  #candidate: Candidate | undefined;
  #launch = 0;
  /** Changed texts of the candidate's launches. */
  readonly #edits = new Map<number, string>();
  /** What the page's address holds of them. */
  #packed = '';
  /** Counts what was begun: an older run shows nothing. */
  #turn = 0;

  constructor(private readonly body: HTMLElement) {
    const frame = make('div', { class: 'editor' });
    this.#editor = new ShaderEditor(
      frame,
      (text) => this.#keep(text),
      () => void this.#runBoth(),
    );
    const choices = make(
      'div',
      { class: 'toolbar' },
      make('label', {}, 'Setting ', this.#settings),
      make('label', {}, 'Launch ', this.#launches),
      this.#file,
    );
    const actions = make('div', { class: 'toolbar' }, this.#run, this.#reset, this.#status);
    this.#parts = [this.#about, this.#kernels, choices, frame, actions, this.#complaints, this.#results];
    roveIn(this.#kernels);
    this.#run.addEventListener('click', () => void this.#runBoth());
    this.#reset.addEventListener('click', () => this.#resetText());
    this.#settings.addEventListener('change', () => {
      const { kernel } = this.#candidate!;
      this.#choose(
        this.#work!.candidates.find((candidate) => same(candidate, { kernel, setting: this.#settings.value }))!,
      );
    });
    this.#launches.addEventListener('change', () => this.#openLaunch(Number(this.#launches.value)));
  }

  follow(scene: Scene): void {
    this.#scene = scene;
    const { engine, layer, listing, picture } = scene;
    if (!engine) {
      this.#say('Shaders are run and changed here where there is WebGPU.');
      return;
    }
    if (!layer?.step) {
      this.#say('Choose a layer to work on its shader.');
      return;
    }
    if (layer.step.chosen.dispatches.length === 0 || !listing.graph.values.has(layer.output)) {
      this.#say(`Nothing is computed in ${layer.node.name}: choose a layer that has a shader.`);
      return;
    }
    if (this.#work?.layer === layer) {
      if (this.#work.picture !== picture) this.#clearResults();
      this.#work = { ...this.#work, picture };
      if (scene.settings.edit && scene.settings.edit !== this.#packed) void this.#openLink(scene.settings.edit);
      return;
    }
    void this.#begin(engine, scene, layer);
  }

  #say(text: string): void {
    this.#work = undefined;
    this.body.replaceChildren(make('p', { class: 'empty' }, text));
  }

  async #begin(engine: Engine, { listing, picture, settings }: Scene, layer: Layer): Promise<void> {
    const turn = ++this.#turn;
    try {
      const graph = graphOf(listing.graph, layer.node);
      const { traits } = await engine.connection();
      const tune = async (): Promise<(all: readonly Candidate[]) => Candidate> => (all) => all[0];
      // Asked to tune, the engine loads every kernel, those for other adapters too.
      const plan = await planGraph(graph, { precision: engine.precision, device: traits, optimise: false, tune });
      const { candidates } = plan.steps.find(({ node }) => node.name === layer.node.name)!;
      if (turn !== this.#turn) return;
      const usual = candidates.find((candidate) => same(candidate, layer.step!.chosen)) ?? candidates[0];
      this.#work = { layer, picture, graph, candidates, usual };
      this.body.replaceChildren(...this.#parts);
      this.#choose(usual);
      if (settings.edit) await this.#openLink(settings.edit);
    } catch (error) {
      if (turn === this.#turn) this.#say(messageOf(error));
    }
  }

  /** Opens what a link keeps. */
  async #openLink(edit: string): Promise<void> {
    const { layer, candidates } = this.#work!;
    this.#packed = edit;
    try {
      const { launch, text, ...wanted } = await unpackEdit(edit, candidates);
      if (this.#work?.layer !== layer) return;
      this.#choose(candidates.find((candidate) => same(candidate, wanted))!);
      this.#edits.set(launch, text);
      this.#openLaunch(launch);
    } catch (error) {
      this.#status.textContent = messageOf(error);
    }
  }

  #choose(candidate: Candidate): void {
    const { candidates, usual, layer } = this.#work!;
    this.#candidate = candidate;
    this.#edits.clear();
    this.#clearResults();
    const kernels = [...new Set(candidates.map(({ kernel }) => kernel))];
    this.#kernels.replaceChildren(
      ...kernels.map((kernel) => {
        const first = kernel === usual.kernel ? usual : candidates.find((c) => c.kernel === kernel)!;
        const kind = kindOf(first);
        const button = make('button', { type: 'button' }, kernel, ...(kind ? [make('small', {}, kind)] : []));
        button.setAttribute('aria-pressed', String(kernel === candidate.kernel));
        button.addEventListener('click', () => {
          this.#link('');
          this.#choose(first);
          this.#kernels.querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
        });
        return button;
      }),
    );
    const settings = candidates.filter(({ kernel }) => kernel === candidate.kernel).map(({ setting }) => setting);
    this.#settings.replaceChildren(...settings.map((setting) => make('option', { value: setting }, setting || 'none')));
    this.#settings.value = candidate.setting;
    this.#settings.parentElement!.hidden = settings.length < 2;
    this.#launches.replaceChildren(
      ...candidate.dispatches.map(({ shader }, i) => make('option', { value: i }, `${i + 1}: ${shader.name}`)),
    );
    this.#launches.parentElement!.hidden = candidate.dispatches.length < 2;
    const which = same(candidate, usual) ? 'This runs in the network' : `In the network runs ${usual.kernel}`;
    this.#about.textContent = `${titleOf(layer)}, ${layer.shape.join(' × ')}. ${which}; numbers on a coloured ground are what the launch sets.`;
    this.#openLaunch(0);
  }

  #openLaunch(launch: number): void {
    this.#launch = launch;
    this.#launches.value = String(launch);
    const dispatch = this.#candidate!.dispatches[launch];
    this.#file.textContent = `shaders/${dispatch.shader.name}.wgsl · ${dispatch.workgroups.join(' × ')} workgroups`;
    this.#editor.open(this.#edits.get(launch) ?? dispatch.shader.source, liveValues(dispatch));
    this.#showComplaints([]);
    this.#reset.disabled = !this.#edits.has(launch);
  }

  /** The text has changed: the link keeps it. */
  #keep(text: string): void {
    const { kernel, setting, dispatches } = this.#candidate!;
    const launch = this.#launch;
    const original = dispatches[launch].shader.source;
    if (text === original) this.#edits.delete(launch);
    else this.#edits.set(launch, text);
    this.#reset.disabled = !this.#edits.has(launch);
    if (text === original) this.#link('');
    else {
      void packEdit({ kernel, setting, launch, text }, original).then((edit) => {
        if (this.#edits.get(launch) === text) this.#link(edit);
      });
    }
  }

  #link(edit: string): void {
    this.#packed = edit;
    this.#scene?.change({ edit });
  }

  #resetText(): void {
    this.#edits.delete(this.#launch);
    this.#link('');
    this.#openLaunch(this.#launch);
    this.#clearResults();
  }

  #clearResults(): void {
    this.#turn++;
    this.#status.textContent = '';
    this.#results.replaceChildren();
  }

  #showComplaints(complaints: readonly Complaint[]): void {
    this.#editor.mark(complaints);
    this.#complaints.replaceChildren(
      ...complaints.map(({ severity, line, message }) => {
        const button = make('button', { type: 'button' }, `Line ${line}`);
        button.addEventListener('click', () => this.#editor.goTo(line));
        return make('li', { class: severity }, button, ` ${message}`);
      }),
    );
  }

  /** Compiles what is written; where that works, runs it, the original and the definition. */
  async #runBoth(): Promise<void> {
    const [scene, work, candidate] = [this.#scene, this.#work, this.#candidate];
    if (!scene?.engine || !work || !candidate) return;
    const { engine } = scene;
    const turn = ++this.#turn;
    const edits = new Map(this.#edits);
    const say = (text: string): void => {
      if (turn === this.#turn) this.#status.textContent = text;
    };
    this.#run.disabled = true;
    this.#results.replaceChildren();
    try {
      say('Compiling …');
      const complaints = await compile(engine, candidate, this.#launch, this.#editor.text);
      if (turn !== this.#turn) return;
      this.#showComplaints(complaints);
      const errors = complaints.filter(({ severity }) => severity === 'error').length;
      if (errors > 0) {
        say(`It does not compile: ${errors} ${errors === 1 ? 'error' : 'errors'}.`);
        return;
      }
      say('Running …');
      const given = await inputsOf(work.graph, scene);
      const reference = this.#definition(scene, work, given);
      const versions = [
        { candidate: work.usual, edits: new Map<number, string>() },
        { candidate, edits },
      ];
      const [original, yours] = await runVersions(engine, work.graph, versions, given);
      say('Computing the definition on the CPU …');
      const expected = await reference;
      if (turn !== this.#turn) return;
      const made: Made[] = [
        { title: 'In the network', kernel: nameOf(work.usual), ...original },
        {
          title: edits.size > 0 ? 'Yours' : 'In the editor',
          kernel: nameOf(candidate) + (edits.size > 0 ? ', changed' : ''),
          ...yours,
        },
      ];
      showResults(this.#results, made, expected, work.layer.output, scene);
      const turns = boundOf(work.graph, candidate, edits);
      say(turns ? `A loop of a changed shader ends here after ${turns} turns, whatever its text says.` : '');
    } catch (error) {
      say(messageOf(error));
    } finally {
      this.#run.disabled = false;
    }
  }

  async #definition({ reference }: Scene, { graph }: Work, given: Tensors): Promise<Tensors> {
    const model = await reference().load(graph);
    try {
      return await model.run(given);
    } finally {
      model.dispose();
    }
  }
}

/** What goes into a layer, for this picture. */
async function inputsOf(graph: Graph, { runner, listing, input }: Scene): Promise<Record<string, Tensor>> {
  const [image] = listing.graph.inputs;
  const made = graph.inputs.filter((name) => name !== image);
  const values = made.length > 0 ? await valuesOf(runner, listing.graph, input, made) : new Map<string, Tensor>();
  return Object.fromEntries(graph.inputs.map((name) => [name, name === image ? input : values.get(name)!]));
}

/** The most turns that loops of changed launches take; 0 where no loop was changed. */
function boundOf(graph: Graph, { dispatches }: Candidate, edits: ReadonlyMap<number, string>): number {
  const withLoops = [...edits].filter(([, text]) => guardLoops(text, 1) !== text);
  return Math.max(0, ...withLoops.map(([launch]) => mostTurns(graph, dispatches[launch])));
}

const nameOf = ({ kernel, setting }: Candidate): string => (setting ? `${kernel} (${setting})` : kernel);
