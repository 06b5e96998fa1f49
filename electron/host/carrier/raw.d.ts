/** Vite puts the text of the file into the bundle. */
declare module '*?raw' {
  const text: string
  export default text
}
