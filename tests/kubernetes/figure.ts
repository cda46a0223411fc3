/** A measured figure in the output of the run. */
export function figure(name: string, value: string): void {
  process.stdout.write(`figure: ${name} ${value}\n`);
}
