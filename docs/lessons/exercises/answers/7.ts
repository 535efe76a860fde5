import { yours } from '../yours';

/** Exercise 1: the greatest power of two, at most 1, that brings a number up to float16's largest, 65504, or below it. */
export const scaleFor: (largest: number) => number = yours;

/** Exercise 2: how often a launch must run between two timestamps so that a step of the clock is at most a share of the time. */
export const repetitions: (timeUs: number, stepUs: number, share: number) => number = yours;
