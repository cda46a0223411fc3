const placeholder = /\{([A-Za-z]\w*)\}/g;

/** Nothing in it can end a host name, begin a path, or be read as a port, a user or a dot segment. */
const harmless = /^[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?!\.))*$/;
const longest = 253;

/** The names in braces, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(placeholder)].map(([, name]) => name ?? ''))];
}

/** Whether a value may stand in a URL, whatever its variable's pattern allows. */
export function isHarmless(value: string): boolean {
  return value.length <= longest && harmless.test(value) && !value.endsWith('.');
}

/** Throws where a value is missing or could change the structure of the URL. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(placeholder, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`there is no value for {${name}}`);
    if (!isHarmless(value)) throw new Error(`the value for {${name}} cannot stand in a URL`);
    return value;
  });
}

/** The template with something harmless at every placeholder, to look at what does not vary. */
export function exampleOf(template: string): string {
  return template.replaceAll(placeholder, 'x');
}
