declare module 'electron-installer-redhat' {
  export default function install(options: object): Promise<{ packagePaths: string[] }>
}
