import type { Chip } from './chips';
import type { Block, CompiledPipeline, Dialect, Instruction, Kind } from './dialect';

/** Latencies in cycles: those of memory are Mesa's compiler's own (ACO), that of workgroup memory is a guess. */
const LOAD_LATENCY = 320;
const SCALAR_LOAD_LATENCY = 30;
/** Where the address is only known at run time, so that descriptors and parameters are not meant. */
const FAR_SCALAR_LOAD_LATENCY = 200;
const SHARED_LATENCY = 60;
/** Bytes a cycle and compute unit. */
const SHARED_BYTES = 128;
/** Cycles that a load keeps the first cache at least. */
const LEAST_CACHE_CYCLES = 4;
/** Mesa counts the waves of a SIMD in waves of so many lanes. */
const LANES_OF_COUNTED_WAVE = 32;

const MULTIPLY_ADD = /^v_(pk_|dual_)?(fma|fmac|mac|mad|dot2c?)_(f32|f16|legacy|mix)|^v_(pk_|dual_)?fma(ak|mk|_mix)/;
const INTEGER_MULTIPLY = /^v_(mul_(lo|hi)_[ui]32|mad_(u64|co|i64))/;
const TRANSCENDENTAL = /^v_(rcp|rsq|exp|log|sqrt|sin|cos)_/;
/** RDNA 3 issues two of these at once, or one for 64 lanes. */
const PAIRED = /^v_(dual_)?(fma|fmac|fmaak|fmamk|mul|add|sub|subrev|mov|cndmask|max|min)_(f32|b32|f16)/;
const PAIRED_IF_REGISTERS_REPEAT = /^v_fma_(f32|mix|f16)/;

const VECTOR_KINDS: readonly [RegExp, Kind][] = [
  [MULTIPLY_ADD, 'multiply-add'],
  [INTEGER_MULTIPLY, 'integer multiply'],
  [TRANSCENDENTAL, 'transcendental'],
  [/^v_(dual_)?cndmask/, 'select'],
  [/^v_cmp/, 'compare'],
  [/^v_(dual_)?mov/, 'move'],
  [/^v_(pk_|dual_)?(mul|add|sub|max|min|subrev)_f/, 'float'],
  [/^v_cvt/, 'convert'],
  [/^v_/, 'integer'],
];

const OTHER_KINDS: readonly [RegExp, Kind][] = [
  [/^scratch_/, 'spill'],
  [/^(buffer|global|flat)_load/, 'load'],
  [/^(buffer|global)_store/, 'store'],
  [/^ds_/, 'workgroup memory'],
  [/^s_(buffer_)?load/, 'scalar load'],
  [/^s_(waitcnt|delay_alu|clause|nop|barrier|endpgm)/, 'wait'],
  [/^/, 'scalar'],
];

const kindOf = (name: string): Kind => [...VECTOR_KINDS, ...OTHER_KINDS].find(([pattern]) => pattern.test(name))![1];

/** Numbers of four bytes that a memory instruction moves for each lane. */
function widthOf(name: string): number {
  const width = /(?:b|dwordx)(\d+)$/.exec(name)?.[1];
  if (width === undefined) return 1;
  return name.includes('dwordx') ? Number(width) : Math.max(1, Number(width) / 32);
}

/** How many a name says it does at once: a pair in half precision, a pair of two instructions. */
function multiplyAddsOf(name: string, text: string, kind: Kind): number {
  const dual = text.split('v_dual_fma').length - 1;
  const packed = name.startsWith('v_pk') ? 2 : 1;
  return packed * (kind === 'multiply-add' ? Math.max(1, dual) : dual);
}

function issueOf(name: string, text: string, kind: Kind, subgroup: number, { lanes }: Chip): number {
  // Scalar work and memory issue beside other waves' arithmetic.
  if (!name.startsWith('v_')) return 0;
  const single = subgroup / 32;
  const paired = Math.max(1, subgroup / lanes);
  if (kind === 'integer multiply' || kind === 'transcendental') return 4 * single;
  if (PAIRED_IF_REGISTERS_REPEAT.test(name)) {
    // Two of three vector registers must be the same (ACO's is_dual_issue_capable).
    const sources = text
      .slice(text.indexOf(' ') + 1)
      .split(',')
      .slice(1, 4);
    const registers = sources.map((source) => source.replace(/^[\s|-]+/, '').split(/[\s|]/)[0]);
    const vectors = new Set(registers.filter((register) => /^v\d/.test(register)));
    return vectors.size === 3 ? single : paired;
  }
  return name.startsWith('v_pk_') || PAIRED.test(name) ? paired : single;
}

