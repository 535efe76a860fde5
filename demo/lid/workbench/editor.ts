import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension, RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import { make } from '../../dom';
import type { Complaint } from './step';
import { wgsl } from './wgsl';

/** A value that the launch sets, beside the name in the text that has it. */
class LiveValue extends WidgetType {
  constructor(private readonly value: string) {
    super();
  }

  override eq(other: LiveValue): boolean {
    return other.value === this.value;
  }

  override toDOM(): HTMLElement {
    return make('span', { class: 'cm-live', title: 'as this launch sets it' }, `= ${this.value}`);
  }
}

/** Once each, where a name is declared. */
function liveValues(text: string, values: ReadonlyMap<string, string>): DecorationSet {
  const found = [...values].flatMap(([name, value]) => {
    const declared = new RegExp(`^(?!\\s*//).*?\\b${name}\\b(?=\\s*[:=])`, 'm').exec(text);
    return declared ? [{ at: declared.index + declared[0].length, value }] : [];
  });
  const builder = new RangeSetBuilder<Decoration>();
  for (const { at, value } of found.sort((a, b) => a.at - b.at)) {
    builder.add(at, at, Decoration.widget({ widget: new LiveValue(value), side: 1 }));
  }
  return builder.finish();
}

const showValues = (values: ReadonlyMap<string, string>) =>
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = liveValues(view.state.doc.toString(), values);
      }
      update({ docChanged, state }: ViewUpdate): void {
        if (docChanged) this.decorations = liveValues(state.doc.toString(), values);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--sunken)', borderRadius: '8px', color: 'var(--text)', fontSize: '0.8125rem' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', maxHeight: '32rem', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', border: '0', color: 'var(--muted)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 8%, transparent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent) !important',
  },
  '.cm-live': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 18%, transparent)',
    borderRadius: '4px',
    padding: '0 0.25em',
  },
  '.cm-tooltip': { backgroundColor: 'var(--card)', border: '1px solid var(--line)', color: 'var(--text)' },
});

/** Replaces what is selected: where it spans lines Chromium would write style attributes, which the page's policy forbids. */
const typing = EditorView.domEventHandlers({
  beforeinput({ inputType, isComposing, data }, view) {
    if (inputType !== 'insertText' || isComposing || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(data ?? ''));
    return true;
  },
});

/** An editor of one shader at a time. */
export class ShaderEditor {
  readonly #view: EditorView;
  readonly #extensions: readonly Extension[];

  /** @param onRun asked by Ctrl+Enter */
  constructor(parent: HTMLElement, onChange: (text: string) => void, onRun: () => void) {
    // In a shadow tree its style sheets are objects: the page's security policy lets no script write any.
    const root = parent.attachShadow({ mode: 'open' });
    this.#view = new EditorView({ parent: root, root });
    const run = () => {
      onRun();
      return true;
    };
    this.#extensions = [
      keymap.of([{ key: 'Mod-Enter', run }, ...defaultKeymap, ...historyKeymap]),
      history(),
      lineNumbers(),
      highlightActiveLine(),
      lintGutter(),
      typing,
      wgsl,
      theme,
      EditorState.tabSize.of(2),
      // Checkers of accessibility take a text for one that keys reach by this alone.
      EditorView.contentAttributes.of({ 'aria-label': 'WGSL of this launch', tabindex: '0' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
    ];
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Another text, whose changes start anew. */
  open(text: string, values: ReadonlyMap<string, string>): void {
    this.#view.setState(EditorState.create({ doc: text, extensions: [this.#extensions, showValues(values)] }));
  }

  /** Marks what the compiler complains about, in the text and beside its line. */
  mark(complaints: readonly Complaint[]): void {
    const { doc } = this.#view.state;
    const diagnostics = complaints.map(({ severity, line, column, length, message }): Diagnostic => {
      const from = Math.min(doc.line(Math.min(line, doc.lines)).from + column - 1, doc.length);
      return { from, to: Math.min(from + length, doc.length), severity, message };
    });
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics));
  }

  /** Puts the cursor on a line. */
  goTo(line: number): void {
    const { from } = this.#view.state.doc.line(Math.min(line, this.#view.state.doc.lines));
    this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.#view.focus();
  }
}
