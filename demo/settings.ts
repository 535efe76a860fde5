/** Everything that the user has set. It is kept in the page's address, and can be bookmarked. */
export interface Settings {
  /** A sample's name, the address of a picture, or what the browser keeps a picture of the user's own as. */
  readonly picture: string;
  /** Networks that answer in the place of the page's own: a published one's name, or an address; empty for its own. */
  readonly classify: string;
  readonly detect: string;
  readonly segment: string;
  /** `all`, or the task whose answer is shown alone. */
  readonly view: string;
  readonly topK: number;
  readonly threshold: number;
  readonly opacity: number;
  /** The share of the stage, from the left, in which the picture is seen without answers. */
  readonly reveal: number;
  readonly instances: boolean;
  readonly clusters: number;
  /** The task whose network is under the lid. */
  readonly network: string;
  /** Whether the lid shows the network as it runs, or as it is written. */
  readonly fused: boolean;
  /** The value that the chosen layer makes; empty for the first one. */
  readonly layer: string;
  readonly channel: number;
  /** The chosen pixel of the channel, as `row,column`; empty for the middle. */
  readonly pixel: string;
  /** A changed shader of the chosen layer, as the workbench packs it. */
  readonly edit: string;
  /** The number of the lesson that is open, if any. */
  readonly lesson: string;
}
