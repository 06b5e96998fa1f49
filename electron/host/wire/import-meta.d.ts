/** What Vite adds to `import.meta` (vite/types/importGlob.d.ts). */
interface ImportMeta {
  glob<T>(pattern: string, options: { query: '?raw'; import: 'default'; eager: true }): Record<string, T>
}
