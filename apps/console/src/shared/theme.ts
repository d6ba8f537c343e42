import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e9f5f6',
  '#d3e8ea',
  '#a5d1d5',
  '#74b8be',
  '#4da3ab',
  '#34969f',
  '#1f7a83',
  '#146971',
  '#0b585f',
  '#00464c',
];

/** Calm and legible: one colour, system fonts, generous headings. */
export const theme = createTheme({
  primaryColor: 'teal',
  colors: { teal },
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.25' },
      h2: { fontSize: '1.25rem', lineHeight: '1.35' },
      h3: { fontSize: '1.0625rem', lineHeight: '1.4' },
    },
  },
  components: {
    // A tooltip that says more than the eye sees must be found by keyboard too.
    Tooltip: {
      defaultProps: { events: { hover: true, focus: true, touch: true }, multiline: true, maw: 320 },
    },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // It is the dialog's, and no second banner of the page.
        attributes: { header: { role: 'none' } },
      },
    },
    Badge: { defaultProps: { variant: 'light', tt: 'none', fw: 600 } },
  },
});

/** Dimmed text, links and errors that keep 4.5 : 1 on what they stand on, in light and in dark. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#566069',
    '--mantine-color-anchor': '#0b585f',
    '--mantine-color-error': '#b42318',
    '--mantine-color-placeholder': '#67707a',
    '--mantine-color-orange-light-color': '#8f3a06',
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--page': '#f6f8f9',
    '--line': '#dfe5e8',
  },
  dark: {
    '--mantine-color-body': '#171b1f',
    '--mantine-color-dimmed': '#a9b4bd',
    '--mantine-color-anchor': '#74b8be',
    '--mantine-color-error': '#ff8f85',
    '--mantine-color-placeholder': '#95a0a9',
    '--page': '#111417',
    '--line': '#2c343a',
  },
});
