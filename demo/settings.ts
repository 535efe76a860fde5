/** Everything that the user has set. It is kept in the page's address, and can be bookmarked. */
export interface Settings {
  /** A sample's name, or the address of a picture; empty for a picture of the user's own. */
  readonly picture: string;
  /** `all`, or the task whose answer is shown alone. */
  readonly view: string;
  readonly topK: number;
  readonly threshold: number;
  readonly opacity: number;
  readonly instances: boolean;
  readonly clusters: number;
  /** The task whose network is under the lid. */
  readonly network: string;
}
