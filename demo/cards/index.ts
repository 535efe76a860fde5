import { classify } from './classify';
import { detect } from './detect';
import { segment } from './segment';

/** The tasks of the page, in the order in which they answer. */
export const CARDS = [classify, detect, segment] as const;
