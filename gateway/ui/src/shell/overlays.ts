export const overlaysId = 'overlays';

/** Tooltips and menus are drawn here, inside `<main>`: at the end of `<body>` they would stand outside every landmark. */
export const inMain = { target: `#${overlaysId}` };
