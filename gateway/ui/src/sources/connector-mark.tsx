import classes from './connector-mark.module.css';

const hues = [222, 262, 188, 152, 36, 292, 204, 84];

/** A decorative tile with the connector's initial, always in the same hue; no hue is near red. */
export function ConnectorMark({ name, large = false }: { name: string; large?: boolean }) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  const style = { '--hue': String(hues[sum % hues.length]) } as React.CSSProperties;
  return (
    <span className={classes.mark} data-large={large || undefined} style={style} aria-hidden>
      {name.trim().charAt(0).toUpperCase()}
    </span>
  );
}
