// @ts-check
import { readFileSync } from 'node:fs';
import { VitePWA } from 'vite-plugin-pwa';
import { documents } from './documents.mjs';

/**
 * What only the demo's build needs: its documents, the picture that links to it show, and working offline.
 *
 * @param {{ api: boolean }} options whether the documentation of the API will lie beside it
 * @returns {import('vite').PluginOption[]}
 */
export const demoPlugins = (options) => [
  documents(options),
  previewPicture(),
  VitePWA({
    // The page asks for the service worker itself, when its networks are ready.
    injectRegister: false,
    registerType: 'autoUpdate',
    workbox: {
      // Weights are kept by what downloads them, and documents are fetched when they are read.
      globPatterns: ['*.{html,svg,png,webmanifest}', 'assets/*.{js,css,woff2,json,svg,png}'],
      globIgnores: ['page.png'],
      maximumFileSizeToCacheInBytes: 4 * 2 ** 20,
      navigateFallback: null,
    },
    manifest: {
      name: 'Fovea: one picture, three answers',
      short_name: 'Fovea',
      description: 'Vision networks in the browser, on hand-written WebGPU shaders.',
      start_url: './',
      scope: './',
      display: 'standalone',
      background_color: '#f2f5f5',
      theme_color: '#0a6b6b',
      icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    },
  }),
];

/** `page.png` beside the page: what its `og:image` names. @returns {import('vite').Plugin} */
function previewPicture() {
  return {
    name: 'preview-picture',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'page.png', source: readFileSync('docs/page.png') });
    },
  };
}
