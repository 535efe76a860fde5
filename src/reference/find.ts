import { ArgumentError } from '../errors';
import type { Operator } from '../operators';
import type { Tensor } from '../tensor';
import type { Reference } from './reference';

/** Modules of this folder by path. */
export type ReferenceModules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An operator's reference is in the file of its name, under that name in camel case. */
export function referenceOf<O extends Operator>(modules: ReferenceModules, op: O): Reference<O, Tensor | Tensor[]> {
  const path = Object.keys(modules).find((file) => file.endsWith(`/${op}.ts`));
  if (path === undefined) throw new ArgumentError(`no reference for operator ${op}`);
  const name = op.replace(/-\w/g, (letter) => letter[1].toUpperCase());
  return modules[path][name] as Reference<O, Tensor | Tensor[]>;
}
