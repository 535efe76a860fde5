/** Where the exercises' answers are taken from: a reader's, or the solutions, which keep the checks alive. */
export const ANSWERS = process.env.LESSON_ANSWERS ?? 'solutions';

/** The answers to a lesson's exercises. */
export const answersOf = async <T>(lesson: number): Promise<T> => import(`./${ANSWERS}/${lesson}.ts`);
