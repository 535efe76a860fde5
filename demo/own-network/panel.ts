import { ArgumentError, type Engine, type LoadedGraph, type RawPicture, type Runner } from '../../src';
import type { ImportedModel } from '../../src/formats/onnx';
import { byId, make, megabytes, milliseconds, onSlider, percent } from '../dom';
import type { OwnNetwork } from '../lid/lid';
import { openCpuRunner } from '../loading';
import { messageOf } from '../notices';
import { isOnnx } from '../pictures';
import { type Detecting, withDetections } from './detections';
import { factsOf, importNetwork, type NetworkFile, readNetworkFile } from './file';
import { fillForm, readForm, setUpForm } from './form';
import { type Reading, readingsOf } from './outputs';
import { inputShape, type Preparation, placementSpec, prepare, usualPreparation } from './preparation';
import { fetchNetwork, PUBLIC_NETWORKS, type PublicNetwork } from './public-networks';
import { type Answer, nameOf, showAnswer, showFacts, showPicture } from './show';

/** A network for pictures of one shape, ready to run. */
interface Ready {
  readonly shape: string;
  readonly imported: ImportedModel;
  readonly model: LoadedGraph;
  readonly readings: readonly Reading[];
  /** Present when one of the library's heads finds boxes in the outputs. */
  readonly detecting: Detecting | undefined;
}

/** Things that came with a file. */
interface Circumstances {
  readonly known?: PublicNetwork;
  readonly beside?: ReadonlyMap<string, Uint8Array>;
}

/** A network of the user's own: inspected, run on the current picture, its outputs drawn. */
export class OwnNetworkPanel {
  #file: NetworkFile | undefined;
  #labels: readonly string[] = [];
  #ready: Ready | undefined;
  #picture: RawPicture | undefined;
  #answer: Answer | undefined;
  #runner: Runner | undefined;
  #downloading: AbortController | undefined;
  /** One thing at a time, the latest last. */
  #last: Promise<void> = Promise.resolve();

  /** @param onNetwork told of every network that is about to run, and of every change in how it is fed */
  constructor(
    private readonly gpu: Promise<Engine | undefined>,
    private readonly onNetwork: (network: OwnNetwork) => Promise<void>,
  ) {
    onFiles('own-choose', 'own-file', (files) => {
      const network = files.find(({ name }) => isOnnx(name)) ?? files[0];
      const beside = files.filter((file) => file !== network);
      void this.takeFile(network, beside);
    });
    onFiles('own-names', 'own-names-file', ([file]) => void this.#do(() => this.#takeNames(file)));
    byId('own-cancel').addEventListener('click', () => this.#downloading?.abort());
    setUpForm(() => void this.#do(() => this.#prepareAndRun()));
    byId('own-reading').addEventListener('change', () => this.#show());
    onSlider('own-threshold', percent, () => this.#show());
    byId('own-list').append(...PUBLIC_NETWORKS.map((network) => this.#entry(network)));
  }

  /**
   * A file that was dropped or chosen. What is wrong with it is said on the page.
   *
   * @param beside other files, in which it may keep its weights
   */
  takeFile(file: File, beside: readonly File[] = []): Promise<void> {
    this.#expect();
    const contents = async (other: File) => [other.name, await bytesOf(other)] as const;
    return this.#do(async () =>
      this.#take(file.name, await bytesOf(file), { beside: new Map(await Promise.all(beside.map(contents))) }),
    );
  }

  /** Another picture: a network that is there looks at it. */
  look(picture: RawPicture): Promise<void> {
    this.#picture = picture;
    return this.#file ? this.#do(() => this.#run()) : Promise.resolve();
  }

  async #takeNames(file: File): Promise<void> {
    const lines = (await file.text()).split(/\r?\n/).map((line) => line.trim());
    this.#labels = lines.filter((line) => line !== '');
    if (this.#answer) this.#answer = { ...this.#answer, ...this.#names() };
    this.#show();
  }

  #entry(network: PublicNetwork): HTMLElement {
    const { name, task, bytes, licence, source } = network;
    const run = make('button', { type: 'button', 'aria-label': `Run ${name}` }, 'Run');
    run.addEventListener('click', () => void this.#fetch(network));
    const where = make('a', { href: source, rel: 'noreferrer', target: '_blank' }, new URL(source).pathname.slice(1));
    return make(
      'li',
      {},
      make('h3', {}, name),
      run,
      make('p', {}, `Finds ${task}. ${megabytes(bytes)}, ${licence}, from `, where),
    );
  }

  #fetch(network: PublicNetwork): Promise<void> {
    this.#expect();
    return this.#do(async () => {
      this.#downloading = new AbortController();
      byId('own-cancel').hidden = false;
      try {
        const report = (loaded: number): void =>
          this.#say(`Downloading ${network.name}: ${megabytes(loaded)} of ${megabytes(network.bytes)}`);
        report(0);
        const { signal } = this.#downloading;
        const bytes = await fetchNetwork(network, ({ loaded }) => report(loaded), signal).catch((error: unknown) => {
          throw signal.aborted ? new ArgumentError(`The download of ${network.name} was cancelled.`) : error;
        });
        await this.#take(network.name, bytes, { known: network });
      } finally {
        byId('own-cancel').hidden = true;
      }
    });
  }

  /** Does one thing after the other, and says what goes wrong. */
  #do(work: () => Promise<void>): Promise<void> {
    const section = byId('own');
    this.#last = this.#last.then(async () => {
      section.setAttribute('aria-busy', 'true');
      byId('own-error').hidden = true;
      try {
        await work();
      } catch (error) {
        byId('own-error').textContent = messageOf(error);
        byId('own-error').hidden = false;
        // The form says something else than what was shown.
        this.#answer = undefined;
      } finally {
        this.#settle();
        this.#say('');
        section.removeAttribute('aria-busy');
      }
    });
    return this.#last;
  }

