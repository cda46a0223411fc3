/** One figure of a run, as `--json` prints it. */
export type Figure = { name: string; value: number; unit: string };

/** What a bench found: lines for people, and the figures that are compared from run to run. */
export type Measured = { lines: readonly string[]; figures: readonly Figure[] };