function parse({ assembly, subgroup }: CompiledPipeline, chip: Chip): Block[] {
  const blocks: Block[] = [];
  for (const line of assembly.split('\n')) {
    const label = /^(BB\d+):/.exec(line)?.[1];
    if (label) {
      blocks.push({ label, instructions: [], jumps: [] });
      continue;
    }
    const block = blocks.at(-1);
    const text = line.split(';')[0].trim();
    if (!block || !/^[a-z]/.test(text)) continue;
    const name = text.split(/\s/)[0];
    const kind = kindOf(name);
    const bytes = 4 * widthOf(name) * subgroup;
    const double = /read2|write2|2addr/.test(name) ? 2 : 1;
    block.instructions.push({
      name,
      text,
      kind,
      issue: issueOf(name, text, kind, subgroup, chip),
      cache: kind === 'load' ? Math.max(LEAST_CACHE_CYCLES, bytes / chip.firstCacheBytes) : 0,
      shared: kind === 'workgroup memory' ? (double * bytes) / SHARED_BYTES : 0,
      multiplyAdds: multiplyAddsOf(name, text, kind),
    });
    const target = /\bBB\d+\b/.exec(text)?.[0];
    if (/^s_c?branch/.test(name) && target) block.jumps.push(target);
  }
  return blocks;
}

/** Loads of vectors return in order, so that a count says for which of them a wave waits; so does workgroup memory. */
function aloneCycles(instructions: readonly Instruction[], _chip: Chip, passes: number): number {
  let now = 0;
  let passBegan = 0;
  let cacheFree = 0;
  let sharedFree = 0;
  /** When each load that is under way will be there. */
  let loads: number[] = [];
  let others: number[] = [];
  const waitFor = (pending: number[], most: number): number[] => {
    const due = pending.slice(0, Math.max(0, pending.length - most));
    now = Math.max(now, ...due);
    return pending.slice(due.length);
  };
  for (let pass = 0; pass < passes; pass++) {
    passBegan = now;
    for (const { name, text, kind, issue, cache, shared } of instructions) {
      if (name.startsWith('s_waitcnt') && !name.includes('depctr')) {
        const most = (counter: string): number | undefined => {
          const count = new RegExp(`${counter}\\((\\d+)\\)`).exec(text)?.[1];
          return count === undefined ? undefined : Number(count);
        };
        const [loadsLeft, othersLeft] = [most('vmcnt'), most('lgkmcnt')];
        if (loadsLeft !== undefined) loads = waitFor(loads, loadsLeft);
        if (othersLeft !== undefined) others = waitFor(others, othersLeft);
        continue;
      }
      switch (kind) {
        case 'load':
          cacheFree = Math.max(cacheFree, now) + cache;
          loads.push(cacheFree + LOAD_LATENCY);
          break;
        case 'scalar load': {
          const isFar = name.startsWith('s_buffer') && /\], s\d+/.test(text);
          others.push(now + (isFar ? FAR_SCALAR_LOAD_LATENCY : SCALAR_LOAD_LATENCY));
          break;
        }
        case 'workgroup memory':
          sharedFree = Math.max(sharedFree, now) + shared;
          others.push(sharedFree + SHARED_LATENCY);
          break;
      }
      if (kind !== 'wait') now += Math.max(1, issue);
    }
  }
  return now - passBegan;
}

export const AMD: Dialect = {
  parse,
  registers: ({ statistics, subgroup }) => ({
    registers: statistics.VGPRs,
    spills: statistics['Spilled VGPRs'] + statistics['Spilled SGPRs'],
    fills: 0,
    scratchBytes: statistics['Scratch size'],
    workgroupBytes: statistics['LDS size'],
    waves: Math.max(1, Math.floor((statistics['Subgroups per SIMD'] * LANES_OF_COUNTED_WAVE) / subgroup)),
    instructions: statistics.Instructions,
  }),
  issueCycles: (instructions) => instructions.reduce((sum, { issue }) => sum + issue, 0),
  aloneCycles,
  estimate: ({ statistics }) => ({
    issue: statistics['Inverse Throughput'],
    cache: 8 * statistics.VMEM,
    shared: 0,
    alone: statistics.Latency,
  }),
};