  async #take(name: string, bytes: Uint8Array, { known, beside }: Circumstances): Promise<void> {
    this.#say(`Reading ${name} …`);
    this.#forget();
    try {
      const file = await readNetworkFile(name, bytes, beside);
      const usual = usualPreparation(file.picture, file.dtype);
      fillForm(file, { ...usual, ...known?.preparation });
      this.#file = file;
      this.#labels = known?.labels ?? file.labels ?? [];
      byId('own-name').textContent = name;
      await this.#prepareAndRun();
    } catch (error) {
      const message = messageOf(error);
      throw message.includes(name) ? error : new ArgumentError(`${name}: ${message}`, { cause: error });
    }
  }

  /** Keeps the place of what is to come, while the page may still move under the user's hand. */
  #expect(): void {
    const place = byId('own-network');
    place.classList.add('waiting');
    place.hidden = false;
    byId('own-answer').hidden = false;
    if (this.#picture) showPicture(this.#picture);
  }

  #forget(): void {
    this.#ready?.model.dispose();
    this.#ready = undefined;
    this.#answer = undefined;
    this.#file = undefined;
    for (const id of ['own-facts', 'own-reading', 'own-labels', 'own-things', 'own-maps']) byId(id).replaceChildren();
  }

  /** Shows what there is once work has ended: nothing of a network that was refused, and no form that cannot help it. */
  #settle(): void {
    const { height, width } = this.#file?.picture ?? {};
    const isOpen = this.#file !== undefined && (height === undefined || width === undefined);
    byId('own-network').hidden = !this.#ready && !isOpen;
    byId('own-answer').hidden = !this.#answer;
    byId('own-network').classList.remove('waiting');
  }

  /** Reads the form; a picture of another shape is another network to the engine. */
  async #prepareAndRun(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    const preparation = readForm();
    const shape = inputShape(preparation).join();
    if (this.#ready?.shape !== shape) {
      this.#ready?.model.dispose();
      this.#ready = undefined;
      this.#ready = await this.#load(file, preparation, shape);
      listReadings(this.#ready);
    }
    await this.#run();
    await this.onNetwork({
      name: file.name,
      labels: this.#names().boxLabels,
      graph: this.#ready.imported.graph,
      spec: placementSpec(preparation),
      input: (picture) => prepare(picture, preparation, file.dtype),
    });
  }

  async #load(file: NetworkFile, preparation: Preparation, shape: string): Promise<Ready> {
    const imported = await importNetwork(file, preparation);
    const { graph } = imported;
    showFacts(factsOf(imported));
    this.#runner ??= (await this.gpu) ?? (await openCpuRunner());
    if (this.#runner.kind === 'gpu') this.#say('Compiling shaders …');
    const detecting = withDetections(graph, preparation, file.metadata, this.#labels);
    const model = await this.#runner.load(detecting?.graph ?? graph);
    const [height, width] = preparation.size;
    const own = model.graph.outputs.slice(0, graph.outputs.length);
    const outputs = own.map((name) => ({ name, ...model.graph.values.get(name)! }));
    const colours = preparation.channels === 'grey' ? 1 : 3;
    const readings = readingsOf(outputs, { height, width, colours }, detecting !== undefined);
    return { shape, imported, model, readings, detecting };
  }

  async #run(): Promise<void> {
    const { file, ready, picture } = { file: this.#file, ready: this.#ready, picture: this.#picture };
    if (!file || !ready || !picture) return;
    this.#say(this.#runner?.kind === 'gpu' ? 'Looking …' : 'Computing on the CPU …');
    const preparation = readForm();
    const [name] = ready.model.graph.inputs;
    const input = prepare(picture, preparation, file.dtype);
    const start = performance.now();
    const outputs = new Map(Object.entries(await ready.model.run({ [name]: input })));
    byId('own-time').textContent = milliseconds(performance.now() - start);
    this.#answer = { picture, preparation, outputs, ...this.#names() };
    byId('own-answer').hidden = false;
    this.#show();
  }

  #names(): Pick<Answer, 'labels' | 'boxLabels'> {
    return { labels: this.#labels, boxLabels: this.#ready?.detecting?.labels(this.#labels) ?? this.#labels };
  }

  #show(): void {
    const reading = this.#ready?.readings[byId<HTMLSelectElement>('own-reading').selectedIndex];
    if (this.#answer && reading)
      showAnswer(this.#answer, reading, byId<HTMLInputElement>('own-threshold').valueAsNumber);
  }

  #say(text: string): void {
    byId('own-status').textContent = text;
  }
}

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

/** Lets a button open the browser's dialogue for files. */
function onFiles(buttonId: string, inputId: string, take: (files: readonly File[]) => void): void {
  const input = byId<HTMLInputElement>(inputId);
  byId(buttonId).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) take(files);
    input.value = '';
  });
}

function listReadings({ readings, imported }: Ready): void {
  const options = readings.map((reading) => make('option', {}, nameOf(reading, imported.graph.outputs.length)));
  byId('own-reading').replaceChildren(...options);
}
