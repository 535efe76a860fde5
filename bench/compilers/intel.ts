import type { Chip } from './chips';
import type { Block, Dialect, Instruction, Kind } from './dialect';

/** Latencies in cycles: that of loads is a guess (second cache), the others are Mesa's own. */
const LOAD_LATENCY = 240;
const SCRATCH_LATENCY = 120;
const ARITHMETIC_LATENCY = 10;
/** From a message being sent to its payload being free. */
const PAYLOAD_CYCLES = 20;

/** `(predicate) name.modifiers(lanes) destination …` */
const INSTRUCTION = /^\s*(?:\([^)]*\)\s*)?([a-z][a-z0-9]*)[\w.]*(?:\s+\w+)?\((\d+)\)\s+(\S*)/;
const FLOAT = />(F|HF)\b/;
const MEMORY: readonly Kind[] = ['load', 'store', 'spill', 'workgroup memory'];
const JUMPS = ['while', 'if', 'else', 'endif', 'break', 'cont'];

function kindOf(name: string, text: string, isFloat: boolean): Kind {
  if (/^sends?c?$/.test(name)) return messageKind(text);
  if (JUMPS.includes(name)) return 'branch';
  switch (name) {
    case 'sync':
    case 'nop':
    case 'wait':
      return 'wait';
    case 'math':
      return 'transcendental';
    case 'sel':
    case 'csel':
      return 'select';
    case 'cmp':
      return 'compare';
    case 'mov':
      return 'move';
    case 'mad':
      return isFloat ? 'multiply-add' : 'integer';
    case 'mul':
    case 'mach':
      if (isFloat) return 'float';
      // By 16 bits it runs at the full rate.
      return /W\s/.test(text) ? 'integer' : 'integer multiply';
    default:
      return isFloat ? 'float' : 'integer';
  }
}

function messageKind(text: string): Kind {
  if (/\bss \)|DC OWORD block/.test(text)) return 'spill';
  if (/\b(gateway|fence|mfence|thread_spawner)\b/.test(text)) return 'wait';
  // Tiger Lake names workgroup memory by its surface.
  if (/\bslm\b|Surface = 254/.test(text)) return 'workgroup memory';
  return /\b(store|write)\b/.test(text) ? 'store' : 'load';
}

/** Registers that a message sends and receives. */
const registersMoved = (text: string): number =>
  [...text.matchAll(/(?:dst_len|src1_len|rlen|ex_mlen) =? ?(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);

function parseInstruction(line: string, subgroup: number, chip: Chip): Instruction | undefined {
  const found = INSTRUCTION.exec(line);
  if (!found) return undefined;
  const [, name, lanes, target] = found;
  const isFloat = />(F|HF)$/.test(target);
  const kind = kindOf(name, line, isFloat);
  const isMessage = MEMORY.includes(kind);
  const slow = kind === 'integer multiply' || kind === 'transcendental' ? 4 : 1;
  const registerBytes = 4 * Math.max(8, chip.lanes);
  return {
    name,
    text: line,
    kind,
    issue: isMessage || kind === 'wait' ? 0 : slow * Math.max(1, Number(lanes) / chip.lanes),
    cache: isMessage ? (registersMoved(line) * registerBytes) / chip.firstCacheBytes : 0,
    // It is part of the first cache.
    shared: 0,
    multiplyAdds: kind === 'multiply-add' ? Number(lanes) / subgroup : 0,
  };
}

const parse: Dialect['parse'] = ({ assembly, subgroup }, chip) => {
  const blocks: Block[] = [{ label: '', instructions: [], jumps: [] }];
  // What a message is for, and what it waits for, stands on the line below it.
  for (const line of assembly.replace(/\n\s+(?=.*MsgDesc)/g, ' ').split('\n')) {
    const label = /^\s*(LABEL\d+):/.exec(line)?.[1];
    if (label) {
      blocks.push({ label, instructions: [], jumps: [] });
      continue;
    }
    const instruction = parseInstruction(line, subgroup, chip);
    if (!instruction) continue;
    const block = blocks.at(-1)!;
    block.instructions.push(instruction);
    if (instruction.kind !== 'branch') continue;
    const target = /LABEL\d+/.exec(line)?.[0];
    if (instruction.name === 'while' && target) block.jumps.push(target);
    blocks.push({ label: '', instructions: [], jumps: [] });
  }
  return blocks;
};

/** Float and integer pipes work side by side, fed by different waves. */
const issueCycles: Dialect['issueCycles'] = (instructions, { sharedPipe }) => {
  const all = instructions.reduce((sum, { issue }) => sum + issue, 0);
  const float = instructions.reduce((sum, { issue, text }) => sum + (FLOAT.test(text) ? issue : 0), 0);
  return sharedPipe ? all : Math.max(float, all - float);
};

/** The scoreboard in braces at a line's end says what an instruction waits for: `$3.dst` a message, `F@2` a result. */
const aloneCycles: Dialect['aloneCycles'] = (instructions, _chip, passes) => {
  let now = 0;
  let passBegan = 0;
  let cacheFree = 0;
  const results: Record<'F' | 'I', number[]> = { F: [], I: [] };
  const messages = new Map<string, { readonly arrives: number; readonly sent: number }>();
  for (let pass = 0; pass < passes; pass++) {
    passBegan = now;
    for (const { text, kind, issue, cache } of instructions) {
      const scoreboard = text.slice(text.lastIndexOf('{') + 1);
      for (const [, token, part] of scoreboard.matchAll(/\$(\d+)\.(dst|src)/g)) {
        const message = messages.get(token);
        if (message) now = Math.max(now, part === 'src' ? message.sent : message.arrives);
      }
      for (const [, pipe, distance] of scoreboard.matchAll(/([FIA]?)@(\d+)/g)) {
        for (const one of pipe === 'F' || pipe === 'I' ? ([pipe] as const) : (['F', 'I'] as const)) {
          now = Math.max(now, results[one].at(-Number(distance)) ?? 0);
        }
      }
      if (cache > 0) {
        cacheFree = Math.max(cacheFree, now) + cache;
        const near = kind === 'spill' || kind === 'workgroup memory';
        const message = {
          arrives: cacheFree + (near ? SCRATCH_LATENCY : LOAD_LATENCY),
          sent: cacheFree + PAYLOAD_CYCLES,
        };
        for (const [, token] of scoreboard.matchAll(/\$(\d+)(?!\.|\d)/g)) messages.set(token, message);
        now += 1;
      } else if (kind !== 'wait') {
        now += Math.max(1, issue);
        results[FLOAT.test(text) ? 'F' : 'I'].push(now + ARITHMETIC_LATENCY);
      }
    }
  }
  return now - passBegan;
};

export const INTEL: Dialect = {
  parse,
  registers: ({ statistics }, { threads }) => ({
    registers: statistics['Max live registers'],
    spills: statistics['Spill Count'],
    fills: statistics['Fill Count'],
    scratchBytes: statistics['Scratch Memory Size'],
    workgroupBytes: statistics['Workgroup Memory Size'] ?? 0,
    waves: threads ?? 1,
    instructions: statistics['Instruction Count'],
  }),
  issueCycles,
  aloneCycles,
  estimate: () => undefined,
};
