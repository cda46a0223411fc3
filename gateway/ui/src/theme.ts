import { type CSSVariablesResolver, createTheme, Tooltip } from '@mantine/core';
import { inMain } from './shell/overlays.ts';

/** Chosen so that white on shade 6, and shades 6 to 9 on white, reach 4.5:1 (WCAG 2.2, 1.4.3); Mantine's own do not. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  headings: { fontWeight: '620' },
  black: '#1b212c',
  components: { Tooltip: Tooltip.extend({ defaultProps: { portalProps: inMain } }) },
  colors: {
    blue: [
      '#eef4ff',
      '#d9e6ff',
      '#b3ccff',
      '#85abff',
      '#6f98ff',
      '#3b6cf0',
      '#2457dc',
      '#1d49bd',
      '#1a3f9e',
      '#173680',
    ],
    red: [
      '#fff1f0',
      '#ffe0de',
      '#ffc2be',
      '#ff9b95',
      '#f76d66',
      '#e5443d',
      '#cf2a27',
      '#b01f1f',
      '#8f1a1b',
      '#741718',
    ],
    gray: [
      '#f8f9fb',
      '#f1f3f6',
      '#e6e9ef',
      '#d8dde6',
      '#c3cad6',
      '#8b95a6',
      '#5d6778',
      '#4a5465',
      '#303846',
      '#1b212c',
    ],
    dark: [
      '#d9dde5',
      '#b9bfcb',
      '#9aa2b2',
      '#8a93a4',
      '#363d4b',
      '#2a303c',
      '#20252f',
      '#191d26',
      '#12151c',
      '#0d1015',
    ],
  },
});

/**
 * Mantine paints invalid input red. Here red means one thing only, "act here" on a credential, so errors are amber;
 * dimmed text and placeholders are dark enough to read.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-6)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': '#8a4b00',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-3)',
    '--mantine-color-error': '#f0b35e',
  },
});
