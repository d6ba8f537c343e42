import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import ApiReference from './ApiReference.vue';
import SandboxToken from './SandboxToken.vue';
import SunsetDates from './SunsetDates.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('ApiReference', ApiReference);
    app.component('SandboxToken', SandboxToken);
    app.component('SunsetDates', SunsetDates);
  },
} satisfies Theme;
