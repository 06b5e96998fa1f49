/** Vite puts the file into the bundle, as a data URL. */
declare module '*?inline' {
  const url: string
  export default url
}
